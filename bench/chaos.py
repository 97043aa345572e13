"""Platforms as they are: 5,000 messages over all schemes, a tenth twice, a tenth out of turn, some late, some cut off after
sending, some tampered with, and the server killed twice by SIGKILL; what stands after it equals a run without any of that.

    python -m bench.chaos [--messages 5000] [--kills 2] [--seed N] [--connections 16]

Every sender goes on until it is answered, as platforms do. Ends with 1 where an order is lost, doubled or in another state
than in the clean run, where a tampered message was taken or is not listed, or where journal or stock are broken.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from api.channels import store as channels
from api.channels.model import ChannelIn
from api.db.database import Database
from api.db.tx import Tx
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from bench import company, server
from bench.platforms import PLATFORMS, Event, Push

SKUS = 20
PAYER, PAID = "wechat_pay_v3", "wechat_push"
STORIES = (
    ("create", "pay"),
    ("pay",),
    ("create", "pay", "refund"),
    ("create", "cancel"),
    ("create", "pay", "cancel"),
)
WITHIN_S = 240.0


class Said(NamedTuple):
    """One message to send. `how`: plain, cut (closed after sending, sent again later) or tampered."""

    scheme: str
    event: Event
    how: str = "plain"

    def push(self) -> Push:
        push = PLATFORMS[self.scheme].push(self.scheme, self.event, int(time.time()))
        return tampered(push, self.scheme) if self.how == "tampered" else push


def tampered(push: Push, scheme: str) -> Push:
    """One bit of what proves it is another one."""
    if scheme in ("none", "sf_route"):
        return push._replace(path=push.path[:-1] + "x")
    return push._replace(body=push.body[:-9] + bytes([push.body[-9] ^ 1]) + push.body[-8:])


def told(count: int, draw: random.Random) -> list[Said]:
    """About so many messages, in the order in which things happened."""
    shops = [name for name in PLATFORMS if name != PAYER]
    found: list[Said] = []
    for number in itertools.count():
        if len(found) >= count:
            return found
        scheme, buyer = shops[number % len(shops)], draw.randint(1, 50)
        qty = draw.randint(1, 4)
        data = {
            "order_id": f"C-{number}", "pay_time": 1_795_400_000 + number, "amount_fen": qty * 12_800,
            "customer": {"name": f"浦东宝诚第{buyer}修理厂", "phone": f"138{buyer:08d}"}, "address": f"上海市张江路{buyer}号",
            "items": [{"sku": f"BP-{draw.randint(1, SKUS):05d}", "qty": qty, "price_fen": 12_800}],
        }  # fmt: skip
        story = draw.choice(STORIES)
        by_payer = scheme == PAID and story[0] == "create" and draw.random() < 0.5
        for kind in story:
            said = {k: v for k, v in data.items() if not (kind == "create" and k == "pay_time")}
            event = Event(kind, said, f"m{number}-{kind}")
            found.append(Said(PAYER if by_payer and kind in ("pay", "refund") else scheme, event))
    return found


def shaken(said: list[Said], draw: random.Random) -> list[Said]:
    """The same, as it arrives."""
    places: list[tuple[float, Said]] = []
    for n, one in enumerate(said):
        late = draw.choices((0, draw.uniform(2, 20), draw.uniform(50, 500)), (85, 10, 5))[0]
        how = "cut" if draw.random() < 0.05 else "plain"
        places.append((n + late, one._replace(how=how)))
        if draw.random() < 0.1 or how == "cut":
            places.append((n + late + draw.uniform(0, 100), one))
        if draw.random() < 0.02:
            places.append((n + draw.uniform(0, 10), one._replace(how="tampered")))
    return [one for _, one in sorted(places, key=lambda place: place[0])]


class Sender:
    """Keeps so many connections busy; `answers` counts statuses by kind of message."""

    def __init__(self, port: int, said: list[Said]) -> None:
        self.port, self.left, self.sent = port, said[::-1], 0
        self.answers: Counter[tuple[str, int]] = Counter()
        self.until = time.monotonic() + WITHIN_S

    async def run(self, connections: int) -> None:
        await asyncio.gather(*(self._serve() for _ in range(connections)))

    async def _serve(self) -> None:
        while self.left:
            one = self.left.pop()
            while True:
                if time.monotonic() > self.until:
                    raise RuntimeError(f"{len(self.left)} messages not taken in time")
                try:
                    status = await self._post(one)
                except (OSError, asyncio.IncompleteReadError, ValueError):
                    await asyncio.sleep(0.05)  # the server is dead: platforms come again
                    continue
                if status in (429, 503):
                    await asyncio.sleep(0.05)
                    continue
                break
            self.sent += 1
            self.answers[one.how, status] += 1

    async def _post(self, one: Said) -> int:
        push = one.push()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            heads = "".join(f"{name}: {value}\r\n" for name, value in push.headers.items())
            writer.write(
                f"POST {push.address} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{heads}"
                f"Content-Length: {len(push.body)}\r\n\r\n".encode()
                + push.body
            )
            await writer.drain()
            if one.how == "cut":
                return 0
            line = await reader.readuntil(b"\r\n")
            await reader.read()
            return int(line.split(b" ")[1])
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Hub:
    """A server process that is killed and comes again on the same folder and port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, server.free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["-m", "api", "serve", "--data", str(self.folder), "--port", str(self.port)]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("HUODAONA_")}
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, *words], cwd=server.ROOT, env=environ, stdout=quiet, stderr=quiet
        )
        server.wait(self.process, self.port, 120)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(120)


