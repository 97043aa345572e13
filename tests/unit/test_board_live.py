"""The board's stream from a real server on loopback: order, coming back, other processes, sessions, stopping."""

import asyncio
import urllib.request

import msgspec
import pytest

from api.journal.service import Q as J
from api.kernel.ids import hashed
from api.kernel.time import HOUR
from api.orders.model import Reason
from api.people import service as people
from tests.support import engines
from tests.support.company import START
from tests.support.live import Refusal, Stream, ids, listen, names, serving
from tests.support.orders import give, place, remark


@pytest.fixture
def live(app):
    with serving(app) as live:
        yield live


def token(live, role="supervisor", life=12 * HOUR):
    hub = live.app.state.hub
    return hub.db.writer.now(lambda tx: people.open_session(tx, role, "session", hub.clock(), life))[0]


async def open_stream(live, **given) -> Stream:
    stream = await listen(live.port, given.pop("token", None) or token(live), **given)
    assert isinstance(stream, Stream), stream
    assert (await stream.event()).name == "ready"
    return stream


def test_events_come_in_the_journals_order(live):
    db = live.app.state.hub.db

    async def work():
        stream = await open_stream(live)
        assert "content-type: text/event-stream" in stream.head
        assert "no-store" in stream.head
        numbers = [await asyncio.to_thread(place, db) for _ in range(5)]
        for n in numbers:
            await asyncio.to_thread(give, db, n, "hold", Reason("税号有误"))
        seen, last = {}, 0
        while len([row for row in seen.values() if row["colour"]["code"] == "red"]) < 5:
            event = await stream.next()
            pos = int(event.id.split(".")[0])
            assert pos > last
            last = pos
            seen[event.data["order_no"]] = event.data
        assert sorted(seen) == sorted(numbers)
        assert seen[numbers[0]]["amount_fen"] == 51200
        await stream.close()

    asyncio.run(work())


def test_a_reader_that_comes_back_misses_nothing_and_hears_nothing_twice(live):
    db = live.app.state.hub.db

    async def work():
        stream = await open_stream(live)
        numbers = [await asyncio.to_thread(place, db) for _ in range(3)]
        first = {(await stream.next()).data["order_no"] for _ in range(3)}
        assert first == set(numbers)
        mark = stream.last_id
        await stream.close()
        for n in numbers[:2]:
            await asyncio.to_thread(remark, db, n, "meanwhile")
        more = await asyncio.to_thread(place, db)
        stream = await open_stream(live, last_id=mark)
        assert [e.data["order_no"] for e in await stream.orders(3)] == [*numbers[:2], more]
        after = await asyncio.to_thread(place, db)
        assert (await stream.next()).data["order_no"] == after
        await stream.close()
        stream = await open_stream(live, query=f"?cursor={stream.last_id}")
        last = await asyncio.to_thread(place, db)
        assert (await stream.next()).data["order_no"] == last
        await stream.close()

    asyncio.run(work())


def test_the_stream_goes_on_where_the_board_was_read(live):
    db = live.app.state.hub.db

    async def work():
        ask = urllib.request.Request(
            f"http://127.0.0.1:{live.port}/api/board", headers={"Authorization": f"Bearer {token(live)}"}
        )
        board = msgspec.json.decode((await asyncio.to_thread(urllib.request.urlopen, ask)).read())
        no = await asyncio.to_thread(place, db)
        stream = await open_stream(live, query=f"?cursor={board['cursor']}")
        assert (await stream.next()).data["order_no"] == no
        await stream.close()

    asyncio.run(work())


def test_what_another_process_commits_arrives(live, app):
    """Another `Database` on the folder: nothing of it is heard here, as of another process."""
    other = engines.opened(app.state.hub.db.folder)

    async def work():
        stream = await open_stream(live)
        begun = asyncio.get_running_loop().time()
        no = await asyncio.to_thread(place, other)
        assert (await stream.next(within=1)).data["order_no"] == no
        assert asyncio.get_running_loop().time() - begun < 1
        await stream.close()

    try:
        asyncio.run(work())
    finally:
        other.stop()


def test_fifty_readers_all_get_two_hundred_events(live):
    db = live.app.state.hub.db

    async def work():
        roles = ("supervisor", "picker", "sales", "finance", "owner")
        marks = {role: token(live, role) for role in roles}
        streams = await asyncio.gather(*(open_stream(live, token=marks[roles[n % 5]]) for n in range(50)))
        numbers = set()

        def place_all():
            for _ in range(200):
                numbers.add(place(db))

        placing_all = asyncio.create_task(asyncio.to_thread(place_all))
        got = await asyncio.gather(*(stream.orders(200) for stream in streams))
        await placing_all
        assert len(numbers) == 200
        for n, events in enumerate(got):
            assert {event.data["order_no"] for event in events} == numbers
            assert all(("amount_fen" in event.data) == (roles[n % 5] != "picker") for event in events)
        await asyncio.gather(*(stream.close() for stream in streams))
        async with asyncio.timeout(10):
            while live.app.state.board.clients:
                await asyncio.sleep(0)

    asyncio.run(work())


