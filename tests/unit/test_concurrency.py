"""Many at once, through a real server: nothing is sold twice, nobody is refused for stock, no number comes twice.

Scarcity as in issue 2: paid orders for twice the stock of a SKU, 32 at a time; all are stored, exactly the stock is
reserved over all warehouses, the rest waits `paid` + `short_stock`, and not one answer is a fault. `BY_BOTH`: also where
two processes share the folder.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.db.database import Database
from api.journal import guard
from api.kernel.time import Clock, wall_clock
from api.orders import auditing
from api.people import service
from api.stock import service as stock
from bench import scarce
from tests.support import engines
from tests.support.company import MovedClock, build, draft, settings
from tests.support.loopback import serving
from tests.support.server import Server

AT_ONCE, STOCK = 32, 20
BY_BOTH = pytest.mark.parametrize("busy", [1, 2], indirect=True)


class House:
    """The running server, its database, and bearers by role."""

    def __init__(self, url: str, db: Database, clock: Clock, folder: Path) -> None:
        self.url, self.db, self.clock, self.folder = url, db, clock, folder

    def bearer(self, role: str) -> dict[str, str]:
        life = 86_400_000
        token = self.db.writer.now(lambda tx: service.open_session(tx, role, "token", self.clock(), life))[0]
        return {"Authorization": f"Bearer {token}"}

    def at_once(self, calls: list[Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]], role: str = "owner") -> list[httpx.Response]:  # fmt: skip
        """All of them, `AT_ONCE` at a time, answers in the order of the calls."""

        async def run() -> list[httpx.Response]:
            gate = asyncio.Semaphore(AT_ONCE)
            limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
            async with httpx.AsyncClient(
                base_url=self.url,
                headers=self.bearer(role),
                limits=limits,
                timeout=60,
                trust_env=False,
            ) as client:

                async def one(
                    call: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]],
                ) -> httpx.Response:
                    async with gate:
                        return await call(client)

                return await asyncio.gather(*(one(call) for call in calls))

        return asyncio.run(run())

    def orders(self, bodies: list[dict[str, Any]], **headers: str) -> list[httpx.Response]:
        return self.at_once(
            [lambda c, body=body: c.post("/api/orders", json=body, headers=headers) for body in bodies]
        )

    def stock(self, sku: str) -> dict[str, tuple[int, int]]:
        rows = self.db.reader.now(lambda tx: stock.stock_of(tx, [sku], "", self.clock()))
        return {row["warehouse"]: (row["on_hand"], row["reserved"]) for row in rows}

    def sound(self) -> None:
        """The ledger's sums and the journal's chains, after the storm."""
        assert self.db.reader.now(stock.drift) == []
        count, _, fault = self.db.reader.now(lambda tx: guard.verify(tx, self.folder / "checkpoints", None))
        assert fault is None
        assert count > 0


@pytest.fixture
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "data"
    if getattr(request, "param", 1) > 1:
        yield from shared(folder)
        return
    clock = MovedClock()
    app = create_app(settings(folder), clock=clock, with_worker=False)
    app.state.hub.db.writer.now(lambda tx: build(tx, clock(), STOCK))
    with serving(app) as server:
        yield House(server.url, app.state.hub.db, clock, folder)


def shared(folder: Path) -> Iterator[House]:
    """Two processes, and this one's own look at their folder."""
    db = engines.opened(folder)
    db.writer.now(lambda tx: build(tx, wall_clock(), STOCK))
    server = Server(folder, "--workers", "2").ready()
    yield House(server.url, db, wall_clock, folder)
    db.stop()
    assert server.stop() == 0, server.log.read_text()


def codes(order: dict[str, Any]) -> list[str]:
    return [trouble["code"] for trouble in order["exceptions"]]


@BY_BOTH
def test_twice_the_stock_at_once_sells_it_exactly_once(busy):
    everywhere = 3 * STOCK
    bodies = [draft(lines=[{"sku": "BP-1023", "qty": 1}], note=f"第 {n} 单") for n in range(2 * everywhere)]
    answers = busy.orders(bodies)
    assert Counter(answer.status_code for answer in answers) == {201: 2 * everywhere}
    orders = [answer.json() for answer in answers]
    assert len({order["order_no"] for order in orders}) == 2 * everywhere
    assert Counter(order["state"] for order in orders) == {"to_pick": everywhere, "paid": everywhere}
    assert Counter(order["warehouse"] for order in orders if order["state"] == "to_pick") == dict.fromkeys(("SH", "SZ", "HZ"), STOCK)  # fmt: skip
    assert all(codes(order) == (["short_stock"] if order["state"] == "paid" else []) for order in orders)
    assert all(order["colour"]["code"] == "red" for order in orders if order["state"] == "paid")
    assert busy.stock("BP-1023") == dict.fromkeys(("SH", "SZ", "HZ"), (STOCK, STOCK))
    busy.sound()


