"""The floor once more, by a parser: what ships needs no rewriting to run on Chrome 74.

Each script and style goes through the bundler twice, for the newest browser and for the floor: where the two differ, a
bundler would have had to rewrite newer syntax, and nothing rewrites what we ship. Newer names (`.at`, `replaceAll`) are
held in test_floor.py, as is what a bundler rewrites always (`1_000`) or never (`:is`); newer types by the type checker's `lib`.
"""

import json
import subprocess
from pathlib import Path

from tests.support.node import PWA, ROOT, node, require

FLOOR = "chrome74"
SHIPPED = sorted([*PWA.glob("*.js"), *(PWA / "src").rglob("*.js"), *(PWA / "styles").rglob("*.css")])
BREACHES = {
    "optional chaining": "a?.b;",
    "optional call": "a?.();",
    "nullish": "b(a ?? 1);",
    "nullish assignment": "a ??= 1;",
    "logical assignment": "a ||= 1;",
    "private field": "class A { #a = 1; b() { return this.#a; } }; new A();",
    "private method": "class A { #a() {} b() { this.#a(); } }; new A();",
    "static field block": "class A { static { b(); } }",
    "private in": "class A { #a = 1; b(c) { return #a in c; } }",
    "top-level await": "await a;",
    "regex flag": "/a/v.test(b);",
    "regex indices": "/a/d.test(b);",
    "import attributes": 'import a from "./b.json" with { type: "json" }; a();',
    "arbitrary names": 'export { a as "b c" }; const a = 1;',
    "using": "{ using a = b(); }",
    "no script at all": "function {",
}
STYLES = {
    "inset": "a { inset: 0 }",
    "nesting": "a { & b { color: red } }",
    "colour": "a { color: rgb(1 2 3 / 50%); background: hwb(1 2% 3%) }",
    "media range": "@media (width >= 600px) { a { color: red } }",
}
FINE = {
    "what the floor has": "const { a, ...b } = c; async function* d() { for await (const e of f) yield e; } "
    "try { d(); } catch { g?1:2; } class A { h = 1; static i = 2; } import(`./${j}.js`); k ** l; m.flat();",
    "named groups": "/(?<a>x)(?<=y)./su.test(b);",
    "large numbers": "b(10n);",
}


def rewritten(files: list[tuple[str, str, str]]) -> dict[str, str]:
    """name -> the first line that the floor needs otherwise; only of files that have one."""
    require()
    lines = [json.dumps({"path": path, "loader": loader, "text": text}) for path, loader, text in files]
    done = subprocess.run(
        [node(), str(ROOT / "tests" / "js" / "floor.mjs"), FLOOR],
        input="\n".join(lines), capture_output=True, text=True, cwd=PWA, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["path"] for one in answers] == [path for path, _, _ in files]
    return {one["path"]: one["found"] for one in answers if one["found"]}


def as_file(path: Path) -> tuple[str, str, str]:
    return path.relative_to(PWA).as_posix(), path.suffix[1:], path.read_text("utf-8")


def test_what_ships_runs_as_it_is() -> None:
    assert len(SHIPPED) > 25
    assert rewritten([as_file(path) for path in SHIPPED]) == {}


def test_every_planted_breach_is_found() -> None:
    scripts = [(name, "js", text) for name, text in BREACHES.items()]
    styles = [(name, "css", text) for name, text in STYLES.items()]
    found = rewritten(scripts + styles)
    assert [name for name, _, _ in scripts + styles if name not in found] == []


def test_what_the_floor_has_is_left_alone() -> None:
    assert rewritten([(name, "js", text) for name, text in FINE.items()]) == {}
