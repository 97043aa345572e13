"""What can stand on a label: plain structs, one a kind, filled by whoever has the data.

`code` is the whole printed code (`qr.codes.make`); everything else is words for people. No prices, phones or full
addresses have a place here, because a label travels.
"""

import msgspec


class BinLabel(msgspec.Struct, frozen=True):
    """A shelf bin. `level` counts from the floor, of `levels`; 0 = unknown. `aisle` chooses the pattern."""

    code: str
    bin: str
    warehouse: str
    aisle: str = ""
    rack: str = ""
    level: int = 0
    levels: int = 0

    @property
    def place(self) -> str:
        """`上海仓 A 区 01 架`."""
        parts = [self.warehouse, self.aisle and f"{self.aisle} 区", self.rack and f"{self.rack} 架"]
        return " ".join(part for part in parts if part)


class OrderLabel(msgspec.Struct, frozen=True):
    """An order's slip on its tote or paper. `tags` in the order shown; those in `urgent` are filled."""

    code: str
    order_no: str
    customer: str
    warehouse: str
    lines: int
    pieces: int
    tags: tuple[str, ...] = ()
    urgent: frozenset[str] = frozenset({"加急"})


class CartonLabel(msgspec.Struct, frozen=True):
    """A carton on its way. `district` is as far as the address goes; weight in grams, 0 = not weighed."""

    code: str
    district: str
    carton: int
    cartons: int
    customer: str
    order_no: str
    warehouse: str
    pieces: int
    weight_g: int = 0
    tags: tuple[str, ...] = ()
    urgent: frozenset[str] = frozenset({"加急"})


class DeviceLabel(msgspec.Struct, frozen=True):
    """A device's card. `until` says in words how long the enrolment code counts."""

    code: str
    label: str
    warehouse: str
    device: str = ""
    until: str = ""


class RegisterLabel(msgspec.Struct, frozen=True):
    """The poster of the day's register: whose it is, and whom to ask."""

    code: str
    company: str
    ask: str
    phone: str = ""


Item = BinLabel | OrderLabel | CartonLabel | DeviceLabel | RegisterLabel
