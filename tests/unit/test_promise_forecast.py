"""Laws of a forecast: it never knows the future, its window is in order, it keeps what it says and learns when times change."""

import math
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.promise import effects, forecast, spread
from api.promise.model import DAY_MS, KINDS, Trip, facts_of
from api.promise.pace import Seen, limits, quantiles, shift, stretch

NOW = 400 * DAY_MS
FACTS = facts_of(km=300, lane="SP>RJ", region="RJ", origin="A", weekday=1, hand_over_days=2, weight_g=900)


def world(pace: Callable[[float], float] = lambda _: 1.0, seed: int = 7, count: int = 900) -> list[Trip]:
    """Trips over 400 days; `pace`: how much longer than usual things take that are ordered on that day."""
    dice = random.Random(seed)
    made = []
    for n in range(count):
        day = 400 * n / count
        km = math.exp(dice.uniform(3.5, 7.8))
        slow = {"A": 0.0, "B": 1.5}[origin := dice.choice("AB")]
        days = pace(day) * (1 + slow + km / 200) * math.exp(dice.gauss(0, 0.35))
        facts = facts_of(
            km=km, lane=f"{origin}>x", region="x", origin=origin, weekday=int(day) % 7, hand_over_days=2
        )
        ordered_at = round(day * DAY_MS)
        made.append(Trip(ordered_at, facts, km, ordered_at + round(days * DAY_MS)))
    return made


def kept(trips: list[Trip], confidence: float, since: int, until: int) -> float:
    """Of the trips ordered in these days: how many came before the far end that their own midnight gave."""
    held = []
    for day in range(since, until):
        known = forecast.learn(trips, day * DAY_MS)
        for trip in trips:
            if day <= trip.ordered_at / DAY_MS < day + 1 and trip.arrived_at is not None:
                days = (trip.arrived_at - trip.ordered_at) / DAY_MS
                held.append(days <= known.window(trip.facts, trip.km, confidence).late)
    return sum(held) / len(held)


def test_a_far_end_is_kept_as_often_as_it_says() -> None:
    trips = world(count=1_000)
    for confidence in (0.7, 0.9):
        assert abs(kept(trips, confidence, 340, 352) - confidence) < 0.1


def test_after_times_change_it_is_kept_again_within_weeks() -> None:
    slower = world(lambda day: 1.0 if day < 320 else 1.8, count=1_600)
    assert kept(slower, 0.9, 321, 327) < 0.7  # nobody could know
    assert kept(slower, 0.9, 360, 384) > 0.78
    before = forecast.learn(slower, 320 * DAY_MS).window(FACTS, 300, 0.9).late
    assert forecast.learn(slower, 360 * DAY_MS).window(FACTS, 300, 0.9).late > 1.3 * before


def test_what_arrived_after_now_is_not_known() -> None:
    trips, now = world(), 300 * DAY_MS
    told = forecast.learn(trips, now)
    later = [
        msgspec.structs.replace(trip, arrived_at=None) if (trip.arrived_at or 0) >= now else trip
        for trip in trips
        if trip.ordered_at < now
    ]
    assert forecast.learn(later, now) == told


def test_trips_under_way_make_it_careful_before_the_first_late_one_arrives() -> None:
    """A strike: nothing that was ordered in the last twelve days has arrived."""
    now = 380 * DAY_MS
    stuck = [
        msgspec.structs.replace(trip, arrived_at=None) if now - trip.ordered_at < 12 * DAY_MS else trip
        for trip in world()
    ]
    calm = forecast.learn([trip for trip in stuck if trip.arrived_at], now).window(FACTS, 300, 0.9).late
    assert forecast.learn(stuck, now).window(FACTS, 300, 0.9).late > 1.1 * calm


@given(
    st.floats(20, 4_000),
    st.lists(st.floats(0.01, 0.995), min_size=2, max_size=6).map(sorted),
    st.sampled_from("ABC"),
    st.floats(0.1, 40),
)
def test_a_window_is_in_order(km: float, levels: list[float], origin: str, hand_over: float) -> None:
    facts = facts_of(
        km=km, lane=f"{origin}>y", region="y", origin=origin, weekday=6, hand_over_days=hand_over, weight_g=1
    )
    ends = [KNOWN.window(facts, km, level).late for level in levels]
    assert ends == sorted(ends)
    assert ends[0] > 0
    window = KNOWN.window(facts, km, 0.9)
    assert window.early <= window.likely <= window.late


