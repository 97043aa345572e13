"""An order's story: the draft it came as, and what people and devices then did, with the time of each act."""

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One act. `command` is a command of the contract with its body in `args`, or `pick` / `short`, which stand for
    a device's op with `args` {line_no, qty, bin}. `by` is a user; empty when the channel itself speaks."""

    at_ms: int
    by: str
    command: str
    args: dict[str, object]


class OrderStory(msgspec.Struct, frozen=True):
    """`draft` is a body of POST /api/orders; `warehouse` and `ends` are what the hub must make of it.

    `red` says why the order is meant to be red: "held", "short_stock", "stalled", else empty.
    """

    draft: dict[str, object]
    at_ms: int
    by: str
    warehouse: str
    amount_fen: int
    steps: tuple[Step, ...]
    ends: str
    red: str = ""

    @property
    def last_at_ms(self) -> int:
        return self.steps[-1].at_ms if self.steps else self.at_ms


class Moment(msgspec.Struct, frozen=True):
    """`step` is None where the story's order is created."""

    at_ms: int
    story: int
    step: Step | None


def chronicle(stories: tuple[OrderStory, ...]) -> tuple[Moment, ...]:
    """All stories told at once, in time order: the order of a replay."""
    moments = [Moment(s.at_ms, i, None) for i, s in enumerate(stories)]
    moments += [Moment(step.at_ms, i, step) for i, s in enumerate(stories) for step in s.steps]
    return tuple(sorted(moments, key=lambda m: (m.at_ms, m.story)))
