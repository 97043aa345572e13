"""The route as a drawing of 350 by 176: two legs joined by a bend, at most five stations; pure, whole numbers only.

It draws what the hub knows and no more. Between two stations nobody has told where the parcel is, so the mark of a
moving parcel stands on the leg, never at a place.
"""

import msgspec

WIDTH, HEIGHT = 350, 176
UPPER, LOWER, LEFT, RIGHT, BEND = 46, 110, 12, 338, 152
ROAD = f"M{LEFT} {UPPER}H130q22 0 22 22v20q0 22 22 22H{RIGHT}"
MOST = 5
# Where what lies between the ends stands, by how many there are.
_BETWEEN: tuple[tuple[tuple[int, int], ...], ...] = (
    (),
    ((256, LOWER),),
    ((106, UPPER), (256, LOWER)),
    ((106, UPPER), (214, LOWER), (276, LOWER)),
)


class Stop(msgspec.Struct, frozen=True):
    """`at`: a time in words, or empty."""

    name: str
    at: str = ""


class Dot(msgspec.Struct, frozen=True):
    """A station: `kind` is done, ahead or mark (the order's own mark stands there, `size` wide)."""

    x: int
    y: int
    kind: str
    size: int = 0


class Words(msgspec.Struct, frozen=True):
    """`y` is the first line's base; `align` is start, middle or end; `kind` is name, now, time or red."""

    x: int
    y: int
    text: str
    align: str
    kind: str


class Sketch(msgspec.Struct, frozen=True):
    """`walked`: the path of what lies behind, empty before the start; `said`: the same for who listens."""

    walked: str
    dots: tuple[Dot, ...]
    words: tuple[Words, ...]
    mark: str
    said: str = ""


def folded(stops: tuple[Stop, ...], via: str) -> tuple[Stop, ...]:
    """At most five; what is folded stands as one, `via` with its `{n}`."""
    if len(stops) <= MOST:
        return stops
    inner = stops[2:-2]
    return (*stops[:2], Stop(via.format(n=len(inner))), *stops[-2:])


def draw(
    stops: tuple[Stop, ...], reached: int, kind: str, mark: str, now: str, end: str = "", said: str = ""
) -> Sketch:
    """`stops`: two to five. `reached`: the last of them where the parcel has been. `kind`: `still` (its mark stands
    there), `moving` (on the leg behind it), `waiting` (a triangle at the bend, with `now` beside it), `arrived`.
    `end`: a second line under the last one."""
    places = ((LEFT, UPPER), *_BETWEEN[len(stops) - 2], (RIGHT, LOWER))
    if kind == "arrived":
        reached = len(stops) - 1
    dots = [
        Dot(x, y, "done" if n <= reached else "ahead", 14 if n in (0, len(stops) - 1) else 10)
        for n, (x, y) in enumerate(places)
    ]
    words = [one for n, stop in enumerate(stops) for one in _named(stop, places[n], n == len(stops) - 1, end)]
    here = places[reached]
    if kind in ("still", "arrived"):
        dots[reached] = Dot(*here, "mark", 28 if kind == "arrived" else 24)
    elif kind == "waiting":
        here = (BEND, (UPPER + LOWER) // 2)
        dots.append(Dot(*here, "mark", 24))
        words.append(Words(BEND + 20, here[1] + 5, now, "start", "red"))
    else:
        here = _between(here, places[reached + 1])
        dots.append(Dot(*here, "mark", 26))
        above = here[1] - 22
        words.append(Words(here[0], above, now, "middle", "now"))
    return Sketch(
        _walked(places[reached] if kind == "waiting" else here), tuple(dots), tuple(words), mark, said
    )


def _between(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Half-way, on the leg of the first; from the upper leg to the lower one it stays before the bend."""
    return (a[0] + (min(b[0], 130) - a[0]) * 3 // 5, a[1]) if a[1] != b[1] else ((a[0] + b[0]) // 2, a[1])


def _walked(to: tuple[int, int]) -> str:
    x, y = to
    if x == LEFT:
        return ""
    return f"M{LEFT} {UPPER}H{x}" if y == UPPER else f"M{LEFT} {UPPER}H130q22 0 22 22v20q0 22 22 22H{x}"


def _named(stop: Stop, place: tuple[int, int], is_last: bool, end: str) -> list[Words]:
    x, y = place
    if is_last:
        lines = [Words(WIDTH, y + 33, stop.name, "end", "now")]
        second = " · ".join(filter(None, (end, stop.at)))
        return [*lines, Words(WIDTH, y + 53, second, "end", "time")] if second else lines
    if x == LEFT:
        lines = [Words(0, y + 29, stop.name, "start", "name")]
        return [*lines, Words(0, y + 49, stop.at, "start", "time")] if stop.at else lines
    if y == UPPER:
        return [Words(x, y - 24, stop.name, "middle", "name")]
    return [Words(x, y + 33, stop.name, "middle", "name")]
