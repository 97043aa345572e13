"""The page's board is the server's: a snapshot and any sequence of events come to what a fresh snapshot says.

Orders change at random in a real database; what the server would send is reduced by the page's own code under Node,
and held against the server's next answer. A column that was cut must be a beginning of the true one.
"""

import json
import random
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from api.board import service
from api.board.model import Cursor, Filter, Sight
from api.board.service import Judge
from api.kernel.time import HOUR, MINUTE
from api.orders.model import STATES, Held, Rest, Trouble
from api.tags.model import Tag
from tests.support.bench import Bench
from tests.support.company import START

ROOT = Path(__file__).resolve().parents[2]
SLA, TZ = 2 * HOUR, "Asia/Shanghai"
SEES = Sight(prices=True, lang="zh")
SCENARIOS = 150
LIVELY = ("paid", "to_pick", "to_pick", "picking", "packed", "shipped", "delivered")
Case = dict[str, Any]


class World:
    """A few dozen orders that change, the cursor of each change, and what a stream would say of it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.bench = Bench(0)
        self.now, self.pos, self.until = START, 0, START
        self.numbers: list[str] = []
        self.events: list[Case] = []

    def _id(self) -> str:
        return Cursor(self.pos, self.until, "LIFE").text

    def _facts(self) -> Case:
        rng = self.rng
        moved = self.now - rng.choice((0, 0, 1, 3 * MINUTE, HOUR, SLA - MINUTE, SLA, 3 * HOUR, 15 * HOUR))
        held = Held("税号有误", "finance", moved) if rng.random() < 0.12 else None
        trouble = rng.choice(("short_stock", "differs", "amount_mismatch"))
        troubles = (Trouble(trouble, "两处对不上", "Two differ", moved + 5),) if rng.random() < 0.15 else ()
        tags = tuple(Tag(tag, "rule", "x") for tag in ("避周一", "加急") if rng.random() < 0.3)
        return {
            "state": rng.choice((*LIVELY, *LIVELY, *STATES)),
            "held": int(held is not None),
            "troubled": int(bool(troubles)),
            "warehouse": rng.choice(("SH", "SH", "SZ")),
            "priority": "urgent" if rng.random() < 0.2 else "",
            "rest": msgspec.json.encode(Rest(held=held, exceptions=troubles, tags=tags)).decode(),
            "moved_at": moved,
            "updated_at": self.now,
            "tags": [tag.tag for tag in tags],
        }

    def _write(self, order_no: str, *, is_new: bool) -> None:
        facts = self._facts()
        tags, tx = facts.pop("tags"), self.bench.tx.connection
        if is_new:
            facts |= {
                "order_no": order_no, "root_no": order_no, "version": 1, "channel": "manual", "customer": "C0042",
                "tier": "vip", "terms": "prepaid", "name_ref": 1, "phone_ref": 2, "owner": "sales",
                "amount_fen": 100, "paid_fen": 100, "created_at": self.now,
            }  # fmt: skip
            marks = ", ".join(f":{name}" for name in facts)
            tx.execute(f"INSERT INTO orders ({', '.join(facts)}) VALUES ({marks})", facts)
        else:
            sets = ", ".join(f"{name} = :{name}" for name in facts)
            tx.execute(
                f"UPDATE orders SET {sets} WHERE order_no = :order_no", {**facts, "order_no": order_no}
            )
        (number,) = tx.execute("SELECT id FROM orders WHERE order_no = ?", (order_no,)).fetchone()
        tx.execute("DELETE FROM order_tags WHERE order_id = ?", (number,))
        tx.executemany(
            "INSERT INTO order_tags (order_id, tag) VALUES (?, ?)", [(number, tag) for tag in tags]
        )

    def change(self) -> None:
        is_new = not self.numbers or self.rng.random() < 0.3
        if is_new:
            self.numbers.append(f"HD260122-{self.rng.randrange(100_000):05d}-{len(self.numbers)}")
        order_no = self.numbers[-1] if is_new else self.rng.choice(self.numbers)
        self._write(order_no, is_new=is_new)
        self.pos += 1
        self._say(order_no)

    def _say(self, order_no: str) -> None:
        row = service.row(self.bench.tx, order_no, self.judge)
        assert row is not None
        self.events.append({"name": "order", "data": row.shown(SEES, TZ), "id": self._id()})

    def sweep(self, minutes: int) -> None:
        """Time passes, and the server tells who turned red by it alone."""
        self.now += minutes * MINUTE
        since = Cursor(0, self.until, service.here(self.bench.tx, self.judge).epoch)
        found = service.changes(self.bench.tx, since, 1_000, self.judge)
        assert found is not None
        self.until = self.now
        for row in found.stalled:
            self._say(row.order_no)

    @property
    def judge(self) -> Judge:
        return Judge(self.now, SLA, TZ)

    def counts(self) -> None:
        said = service.counts(self.bench.tx, Filter(), self.judge)
        self.events.append({"name": "counts", "data": said, "id": self._id()})

    def board(self, filter_: Filter, limit: int) -> Case:
        found = service.board(self.bench.tx, filter_, limit, SEES, self.judge)
        told: Case = json.loads(msgspec.json.encode(found))
        return {**told, "cursor": self._id()}


def sent(world: World) -> list[list[Any]]:
    """As a page may get it: an order's rows in between left out, old ones once more after the line broke."""
    rng, found = world.rng, []
    last = {id(event): n for n, event in enumerate(world.events)}
    newest: dict[str, int] = {}
    for event in world.events:
        if event["name"] == "order":
            newest[event["data"].order_no] = last[id(event)]
    for n, event in enumerate(world.events):
        is_old = event["name"] == "order" and newest[event["data"].order_no] != n
        if not is_old or rng.random() < 0.6:
            found.append([event["name"], event["data"], event["id"]])
        if n and rng.random() < 0.1:
            again = rng.choice(world.events[:n])
            if again["name"] == "order":
                found.append([again["name"], again["data"], again["id"]])
    return found


