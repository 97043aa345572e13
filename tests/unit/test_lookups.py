"""A group that asks together gives, byte for byte, what the same commands give one by one, on both engines."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.channels import service
from api.channels.inbox import Gate
from api.channels.schemes.base import Incoming
from api.channels.store import sealing_key
from api.db.database import FILE, Database
from api.db.lookups import SIZES, Wanted
from api.db.tx import Tx
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.orders import placing
from api.orders.model import Draft
from api.people import customers
from api.people.model import CustomerIn
from api.stock import moving
from api.stock.model import MoveIn
from api.web.body import decode
from bench.platforms import PLATFORMS, Event
from tests.conftest import first_day
from tests.support import company, engines
from tests.support.company import START
from tests.support.senders import order_data
from tests.support.writing import group

STOCK = 5
TABLES = (
    "chains", "customers", "externals", "inbox", "inbox_seen", "journal", "lines", "moves", "order_skus", "order_tags", "orders", "private",
    "reservations", "snapshots", "stock",
)  # fmt: skip
NUMBERS = "SELECT day, last FROM numbers WHERE day NOT LIKE 'writer:%' AND day <> 'turn'"
CALLERS = (
    ("浦东宝诚4S店", "13800000000"),
    ("新客户", "13911112222"),
    ("新客户 ", "+86 139-1111-2222"),
    ("散客", ""),
)


class Placing(msgspec.Struct, frozen=True):
    """`is_late`: refused after all of its rows were left to be written."""

    no: str | None
    caller: int
    lines: list[tuple[str, int]]
    is_late: bool = False

    @property
    def draft(self) -> Draft:
        name, phone = CALLERS[self.caller]
        lines = [{"sku": sku, "qty": qty, "price_fen": 100} for sku, qty in self.lines]
        said = company.draft(external_no=self.no, customer={"name": name, "phone": phone}, lines=lines)
        return decode(Draft, msgspec.json.encode(said))

    def ahead(self, tx: Tx) -> Wanted:
        return placing.ahead(tx, self.draft)

    def __call__(self, tx: Tx) -> tuple[str, str, str]:
        order = placing.place(tx, self.draft, SYSTEM, START, placing.From())
        if self.is_late:
            raise Refused("busy", seconds=1)
        return order.order_no, order.state, order.customer.id


class Receiving(msgspec.Struct, frozen=True):
    """Pieces come, for those who wait too."""

    sku: str

    def __call__(self, tx: Tx) -> None:
        moving.move(tx, MoveIn("receive", "SH", self.sku, 3, ""), SYSTEM, START)


class Calling(msgspec.Struct, frozen=True):
    """A person gives a customer a name and a phone that others may order by."""

    id: str
    caller: int

    def __call__(self, tx: Tx) -> str:
        name, phone = CALLERS[self.caller]
        return customers.save(tx, self.id, CustomerIn(name.strip(), phone), SYSTEM, START).id


class Again(msgspec.Struct, frozen=True):
    """An external number is given to another order, as amending does."""

    no: str

    def __call__(self, tx: Tx) -> None:
        tx.run(placing.Q.point_external, channel="manual", external_no=self.no, order_no="HD000000-00001")


GATE = Gate(sealing_key(company.SECRET), "Asia/Shanghai")


class Telling(msgspec.Struct, frozen=True):
    """A till's message; it may come before its order, twice, or with another content under the same id."""

    id: str
    kind: str
    no: str
    sku: str = "BP-1023"

    def ahead(self, tx: Tx) -> Wanted:
        return service.ahead(tx, "pos", pushed(self), GATE)

    def __call__(self, tx: Tx) -> Any:
        return service.take_in(tx, "pos", pushed(self), GATE)


