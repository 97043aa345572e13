"""How far the demo's orders get: a table of plots, some told always, the others by share.

Only the ends and the pace are decided here; whose order it is and what it holds is drawn elsewhere.
"""

import msgspec


class Plot(msgspec.Struct, frozen=True):
    """How far an order got. `last` is the least and most minutes before loading of its last act (of its
    creation if there is none); each act before that lies one pace further back."""

    ends: str
    acts: tuple[str, ...]
    last: tuple[int, int]
    red: str = ""


_PAID = ("pay",)
_PICKED = (*_PAID, "picks")
_PACKED = (*_PICKED, "pack")
_SHIPPED = (*_PACKED, "ship")
_DELIVERED = (*_SHIPPED, "deliver")

# Told whatever the number of orders: each kind of trouble and end, a few times.
FIXED: tuple[tuple[int, Plot], ...] = (
    (2, Plot("paid", _PAID, (8, 50), "short_stock")),
    (2, Plot("to_pick", (*_PAID, "hold"), (6, 50), "held")),
    (1, Plot("awaiting_payment", ("hold",), (6, 50), "held")),
    (1, Plot("picking", (*_PAID, "some_picks", "hold"), (6, 50), "held")),
    (2, Plot("to_pick", _PAID, (150, 230), "stalled")),
    (1, Plot("picking", (*_PAID, "some_picks"), (150, 230), "stalled")),
    (1, Plot("packed", _PACKED, (140, 200), "stalled")),
    (2, Plot("to_pick", (*_PAID, "hold", "lift"), (4, 12))),
    (2, Plot("packed", (*_PAID, "short_pick", "pack"), (6, 50))),
    (3, Plot("returned", (*_DELIVERED, "return"), (20, 300))),
    (2, Plot("delivered", (*_DELIVERED, "return_some"), (20, 300))),
    (2, Plot("cancelled", (*_PAID, "cancel"), (20, 900))),
    (2, Plot("amended", (*_PAID, "amend"), (4, 25))),
)
# The rest, in hundredths.
SHARES: tuple[tuple[int, Plot], ...] = (
    (6, Plot("awaiting_payment", (), (3, 400))),
    (3, Plot("cancelled", ("cancel",), (20, 900))),
    (12, Plot("to_pick", _PAID, (2, 53))),
    (6, Plot("picking", (*_PAID, "some_picks"), (2, 50))),
    (5, Plot("packed", _PACKED, (2, 52))),
    (20, Plot("shipped", _SHIPPED, (5, 420))),
    (48, Plot("delivered", _DELIVERED, (5, 700))),
)
# Minutes between an act and the one before it.
PACE = {
    "pay": (1, 12), "picks": (12, 40), "some_picks": (5, 30), "short_pick": (10, 30), "pack": (4, 15),
    "ship": (15, 90), "deliver": (240, 480), "return": (60, 200), "return_some": (60, 200), "hold": (3, 20),
    "lift": (4, 15), "cancel": (3, 40), "amend": (4, 20),
}  # fmt: skip
