"""What ships runs on Chrome 74: no newer syntax, names or styles; nothing inline, nothing from another host.

Every rule has a planted breach that it must find and a look-alike that it must leave alone.
"""

import re
from pathlib import Path

import pytest

from tests.support.script import bare_css, bare_js

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [*sorted((ROOT / "pwa").glob("*.js")), *sorted((ROOT / "pwa" / "src").rglob("*.js"))]
STYLES = sorted((ROOT / "pwa" / "styles").rglob("*.css"))
PAGES = [ROOT / "pwa" / "index.html", *sorted((ROOT / "api").rglob("templates/*.html"))]

# what -> (the first Chrome that knows it, how it looks in bare code, a breach)
JS = {
    "optional chaining": (80, r"\?\.(?!\d)", "a?.b"),
    "nullish": (80, r"\?\?", "a ?? b"),
    "logical assignment": (85, r"\|\|=|&&=", "a ||= b"),
    "numeric separator": (75, r"\b\d+_\d", "1_000"),
    "private method": (84, r"#\w+\s*\([^)]*\)\s*\{", "class A { #go() { return 1; } }"),
    "static block": (94, r"\bstatic\s*\{", "class A { static { go(); } }"),
    "at": (92, r"\.at\(", "a.at(-1)"),
    "replaceAll": (85, r"\.replaceAll\(", "a.replaceAll(b, c)"),
    "replaceChildren": (86, r"\.replaceChildren\(", "a.replaceChildren()"),
    "structuredClone": (98, r"\bstructuredClone\(", "structuredClone(a)"),
    "hasOwn": (93, r"\bObject\.hasOwn\(", "Object.hasOwn(a, b)"),
    "groupBy": (117, r"\b(?:Object|Map)\.groupBy\(", "Object.groupBy(a, b)"),
    "findLast": (97, r"\.findLast(?:Index)?\(", "a.findLast(b)"),
    "copying methods": (110, r"\.(?:toSorted|toReversed|toSpliced|with)\(", "a.toSorted()"),
    "allSettled": (76, r"\bPromise\.(?:allSettled|any|withResolvers)\(", "Promise.allSettled(a)"),
    "randomUUID": (92, r"\.randomUUID\(", "crypto.randomUUID()"),
    "AbortSignal.timeout": (103, r"\bAbortSignal\.(?:timeout|any)\(", "AbortSignal.timeout(1)"),
    "WeakRef": (84, r"\bWeakRef\b|\bFinalizationRegistry\b", "new WeakRef(a)"),
    "CompressionStream": (80, r"\bCompressionStream\b|\bDecompressionStream\b", "new CompressionStream(a)"),
    "regex v or d flag": (90, r"/\s*[gimsuy]*[dv][gimsuy]*\b(?=\s*[.;,)])", "/a/v.test(b)"),
    "markup from text": (
        0,
        r"\.(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write",
        "a.innerHTML = b",
    ),
    "markup by a property": (0, r"\bdangerouslySetInnerHTML\b", "h('p', { dangerouslySetInnerHTML: a })"),
    "code from text": (0, r"\beval\(|\bnew Function\b", "eval(a)"),
}
CSS = {
    "flex gap": (84, r"(?<![\w-])(?:row-|column-)?gap\s*:", "a { gap: 1px }"),
    "inset": (87, r"(?<![\w-])inset(?:-\w+)*\s*:", "a { inset: 0 }"),
    "logical shorthands": (87, r"(?:margin|padding)-(?:inline|block)\s*:", "a { margin-inline: 0 }"),
    "aspect-ratio": (88, r"(?<![\w-])aspect-ratio\s*:", "a { aspect-ratio: 1 }"),
    "clamp, min, max": (79, r"(?<![\w-])(?:clamp|min|max)\(", "a { width: clamp(1px, 2px, 3px) }"),
    "has": (105, r":has\(", "a:has(b) { }"),
    "is, where": (88, r":(?:is|where)\(", ":is(a, b) { }"),
    "a list in not": (88, r":not\([^)]*,", "a:not(b, c) { }"),
    "focus-visible alone": (86, r"(?<!:focus:not\():focus-visible", "a:focus-visible { }"),
    "layers, containers": (99, r"@(?:layer|container|scope|property)\b", "@layer a { }"),
    "new units": (108, r"\d[dsl]v[hw]\b|\dcq[wh]\b", "a { height: 100dvh }"),
    "color-mix": (111, r"(?:color-mix|oklch|light-dark)\(", "a { color: color-mix(in srgb, red, blue) }"),
    "nesting": (112, r"&", "a { & b { } }"),
    "overflow clip": (90, r"overflow(?:-[xy])?\s*:\s*clip\b", "a { overflow: clip }"),
}
HTML = {
    "inline script": (0, r"<script(?![^>]*\ssrc=)[^>]*>", "<script>go()</script>"),
    "inline style": (0, r"\sstyle\s*=|<style\b", '<p style="color:red">'),
    "inline handler": (0, r"\son[a-z]+\s*=", '<p onclick="go()">'),
    "import map": (89, r"importmap", '<script type="importmap" src="a.json"></script>'),
    "another host": (
        0,
        r"(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//",
        '<img src="//a.example/b.png">',
    ),
}
HOST = re.compile(r"(?:https?|wss?):\/\/(?!www\.w3\.org/)[^\s\"'`$]")
IMPORT = re.compile(r"""(?<!["'])(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")


def breaches(text: str, rules: dict[str, tuple[int, str, str]]) -> list[str]:
    return [
        f"line {text.count(chr(10), 0, hit.start()) + 1}: {name}: {hit[0].strip()}"
        for name, (_, pattern, _) in rules.items()
        for hit in re.finditer(pattern, text)
    ]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_hold():
    assert len(SCRIPTS) > 15
    assert len(STYLES) >= 4
    assert len(PAGES) >= 4


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_keep_to_the_floor(path):
    text = path.read_text("utf-8")
    # Preact can write markup; that no room of ours asks it to is held by `markup by a property`.
    rules = {
        one: rule for one, rule in JS.items() if "vendor" not in path.parts or not one.startswith("markup")
    }
    assert breaches(bare_js(text), rules) == []
    assert HOST.findall(text) == []
    assert [one for one in IMPORT.findall(text) if not one.startswith(("./", "../"))] == []


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_keep_to_the_floor(path):
    text = path.read_text("utf-8")
    assert breaches(bare_css(text), CSS) == []
    assert HOST.findall(text) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_hold_nothing_inline_and_nothing_foreign(path):
    assert breaches(path.read_text("utf-8"), HTML) == []


@pytest.mark.parametrize("name", JS)
def test_a_planted_breach_of_a_script_is_found(name):
    planted = f"function f() {{\n  return 1;\n}}\n{JS[name][2]}; // and on\n"
    assert any(f"line 4: {name}: " in one for one in breaches(bare_js(planted), JS))


@pytest.mark.parametrize("name", CSS)
def test_a_planted_breach_of_a_style_is_found(name):
    assert any(f": {name}: " in one for one in breaches(bare_css(f"/* ok */ {CSS[name][2]}"), CSS))


@pytest.mark.parametrize("name", HTML)
def test_a_planted_breach_of_a_page_is_found(name):
    assert any(f": {name}: " in one for one in breaches(HTML[name][2], HTML))


@pytest.mark.parametrize(
    "fine",
    [
        "// a?.b ?? c\n/* a.at(1) */",
        "const a = 'x?.y'; const b = \"??\"; const c = `a?.b ?? ${d} 1_000`;",
        "const a = b ? .5 : 1;",
        "const a = /\\?\\?|a\\.at\\(/.test(b);",
        "const a = b / c; const d = e.replace(/[/?]?./g, f) / 2;",
        "const bat = cat(1); a.that(b); a.flat(1); Object.assign(a, b);",
        "const snake_1_a = b_1; const hex = 0x1f;",
        "return /x??/.exec(y);",
        "a.match(/v/g).length; x = /\\//.source;",
    ],
)
def test_look_alikes_are_left_alone(fine):
    assert breaches(bare_js(fine), JS) == []


def test_code_within_a_template_is_still_code():
    assert breaches(bare_js("const a = `x ${b?.c} y`;"), JS) == ["line 1: optional chaining: ?."]
    assert breaches(bare_js("const a = `x ${`in ${b ?? 1}`} y`; c.at(0)"), JS) == [
        "line 1: nullish: ??",
        "line 1: at: .at(",
    ]


def test_styles_that_only_look_new_are_left_alone():
    fine = (
        "/* gap: 1px */ a { grid-gap: 8px; box-shadow: inset 0 0 0 1px; min-width: 1px; content: ':has(a)' }"
        "a:not(.b)::after { top: calc(1px + 2px) } a:focus:not(:focus-visible) { outline: none }"
    )
    assert breaches(bare_css(fine), CSS) == []
