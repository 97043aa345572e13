"""What the company's own deliveries teach: walked whole, kept as one row, read anew when it changes, cheap to ask."""

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from api.kernel.time import DAY, HOUR
from api.orders import dating, learning, store
from api.orders.model import Address, Parcel
from api.promise import learned
from api.promise.dates import window
from api.promise.learned import CONFIDENCE
from tests.support import engines
from tests.support.company import START, build
from tests.support.orders import place

TZ = "Asia/Shanghai"
NOW = START + 40 * DAY


@pytest.fixture
def db(tmp_path: Path):
    db = engines.opened(tmp_path)
    db.writer.now(lambda tx: build(tx, START))
    yield db
    db.stop()


def sent(db, at: int, days: float | None, tags: tuple[str, ...] = ()) -> None:
    """An order that left at `at` and arrived so much later (None: under way)."""
    number = place(db, now=at)

    def work(tx) -> None:
        order = store.get(tx, number)
        rest = msgspec.structs.replace(
            order.rest,
            parcels=(Parcel("顺丰", "SF1", at),),
            tags=tuple(
                msgspec.structs.replace(tag, tag=name)
                for name, tag in zip(tags, order.rest.tags, strict=False)
            ),
        )
        arrived = at + round((days or 0) * DAY)
        state = "shipped" if days is None else "delivered"
        store.update(tx, order, msgspec.structs.replace(order, state=state, rest=rest, moved_at=arrived))

    db.writer.now(work)


def asked(db, now: int = NOW):
    where = Address(adcode="310115")
    return db.reader.now(
        lambda tx: window(dating.ask(tx, "SH", where, [("BP-1023", 2)], (), now, TZ, ahead=0))
    )


def test_deliveries_make_the_window_and_the_confidence_their_own(db):
    first = asked(db)
    for n in range(40):
        sent(db, START + n * 20 * HOUR, 4.0 + n % 3)
    known = learning.learn(db, NOW, TZ)
    assert known.deliveries == 40
    after = asked(db)
    assert after.eta_to > first.eta_to + 2 * DAY
    assert first.confidence < after.confidence < CONFIDENCE[0][1]


def test_what_is_under_way_counts_and_what_never_arrived_does_not(db, monkeypatch):
    monkeypatch.setattr(learning, "PART", 7)  # several parts
    for n in range(16):
        sent(db, NOW - n * DAY, None if n % 2 else 1.0)
    sent(db, NOW - 100 * DAY, None)
    ways = list(learning._ways(db, NOW, TZ))
    assert len(ways) == 16
    assert sum(way.trip.arrived_at is None for way in ways) == 8


def test_the_walk_is_bounded(db, monkeypatch):
    monkeypatch.setattr(learning, "PART", 3)
    monkeypatch.setattr(learning, "MOST", 5)
    for n in range(8):
        sent(db, START + n * HOUR, 1.0)
    assert [way.trip.ordered_at for way in learning._ways(db, NOW, TZ)] == [
        START + n * HOUR for n in (7, 6, 5, 4, 3)
    ]


def test_how_fast_a_warehouse_ships_is_what_left_on_its_workdays(db):
    for n in range(30):
        sent(db, NOW - DAY - n * 8 * HOUR, 0.5)
    found = learning.learn(db, NOW, TZ).per_day
    assert 30 / 12 < sum(found.values()) < 30 / 5


def test_a_company_of_two_days_is_not_taken_for_a_slow_one(db):
    for n in range(20):
        sent(db, NOW - DAY - n * HOUR, 0.5)
    assert sum(learning.learn(db, NOW, TZ).per_day.values()) >= 10


def test_a_day_without_deliveries_is_a_rest_day_only_after_weeks():
    begun = date(2026, 3, 2)
    mondays_to_fridays = [begun + timedelta(days=n) for n in range(60) if n % 7 < 5]
    assert learned.learn((), NOW, {}, mondays_to_fridays * 3).no_delivery == (5, 6)
    assert learned.learn((), NOW, {}, mondays_to_fridays[:5] * 40).no_delivery == ()
    assert learned.learn((), NOW, {}, mondays_to_fridays).no_delivery == ()


def test_another_process_reads_what_this_one_learnt(db):
    before = db.reader.now(learning.load)
    learnt = learning.learn(db, NOW, TZ)
    learning._known.clear()
    assert db.reader.now(learning.load) == learnt != before
    assert db.reader.now(learning.load) is db.reader.now(learning.load)


def test_it_is_stale_from_the_companys_midnight_on(db):
    def stale(now: int) -> bool:
        return db.reader.now(lambda tx: learning.is_stale(tx, now, TZ))

    assert stale(NOW)
    learning.learn(db, NOW, TZ)
    assert not stale(NOW + HOUR)
    assert stale(NOW + DAY)
    assert stale(NOW - HOUR)  # a clock that jumped back