def test_a_session_that_ends_ends_its_stream(live, clock):
    db = live.app.state.hub.db

    async def work():
        ended, lapsing, staying = token(live), token(live, life=HOUR), token(live, "owner")
        streams = [await open_stream(live, token=one) for one in (ended, lapsing, staying)]
        close = lambda: db.writer.now(lambda tx: people.close_session(tx, hashed(ended)))  # noqa: E731
        await asyncio.to_thread(close)
        assert (await streams[0].event(2)).name == "signed_out"
        assert await streams[0].event(2) is None
        refused = await listen(live.port, ended, last_id=streams[0].last_id)
        assert isinstance(refused, Refusal)
        assert (refused.status, refused.problem["code"]) == (401, "signed_out")
        clock.forward(HOUR)  # lapses; the next round that looks finds it
        another = token(live)
        await asyncio.to_thread(lambda: db.writer.now(lambda tx: people.close_session(tx, hashed(another))))
        assert (await streams[1].next("signed_out", 2)).name == "signed_out"
        no = await asyncio.to_thread(place, db)
        assert (await streams[2].next()).data["order_no"] == no
        for stream in streams:
            await stream.close()

    asyncio.run(work())


def test_the_cookie_opens_the_stream_without_csrf(live):
    async def work():
        stream = await listen(live.port, cookie=token(live))
        assert isinstance(stream, Stream)
        await stream.close()
        refused = await listen(live.port)
        assert isinstance(refused, Refusal)
        assert refused.status == 401

    asyncio.run(work())


def test_the_stream_speaks_the_language_of_the_page(live):
    db = live.app.state.hub.db

    async def work():
        streams = [await open_stream(live, query=query) for query in ("?lang=en", "?lang=zh", "?lang=x")]
        await asyncio.to_thread(place, db)
        said = [(await stream.next()).data["colour"]["why"] for stream in streams]
        assert said == ["Paid, waiting to be picked", "已支付，待分拣", "已支付，待分拣"]
        for stream in streams:
            await stream.close()

    asyncio.run(work())


def test_a_server_that_stops_ends_its_streams_at_once(app):
    with serving(app) as live:

        async def work():
            stream, begun = await open_stream(live), asyncio.get_running_loop().time()
            stopping = asyncio.create_task(asyncio.to_thread(live.stop))
            assert await stream.event(3) is None
            await stopping
            assert asyncio.get_running_loop().time() - begun < 3
            await stream.close()

        asyncio.run(work())


def test_a_connection_that_takes_nothing_more_costs_one_row_an_order(app):
    """Through the route itself, with a connection whose sending stands still until it is let go."""
    hub, feed = app.state.hub, app.state.board
    token = hub.db.writer.now(lambda tx: people.open_session(tx, "supervisor", "token", START, 12 * HOUR))[0]
    scope = {
        "type": "http", "method": "GET", "path": "/api/board/events", "raw_path": b"/api/board/events",
        "query_string": b"", "headers": [(b"authorization", f"Bearer {token}".encode())], "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "scheme": "http", "http_version": "1.1",
        "asgi": {"version": "3.0"}, "app": app, "state": {}, "extensions": {},
    }  # fmt: skip

    async def work():
        bodies, flows, is_gone = [], asyncio.Event(), asyncio.Event()

        async def send(message):
            bodies.append(message.get("body", b""))
            if b"event: order" in bodies[-1]:
                await flows.wait()

        async def receive():
            await is_gone.wait()
            return {"type": "http.disconnect"}

        feed.start()
        connection = asyncio.create_task(app(scope, receive, send))
        while not bodies:  # it has joined: what comes from now on is told
            await asyncio.sleep(0.001)
        numbers = [await asyncio.to_thread(place, hub.db) for _ in range(3)]
        while not any(b"event: order" in body for body in bodies):
            await asyncio.sleep(0.001)
        (client,) = feed.clients
        for n in range(30):
            await asyncio.to_thread(remark, hub.db, numbers[n % 3], f"remark {n}")
        await asyncio.to_thread(give, hub.db, numbers[0], "hold", Reason("税号有误"))
        last = hub.db.reader.now(lambda tx: tx.value(J.last_pos))
        while feed.cursor.pos < last:
            await asyncio.sleep(0.001)
        assert client.waiting == 3
        bodies.clear()
        flows.set()
        while not bodies:
            await asyncio.sleep(0.001)
        text = b"".join(bodies)
        assert names(text)[:3] == ["order"] * 3
        assert ids(text) == sorted(ids(text))
        assert text.rindex(numbers[0].encode()) > text.rindex(numbers[1].encode())
        assert "挂起：税号有误".encode() in text
        is_gone.set()
        await connection
        assert not feed.clients
        await feed.stop()

    asyncio.run(asyncio.wait_for(work(), 20))
    hub.db.stop()
