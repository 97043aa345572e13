"""The app's JavaScript is checked as strictly as the server's Python: JSDoc types, no implicit `any`, no `@ts-ignore`."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.node import PWA, require, run

PROJECTS = sorted(PWA.glob("tsconfig*.json"))
TSC = "node_modules/typescript/bin/tsc"
OURS = sorted(path for path in (PWA / "src").rglob("*.js") if "vendor" not in path.parts)
MUTED = re.compile(r"@ts-(?:ignore|nocheck|expect-error)")


def complaints(project: Path) -> list[str]:
    done = run(TSC, "-p", str(project), "--pretty", "false")
    said = [line for line in done.stdout.splitlines() if line.strip()]
    assert said or done.returncode == 0, done.stderr
    return said


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
def test_the_types_hold(project: Path) -> None:
    assert complaints(project) == []


def test_every_script_of_ours_is_checked() -> None:
    checked = {
        Path(line)
        for project in PROJECTS
        for line in run(TSC, "-p", str(project), "--listFilesOnly").stdout.splitlines()
    }
    scripts = [*OURS, *(path for path in PWA.glob("*.js"))]
    assert len(scripts) > 15
    assert [path for path in scripts if path not in checked] == []
    assert [path.name for path in scripts if MUTED.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("export function f(a) { return a; }", "TS7006"),
        ("/** @param {string} a */\nexport function f(a) { return a.x; }", "TS2339"),
        ("/** @param {string | null} a */\nexport function f(a) { return a.length; }", "TS18047"),
        ("export const a = [1].at(0);", "TS2550"),
        ('import { nobody } from "./vendor/preact.js"; nobody();', "TS2305"),
        ("process.exit();", "TS2591"),
    ],
)
def test_a_planted_mistake_is_found(tmp_path: Path, script: str, code: str) -> None:
    for name in ("tsconfig.json", "src/vendor/preact.d.ts"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PWA / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(require())
    (tmp_path / "src" / "a.js").write_text('import { html } from "./vendor/preact.js";\nhtml`<p />`;\n')
    assert complaints(tmp_path) == []
    (tmp_path / "src" / "a.js").write_text(f"{script}\n")
    assert [code] == sorted({re.search(r"TS\d+", one)[0] for one in complaints(tmp_path)})


def test_the_checker_is_strict() -> None:
    for project in PROJECTS:
        options = json.loads(project.read_text("utf-8"))
        base = json.loads((PWA / "tsconfig.json").read_text("utf-8"))["compilerOptions"]
        held = {**base, **options.get("compilerOptions", {})}
        assert (held["strict"], held["checkJs"], held["noEmit"], held["types"]) == (True, True, True, [])
