"""Laws of a promise that moves: nothing is said while it can be kept, what is said stays said, recovery leaves nothing."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from api.kernel.time import DAY, HOUR
from api.promise import moving
from api.promise.dates import window
from api.promise.days import Days, Said
from api.promise.moving import Told, judge
from tests.unit.test_promise_dates import NEW, ask, day, ms

PROMISED = window(ask())
TOLD = Told(PROMISED.ship_by, PROMISED.eta_to)
replace = msgspec.structs.replace


def test_before_it_had_to_leave_nothing_is_said():
    assert judge(TOLD, ask(), "", None) is None
    assert judge(TOLD, replace(ask(), now=TOLD.ship_by), "", None) is None


def test_what_could_still_make_it_is_not_moved_by_a_hold():
    assert judge(TOLD, ask("2026-03-04T11:00"), "held", None) is None
    moved = judge(TOLD, ask("2026-03-04T17:30"), "held", None)
    assert moved is not None
    assert (moved.cause, moved.eta_to > TOLD.eta_to) == ("held", True)


def test_past_its_time_it_is_late_with_a_new_window_and_why():
    moved = judge(TOLD, replace(ask(), now=TOLD.ship_by + 1), "", None)
    assert moved is not None
    assert moved.cause == "late"
    assert moved.eta_to > TOLD.eta_to


def test_a_day_that_is_off_after_all_moves_it_at_once_and_back():
    shut = ask(days=Days({"2026-03-04": Said(False, "盘点")}))
    moved = judge(TOLD, shut, "", None)
    assert moved is not None
    assert "盘点" in moving.said(moved).zh
    assert "盘点" in moving.said(moved, to_customer=True).zh
    assert judge(TOLD, ask(), "", moved) is None


def test_a_parcel_that_left_late_but_comes_in_time_is_no_trouble():
    far = Told(TOLD.ship_by, TOLD.eta_to + 5 * DAY)
    assert judge(far, ask("2026-03-05T12:00", left_at=ms("2026-03-05T11:00")), "", None) is None
    assert judge(TOLD, ask("2026-03-06T12:00", left_at=ms("2026-03-06T11:00")), "", None) is not None


def test_a_parcel_under_way_for_too_long_gets_another_end_that_lies_ahead():
    left = ms("2026-03-04T18:00")
    last = None
    for hours in range(0, 40 * 24, 7):
        now = left + hours * HOUR
        moved = judge(TOLD, replace(ask(left_at=left), now=now), "", last)
        if moved is None:
            assert now <= TOLD.eta_to
        else:
            assert moved.eta_to >= now
            assert moved == last or last is None or now > last.eta_to
        last = moved
    assert last is not None


@given(st.integers(0, 20 * DAY), st.sampled_from(["", "held", "short"]))
def test_looking_twice_says_the_same(later: int, stuck: moving.Stuck):
    asked = replace(ask(), now=ask().now + later)
    first = judge(TOLD, asked, stuck, None)
    assert judge(TOLD, asked, stuck, first) == first
    again = judge(TOLD, replace(asked, now=asked.now + 60_000), stuck, first)
    if first is not None and again is not None and day(first.eta_to) == day(again.eta_to):
        assert again == first


@given(st.floats(0.01, 60), st.sampled_from([20.0, 300.0, 2_000.0]))
def test_what_has_lasted_so_long_ends_later_still(elapsed: float, km: float):
    found = NEW.forecast.remaining({}, km, 0.9, elapsed)
    assert elapsed <= found.early <= found.likely <= found.late
    assert found.late >= elapsed + 1
    longer = NEW.forecast.remaining({}, km, 0.9, elapsed + 1)
    assert longer.late >= found.late - 0.01


def test_every_cause_has_words_for_both():
    for cause in moving.CAUSES:
        moved = moving.Moved(cause, 1, 2, 0, "盘点")
        for outside in (True, False):
            why = moving.said(moved, to_customer=outside)
            assert "{" not in why.zh + why.en
