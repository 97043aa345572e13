"""A place: one administrative division of China, as far down as the text told."""

from typing import Literal

import msgspec

Level = Literal["province", "city", "district"]


class Place(msgspec.Struct, frozen=True):
    """One division with its seat's position.

    `adcode` is the six-digit code (GB/T 2260 style, "310115"). `path` names it from the top without
    repeats: ("江苏省", "苏州市", "昆山市"), ("上海市", "浦东新区"), ("湖北省", "潜江市"). `level` says
    how deep the text went; a municipality named alone ("上海市") is a city, since nothing stands between
    it and its districts. Positions are integer micro-degrees of the division's seat, in GCJ-02: good for
    choosing a warehouse, not for a doorstep.
    """

    adcode: str
    path: tuple[str, ...]
    level: Level
    lng_e6: int
    lat_e6: int
    datum: Literal["gcj02"] = "gcj02"

    @property
    def province(self) -> str:
        return self.path[0]

    @property
    def city(self) -> str | None:
        """The city's name; a municipality is its own city, a county under no city stands for one."""
        if self.level == "province":
            return None
        if self.adcode[:2] in ("11", "12", "31", "50"):
            return self.path[0]
        return self.path[1] if len(self.path) > 1 else self.path[0]

    @property
    def name(self) -> str:
        return "".join(self.path)
