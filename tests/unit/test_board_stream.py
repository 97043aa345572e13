"""The board's stream from within: a reader's memory, and the feed's rounds called by hand, with the test's time."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from api.board import feed as feeds
from api.board.client import MOST, Change, Client, block
from api.board.feed import Feed
from api.board.model import EVENTS, Cursor, Sight, read_cursor
from api.board.service import Judge, here, row
from api.journal import service as journal
from api.kernel.errors import Refused
from api.kernel.ids import hashed
from api.kernel.time import DAY, HOUR, MINUTE
from api.orders.model import Reason
from api.people import service as people
from tests.support.company import START
from tests.support.live import ids, names
from tests.support.orders import LEAD, TZ, give, place, remark

SEES = Sight(prices=True, lang="zh")


def row_of(db, order_no, now=START):
    return db.reader.now(lambda tx: row(tx, order_no, Judge(now, 2 * HOUR, TZ)))


# a reader's own memory ---------------------------------------------------------------------------------------


@pytest.fixture
def one(app):
    """A row of the board to make changes of."""
    db = app.state.hub.db
    yield row_of(db, place(db))
    db.stop()


def change(one, pos, order_no="A", warehouse="SH", until=0, was=""):
    replaced = msgspec.structs.replace(one, order_no=order_no, warehouse=warehouse)
    return Change(replaced, Cursor(pos, until, "E"), TZ, was)


def told(client, changes):
    """As the feed hands a round to a reader."""
    mine = [c.text(client.sight, client.warehouse) for c in changes if c.concerns(client.warehouse)]
    client.tell(changes, b"".join(mine))


def started(warehouse=""):
    client = Client(SEES, warehouse, b"")
    client.begin([], Cursor(0, 0, "E"))
    return client


@pytest.mark.parametrize("steps", range(6))
def test_the_feed_ends_however_far_a_wake_up_has_come(app, steps):
    """One of these moments is between the event and the task that waited for it: a cancellation was lost there."""

    async def work() -> None:
        feed = Feed(app.state.hub)
        feed.clients.add(started())
        feed.start()
        for _ in range(5):  # into its wait
            await asyncio.sleep(0)
        feed._due.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        stopping = asyncio.create_task(feed.stop())
        done, _ = await asyncio.wait({stopping}, timeout=1)
        assert done, "the feed goes on"

    asyncio.run(work())
    app.state.hub.db.stop()


def test_a_slow_reader_gets_the_newest_of_each_order(one):
    async def work():
        client = started()
        told(client, [change(one, 1, "A"), change(one, 2, "B")])
        told(client, [change(one, 3, "C"), change(one, 4, "A")])
        assert client.waiting == 3
        text = await client.next()
        assert ids(text) == [2, 3, 4]  # rising, so that a reader that breaks off in between misses nothing
        assert client.waiting == 0

    asyncio.run(work())


def test_who_keeps_up_gets_everybodys_bytes(one):
    async def work():
        client = started()
        got = asyncio.ensure_future(client.next())
        await asyncio.sleep(0)
        changes = [change(one, 1, "A"), change(one, 2, "B")]
        together = b"".join(c.text(SEES, "") for c in changes)
        client.tell(changes, together)
        told(client, [change(one, 3, "A")])  # before it came to read: kept apart, not lost
        assert await got is together
        assert ids(await client.next()) == [3]

    asyncio.run(work())


def test_each_sight_is_encoded_once(one):
    made = change(one, 1)
    dear = made.text(SEES, "")
    assert made.text(SEES, "SH") is dear
    cheap = made.text(Sight(prices=False, lang="zh"), "")
    assert b"amount_fen" in dear
    assert b"amount_fen" not in cheap


def test_memory_is_bounded_and_says_so(one):
    async def work():
        client = started()
        for n in range(MOST + 1):
            told(client, [change(one, n + 1, f"T-{n}")])
        assert client.waiting == 0
        assert names(await client.next()) == ["reset"]
        told(client, [change(one, MOST + 2, "A")])
        assert names(await client.next()) == ["order"]

    asyncio.run(work())


def test_what_was_missed_goes_before_what_came_meanwhile(one):
    async def work():
        client = Client(SEES, "", b"")
        told(client, [change(one, 5, "A"), change(one, 6, "B"), change(one, 8, "C")])
        client.begin([change(one, 4, "D"), change(one, 5, "A"), change(one, 6, "B")], Cursor(6, 0, "E"))
        assert ids(await client.next()) == [4, 5, 6, 8]
        told(client, [change(one, 6, "B"), change(one, 9, "A")])  # 6 it has had
        assert ids(await client.next()) == [9]
        told(client, [change(one, 9, "T", until=7)])
        assert ids(await client.next()) == [9]
        newcomer = Client(SEES, "", b"")
        told(newcomer, [change(one, 5, "A"), change(one, 8, "C")])
        newcomer.begin([], Cursor(6, 0, "E"))  # the board it read was as of 6
        assert ids(await newcomer.next()) == [8]

    asyncio.run(work())


def test_an_order_that_leaves_a_warehouse_is_said_to(one):
    async def work():
        client = started("SH")
        told(client, [change(one, 1, "A"), change(one, 2, "B", "SZ"), change(one, 3, "C", "SZ", was="SH")])
        text = await client.next()
        assert (names(text), ids(text)) == (["order", "elsewhere"], [1, 3])
        assert b'"order_no":"C","warehouse":"SZ"' in text

    asyncio.run(work())


def test_the_last_word_of_a_closing_stream(one):
    async def work():
        client = started()
        told(client, [change(one, 1)])
        client.close(block("signed_out", {}))
        assert names(await client.next()) == ["signed_out"]
        assert await client.next() == b""

    asyncio.run(work())


def test_only_events_that_are_written_down_are_sent():
    page = (Path(__file__).parents[2] / "docs" / "board.md").read_text("utf-8")
    for name in EVENTS:
        assert f"| `{name}` |" in page
        assert block(name, {}) == f"event: {name}\ndata: {{}}\n\n".encode()
    with pytest.raises(KeyError):
        block("something", {})


def test_a_cursor_is_read_back_and_nothing_else_is():
    cursor = Cursor(12, 34, "LIFE")
    assert read_cursor(cursor.text) == cursor
    for text in ("", "12", "12.34", "12.34.", "x.34.LIFE", "-1.3.E", "1.²3.E", "9" * 30 + ".1.E", "12..E"):
        assert read_cursor(text) is None


# the feed, its rounds called by hand -------------------------------------------------------------------------


class Hand:
    """A feed whose time the test moves; `say()` what a reader has been told since."""

    def __init__(self, app, clock):
        self.hub, self.clock, self.at = app.state.hub, clock, 0.0
        self.db = self.hub.db
        self.feed = Feed(self.hub, lambda: self.at)
        self.mark = b""

    async def join(self, given="", warehouse="", role="supervisor"):
        token = self.db.writer.now(
            lambda tx: people.open_session(tx, role, "token", self.clock(), 12 * HOUR)
        )[0]
        return await self.feed.join(SEES, warehouse, hashed(token), given)

    async def forward(self, seconds):
        self.at += seconds
        self.clock.forward(int(seconds * 1000))
        await self.feed.round()


async def said(client):
    """What is ready for the reader now."""
    got = asyncio.ensure_future(client.next())
    await asyncio.sleep(0)
    if not got.done():
        got.cancel()
        return b""
    return await got


@pytest.fixture
def hand(app, clock):
    made = Hand(app, clock)
    yield made
    made.db.stop()


async def reading(client, hand, seconds):
    """What a waiting reader is given by a round after so many seconds."""
    got = asyncio.ensure_future(client.next())
    await asyncio.sleep(0)
    await hand.forward(seconds)
    await asyncio.sleep(0)
    if not got.done():
        got.cancel()
        await asyncio.sleep(0)
        return b""
    return await got


def test_a_heartbeat_each_fifteen_seconds(hand):
    async def work():
        client = await hand.join()
        assert names(await said(client)) == ["ready"]
        assert await reading(client, hand, 14.9) == b""
        beat = await reading(client, hand, 0.1)
        assert beat.startswith(b"event: beat\nid: ")
        assert b'data: {"server_time":"' in beat
        assert await reading(client, hand, 14.9) == b""
        assert (await reading(client, hand, 0.1)).startswith(b"event: beat")

    asyncio.run(work())


def test_red_by_the_passing_of_time_is_told(hand):
    async def work():
        no = place(hand.db)
        client = await hand.join()
        await said(client)
        hand.clock.forward(2 * HOUR - 31_000)
        assert b"event: order" not in await reading(client, hand, 30)
        text = await reading(client, hand, 30)
        assert names(text) == ["order"]
        assert no.encode() in text
        assert "卡住 2 小时".encode() in text
        assert b"event: order" not in await reading(client, hand, 30), "once is enough"
        # A reader that was away in between hears it when it comes back; one that has heard it does not.
        later = next(line[4:].decode() for line in text.split(b"\n") if line.startswith(b"id: "))
        again = await hand.join(later)
        assert names(await said(again)) == ["ready"]
        before = read_cursor(later)._replace(until=read_cursor(later).until - 1)
        missed = await hand.join(before.text)
        assert names(await said(missed)) == ["ready", "order"]

    asyncio.run(work())


def test_counts_follow_at_most_once_a_second(hand):
    async def work():
        no = place(hand.db)
        client = await hand.join()
        await said(client)
        give(hand.db, no, "hold", Reason("税号有误"))
        assert names(await reading(client, hand, 0.1)) == ["order"]
        counts = await said(client)
        assert names(counts) == ["counts"]
        assert b'"red":1,"green":0' in counts
        remark(hand.db, no, "a")
        assert names(await reading(client, hand, 0.1)) == ["order"]
        assert await reading(client, hand, 0.1) == b""
        assert names(await reading(client, hand, 1.0)) == ["counts"]
        assert await reading(client, hand, 1.0) == b""

    asyncio.run(work())


def test_a_look_changes_nothing(hand):
    async def work():
        no = place(hand.db)
        client = await hand.join()
        await said(client)
        hand.db.writer.now(lambda tx: journal.looked(tx, no, LEAD, START, MINUTE))
        assert await reading(client, hand, 0.1) == b""

    asyncio.run(work())


def test_whoever_is_erased_vanishes_from_open_boards(hand):
    async def work():
        place(hand.db)
        client = await hand.join()
        mark = next(line[4:].decode() for line in (await said(client)).split(b"\n") if line[:4] == b"id: ")
        hand.db.writer.now(lambda tx: journal.forget(tx, "C0042", LEAD, START))
        assert names(await reading(client, hand, 0.1)) == ["reset"]
        assert names(await said(await hand.join(mark))) == ["ready", "reset"]

    asyncio.run(work())


def test_a_new_day_begins_anew(hand):
    async def work():
        client = await hand.join()
        await said(client)
        hand.clock.forward(DAY)
        text = await reading(client, hand, 0.1)
        assert names(text) == ["reset"]
        assert b'"why":"day"' in text

    asyncio.run(work())


def test_too_much_too_old_or_another_life_is_a_reset(hand, monkeypatch):
    async def work():
        no = place(hand.db)
        cursor = hand.db.reader.now(lambda tx: here(tx, Judge(START, 2 * HOUR, TZ)))
        remark(hand.db, no, "one")
        for given, want in (
            (cursor.text, ["ready", "order"]),
            (cursor._replace(epoch="ANOTHER").text, ["ready", "reset"]),
            (cursor._replace(pos=cursor.pos + 1_000).text, ["ready", "reset"]),
            ("what is this", ["ready", "reset"]),
        ):
            assert names(await said(await hand.join(given))) == want, given
        monkeypatch.setattr(feeds, "MOST", 0)
        assert names(await said(await hand.join(cursor.text))) == ["ready", "reset"]
        client = await hand.join()
        await said(client)
        remark(hand.db, no, "two")
        assert names(await reading(client, hand, 0.1)) == ["reset"]
        monkeypatch.setattr(feeds, "MOST", 1_000)
        remark(hand.db, no, "three")
        assert names(await reading(client, hand, 0.1)) == ["order"]

    asyncio.run(work())


def test_who_looks_at_one_warehouse(hand):
    async def work():
        sh, sz = place(hand.db, warehouse="SH"), place(hand.db, warehouse="SZ")
        before = hand.db.reader.now(lambda tx: here(tx, Judge(START, 2 * HOUR, TZ)))
        client = await hand.join(warehouse="SH")
        await said(client)
        remark(hand.db, sz, "there")
        assert names(await reading(client, hand, 0.1)) == ["counts"]  # the tabs show all warehouses
        remark(hand.db, sh, "here")
        assert names(await reading(client, hand, 0.1)) == ["order"]
        await reading(client, hand, 1)
        hand.db.writer.now(
            lambda tx: tx.connection.execute("UPDATE orders SET warehouse = 'SZ' WHERE order_no = ?", (sh,))
        )
        remark(hand.db, sh, "moved")
        assert names(await reading(client, hand, 0.1)) == ["elsewhere"]
        await reading(client, hand, 1)
        remark(hand.db, sh, "it is told once")
        assert await reading(client, hand, 0.1) == b""
        # Back from away: which of the others stood here before is not known, so they are said to be elsewhere.
        back = await hand.join(before.text, warehouse="SH")
        assert sorted(names(await said(back))) == ["elsewhere", "elsewhere", "ready"]

    asyncio.run(work())


def test_the_house_can_be_full(hand, monkeypatch):
    async def work():
        monkeypatch.setattr(feeds, "READERS", 1)
        client = await hand.join()
        with pytest.raises(Refused, match="busy"):
            await hand.join()
        hand.feed.leave(client)
        await hand.join()

    asyncio.run(work())