@pytest.mark.parametrize("busy", [2], indirect=True)
def test_promises_and_paid_orders_at_once_get_what_there_is_and_no_more(busy):
    """The short form of bench/scarce.py, which must be able to say that something is wrong."""
    everywhere, port, token = (
        3 * STOCK,
        int(busy.url.rpartition(":")[2]),
        busy.bearer("owner")["Authorization"][7:],
    )
    promised = scarce.promises(port, token, "WP-4001", 3 * everywhere)
    ordered = scarce.orders(port, token, "OF-3001", 3 * everywhere)
    assert scarce.wrong_promises(promised, everywhere) == []
    assert scarce.wrong_orders(ordered, everywhere) == []
    assert scarce.wrong_promises(promised, everywhere - 1) != []
    assert scarce.wrong_orders(ordered, everywhere + 1) != []
    assert "409: 120" in scarce.took("promises", promised)
    for sku in ("WP-4001", "OF-3001"):
        assert busy.stock(sku) == dict.fromkeys(("SH", "SZ", "HZ"), (STOCK, STOCK))
    busy.sound()


def test_uneven_quantities_never_oversell(busy):
    bodies = [draft(lines=[{"sku": "BP-1023", "qty": 1 + n % 7}, {"sku": "OF-3001", "qty": 1 + n % 3}]) for n in range(90)]  # fmt: skip
    answers = busy.orders(bodies)
    assert {answer.status_code for answer in answers} == {201}
    won = [answer.json() for answer in answers if answer.json()["state"] == "to_pick"]
    for sku in ("BP-1023", "OF-3001"):
        held = Counter(dict.fromkeys(("SH", "SZ", "HZ"), 0))
        for order in won:
            held[order["warehouse"]] += sum(line["qty"] for line in order["lines"] if line["sku"] == sku)
        assert {house: reserved for house, (_, reserved) in busy.stock(sku).items()} == dict(held)
        assert all(reserved <= on_hand for on_hand, reserved in busy.stock(sku).values())
    assert 0 < len(won) < 90
    busy.sound()


def test_stock_that_comes_goes_to_the_oldest_who_wait(busy):
    bodies = [draft(lines=[{"sku": "WP-4001", "qty": 1}], warehouse="SH") for _ in range(STOCK + 10)]
    answers = [answer.json() for answer in busy.orders(bodies)]
    waiting = sorted(order["order_no"] for order in answers if order["state"] == "paid")
    assert len(waiting) == 10
    move = {"kind": "receive", "warehouse": "SH", "sku": "WP-4001", "qty": 1, "bin": "", "why": "到货"}
    received = busy.at_once([lambda c: c.post("/api/stock/moves", json=move)] * 4)
    assert {answer.status_code for answer in received} == {201}
    look = busy.at_once([lambda c, no=no: c.get(f"/api/orders/{no}") for no in waiting])
    assert [answer.json()["state"] for answer in look] == ["to_pick"] * 4 + ["paid"] * 6
    assert busy.stock("WP-4001")["SH"] == (STOCK + 4, STOCK + 4)
    busy.sound()


@BY_BOTH
def test_one_channels_number_at_once_makes_one_order(busy):
    answers = busy.orders([draft(channel="pos", external_no="P-50")] * 50)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    number = next(answer.json()["order_no"] for answer in answers if answer.status_code == 201)
    assert {answer.json()["order_no"] for answer in answers} == {number}
    assert sum(reserved for _, reserved in busy.stock("BP-1023").values()) == 4
    busy.sound()