def scenario(seed: int) -> tuple[Case, Case]:
    world = World(seed)
    rng = world.rng
    filter_ = rng.choice(
        (Filter(), Filter(), Filter("SH"), Filter("SZ"), Filter(tag="避周一"), Filter(priority="urgent"))
    )
    limit = rng.choice((1, 3, 200, 200))
    for _ in range(rng.randint(0, 70)):
        world.change()
    before = rng.randint(0, len(world.events)) if rng.random() < 0.3 else len(world.events)
    answer = world.board(filter_, limit)
    world.events = world.events[before:]  # what came while the board was read: it is in it already
    for _ in range(rng.randint(0, 40)):
        if rng.random() < 0.1:
            world.sweep(rng.choice((1, 30, 100)))
        else:
            world.change()
    world.sweep(0)
    world.counts()
    events = sent(world)
    fresh = world.board(filter_, limit)
    world.bench.tx.connection.close()
    given = {"warehouse": filter_.warehouse, "tag": filter_.tag, "priority": filter_.priority}
    return {"answer": answer, "filter": given, "limit": limit, "events": events}, fresh


@cache
def reduced() -> list[tuple[Case, Case, Case]]:
    """(what was given, what the page made of it, what the server says then) for each scenario."""
    cases = [scenario(seed) for seed in range(SCENARIOS)]
    node = shutil.which("node")
    assert node, "Node runs the page's own code"
    lines = b"\n".join(msgspec.json.encode(given) for given, _ in cases)
    ran = subprocess.run(
        [node, str(ROOT / "tests/js/board_store.mjs")],
        input=lines,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    made = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(made) == len(cases)
    return [(given, page, fresh) for (given, fresh), page in zip(cases, made, strict=True)]


def bare(rows: list[Case]) -> list[Case]:
    """Without how long it has been stuck in words, which is of the moment of reading; the page counts by itself."""
    return [
        {**row, "colour": {**row["colour"], "why": ""} if row["cause"] == "stalled" else row["colour"]}
        for row in rows
    ]


def true_columns(fresh: Case) -> dict[str, list[Case]]:
    by = fresh["columns"]
    whole = {
        "red": by["red"],
        "green": by["green"],
        "yellow": by["yellow"],
        **{k: by["blue"][k] for k in ("hollow", "solid")},
    }
    return {name: bare(column["items"]) for name, column in whole.items()}


def test_events_come_to_what_a_fresh_board_says() -> None:
    seen: Counter[str] = Counter()
    for seed, (_, page, fresh) in enumerate(reduced()):
        for name, rows in true_columns(fresh).items():
            mine = bare(page["columns"][name]["rows"])
            if page["columns"][name]["isCut"]:
                assert mine == rows[: len(mine)], (seed, name)
                assert len(mine) == len(rows) or page["isStale"], (
                    seed,
                    name,
                    "rows are missing and nobody knows",
                )
                seen["cut"] += 1
            else:
                assert mine == rows, (seed, name)
                seen[name] += bool(rows)
    assert min(seen[name] for name in ("red", "green", "yellow", "hollow", "solid", "cut")) > 20, seen


def test_counts_come_to_what_a_fresh_board_says() -> None:
    told = 0
    for seed, (given, page, fresh) in enumerate(reduced()):
        if given["filter"]["tag"] or given["filter"]["priority"]:
            if page["counts"] != fresh["counts"]:
                assert page["isStale"], (seed, "figures that nobody tells have to be read")
        else:
            assert page["counts"] == fresh["counts"], seed
            told += 1
    assert told > 50


def test_the_scenarios_are_rich() -> None:
    pages = [page for _, page, _ in reduced()]
    assert sum(page["n"] > 10 for page in pages) > 60
    assert 10 < sum(page["isStale"] for page in pages) < len(pages) - 10
    assert any(
        name == "order" and data.cause == "stalled"
        for given, _, _ in reduced()
        for name, data, _ in given["events"]
    )


def test_another_life_of_the_data_and_a_reset_ask_for_a_fresh_board() -> None:
    given, _, _ = next(case for case in reduced() if case[0]["events"] and not case[1]["isStale"])
    order = next(event for event in given["events"] if event[0] == "order")
    other = [order[0], order[1], order[2].replace("LIFE", "OTHER")]
    for events, is_stale in (([], False), ([["reset", {"why": "behind"}, ""]], True), ([other], True)):
        line = msgspec.json.encode({**given, "events": events})
        node = shutil.which("node") or "node"
        ran = subprocess.run(
            [node, str(ROOT / "tests/js/board_store.mjs")],
            input=line,
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert json.loads(ran.stdout)["isStale"] is is_stale
