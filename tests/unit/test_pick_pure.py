"""The picker's pure rooms, run by Node: what a scan means, in which order shelves are walked, what differs in two codes."""

import json
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qr.codes import make
from tests.support.node import node

SCRIPT = Path(__file__).resolve().parents[1] / "js" / "pick.mjs"


def asked(*calls: tuple[str, list[Any]]) -> list[Any]:
    done = subprocess.run(
        [node(), str(SCRIPT)], input=json.dumps(calls), capture_output=True, text=True, timeout=60, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    assert len(found) == len(calls)
    return found


def line(sku: str, place: str, qty: int, picked: int = 0, short: int = 0) -> dict[str, Any]:
    return {"line_no": 1, "sku": sku, "name": f"n {sku}", "gtin": "", "uom": "件", "bin": place, "qty": qty,
            "picked": picked, "short": short}  # fmt: skip


def task(number: str, *lines: dict[str, Any], priority: str = "normal") -> dict[str, Any]:
    return {"order_no": number, "priority": priority, "tags": [], "checklist": [], "lines": list(lines)}


BINS = [
    {
        "bin": "A-01-03",
        "code": make("L", "A0103"),
        "sku": "BP-1023",
        "name": "前刹车片",
        "gtin": "6901234567892",
    },
    {"bin": "A-01-04", "code": make("L", "A0104"), "sku": "BP-1032", "name": "后刹车片", "gtin": ""},
    {"bin": "冷库 7", "code": make("L", "7QK2M9X4"), "sku": "", "name": "", "gtin": ""},
]
WORLD = {"bins": BINS, "tasks": [task("HD1", line("AC-9", "", 1))]}


def test_a_scan_means_what_it_says_and_nothing_is_guessed() -> None:
    good = make("L", "A0103")
    cases: list[tuple[str, bool, str, str]] = [
        (good, False, "bin", "A-01-03"),
        (f"HTTPS://ANY.HOST/S/{good}", False, "bin", "A-01-03"),
        (f"]Q1https://any.host/s/{good.lower()}", False, "bin", "A-01-03"),
        (make("L", "7QK2M9X4"), False, "bin", "冷库 7"),
        ("a-01-03-v", True, "bin", "A-01-03"),
        ("AO1O3V", True, "bin", "A-01-03"),
        ("A-01-03", True, "bad_check", ""),
        ("A-01-03", False, "unknown", ""),
        (good[:-1] + "X", False, "bad_check", ""),
        ("A0103V", False, "unknown", ""),
        (make("L", "Z9999"), False, "unknown", ""),
        (make("D", "26012200017"), False, "label", "D"),
        ("bp-1023", False, "part", "BP-1023"),
        ("ＢＰ－１０２３", False, "part", "BP-1023"),
        ("AC-9", False, "part", "AC-9"),
        ("BP-102", False, "unknown", ""),
        ("6901234567892", False, "part", "BP-1023"),
        ("06901234567892", False, "part", "BP-1023"),
        ("0106901234567892", False, "part", "BP-1023"),
        ("(01)06901234567892(10)AB", False, "part", "BP-1023"),
        ("\x1d0106901234567892|21XY", False, "part", "BP-1023"),
        ("https://id.gs1.org/01/06901234567892?17=300101", False, "part", "BP-1023"),
        ("6901234567885", False, "unknown", ""),
        ("123456", False, "unknown", ""),
    ]
    answers = asked(*[("readScan", [text, WORLD, is_typed]) for text, is_typed, _, _ in cases])
    for (text, is_typed, kind, what), answer in zip(cases, answers, strict=True):
        found = answer.get("bin") or answer.get("letter") or (answer.get("part") or {}).get("sku") or ""
        assert (text, is_typed, answer["is"], found) == (text, is_typed, kind, what)


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=40))
def test_no_text_breaks_the_reader(texts: list[str]) -> None:
    found = asked(*[("readScan", [text, WORLD]) for text in texts])
    assert all(one["is"] in ("bin", "part", "label", "bad_check", "unknown") for one in found)
    assert all(len(one["text"]) <= 1024 and "\x00" not in one["text"] for one in found)


def test_shelves_are_walked_by_area_rack_and_level_urgent_ones_first() -> None:
    tasks = [
        task("HD3", line("A", "B-01-01", 1), line("B", "A-2-10", 2)),
        task("HD1", line("C", "A-10-01", 4, picked=3), line("B", "A-2-9", 5)),
        task("HD2", line("D", "C-01-01", 1), line("B", "A-2-9", 1), priority="urgent"),
        task("HD4", line("E", "", 1), line("F", "A-01-01", 2, picked=1, short=1)),
    ]
    (walk, later) = asked(("walkOf", [tasks]), ("walkOf", [tasks, ["A-2-9"]]))
    assert [stop["bin"] for stop in walk["open"]] == ["A-2-9", "C-01-01", "A-2-10", "A-10-01", "B-01-01", ""]
    assert [stop["bin"] for stop in later["open"]][-1] == "A-2-9"
    assert (len(walk["stops"]), walk["done"], walk["left"]) == (7, 1, 6 + 1 + 2 + 1 + 1 + 1)
    first = walk["open"][0]
    assert [item["task"]["order_no"] for item in first["open"]] == ["HD2", "HD1"]
    assert first["left"] == 6


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["A-1-1", "A-1-2", "B-3-1", ""]), st.integers(1, 9), st.integers(0, 12), st.integers(0, 3)), max_size=12))  # fmt: skip
def test_what_is_left_is_what_was_asked_less_what_was_taken(rows: list[tuple[str, int, int, int]]) -> None:
    tasks = [
        task(f"HD{n}", line("A", place, qty, picked, short))
        for n, (place, qty, picked, short) in enumerate(rows)
    ]
    (walk,) = asked(("walkOf", [tasks]))
    left = [max(0, qty - picked - short) for _, qty, picked, short in rows]
    assert walk["left"] == sum(left)
    assert walk["done"] + len(walk["open"]) == len(walk["stops"]) == len({row[0] for row in rows})
    assert sum(len(stop["open"]) for stop in walk["open"]) == sum(one > 0 for one in left)


def test_codes_are_compared_letter_under_letter() -> None:
    (near, longer, none) = asked(
        ("differing", ["BP-1023", "BP-1032"]), ("differing", ["AB", "ABCD"]), ("differing", ["AB", "AB"])
    )
    assert [(run["text"], run["isOther"]) for run in near["a"]] == [("BP-10", False), ("23", True)]
    assert [(run["text"], run["isOther"]) for run in near["b"]] == [("BP-10", False), ("32", True)]
    assert longer["b"][-1] == {"text": "CD", "isOther": True}
    assert none["a"] == [{"text": "AB", "isOther": False}]


def test_a_bins_name_tells_its_level() -> None:
    cases = {"A-01-03": 3, "A-01-12": 12, "H-01": 1, "FLOOR": 0, "": 0, "A-01-123": 0}
    assert asked(*[("levelOf", [one]) for one in cases]) == list(cases.values())
    (levels,) = asked(("levelsOf", ["A-01-03", [{"bin": "A-01-06"}, {"bin": "A-02-09"}]]))
    assert levels == 6