def build(folder: Path) -> None:
    """The benches' company, with a channel for every scheme."""
    company.build(folder, SKUS)
    key, now, db = channels.sealing_key(company.settings(folder).secret), wall_clock(), Database(folder)

    def work(tx: Tx) -> None:
        # The channel whose orders are paid comes before the one that speaks of them.
        for name, platform in sorted(PLATFORMS.items(), key=lambda one: one[0] == PAYER):
            given: dict[str, Any] = {
                "label": name,
                "scheme": name,
                "secrets": platform.secrets(),
                "enabled": True,
            }
            # The payments' own mapping is what the scheme begins with.
            given |= {"of": PAID} if name == PAYER else {"mapping": platform.mapping()}
            channels.save(tx, name, ChannelIn(**given), key, SYSTEM, now)

    try:
        db.writer.now(work)
    finally:
        db.stop()


async def _through(hub: Hub, sender: Sender, kills: int, connections: int) -> None:
    work = asyncio.ensure_future(sender.run(connections))
    total = len(sender.left)
    for n in range(kills):
        while sender.sent < total * (n + 1) / (kills + 1) and not work.done():
            await asyncio.sleep(0.01)
        hub.kill()
        await asyncio.to_thread(hub.start)
    await work


def run(folder: Path, said: list[Said], kills: int, connections: int) -> Sender:
    build(folder)
    hub = Hub(folder)
    hub.start()
    try:
        sender = Sender(hub.port, said)
        asyncio.run(_through(hub, sender, kills, connections))
    finally:
        hub.stop()
    return sender


class Stands(NamedTuple):
    """`orders`: state, money and goods by channel and number; `dead`: bodies by the code of their refusal."""

    orders: dict[tuple[str, str], tuple[Any, ...]]
    doubled: int
    inbox: Counter[str]
    dead: Counter[str]


ORDERS = """SELECT o.channel, o.external_no, o.state, o.paid_fen, l.sku, l.qty, l.reserved
FROM orders o JOIN lines l ON l.order_no = o.order_no WHERE o.external_no IS NOT NULL"""


def stands(folder: Path) -> Stands:
    db = Database(folder)

    def work(tx: Tx) -> Stands:
        rows = tx.connection.execute(ORDERS).fetchall()
        statuses = tx.connection.execute("SELECT status, code FROM inbox").fetchall()
        found = {(row[0], row[1]): tuple(row)[2:] for row in rows}
        dead = Counter(str(row[1]) for row in statuses if row[0] == "dead")
        return Stands(found, len(rows) - len(found), Counter(str(row[0]) for row in statuses), dead)

    try:
        return db.reader.now(work)
    finally:
        db.stop()


def wrongs(said: list[Said], sender: Sender, after: Stands, clean: Stands) -> list[str]:
    """What differs from the clean run; none is the only good answer."""
    wrong = []
    wanted = {(PAID if one.scheme == PAYER else one.scheme, one.event.data["order_id"]) for one in said}
    for name, found in (("the clean run", clean), ("the chaos", after)):
        if found.orders.keys() != wanted:
            wrong.append(
                f"{name}: {len(wanted - found.orders.keys())} orders lost, {len(found.orders.keys() - wanted)} not asked for"
            )
        if found.doubled:
            wrong.append(f"{name}: {found.doubled} orders doubled")
        if found.inbox["waiting"]:
            wrong.append(f"{name}: {found.inbox['waiting']} messages wait for nothing")
    other = [key for key, value in after.orders.items() if clean.orders.get(key) != value]
    wrong += [f"{key}: {after.orders[key]}, clean {clean.orders.get(key)}" for key in other[:5]]
    if other:
        wrong.append(f"{len(other)} orders in another state than in the clean run")
    for (how, status), count in sender.answers.items():
        is_right = 400 <= status < 500 if how == "tampered" else status in (0, 200)
        if not is_right:
            wrong.append(f"{count} {how} messages answered {status}")
    forged = sum(count for (how, _), count in sender.answers.items() if how == "tampered")
    listed = sum(after.dead.values())
    if listed < forged or set(after.dead) - {
        "signature_wrong",
        "path_key_wrong",
        "not_encrypted",
        "signature_missing",
    }:
        wrong.append(f"{forged} tampered, listed as dead: {dict(after.dead)}")
    return wrong


def chaos(place: Path, messages: int, kills: int, seed: int, connections: int, say: Any = print) -> list[str]:
    draw = random.Random(seed)
    said = told(messages, draw)
    arriving = shaken(said, draw)
    begun = time.perf_counter()
    run(place / "clean", said, 0, 1)
    sender = run(place / "data", arriving, kills, connections)
    after, clean = stands(place / "data"), stands(place / "clean")
    checked = company.check(place / "data")
    say(
        f"{len(said)} messages of {len(clean.orders)} orders, {len(arriving)} sent over {len(PLATFORMS)} schemes, {kills} kills, "
        f"{time.perf_counter() - begun:.0f} s; answers {dict(sender.answers)}; inbox {dict(after.inbox)}, dead {dict(after.dead)}"
    )
    wrong = wrongs(said, sender, after, clean) + checked.drift
    return [*wrong, checked.fault] if checked.fault else wrong


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--messages", type=int, default=5_000)
    words.add_argument("--kills", type=int, default=2)
    words.add_argument("--seed", type=int, default=int(time.time()))
    words.add_argument("--connections", type=int, default=16)
    given = words.parse_args()
    print(f"{server.machine()}; seed {given.seed}")
    with tempfile.TemporaryDirectory() as place:
        wrong = chaos(Path(place), given.messages, given.kills, given.seed, given.connections)
    server.ended(wrong)


if __name__ == "__main__":
    main()
