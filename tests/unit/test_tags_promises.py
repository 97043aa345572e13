"""Promises to pay: the labelled comments, and that nothing else is taken for one."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.tags.model import Promise
from api.tags.promises import read_payment_promise

SAMPLES = Path(__file__).parents[1] / "samples"
DATA = Path(os.environ.get("TEST_DATA", "/nonexistent")) / "text"
THURSDAY = date(2026, 1, 22)


def wrong(path: Path) -> tuple[int, list[tuple[str, str | None, str | None]]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = []
    for row in rows:
        promise = read_payment_promise(row["text"], date.fromisoformat(row["said_at"][:10]))
        found.append((row["text"], row["due"], promise.due if promise else None))
    return len(rows), [one for one in found if one[1] != one[2]]


def test_every_labelled_comment_of_the_project_is_read() -> None:
    if not (DATA / "promises.jsonl").exists():
        pytest.skip("not run: no data")
    count, faults = wrong(DATA / "promises.jsonl")
    assert count >= 20
    assert faults == []


def test_our_own_comments_are_read() -> None:
    count, faults = wrong(SAMPLES / "promises_own.jsonl")
    assert count >= 100
    assert len(faults) <= count * 0.03, faults


def test_reviews_and_chat_promise_nothing() -> None:
    if not (DATA / "not_remarks.txt").exists():
        pytest.skip("not run: no data")
    lines = [
        line
        for f in ("not_remarks.txt", "service_chat.txt")
        for line in (DATA / f).read_text("utf-8").splitlines()
    ]
    assert len(lines) > 3000
    assert sum(read_payment_promise(line, THURSDAY) is not None for line in lines) <= 3


def test_the_span_is_of_the_text_as_written() -> None:
    text = "已催款，客户说Ｘ下周三到账，谢谢"
    promise = read_payment_promise(text, THURSDAY)
    assert promise == Promise("2026-01-28", (8, 13))
    assert text[8:13] == "下周三到账"


@pytest.mark.parametrize(
    ("said", "text", "due"),
    [
        ("2026-01-22", "周四付款", "2026-01-22"),
        ("2026-01-25", "周日付款", "2026-01-25"),
        ("2026-01-25", "本周内付款", "2026-01-25"),
        ("2026-01-25", "下周一付款", "2026-01-26"),
        ("2026-01-31", "月底付款", "2026-01-31"),
        ("2026-01-31", "明天付款", "2026-02-01"),
        ("2026-01-31", "一个月内付款", "2026-02-28"),
        ("2026-02-10", "30号付款", "2026-02-28"),
        ("2026-12-20", "5号付款", "2027-01-05"),
        ("2026-12-20", "1月5日付款", "2027-01-05"),
        ("2026-12-31", "下个月底付款", "2027-01-31"),
        ("2028-02-10", "月底付款", "2028-02-29"),
        ("2026-01-23", "三个工作日内付款", "2026-01-28"),
        ("2026-01-22", "下周一二打款", "2026-01-27"),
        ("2026-01-22", "周五一定付款", "2026-01-23"),
        ("2026-01-22", "过完周末就打款", "2026-01-26"),
        ("2026-01-22", "客户讲后天转", "2026-01-24"),
        ("2026-01-22", "上周五已付清", None),
        ("2026-01-22", "2月30日付款", None),
        ("2026-01-22", "45号付款", None),
    ],
)
def test_days_at_the_edges(said: str, text: str, due: str | None) -> None:
    promise = read_payment_promise(text, date.fromisoformat(said))
    assert (promise.due if promise else None) == due


WORDS = ["明天", "周五", "下周", "付款", "付", "不", "没", "，", "25号", "31号", "月底", "已", "了", "款", "到", "2月29日", "99天内", "吗", "十", "号", "前", "0月0日"]  # fmt: skip


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join) | st.text(max_size=30),
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
)
def test_a_promise_lies_ahead_and_reading_never_raises(text: str, said: date) -> None:
    promise = read_payment_promise(text, said)
    if promise is not None:
        assert said <= date.fromisoformat(promise.due) <= said + timedelta(days=1200)
        assert 0 <= promise.span[0] < promise.span[1] <= len(text)


def test_without_words_of_paying_there_is_no_promise() -> None:
    for word in ("明天", "周五", "月底", "三天内", "25号"):
        assert read_payment_promise(f"{word}付款", THURSDAY) is not None
        for other in ("送货", "发货", "到货", "开票", "来提货", "交付", "到付", "退款给客户"):
            assert read_payment_promise(f"{word}{other}", THURSDAY) is None, f"{word}{other}"