@cache
def pushed(told: Telling) -> Incoming:
    """The same one for the look ahead and for the work."""
    data = order_data(order_id=told.no, items=[{"sku": told.sku, "qty": 1, "price_fen": 100}], amount_fen=100)
    event = Event(f"order.{told.kind}", data if told.kind == "paid" else {"order_id": told.no}, told.id)
    sent = PLATFORMS["standard_webhooks"].push("pos", event, START // 1000)
    return Incoming("POST", sent.body, START, headers=dict(sent.headers))


skus = st.sampled_from(["BP-1023", "BD-2001", "OF-3001", "XX-0000"])
steps = st.one_of(
    st.builds(
        Placing,
        st.sampled_from([None, "A", "A", "B", "C"]),
        st.integers(0, len(CALLERS) - 1),
        st.lists(st.tuples(skus, st.integers(1, 3)), min_size=1, max_size=3),
        st.sampled_from([False, False, False, True]),
    ),
    st.builds(
        Telling,
        st.sampled_from(["m1", "m2", "m3"]),
        st.sampled_from(["paid", "cancelled"]),
        st.sampled_from(["A", "P"]),
        skus,
    ),
    st.builds(Receiving, skus),
    st.builds(Calling, st.sampled_from(["C0001", "C0002", "C0042", "K7"]), st.integers(0, len(CALLERS) - 1)),
    st.builds(Again, st.sampled_from(["A", "B"])),
)


class Knowing(msgspec.Struct, frozen=True):
    """The same command of somebody who knows nothing but the tables."""

    work: Any

    def __call__(self, tx: Tx) -> Any:
        tx.cache.clear()
        return self.work(tx)


@contextmanager
def opened() -> Iterator[Database]:
    with TemporaryDirectory() as place:
        folder = Path(place)
        if not engines.is_postgres():
            (folder / FILE).write_bytes(first_day(START, STOCK))
        db = Database(folder, url=engines.url(folder, STOCK))
        try:
            yield db
        finally:
            db.stop()


def outcome(found: object) -> object:
    if isinstance(found, Refused):
        return found.code, found.why, found.facts
    if isinstance(found, BaseException):
        raise found
    return found


def tables(db: Database) -> dict[str, list[str]]:
    def work(tx: Tx) -> dict[str, list[str]]:
        asked = {name: f"SELECT * FROM {name}" for name in TABLES} | {"numbers": NUMBERS}
        return {
            name: sorted(repr(tuple(map(plain, row))) for row in tx.connection.execute(text))
            for name, text in asked.items()
        }

    return db.reader.now(work)


def plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


A, B = Placing("A", 1, [("BP-1023", 3), ("BP-1023", 2)]), Placing("B", 2, [("BP-1023", 1)])


@given(st.lists(steps, min_size=2, max_size=8))
@example([A, B, A, Placing("C", 1, [("XX-0000", 1)]), Placing("C", 3, [("BD-2001", 1)])])
@example([A, Placing("B", 3, [("BD-2001", 1)], is_late=True), B, A, Receiving("BP-1023"), B])
@example([Calling("C0001", 1), A, Calling("C0002", 2), B, Again("A"), A, Placing(None, 1, [("BP-1023", 1)])])
@example(
    [
        Telling("m1", "cancelled", "P"),
        Telling("m2", "paid", "P"),
        Telling("m2", "paid", "P"),
        Telling("m2", "paid", "Q"),
        B,
    ]
)
@settings(max_examples=12, derandomize=True, deadline=None)
def test_asking_together_changes_nothing_that_anybody_can_see(works: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch, opened() as one, opened() as other:
        patch.setattr(os, "urandom", bytes)
        together = [outcome(found) for found in group(one.writer, works, True)]
        alone = [outcome(found) for work in works for found in group(other.writer, [Knowing(work)], True)]
        assert together == alone
        assert tables(one) == tables(other)


class Spy:
    """The writer's connection, and what was asked of it."""

    def __init__(self, connection: Any) -> None:
        self._connection, self.asked = connection, list[str]()

    def execute(self, text: str, values: Any = ()) -> Any:
        self.asked.append(text)
        return self._connection.execute(text, values)


def orders(first: int, count: int) -> list[Placing]:
    return [Placing(f"N{n}", 0, [("BP-1023", 1)]) for n in range(first, first + count)]


def test_a_group_of_any_size_asks_as_often_as_one_order() -> None:
    with opened() as db:
        group(db.writer, orders(0, 1), True)
        spy = Spy(db.writer._tx.connection)
        db.writer._tx.connection = spy
        group(db.writer, orders(1, SIZES[2] + 1), True)
        assert (
            len(spy.asked) <= 4
        )  # the number, where else there are pieces once these are gone, and whether any has lapsed


@pytest.mark.parametrize("no", ["\x00", "wrong"])
def test_what_cannot_be_asked_for_together_fails_alone(no: str) -> None:
    class Odd(Placing, frozen=True):
        def ahead(self, tx: Tx) -> Wanted:
            if self.no == "wrong":
                raise ValueError(self.no)
            return super().ahead(tx)

    with opened() as db:
        first, _, last = group(db.writer, [*orders(0, 1), Odd(no, 0, [("BP-1023", 1)]), *orders(1, 1)], True)
        assert [first[1], last[1]] == ["to_pick", "to_pick"]
