"""Other people's code in the app is exactly what the locks say: whose it is, which version, under which licence.

The file is built anew from the npm packages and compared byte by byte, so nobody can slip a line into it.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import PWA, run

ALLOWED = {"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"}
LOCK: dict[str, Any] = json.loads((PWA / "vendor.lock.json").read_text("utf-8"))
PACKAGES: dict[str, Any] = json.loads((PWA / "package-lock.json").read_text("utf-8"))["packages"]
VENDOR = PWA / "src" / "vendor"
TYPES = "preact.d.ts"  # ours: names only, never served


def breaches(folder: Path, lock: dict[str, Any], packages: dict[str, Any]) -> list[str]:
    """What in `folder` is not as the two locks say."""
    found = []
    for held in lock["files"]:
        path = folder / held["path"]
        if not path.is_file():
            found.append(f"{held['path']} is not there")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != held["sha256"]:
            found.append(f"{held['path']} has another hash")
    known = {Path(held["path"]).name for held in lock["files"]} | {TYPES}
    found += [
        f"{path.name} is in no lock"
        for path in sorted((folder / "src/vendor").rglob("*"))
        if path.name not in known
    ]
    licences = (folder / "src/vendor/LICENSES.txt").read_text("utf-8")
    for part in lock["parts"]:
        name, about = part["name"], packages.get(f"node_modules/{part['name']}", {})
        if (part["version"], part["integrity"]) != (about.get("version"), about.get("integrity")):
            found.append(f"{name} {part['version']} is not what package-lock.json names")
        if part["licence"] not in ALLOWED:
            found.append(f"{name} is under {part['licence']}")
        if f"{name} {part['version']} ({part['licence']})\n" not in licences:
            found.append(f"{name} has no licence in LICENSES.txt")
    return found


def test_hashes_versions_and_licences_agree() -> None:
    assert len(LOCK["parts"]) >= 5
    assert {Path(held["path"]).name for held in LOCK["files"]} == {"preact.js", "LICENSES.txt"}
    assert breaches(PWA, LOCK, PACKAGES) == []


def test_every_part_is_named_and_its_licence_is_whole() -> None:
    first = (VENDOR / "preact.js").read_text("utf-8").partition("\n")[0]
    texts = (VENDOR / "LICENSES.txt").read_text("utf-8").split(f"\n{'-' * 72}\n\n")
    assert len(texts) == len(LOCK["parts"])
    for part, text in zip(LOCK["parts"], texts, strict=True):
        assert f"{part['name']} {part['version']}" in first
        assert text.startswith(f"{part['name']} {part['version']} ")
        assert re.search("copyright", text, re.IGNORECASE), part["name"]
        assert len(text) > 600, part["name"]


def test_building_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    done = run("tools/vendor.mjs", str(tmp_path))
    assert done.returncode == 0, done.stderr
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [one.as_posix() for one in made] == [
        "src/vendor/LICENSES.txt",
        "src/vendor/preact.js",
        "vendor.lock.json",
    ]
    for one in made:
        assert (tmp_path / one).read_bytes() == (PWA / one).read_bytes(), one


def test_the_types_name_what_the_module_gives() -> None:
    given = re.search(r"export\{([^}]*)\};?\s*$", (VENDOR / "preact.js").read_text("utf-8"))
    assert given
    names = {one.rpartition(" as ")[2].strip() for one in given[1].split(",")}
    types = (VENDOR / TYPES).read_text("utf-8")
    told = {
        name.strip()
        for group in re.findall(r"^export \{([^}]*)\}", types, re.M)
        for name in group.split(",")
        if name.strip()
    } | set(re.findall(r"^export declare \w+ (\w+)", types, re.M))
    assert len(names) > 20
    assert told == names


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "src/vendor").mkdir(parents=True)
    for held in LOCK["files"]:
        (tmp_path / held["path"]).write_bytes((PWA / held["path"]).read_bytes())
    return tmp_path


def test_a_changed_a_missing_and_a_foreign_file_are_found(copy: Path) -> None:
    assert breaches(copy, LOCK, PACKAGES) == []
    with (copy / "src/vendor/preact.js").open("ab") as file:
        file.write(b"\n")
    (copy / "src/vendor/more.js").write_text("")
    assert breaches(copy, LOCK, PACKAGES) == [
        "src/vendor/preact.js has another hash",
        "more.js is in no lock",
    ]
    (copy / "src/vendor/preact.js").unlink()
    assert "src/vendor/preact.js is not there" in breaches(copy, LOCK, PACKAGES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "9.9.9"}, "preact 9.9.9 is not what package-lock.json names"),
        ({"integrity": "sha512-no"}, "preact {version} is not what package-lock.json names"),
        ({"licence": "AGPL-3.0"}, "preact is under AGPL-3.0"),
        ({"name": "leftpad"}, "leftpad has no licence in LICENSES.txt"),
    ],
)
def test_a_part_that_is_not_as_locked_is_found(copy: Path, change: dict[str, str], said: str) -> None:
    lock = {**LOCK, "parts": [{**LOCK["parts"][0], **change}]}
    assert said.format(**LOCK["parts"][0]) in breaches(copy, lock, PACKAGES)
