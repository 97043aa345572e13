"""The words of the app: every key has both languages with the same facts, every asked key exists, none lies unused, and
the tone is held where a machine can hold it."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "pwa" / "src"
TABLES = sorted((SRC / "words").glob("*.js"))
CODE = [
    file
    for file in sorted(SRC.rglob("*.js"))
    if not {"words", "vendor", "sync"} & set(file.relative_to(SRC).parts)
]
PAIR = re.compile(r'^  "?([\w.-]+)"?: (\[.*?\]),$', re.M | re.S)
HALF = re.compile(r'"((?:[^"\\]|\\.)*)"')
UNSAID = re.compile(r"\b(?:please|oops|successfully|sorry)\b", re.I)


def words(file: Path) -> dict[str, list[str]]:
    text = file.read_text("utf-8")
    table = text[text.index("WORDS = {") : text.index("\n};")]
    return {key: HALF.findall(pair) for key, pair in PAIR.findall(table)}


def everything() -> dict[str, list[str]]:
    return {key: halves for file in TABLES for key, halves in words(file).items()}


def test_there_is_something_to_hold():
    assert len(TABLES) >= 2
    assert len(everything()) > 200


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.stem)
def test_every_key_has_both_halves_with_the_same_facts(file: Path):
    for key, halves in words(file).items():
        assert len(halves) == 2, key
        chinese, english = halves
        assert chinese.strip(), key
        assert english.strip(), key
        facts = [sorted(set(re.findall(r"\{\w+\}", half))) for half in halves]
        assert facts[0] == facts[1], key
        assert key == "other_language" or not re.search(r"[一-鿿]", english), key
        assert not re.search(r"[!！]", chinese + english), key
        assert not UNSAID.search(english), key
        assert "哎呀" not in chinese, key
        assert "系统异常" not in chinese, key
        assert file.stem != "pick" or "请" not in chinese, key


def test_no_key_stands_twice():
    seen: dict[str, str] = {}
    for file in TABLES:
        text = file.read_text("utf-8")
        for key in [key for key, _ in PAIR.findall(text[text.index("WORDS = {") :])]:
            assert key not in seen, f"{key}: {seen.get(key)} and {file.stem}"
            seen[key] = file.stem


def test_every_asked_key_exists_and_none_lies_unused():
    text = "\n".join(file.read_text("utf-8") for file in CODE)
    known = set(everything())
    asked = set(re.findall(r'\bt\(\s*"([\w.]+)"', text))
    assert len(asked) > 40
    assert asked - known == set()
    quoted = set(re.findall(r"""["'`]([\w.-]+)["'`]""", text))
    begun = tuple(set(re.findall(r"`([\w.-]+[_.])\$\{", text)))
    ended = tuple(set(re.findall(r"\}([_.][\w.]+)`", text)))
    journal = ("order.", "promise.", "link.", "stock.", "customer.")  # asked for by an entry's kind
    unused = {
        key
        for key in known - quoted
        if not key.startswith(begun + journal) and not (ended and key.endswith(ended))
    }
    assert unused == set()


NAMED = re.compile(r"""(?:\bfrom|^import)\s*["'](\.{1,2}/[^"']+)["']""", re.M)


def fetched(root: Path) -> set[Path]:
    """What a module needs to run, itself among it."""
    wanted, seen = [root], set[Path]()
    while wanted:
        file = wanted.pop()
        if file not in seen:
            seen.add(file)
            wanted += [(file.parent / name).resolve() for name in NAMED.findall(file.read_text("utf-8"))]
    return seen


@pytest.mark.parametrize("room", sorted(SRC.glob("*/room.js")), ids=lambda file: file.parent.name)
def test_a_room_has_the_table_of_all_that_it_says(room: Path):
    """A key of another room's table would stand on the page as it is."""
    files = fetched(room) | fetched(SRC / "main.js")
    known = {key for table in TABLES if table in files for key in words(table)}
    asked = {
        key
        for file in files & set(CODE)
        for key in re.findall(r'\bt\(\s*"([\w.]+)"', file.read_text("utf-8"))
    }
    assert len(asked) > 20
    assert asked - known == set()


def test_every_entry_of_an_orders_journal_has_its_words():
    kinds: set[str] = set()
    for file in (SRC.parents[1] / "api" / "orders").glob("*.py"):
        kinds |= set(re.findall(r'"(order\.[a-z_]+)"', file.read_text("utf-8")))
    assert len(kinds) > 15
    assert kinds - set(everything()) == set()
