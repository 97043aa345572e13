"""The vectors of `sync/` are the specification: Python and JavaScript both keep every one of them."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from sync_kit import (
    ORDER,
    ROOT,
    Case,
    all_vectors,
    full_facts,
    full_op,
    full_settlement,
    here,
    there,
    vectors,
)

Call = tuple[str, list[Any]]
BASE_OP = {**full_op(["AAAAAAAA:1", "pick", 1, 2, "A-01-03"]), "code": "LA0103V"}


def raw_op(given: Case) -> Case | str:
    if "text" in given:
        return str(given["text"])
    changed = {**BASE_OP, **given.get("set", {})}
    return {name: value for name, value in changed.items() if name not in given.get("drop", ())}


def calls_of(file: str, given: Case) -> list[Call]:
    """The calls that one vector makes, the same for both languages."""
    if file == "ops":
        return [("read_op", [raw_op(given)])]
    if file == "canonical" and "ops" in given:
        changed = [{"set": {k: v for k, v in op.items() if k != "drop"}, **op} for op in given["ops"]]
        return [("canonical", [raw_op(op)]) for op in changed]
    if file == "canonical":
        return [("canonical_json", [given["value"]])]
    if file == "versions":
        return [("versions", [given["ids"], given["cap"]])]
    if file == "hlc":
        if "clock" in given:
            return [("hlc", [given["clock"], given["steps"]])]
        return [("is_ahead", [given["remote"], given["now"]])]
    if file == "merge":
        return [("merge", [[[full_op(row) for row in group] for group in given["groups"]]])]
    if file == "project":
        ops, settlements = map(full_op, given["ops"]), map(full_settlement, given["settlements"])
        return [("project", [full_facts(given["facts"]), list(ops), list(settlements)])]
    names = {"tasks": "tasks_hash", "conflict": "conflict_id", "not_a_conflict": "split_conflict_id"}
    name = next(iter(given))
    return [(names.get(name, name), given[name] if name == "belongs" else [given[name]])]


def project_summary(found: Case) -> Case:
    """What a vector of the fold says, in the short form in which it says it."""
    lines = {str(line["line_no"]): line for line in found["lines"]}
    places = {c["id"].removeprefix(ORDER + "/"): c for c in found["conflicts"]}
    assert len(places) == len(found["conflicts"])
    for place, conflict in places.items():
        line_no, kind = place.split("/")
        assert conflict["kind"] == kind
        assert conflict["line_no"] == (None if line_no == "-" else int(line_no))
        assert conflict["settled"] is None or conflict["surplus"] == []
    return {
        **{
            name: {n: line[name] for n, line in lines.items()}
            for name in ("picked", "short", "extra", "late")
        },
        "open": {place: c["ops"] for place, c in places.items() if c["settled"] is None},
        "settled": {
            place: [c["settled"]["choice"], c["settled"]["by"], c["ops"]]
            for place, c in places.items()
            if c["settled"] is not None
        },
        "surplus": {
            place: {str(part["line_no"]): part["qty"] for part in c["surplus"]}
            for place, c in places.items()
            if c["surplus"]
        },
        "put_away": [[t["settlement"], t["line_no"], t["op"], t["qty"]] for t in found["put_away"]],
        **{name: found[name] for name in ("started", "unmatched", "unknown_lines", "clashes")},
    }


def holds_op(found: Case, expect: Case) -> None:
    if "ok" in expect:
        assert {name: found.get(name) for name in expect["ok"]} == expect["ok"]
        assert len(found) == 12
    else:
        assert {name: found.get(name) for name in ("code", "path", "id")} == expect
        assert found["zh"]
        assert found["en"]


def holds_project(found: Case, expect: Case) -> None:
    always: Case = {
        "open": {},
        "settled": {},
        "surplus": {},
        "put_away": [],
        "unmatched": [],
        "unknown_lines": [],
        "clashes": [],
    }
    wanted = {**always, **expect}
    summary = project_summary(found)
    assert {name: summary[name] for name in wanted} == wanted


def holds_merge(found: Case, expect: Case) -> None:
    assert {op["id"]: op["qty"] for op in found["ops"]} == expect["qty"]
    assert {c["id"]: [op["qty"] for op in c["bodies"]] for c in found["clashes"]} == expect["clashes"]


def holds_simply(found: Any, expect: Case) -> None:
    if "text" in expect and "hash" in expect:
        assert hashlib.sha256(expect["text"].encode()).hexdigest() == expect["hash"] == found
    elif "refused" in expect or (isinstance(found, dict) and len(expect) > 1):
        assert found == expect
    else:
        assert [found] == list(expect.values())


HOLDS: dict[str, Callable[[Any, Case], None]] = {
    "ops": holds_op,
    "project": holds_project,
    "merge": holds_merge,
}


def judge(file: str, expect: Case, answers: list[bytes]) -> None:
    found = [json.loads(answer) for answer in answers]
    if "bodies" in expect:
        assert len(found) > 0
        assert len(set(found)) == expect["bodies"]
        return
    assert len(found) == 1
    HOLDS.get(file, holds_simply)(found[0], expect)


CASES = all_vectors()
IDS = [f"{file}: {case['name']}" for file, case in CASES]


@cache
def twin_answers() -> list[list[bytes]]:
    """All vectors through one Node process."""
    grouped = [calls_of(file, case["given"]) for file, case in CASES]
    flat = iter(there([call for group in grouped for call in group]))
    return [[next(flat) for _ in group] for group in grouped]


@pytest.mark.parametrize(("file", "case"), CASES, ids=IDS)
def test_python_keeps_the_vector(file: str, case: Case) -> None:
    judge(file, case["expect"], [here(fn, args) for fn, args in calls_of(file, case["given"])])


@pytest.mark.parametrize("number", range(len(CASES)), ids=IDS)
def test_javascript_keeps_the_vector_and_agrees_with_python(number: int) -> None:
    file, case = CASES[number]
    answers = twin_answers()[number]
    judge(file, case["expect"], answers)
    assert answers == [here(fn, args) for fn, args in calls_of(file, case["given"])]


def test_every_vector_says_why_and_names_are_unique() -> None:
    for file in {file for file, _ in CASES}:
        cases = vectors(file)
        assert all(set(case) == {"name", "why", "given", "expect"} and case["why"] for case in cases), file
        assert len({case["name"] for case in cases}) == len(cases), file
    assert len(CASES) >= 60


def test_vectors_cover_each_kind_of_conflict_open_kept_and_undone() -> None:
    kinds = ("held", "cancelled", "amended", "already_shipped", "over_picked", "wrong_bin", "wrong_warehouse")
    seen = set()
    for case in vectors("project"):
        seen |= {(place.split("/")[1], "open") for place in case["expect"].get("open", {})}
        seen |= {(place.split("/")[1], said[0]) for place, said in case["expect"].get("settled", {}).items()}
    wanted = {(kind, form) for kind in kinds for form in ("open", "keep", "undo")}
    assert wanted <= seen


def test_a_judge_that_gets_nothing_says_no() -> None:
    """The judges above cannot pass on empty answers."""
    for file, case in CASES:
        with pytest.raises((AssertionError, KeyError, AttributeError, TypeError)):
            judge(file, case["expect"], [b"{}"] if "bodies" not in case["expect"] else [])


def test_the_twin_stays_below_its_browser_floor() -> None:
    """No DOM, no clock, no random numbers, and no word that Chrome 74 cannot read."""
    files = sorted((ROOT / "pwa" / "src" / "sync").glob("*.js"))
    assert len(files) >= 8
    forbidden = re.compile(
        r"\?\.[a-zA-Z_\[(]|\?\?|replaceAll|\.at\(|structuredClone|\d+n\b|Object\.hasOwn\(|\|\|=|&&=|\.findLast|"
        r"matchAll|Promise\.any|\bdocument\b|\bwindow\b|localStorage|\bDate\b|Math\.random|fetch\(|crypto\.|#[a-z]+\("
    )
    for file in files:
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert forbidden.findall(code) == [], file.name
        assert all(name.startswith("./") for name in re.findall(r'from "([^"]+)"', code)), file.name
        assert len(code.splitlines()) < 400


def test_python_imports_nobody_above() -> None:
    allowed = {"msgspec", "hashlib", "re", "typing", "collections"}
    files = sorted((ROOT / "sync").glob("*.py"))
    assert len(files) >= 8
    for file in files:
        names = re.findall(r"^(?:from|import) ([a-z_]+)", file.read_text("utf-8"), flags=re.MULTILINE)
        assert set(names) <= {*allowed, "sync"}, file.name
