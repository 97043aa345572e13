"""The law of states, as data: which command moves what where, what guards it, what must be done with it.

`step` is pure: an order, a command, an actor's rights already checked, and `now` in; the order after and the
effects out, or `Refused`. Guards load nothing and answer None or a refusal. Effects are values that the
service carries out in the same transaction. A hold and an exception are not states.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from api.kernel.errors import Refused, Why
from api.orders.model import ENDS, STATES, Held, Order


class Effect(StrEnum):
    """What the service does beside the state change."""

    RESERVE = "reserve"  # try to reserve; on success the machine is stepped on to `to_pick`
    RELEASE = "release"  # everything the order holds becomes free
    PACK_SHORT = "pack_short"  # remainders of short lines are released, their bins get a count task
    CONSUME = "consume"  # what was picked leaves the stock, the rest is released
    INSPECT = "inspect"  # what came back waits for inspection
    PART = "part"  # pieces go on under a number of their own


Guard = Callable[[Order], Refused | None]


class Move(NamedTuple):
    command: str
    origins: frozenset[str]
    to: str  # "" = the state stays
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    zh: str = ""
    en: str = ""


class Step(NamedTuple):
    order: Order
    effects: tuple[Effect, ...]
    is_move: bool


def not_held(order: Order) -> Refused | None:
    return Refused("held", reason=order.held.reason) if order.held else None


def is_held(order: Order) -> Refused | None:
    return None if order.held else Refused("not_held")


def lines_closed(order: Order) -> Refused | None:
    still = [line for line in order.lines if line.picked + line.short < line.qty]
    if not still:
        return None
    names = "、".join(f"{line.line_no} {line.sku}" for line in still)
    return Refused("lines_open", lines=names, line_nos=[line.line_no for line in still])


def something_picked(order: Order) -> Refused | None:
    return None if any(line.picked > 0 for line in order.lines) else Refused("nothing_picked")


def checklist_done(order: Order) -> Refused | None:
    still = [check.item for check in order.rest.checklist if not check.done]
    return Refused("checklist_open", items="、".join(still)) if still else None


# Exceptions that a split, a move or a backorder is the answer to.
_ANSWERED = ("short_stock", "promise_moved")


def settled(order: Order) -> Refused | None:
    """What a person still has to decide would be decided twice, once a part."""
    still = [trouble for trouble in order.rest.exceptions if trouble.code not in _ANSWERED]
    return Refused("exceptions_open", what=still[0].zh, what_en=still[0].en) if still else None


def nothing_in_hand(order: Order) -> Refused | None:
    return Refused("pieces_in_hand") if any(n.picked or n.short for n in order.lines) else None


def _set(*states: str) -> frozenset[str]:
    return frozenset(states)


UNTIL_PACKED = _set("awaiting_payment", "paid", "to_pick", "picking", "packed")
ANY = frozenset(STATES)

MOVES: tuple[Move, ...] = (
    Move("pay", _set("awaiting_payment"), "paid", (), (Effect.RESERVE,), "收款", "pay"),
    Move("reserve", _set("paid"), "to_pick", (), (), "预占", "reserve"),
    Move("carry_on", _set("awaiting_payment"), "paid", (), (), "沿用放行", "carry on"),
    Move("fall_back", _set("to_pick", "picking", "packed"), "paid", (), (), "退回待占", "fall back"),
    Move("start_picking", _set("to_pick"), "picking", (not_held,), (), "开始拣货", "start picking"),
    Move(
        "pack", _set("picking"), "packed",
        (not_held, lines_closed, something_picked, checklist_done), (Effect.PACK_SHORT,), "打包", "pack",
    ),
    Move("ship", _set("packed"), "shipped", (not_held,), (Effect.CONSUME,), "发货", "ship"),
    Move("deliver", _set("shipped"), "delivered", (), (), "签收", "deliver"),
    Move("cancel", UNTIL_PACKED, "cancelled", (), (Effect.RELEASE,), "取消", "cancel"),
    Move("amend", UNTIL_PACKED, "amended", (), (Effect.RELEASE,), "改单", "amend"),
    Move("restore", UNTIL_PACKED, "amended", (), (Effect.RELEASE,), "恢复版本", "restore"),
    Move("return", _set("shipped", "delivered"), "", (), (Effect.INSPECT,), "退货", "take back"),
    Move("close_return", _set("shipped", "delivered"), "returned", (), (), "全部退回", "close the return"),
    Move(
        "split", _set("paid", "to_pick"), "paid",
        (not_held, settled, nothing_in_hand), (Effect.RELEASE, Effect.PART, Effect.RESERVE), "拆单", "split",
    ),
    Move(
        "move", _set("paid", "to_pick"), "paid",
        (not_held, settled, nothing_in_hand), (Effect.RELEASE, Effect.RESERVE), "换仓", "move",
    ),
    Move(
        "backorder", _set("paid", "packed", "shipped", "delivered"), "",
        (not_held, settled), (Effect.PART, Effect.RESERVE), "补发", "backorder",
    ),
    Move("hold", UNTIL_PACKED, "", (not_held,), (), "挂起", "hold"),
    Move("lift", UNTIL_PACKED, "", (is_held,), (), "解挂", "lift"),
    Move("tag", ANY, "", (), (), "打标签", "tag"),
    Move("comment", ANY, "", (), (), "评论", "comment"),
    Move("check", ANY, "", (), (), "勾清单", "check"),
    Move("resolve", ANY, "", (), (), "处理异常", "resolve"),
)  # fmt: skip

BY_COMMAND = {move.command: move for move in MOVES}
# Commands that the hub gives itself; nobody sends them.
INNER = frozenset({"reserve", "carry_on", "fall_back", "close_return"})


def step(order: Order, command: str, now: int, **change: Any) -> Step:
    """The order after the command. `change` are fields of the order that the command brings along."""
    move = BY_COMMAND[command]
    if order.state not in move.origins:
        raise wrong_state(order, move)
    for guard in move.guards:
        refusal = guard(order)
        if refusal is not None:
            raise refusal
    to = move.to or order.state
    is_move = to != order.state
    moved_at = now if is_move else order.moved_at
    after = msgspec.structs.replace(order, state=to, moved_at=moved_at, updated_at=now, **change)
    if is_move and to in ENDS and after.held is not None:
        # Nobody can lift the hold of what has ended; its next version keeps it.
        after = msgspec.structs.replace(after, **with_hold(after, None))
    return Step(after, move.effects, is_move)


def wrong_state(order: Order, move: Move) -> Refused:
    zh, en = STATES[order.state]
    why = Why(f"现在是“{zh}”，不能{move.zh}。", f"It is “{en}” now: cannot {move.en}.")
    return Refused("wrong_state", why, state=order.state, command=move.command)


def with_hold(order: Order, held: Held | None) -> dict[str, Any]:
    return {"rest": msgspec.structs.replace(order.rest, held=held)}


def check_definition(moves: tuple[Move, ...] = MOVES, first: str = "awaiting_payment") -> list[str]:
    """Faults of the table itself, each as a sentence; none is the only good answer.

    Looked for: a command given twice, a word that is no state, a state that is never reached, a state that is
    no end and leads nowhere, an end with an exit (only what was delivered can come back).
    """
    reached, grew = {first}, True
    while grew:
        more = {m.to for m in moves if m.to and m.origins & reached} - reached
        reached |= more
        grew = bool(more)
    commands = [m.command for m in moves]
    faults = [f"{name} is given twice" for name in sorted({c for c in commands if commands.count(c) > 1})]
    named = {state for m in moves for state in (*m.origins, m.to) if state}
    faults += [f"{state} is not a state" for state in sorted(named - STATES.keys())]
    faults += [f"{m.command} starts nowhere" for m in moves if not m.origins]
    faults += [f"{state} is never reached" for state in STATES if state not in reached]
    exits = {s: {m.to for m in moves if m.to not in ("", s) and s in m.origins} for s in STATES}
    faults += [f"{s} is no end and has no exit" for s in STATES if s not in ENDS and not exits[s]]
    allowed = {"delivered": {"returned"}}
    faults += [f"{s} is an end and goes to {to}" for s in STATES if s in ENDS
               for to in sorted(exits[s] - allowed.get(s, set()))]  # fmt: skip
    return faults


def mermaid() -> str:
    """The table drawn as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "  [*] --> awaiting_payment"]
    for move in MOVES:
        if move.to:
            lines += [
                f"  {origin} --> {move.to}: {move.command}" for origin in STATES if origin in move.origins
            ]
    lines += [f"  {state} --> [*]" for state in STATES if state in ENDS]
    return "\n".join(lines)
