"""The master screens' pure rooms, run by Node: money, weight and barcodes are read exactly as they are shown, and a sheet
that the screens hand out has columns that the import knows, in both languages."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.inventory.columns import join
from api.inventory.kinds import KINDS
from api.sheets.sheet import Sheet
from api.stock import gtin
from tests.support.node import node

SCRIPT = Path(__file__).resolve().parents[1] / "js" / "master.mjs"


def told(*calls: tuple[str, list[Any]]) -> dict[str, Any]:
    done = subprocess.run(
        [node(), str(SCRIPT)], input=json.dumps(calls), capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert len(found["answers"]) == len(calls)
    return found


def asked(*calls: tuple[str, list[Any]]) -> list[Any]:
    answers: list[Any] = told(*calls)["answers"]
    return answers


@pytest.fixture(scope="module")
def columns() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = told()["columns"]
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_columns_of_an_empty_sheet_are_known(
    columns: dict[str, dict[str, list[str]]], lang: str, kind: str
) -> None:
    header = tuple(columns[lang][kind])
    assert len(set(header)) == len(header) > 2
    joined = join(KINDS[kind].fields, Sheet("a.csv", header, (), ()), None)
    assert set(joined.columns.values()) == set(header)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(0, 10**9 - 1), min_size=40, max_size=40))
def test_what_is_shown_is_read_back(numbers: list[int]) -> None:
    for as_ in ("money", "weight", "count"):
        shown = asked(*(("type", [as_, n]) for n in numbers))
        read = asked(*(("read", [as_, str(one)]) for one in shown))
        assert [one.get("value") for one in read] == numbers


def test_weights_are_read_as_people_write_them() -> None:
    cases = {
        "500 g": 500, "3.27kg": 3_270, "3.27 公斤": 3_270, "１": None, "1 吨": 1_000_000, "0.5斤": 250, "1,200 克": 1_200,
        "0.0005kg": None, "500": None, "": 0, "1.0050 KG": 1_005, "-1 g": None, "2 磅": None, "0.000001 t": 1,
    }  # fmt: skip
    read = asked(*(("read", ["weight", said]) for said in cases))
    assert dict(zip(cases, (one.get("value") for one in read), strict=True)) == cases
    assert read[list(cases).index("500")]["why"] == "加上 g 或 kg"


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(0, 10**13 - 1), min_size=60, max_size=60), st.sampled_from([7, 11, 12, 13]))
def test_check_digits_are_those_of_the_server(numbers: list[int], size: int) -> None:
    bodies = [f"{n:013d}"[-size:] for n in numbers]
    digits = asked(*(("checkDigit", [body]) for body in bodies))
    assert digits == [gtin.check_digit(body) for body in bodies]
    wrong = asked(
        *(("read", ["gtin", body + str((int(d) + 1) % 10)]) for body, d in zip(bodies, digits, strict=True))
    )
    assert all("why" in one for one in wrong)
