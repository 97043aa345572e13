"""Laws of a promise's dates: in order, never earlier for who comes later, on days that work, explained fact by fact."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kernel.time import DAY, HOUR
from api.promise import dates, learned
from api.promise.dates import Ask, Spot, Window, window
from api.promise.days import LAST_YEAR, WEEKLY, Days, Said

TZ = "Asia/Shanghai"
NEW = learned.nothing()
SHANGHAI = Spot("310115", 121_540_000, 31_220_000)
PLACES = (Spot("320583", 120_950_000, 31_380_000), Spot("440106", 113_360_000, 23_120_000), Spot())
TAGS = ("加急", "自提", "上午送", "下午送", "避周末", *(f"避周{n}" for n in "一三五"), "限周二", "限周日")


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TZ)).timestamp() * 1000)


def day(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(TZ)).date()


def ask(text: str = "2026-03-04T10:00", /, **changed: object) -> Ask:
    given = Ask("SH", "17:00", SHANGHAI, PLACES[0], ms(text), TZ, Days(), NEW)
    return msgspec.structs.replace(given, **changed)


def said(found: Window) -> str:
    return "\n".join(f"{why.zh} {why.en}" for why in found.because)


moments = st.integers(ms("2026-01-01T00:00"), ms("2027-02-20T00:00"))
asks = st.builds(
    Ask,
    st.sampled_from(["SH", "GZ"]),
    st.sampled_from(["08:30", "17:00", "23:59"]),
    st.sampled_from([SHANGHAI, Spot("310115")]),
    st.sampled_from(PLACES),
    moments,
    st.just(TZ),
    st.builds(
        Days, st.dictionaries(st.sampled_from(list(WEEKLY)), st.builds(Said, st.booleans(), st.just("")))
    ),
    st.builds(
        lambda rate, off: msgspec.structs.replace(NEW, per_day={"SH": rate}, no_delivery=off),
        st.sampled_from([0.0, 0.5, 20.0]),
        st.lists(st.integers(0, 6), unique=True).map(tuple),
    ),
    ahead=st.integers(0, 300),
    tags=st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
    want_by=st.none() | moments,
)


@given(asks)
def test_a_window_is_in_order_on_workdays_and_sure_to_some_degree(given: Ask) -> None:
    found = window(given)
    assert given.now < found.ship_by <= found.eta_to
    assert found.ship_by <= found.eta_from <= found.eta_to
    assert given.days.of(day(found.ship_by)).works
    assert 0.5 <= found.confidence <= 0.9
    assert (found.answer is None) == (given.want_by is None)
    if found.answer is not None:
        assert found.answer.is_kept == (found.eta_to <= found.answer.by)
    if "自提" not in given.tags:
        for at in (found.eta_from, found.eta_to):
            refused = dates.refused_weekdays(given.tags)
            assert len(refused) == 7 or day(at).weekday() not in refused


@given(asks, st.integers(1, 9 * DAY))
def test_who_comes_earlier_never_leaves_later(given: Ask, later: int) -> None:
    after = msgspec.structs.replace(given, now=given.now + later)
    assert window(given).ship_by <= window(after).ship_by


@given(asks, st.integers(1, 300))
def test_a_longer_queue_never_makes_it_leave_sooner(given: Ask, more: int) -> None:
    longer = msgspec.structs.replace(given, ahead=given.ahead + more)
    assert window(given).ship_by <= window(longer).ship_by


def test_the_cut_off_decides_between_today_and_the_next_workday() -> None:
    assert day(window(ask("2026-03-06T16:59")).ship_by) == date(2026, 3, 6)
    late = window(ask("2026-03-06T17:00"))
    assert day(late.ship_by) == date(2026, 3, 9)
    assert "17:00" in said(late)
    assert "周末" in said(late)


def test_holidays_are_no_workdays_and_are_named() -> None:
    found = window(ask("2026-09-30T18:00"))
    assert day(found.ship_by) == date(2026, 10, 8)
    assert "国庆节" in said(found)
    assert "National Day" in said(found)
    # The Saturday after is one on which the country works.
    assert day(window(ask("2026-10-09T18:00")).ship_by) == date(2026, 10, 10)


def test_a_persons_word_stands_over_the_calendar() -> None:
    open_day = Days({"2026-10-01": Said(True, "照常发货")})
    assert day(window(ask("2026-09-30T18:00", days=open_day)).ship_by) == date(2026, 10, 1)
    shut = Days({"2026-03-04": Said(False, "盘点")})
    found = window(ask("2026-03-04T10:00", days=shut))
    assert day(found.ship_by) == date(2026, 3, 5)
    assert "盘点" in said(found)
    saturdays = Days({"saturday": Said(True, "")})
    assert day(window(ask("2026-03-06T18:00", days=saturdays)).ship_by) == date(2026, 3, 7)


def test_a_year_that_nobody_announced_lowers_the_confidence_and_says_so() -> None:
    usual, beyond = window(ask()), window(ask(f"{LAST_YEAR + 1}-03-03T10:00"))
    assert beyond.confidence == pytest.approx(usual.confidence - dates.UNKNOWN_YEAR)
    assert f"{LAST_YEAR + 1}" in said(beyond)
    assert "还没有" not in said(usual)


def test_an_address_that_nobody_can_place_lowers_the_confidence_and_says_so() -> None:
    found = window(ask(goal=Spot()))
    assert found.confidence < window(ask()).confidence
    assert "位置不明" in said(found)


def test_what_waits_before_it_costs_workdays_but_not_the_urgent() -> None:
    busy = msgspec.structs.replace(NEW, per_day={"SH": 10.0})
    found = window(ask(learned=busy, ahead=25))
    assert day(found.ship_by) == date(2026, 3, 6)
    assert "25" in said(found)
    urgent = window(ask(learned=busy, ahead=25, tags=("加急",)))
    assert day(urgent.ship_by) == date(2026, 3, 4)
    assert "加急" in said(urgent)


def test_a_day_that_the_customer_refuses_moves_the_end_and_is_told() -> None:
    usual = day(window(ask()).eta_to)
    found = window(ask(tags=(f"避周{dates.WEEKDAYS[usual.weekday()]}",)))
    assert day(found.eta_to) == usual + timedelta(days=1)
    assert "客户不收货" in said(found)


def test_a_holiday_on_the_way_moves_the_far_end_only() -> None:
    far = PLACES[1]
    usual, over = window(ask("2026-09-08T10:00", goal=far)), window(ask("2026-09-29T10:00", goal=far))
    assert over.eta_to - over.ship_by > usual.eta_to - usual.ship_by
    assert over.eta_from - over.ship_by == usual.eta_from - usual.ship_by
    assert "路上遇国庆节" in said(over)


def test_who_collects_needs_no_way_and_what_left_needs_no_cut_off() -> None:
    collected = window(ask(tags=("自提",)))
    assert collected.ship_by == collected.eta_to
    left = window(ask(left_at=ms("2026-03-03T12:00")))
    assert left.ship_by == ms("2026-03-03T12:00")
    assert "截单" not in said(left)


def test_want_by_is_yes_or_no_with_the_earliest() -> None:
    end = window(ask()).eta_to
    kept = window(ask(want_by=end)).answer
    missed = window(ask(want_by=end - HOUR)).answer
    assert kept is not None
    assert kept.is_kept
    assert missed is not None
    assert not missed.is_kept
    assert missed.earliest == end
