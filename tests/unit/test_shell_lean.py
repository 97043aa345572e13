"""Code that is sent without its comments and indentation is the same code, line by line."""

import json
import re
from typing import Any

import pytest

from api.shell.assets import ROOT, read_all
from api.shell.lean import lean_css, lean_js
from tests.support import node

JS = {
    "a = 1; // why": "a = 1; ",
    "/** @file What. */\nimport": "\nimport",
    "  if (a) {\n    b();\n  }\n": " if (a) {\nb();\n}\n",
    "a /* b */ + /* c */ d": "a + d",
    "x = /** @type {T} */ (y)": "x = (y)",
    "return/* a\nb */1": "return\n1",
    "'a // b' + \"/* c */\"": "'a // b' + \"/* c */\"",
    r"'it\'s // ' // it": r"'it\'s // ' ",
    "`a\n   b // c ${ d /* e */ + `  // ${f}` } /* g */`  //h": "`a\n   b // c ${ d + `  // ${f}` } /* g */` ",
    "`${a}  ${/* b */ c}`": "`${a}  ${ c}`",
    "`${() => {\n  /* a */ return {}; }}  //`  + `b`": "`${() => {\nreturn {}; }}  //` + `b`",
    "`${'}'}  // a`": "`${'}'}  // a`",
    "`\\`  // a`": "`\\`  // a`",
    "a.replace(/[/*]\\/\\/ '/g, '')  // b": "a.replace(/[/*]\\/\\/ '/g, '') ",
    "return /'/.test(a)  // '": "return /'/.test(a) ",
    "a = b / c; // d / e": "a = b / c; ",
    "(a) / b  /  c": "(a) / b / c",
    "a[0] / 2 // '": "a[0] / 2 ",
    "html`<p>  a // b</p>`": "html`<p>  a // b</p>`",
    "a = () => /x'/;  b": "a = () => /x'/; b",
}
CSS = {
    "/* why */\na {\n  top: 0;\n}\n": "\na {\ntop: 0;\n}\n",
    "a::after { content: '/* b */  c'; }": "a::after { content: '/* b */  c'; }",
    "a   b  >  c { }": "a b > c { }",
    "a/* x */b { }": "a b { }",
    "a { font: 14px/20px b; }": "a { font: 14px/20px b; }",
}


@pytest.mark.parametrize("given", JS)
def test_javascript(given: str) -> None:
    assert lean_js(given) == JS[given]
    assert lean_js(JS[given]) == JS[given]


@pytest.mark.parametrize("given", CSS)
def test_styles(given: str) -> None:
    assert lean_css(given) == CSS[given]
    assert lean_css(CSS[given]) == CSS[given]


def ours() -> list[tuple[str, str, str]]:
    found = [
        (path, (ROOT / path).read_text("utf-8"), asset.body.decode())
        for path, asset in read_all().items()
        if path.endswith((".js", ".css"))
    ]
    assert len(found) > 60
    return found


def differing(pairs: Any) -> list[str]:
    done = node.run("../tests/js/same_code.mjs", given=json.dumps(pairs))
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def test_every_file_is_the_same_code_on_the_same_lines() -> None:
    pairs = ours()
    assert [path for path, text, sent in pairs if text.count("\n") != sent.count("\n")] == []
    assert differing(pairs) == []
    planted = [
        ("a.js", "f(a /* b */ - 1);", "f(a-1);"),
        ("b.js", "f(`a  b`);", "f(`a b`);"),
        ("c.css", "a b{top:0}", "ab{top:0}"),
    ]
    assert differing(planted) == ["b.js", "c.css"]


def test_what_is_sent_is_lighter_and_says_nothing_to_the_reader() -> None:
    pairs = [one for one in ours() if "/vendor/" not in one[0]]
    assert sum(len(sent) for _, _, sent in pairs) < 0.85 * sum(len(text) for _, text, _ in pairs)
    assert [path for path, _, sent in pairs if re.search(r"@(?:file|param|typedef)\b", sent)] == []
