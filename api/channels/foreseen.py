"""What a look ahead has worked out of a message (its proof, its fields) is not worked out again when it is taken in.

Kept by the thing itself and for the channel as it was read then: one that was changed in between is asked anew.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from api.channels.model import Channel
from api.db.tx import Tx
from api.kernel.bounded import Bounded, held

T = TypeVar("T")
MANY = 1_000


def foresee(tx: Tx, kind: str, channel: Channel, thing: Any, make: Callable[[], T]) -> T:
    made = make()
    _kept(tx)[kind, id(thing)] = channel, thing, made
    return made


def worked_out(tx: Tx, kind: str, channel: Channel, thing: Any, make: Callable[[], T]) -> T:
    """Given once, then forgotten."""
    found = _kept(tx).pop((kind, id(thing)), None)
    if found is None or found[0] is not channel or found[1] is not thing:
        return make()
    made: T = found[2]
    return made


def _kept(tx: Tx) -> Bounded[tuple[str, int], tuple[Channel, Any, Any]]:
    return held(tx.slow, "foreseen", MANY)
