"""Running a command for a request: decode, one unit of work, and the stored first answer of its
Idempotency-Key, which is written in the command's own transaction.

A refusal is an answer too and is stored like one; faults (5xx) are not. The key counts per actor and path,
for 24 hours; the same key with other bytes is refused, one still in flight is told so. One in flight in another
process is waited for by the writer's own turn, and gets its answer.
"""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from api.db.lookups import Wanted
from api.db.queries import load
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.kernel.time import DAY
from api.web.answer import JSON, PROBLEM, Answer, problem
from api.web.body import decode
from api.web.head import Head
from api.web.hub import Hub

Q = load(__package__)
T = TypeVar("T")
R = TypeVar("R")
# Refusals that say nothing about the command itself.
UNTOLD = frozenset({"idempotency_mismatch", "storage", "busy", "stopping"})


async def execute(
    hub: Hub,
    head: Head,
    actor: Actor,
    raw: bytes,
    kind: type[T],
    work: Callable[[Tx, T], Answer],
    *,
    is_pure: bool = False,
    weigh: Callable[[T], int] = lambda _: 1,
    ahead: Callable[[Tx, T], Wanted] | None = None,
) -> Answer:
    """Decode `raw` as `kind` and run `work` in one unit of work; refusals come back as problem answers.

    `is_pure`: see `db.job.Job`. `weigh`: how many single commands the body is worth. `ahead`: what it will look up.
    """
    return await answered(
        hub, head, actor, raw, kind, work, lambda answer: answer, is_pure=is_pure, weigh=weigh, ahead=ahead
    )


async def answered(
    hub: Hub,
    head: Head,
    actor: Actor,
    raw: bytes,
    kind: type[T],
    work: Callable[[Tx, T], R],
    tell: Callable[[R], Answer],
    *,
    is_pure: bool = False,
    weigh: Callable[[T], int] = lambda _: 1,
    ahead: Callable[[Tx, T], Wanted] | None = None,
) -> Answer:
    """The same where the answer is told after the unit of work, unless it is to be kept with it."""
    key = head.headers.get("idempotency-key")
    try:
        if key is None:
            body = decode(kind, raw)
            done = await hub.db.writer.run(
                lambda tx: work(tx, body), is_pure=is_pure, source=actor.name, weight=weigh(body),
                ahead=None if ahead is None else lambda tx: ahead(tx, body),
            )  # fmt: skip
            return tell(done)
    except Refused as refused:
        return problem(refused, head)
    if not 0 < len(key) <= 200:
        return problem(
            wrong_field("Idempotency-Key", "要 1 到 200 个字符。", "Takes 1 to 200 characters."), head
        )
    return await _once(hub, head, actor, raw, kind, lambda tx, body: tell(work(tx, body)), key, is_pure)


async def _once(
    hub: Hub, head: Head, actor: Actor, raw: bytes, kind: type[T], work: Callable[[Tx, T], Answer], key: str,
    is_pure: bool,
) -> Answer:  # fmt: skip
    place = (actor.name, head.path, key)
    if place in hub.in_flight:
        return problem(Refused("in_progress"), head)
    mark, now = hashlib.sha256(raw).digest(), hub.clock()

    def store(tx: Tx, answer: Answer) -> Answer:
        if answer.status < 500:
            tx.run(
                Q.store_answer,
                actor=actor.name, path=head.path, key=key, body=mark, status=answer.status,
                answer=answer.body, at=now,
            )  # fmt: skip
        return answer

    def known(tx: Tx) -> Answer | None:
        row = tx.one(Q.answered, actor=actor.name, path=head.path, key=key, since=now - DAY)
        if row is None:
            return None
        if row["body"] != mark:
            raise Refused("idempotency_mismatch")
        media = PROBLEM if row["status"] >= 400 else JSON
        return Answer(row["status"], row["answer"], media, (("idempotency-replayed", "true"),))

    hub.in_flight.add(place)
    try:
        try:
            return await hub.db.writer.run(
                lambda tx: known(tx) or store(tx, work(tx, decode(kind, raw))),
                is_pure=is_pure, source=actor.name,
            )  # fmt: skip
        except Refused as refused:
            answer = problem(refused, head)
            if refused.code in UNTOLD:
                return answer
        # Another process may have answered this key since: then that is the answer.
        return await hub.db.writer.run(lambda tx: known(tx) or store(tx, answer), source=actor.name)
    except Refused as refused:
        return problem(refused, head)
    finally:
        hub.in_flight.discard(place)


def sweep(tx: Tx, now: int) -> int:
    """Drop lapsed answers."""
    return tx.run(Q.drop_answers, since=now - DAY)