KNOWN = forecast.learn(world(), NOW)


def test_a_slow_warehouse_is_named_as_the_cause() -> None:
    facts = facts_of(km=300, lane="B>x", region="x", origin="B", weekday=1, hand_over_days=2)
    causes = {cause.kind: cause for cause in KNOWN.causes(facts, 300)}
    assert causes["origin"].days > 0.3
    assert causes["origin"].deliveries > 100
    assert set(causes) == {*facts, "period"}
    assert all(kind in KINDS or kind == "period" for kind in causes)


def test_nothing_to_learn_from_is_refused() -> None:
    for trips in ([], [Trip(NOW - DAY_MS, FACTS)], [Trip(NOW + 1, FACTS, 20, NOW + 2)]):
        with pytest.raises(ValueError, match="no delivery"):
            forecast.learn(trips, NOW)


def test_one_delivery_is_enough_to_answer() -> None:
    window = forecast.learn([Trip(0, FACTS, 300, 4 * DAY_MS)], NOW).window(FACTS, 300, 0.9)
    assert window.early == pytest.approx(window.late) == pytest.approx(4, rel=0.2)


def test_a_key_counts_as_its_record_allows() -> None:
    """Three deliveries hardly move it, three hundred do; who was never seen adds nothing."""
    rows = [("few", 3.0)] * 3 + [("many", 3.0)] * 300 + [("usual", 2.0)] * 600
    found, _ = effects.learn(
        [root for _, root in rows], [{"lane": key} for key, _ in rows], [1.0] * len(rows), {"lane": 60.0}
    )
    base = found.expected({"lane": "never seen"})
    assert base == found.expected({})
    assert 0 < found.expected({"lane": "few"}) - base < 0.1
    assert found.expected({"lane": "many"}) - base > 0.4


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.1, 2)), min_size=1, max_size=30), st.randoms())
def test_without_trips_under_way_the_limits_are_the_quantiles(
    values: list[tuple[float, float]], dice: Any
) -> None:
    levels = (0.25, 0.5, 0.9)
    seen = [Seen(surplus, weight, True) for surplus, weight in values]
    dice.shuffle(seen)
    near = [
        {quantiles(values, [level + nudge])[0] for nudge in (-1e-9, 0, 1e-9)} for level in levels
    ]  # sums of floats
    assert all(found in one for found, one in zip(limits(seen, levels), near, strict=True))


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.booleans()), min_size=2, max_size=30).filter(
        lambda rows: any(done for _, done in rows)
    )
)
def test_a_trip_under_way_never_makes_the_limit_shorter(rows: list[tuple[float, bool]]) -> None:
    with_all = limits([Seen(surplus, 1.0, done) for surplus, done in rows], (0.5,))
    as_arrived = limits([Seen(surplus, 1.0, True) for surplus, _ in rows], (0.5,))
    assert with_all[0] >= as_arrived[0]


def test_nothing_seen_leaves_the_pace_as_it_was() -> None:
    assert (shift([], [(0.0, 1.0)], 0.4), stretch([], [(0.0, 1.0)])) == (0.4, 1.0)
    hardly, usual = [Seen(9.0, 0.01, True)], [(0.0, 1.0), (1.0, 1.0)]
    assert shift(hardly, usual, 0.4) == pytest.approx(0.4, abs=0.05)
    assert stretch(hardly, usual) == pytest.approx(1.0, abs=0.05)


def test_a_spread_reads_between_its_levels_and_its_distances() -> None:
    left = [n / 100 for n in range(-100, 101)] * 2
    table = spread.learn(left, [1.0] * len(left), [50.0] * 201 + [2_000.0] * 201)
    assert table.at(50, 0.5) == pytest.approx(0, abs=0.02)
    assert table.at(50, 0.905) == pytest.approx(0.81, abs=0.02)
    assert table.at(1, 0.9) == table.at(20, 0.9)
    assert table.at(9e9, 0.9999) == table.at(1e6, 0.995)
