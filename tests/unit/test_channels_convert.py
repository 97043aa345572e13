"""One value, exactly or not at all: numbers, money, units, times."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.sheets.convert import CONVERSIONS, FAULTS, Fault, conversion

SHANGHAI = ZoneInfo("Asia/Shanghai")


def convert(name: str, value: Any, tz: ZoneInfo = SHANGHAI) -> Any:
    found = conversion(name)
    assert found
    result = found(value, tz)
    return result.code if isinstance(result, Fault) else result


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("int", "１２", 12),
        ("int", "1,234", 1234),
        ("int", "12,34", "not_number"),
        ("int", "3.0", 3),
        ("int", 1.5, "not_whole"),
        ("int", "1.5", "not_whole"),
        ("int", True, "not_number"),
        ("int", "1_000", "not_number"),
        ("int", "٣", "not_number"),
        ("int", "", "not_number"),
        ("int", [1], "not_number"),
        ("int", "1e3", 1000),
        ("int", "1e999", "out_of_range"),
        ("int", Decimal("1E+400"), "out_of_range"),
        ("int", 2**63, "out_of_range"),
        ("int", "-5", -5),
        ("int", "−5", -5),
        ("yuan", "12.80", 1280),
        ("yuan", "¥1,234.50", 123450),
        ("yuan", "￥１２．８０元", 1280),
        ("yuan", 12.8, 1280),
        ("yuan", 0.29, 29),
        ("yuan", 12, 1200),
        ("yuan", "12.805", "not_exact"),
        ("yuan", "12.800", 1280),
        ("fen", 12800, 12800),
        ("fen", "128.5", "not_whole"),
        ("int*12", "2", 24),
        ("int*12", "0.5", 6),
        ("yuan/500", "5000", 1000),
        ("yuan/3", "10", "not_exact"),
        ("dozen", "1.5", 18),
        ("wan", "1.2", 12000),
        ("kg", "1.25", 1250),
        ("ton", "0.0005", 500),
        ("jin", "3", 1500),
        ("text", 3705115058471208928, "3705115058471208928"),
        ("text", Decimal("12.80"), "12.80"),
        ("text", Decimal("1E+5"), "100000"),
        ("text", "  a ", "a"),
        ("text", {"a": 1}, "not_text"),
        ("list", "one", ["one"]),
        ("list", [" a", None, "", 3], ["a", "3"]),
        ("list", [["a"]], "not_text"),
        ("micro", "121.4737021", 121473702),
        ("micro", 121.54, 121540000),
        ("micro", "1000", "out_of_range"),
        ("epoch_s", 1769047500, 1769047500000),
        ("epoch_s", "1769047500.250", 1769047500250),
        ("epoch_s", 1769047500000, "not_date"),
        ("epoch_ms", "1769047500000", 1769047500000),
        ("epoch_s", -1, "not_date"),
    ],
)
def test_values(name: str, value: Any, expected: Any) -> None:
    assert convert(name, value) == expected


AT = 1769047500000  # 2026-01-22 10:05:00 in Shanghai
DAY = 1769011200000  # its midnight


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-22 10:05:00", AT),
        ("2026-01-22T10:05", AT),
        ("2026/1/22 10:05", AT),
        ("2026/1/22", DAY),
        ("2026.01.22", DAY),
        ("2026年1月22日", DAY),
        ("2026年1月22日 10时5分", AT),
        ("２０２６－０１－２２　１０：０５：００", AT),
        ("20260122", DAY),
        (20260122, DAY),
        ("20260122100500", AT),
        ("202601221005", AT),
        ("2026-01-22T02:05:00Z", AT),
        ("2026-01-22T10:05:00+08:00", AT),
        ("2026-01-22T02:05:00.250Z", AT + 250),
        ("2026-01-22 10:05:00 +0800", AT),
        (1769047500, AT),
        ("1769047500000", AT),
        ("46044", DAY),
        (46044.42013888889, AT),
        ("46044.4201388889", AT),
        ("12/06/2010", "ambiguous_date"),
        ("2/20/11 11:39", "ambiguous_date"),
        ("2026-02-30", "not_date"),
        ("2026-13-01", "not_date"),
        ("yesterday", "not_date"),
        ("12345", "not_date"),
        ("1066-01-01", "not_date"),
        (True, "not_date"),
        ({}, "not_date"),
    ],
)
def test_dates(value: Any, expected: Any) -> None:
    assert convert("date", value) == expected


def test_short_dates_say_which_country() -> None:
    utc = ZoneInfo("UTC")
    ms = int(datetime(2011, 2, 20, 11, 39, tzinfo=UTC).timestamp() * 1000)
    assert convert("date_mdy", "2/20/11 11:39", utc) == ms
    assert convert("date_dmy", "20/2/2011 11:39", utc) == ms
    assert convert("date_dmy", "2/20/11", utc) == "not_date"
    assert convert("date_mdy", "02/08/2011", utc) != convert("date_dmy", "02/08/2011", utc)
    assert convert("date_mdy", "2/20/2011 11:39 PM", utc) == ms + 12 * 3_600_000
    assert convert("date_mdy", "2/20/2011 12:39 AM", utc) == ms - 11 * 3_600_000
    assert convert("date_mdy", "2/20/2011 13:39 AM", utc) == "not_date"
    assert convert("date_mdy", "2026-01-22 10:05:00") == AT


@settings(max_examples=150, derandomize=True)
@given(st.integers(0, 10**12), st.booleans())
def test_yuan_is_exact_in_every_way_of_writing_it(fen: int, is_grouped: bool) -> None:
    text = f"{fen // 100:{',' if is_grouped else ''}}.{fen % 100:02d}"
    assert convert("yuan", text) == fen
    assert convert("yuan", f"¥{text}") == fen
    assert convert("yuan", Decimal(fen).scaleb(-2)) == fen
    assert convert("fen", str(fen)) == fen


@settings(max_examples=100, derandomize=True)
@given(st.integers(0, 4_000_000_000), st.sampled_from(["Asia/Shanghai", "UTC", "America/Sao_Paulo"]))
def test_an_instant_survives_being_written(seconds: int, name: str) -> None:
    moment = datetime.fromtimestamp(seconds, ZoneInfo(name))
    assert convert("date", moment.isoformat(), ZoneInfo("Asia/Tokyo")) == seconds * 1000
    assert convert("epoch_s", str(seconds)) == convert("epoch_ms", seconds * 1000) == seconds * 1000


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=200, derandomize=True)
@given(st.sampled_from([*sorted(CONVERSIONS), "int*7", "yuan/3", "fen/9"]), ANY)
def test_no_value_makes_a_conversion_raise(name: str, value: Any) -> None:
    found = conversion(name)
    assert found
    result = found(value, SHANGHAI)
    assert isinstance(result, Fault | int | str | list)
    assert not isinstance(result, bool | float)


def test_unknown_conversions_are_none_and_faults_have_both_languages() -> None:
    assert [conversion(n) for n in ("", "float", "int*0", "int*-1", "text*2", "yuan/")] == [None] * 6
    assert all(why.zh and why.en for why in FAULTS.values())