def test_one_key_at_once_makes_one_order(busy):
    answers = busy.orders([draft()] * 40, **{"Idempotency-Key": "k-1"})
    first = Counter(answer.status_code for answer in answers)
    assert first[201] >= 1
    assert first.keys() <= {201, 409}
    made = {answer.json()["order_no"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_progress"}
    again = busy.orders([draft()], **{"Idempotency-Key": "k-1"})[0]
    assert (again.status_code, again.json()["order_no"]) == (201, made.pop())
    busy.sound()


def test_one_customer_at_once_is_one_customer(busy):
    person = {"name": "同时来的人", "phone": "13612345678"}
    answers = busy.orders([draft(customer=person, lines=[{"sku": "WP-4001", "qty": 1}]) for _ in range(40)])
    assert len({answer.json()["customer"]["id"] for answer in answers}) == 1


def test_commands_on_one_order_at_once_are_taken_one_by_one(busy):
    no = busy.orders([draft()])[0].json()["order_no"]
    given = {"reason": "不要了"}
    answers = busy.at_once([lambda c: c.post(f"/api/orders/{no}/cancel", json=given)] * 40)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 39}
    assert busy.stock("BP-1023")["SH"] == (STOCK, 0)
    journal = busy.at_once([lambda c: c.get(f"/api/orders/{no}/journal")])[0].json()["items"]
    kinds = Counter(entry["kind"] for entry in journal)
    assert kinds["order.cancelled"] == 1
    assert [entry["seq"] for entry in journal] == list(range(1, len(journal) + 1))
    busy.sound()


def test_a_body_in_chunks_has_the_same_limit(busy):
    """Without a length in the head the bytes are counted as they come."""

    async def chunks():
        for _ in range(17):
            yield b" " * 65_536

    for path in ("/api/orders", "/api/orders/batch"):
        (answer,) = busy.at_once([lambda c, path=path: c.post(path, content=chunks())])
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@BY_BOTH
def test_a_storm_of_everything_leaves_sums_and_chains_whole(busy):
    first = [answer.json()["order_no"] for answer in busy.orders([draft() for _ in range(12)])]
    calls: list[Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]] = []
    for n in range(84):
        no = first[n % len(first)]
        body, path = (
            (draft(lines=[{"sku": "BP-1023", "qty": 1 + n % 5}]), "/api/orders"),
            ({"reason": "不要了"}, f"/api/orders/{no}/cancel"),
            ({"changes": {"note": f"改 {n}"}}, f"/api/orders/{no}/amend"),
            ({"reason": "等"}, f"/api/orders/{no}/hold"),
            ({"kind": "adjust", "warehouse": "SH", "sku": "BP-1023", "qty": (-1, 2)[n % 2], "bin": ""}, "/api/stock/moves"),
            ({"kind": "count", "warehouse": "SZ", "sku": "BP-1023", "qty": n % 9, "bin": "F-01-01"}, "/api/stock/moves"),
            ({}, f"/api/orders/{no}/start_picking"),
        )[n % 7]  # fmt: skip
        calls.append(lambda c, body=body, path=path: c.post(path, json=body))
        calls.append(lambda c, no=no: c.get(f"/api/orders/{no}"))
    answers = busy.at_once(calls)
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert {200, 201, 409} <= {answer.status_code for answer in answers}
    busy.sound()


@BY_BOTH
def test_orders_transfers_counts_and_damage_at_once_leave_sums_that_agree(busy):
    """Whoever comes first: nobody holds what is not there, and nothing is held by what is closed."""
    sku = "BD-2001"

    def moved(n: int) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
        place, to = ("SH", "SZ", "HZ")[n % 3], ("SZ", "HZ", "SH")[n % 3]
        body = {
            0: {"kind": "transfer", "qty": 1 + n % 3, "to_warehouse": to},
            1: {"kind": "damage", "qty": 1},
            2: {"kind": "count", "qty": 8 + n % 5},
            3: {"kind": "receive", "qty": 1 + n % 2},
        }[n % 4]
        return lambda c: c.post("/api/stock/moves", json={"warehouse": place, "sku": sku, "bin": "", **body})

    def placed(n: int) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
        return lambda c: c.post("/api/orders", json=draft(lines=[{"sku": sku, "qty": 1 + n % 3}]))

    answers = busy.at_once([moved(n) if n % 2 else placed(n) for n in range(120)])
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {
        "below_zero",
        "held_there",
    }
    assert all(0 <= reserved <= on_hand for on_hand, reserved in busy.stock(sku).values())
    assert busy.db.reader.now(auditing.faults) == []
    busy.sound()
