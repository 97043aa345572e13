"""Read an address as a person would: which division of China does this text name?

A chain of names is read from the left (province, city, district; full or short; levels may be missing
and are filled upward where only one answer fits). A short name counts only where an address names
divisions, never inside a road or a building (南京东路, 上海大厦). It refuses to guess: nothing named, or
a name that several divisions bear and nothing decides, gives None or the division above all of them.
"""

import re

from api.places.atlas import GENERIC, MUNICIPALITIES, atlas, is_within, parent, rank
from api.places.model import Level, Place
from api.places.wellknown import LANDMARKS, MEANT, NEVER_ALONE

COLLECTIVE = ("0100", "0200", "9000")
LONGEST = 200  # characters read; an address that has not named its city by then will not

_GAP = re.compile(
    r"[\s,，、。;；:：/\\\-—_·.|()（）\[\]【】「」<>《》\"'*#~]*(?:中国(?!银行|移动|电信|联通))?[\s,，:：]*"
)
_MARKS = r"\s,，、。;；:：/\\\-|()（）\[\]【】"
_START = re.compile(rf"(?:^|(?<=[{_MARKS}到往在至寄]))(?=[^{_MARKS}])")  # also 送到昆山, 发往苏州
_SAID = re.compile(r"市(?![场政民区中里])|[区](?![间域])|[省县旗盟州]")
_NUMBERED = "[东南西北中新老内外前后上下大小]{0,2}(?:第?[一二三四五六七八九十]{1,2})?"
# What makes the name before it a road's or a house's name.
_ROAD = re.compile(
    rf"{_NUMBERED}(?:路|大道|道(?!里|外|滘|真)|巷|弄|胡同|街(?!道)|公路|高速|高架|立交)"
    r"|(?:国际)?(?:大厦|大楼|广场|宾馆|饭店|大酒店|酒店|银行|公园|花园|新村|小区|火车站|会馆|路)"
)
_BIG_STREET = re.compile(r"[东南西北]大街|[东南西北]街")
_BUILT = re.compile(
    r"街道|镇|乡|村|社区|苏木|桥|里|门|湖|山|河|江|园|苑|庄|坊|亭|楼|塔|寺|庙|东里|西里|南里|北里|嘉园|家园|中学|小学"
)


def read_address(text: str) -> Place | None:
    """The deepest division that the text names, or None; at most the first 200 characters are read.

    Some 15 µs a call once the table is loaded, so nothing is cached: a cache would keep people's addresses.
    """
    code = _read(text[:LONGEST])
    return place_of(code) if code else None


def place_of(adcode: str) -> Place | None:
    """The Place of a six-digit code that the table knows. GB/T 2260's names for "the districts of" (110100, 500200, 429000)
    are no places: their province is meant."""
    rows = atlas().rows
    if adcode[2:] in COLLECTIVE and adcode not in rows:
        adcode = adcode[:2] + "0000"
    if adcode not in rows:
        return None
    path = [rows[adcode][0]]
    above = parent(adcode)
    while above:
        path.insert(0, rows[above][0])
        above = parent(above)
    _, lng_e6, lat_e6 = rows[adcode]
    return Place(adcode, tuple(path), _level(adcode), lng_e6, lat_e6)


def _level(code: str) -> Level:
    if rank(code) == 0:
        return "city" if code[:2] in MUNICIPALITIES else "province"
    return "city" if rank(code) == 1 else "district"


_LEVELS = "省市区县州盟旗"


class _Hit:
    """One name found at one position."""

    __slots__ = ("codes", "end", "is_full", "text")

    def __init__(self, text: str, codes: tuple[str, ...], end: int, is_full: bool) -> None:
        self.text, self.codes, self.end, self.is_full = text, codes, end, is_full


class _Page:
    """One text, what the atlas says of it, and the landmarks in it: (start, end, code), which shadow shorter
    names inside them. What was found at a position is kept, so that no text costs more than its length."""

    __slots__ = ("found", "marks", "names", "outers", "rows", "text")

    def __init__(self, text: str) -> None:
        book = atlas()
        self.text, self.names, self.rows = text, book.names, book.rows
        self.marks = [(m.start(), m.end(), LANDMARKS[m.group()]) for m in book.landmarks.finditer(text)]
        self.found: dict[int, list[_Hit]] = {}
        self.outers: frozenset[str] | None = None


def _hits(page: _Page, at: int) -> list[_Hit]:
    """Names that stand at this position, longest first; a short name with its suffix said counts as full."""
    if at in page.found:
        return page.found[at]
    found: list[_Hit] = []
    text = page.text
    for name in page.names.get(text[at : at + 2], ()):
        if not text.startswith(name.text, at):
            continue
        end, codes, is_full = at + len(name.text), name.codes, name.is_full
        if not is_full:
            end, codes, is_full = _said_suffix(text, end, codes)
        # 内蒙古 has no other name, and 内蒙古路 is a road all the same; 三门峡路 does not lie in 三门.
        if not (is_full and text[end - 1] in _LEVELS) and _is_road(text, end, codes):
            break
        if not any(start <= at and end <= stop for start, stop, _ in page.marks):
            found.append(_Hit(text[at:end], codes, end, is_full))
    page.found[at] = found
    return found


def _said_suffix(text: str, end: int, codes: tuple[str, ...]) -> tuple[int, tuple[str, ...], bool]:
    """章丘市 for today's 章丘区, 浑南新区, 凉山州: the suffix said decides the level, not the exact word."""
    said = end + 1 if text.startswith("新区", end) else end
    if not (match := _SAID.match(text, said)):
        return end, codes, False
    word = match.group()
    fits = tuple(
        c for c in codes if (rank(c) == 2 and word in "市区县旗") or (rank(c) == 1 and word in "市州盟")
    )
    return (match.end(), fits, True) if fits else (end, codes, False)


def _is_road(text: str, end: int, codes: tuple[str, ...]) -> bool:
    if not _ROAD.match(text, end):
        return False
    # 西安南大街 is a street in Xi'an; 朝阳南大街 is just a street.
    return not (_BIG_STREET.match(text, end) and any(rank(c) < 2 for c in codes))


def _read(text: str) -> str | None:
    page = _Page(text)
    weak: str | None = None
    starts = {m.start() for m in _START.finditer(text)}
    first = _GAP.match(text)
    starts.add(first.end() if first else 0)
    for at in range(len(text)):
        chain = _chain(page, at, is_start=at in starts)
        if chain is None:
            continue
        code, is_strong = chain
        if is_strong and (weak is None or at in starts or is_within(code, weak)):
            return code
        if weak is None and not is_strong:
            weak = code
    if weak is None or (rank(weak) == 0 and weak[:2] not in MUNICIPALITIES):
        for _, _, code in page.marks:
            if weak is None or is_within(code, weak):
                return code
    return weak


def _chain(page: _Page, at: int, *, is_start: bool) -> tuple[str, bool] | None:
    """The chain of names that begins here, and whether it is strong: one full name, or two names in a row."""
    head = _head(page, at, is_start=is_start)
    if head is None:
        return None
    code, end, is_strong = head
    while rank(code) < 2:
        gap = _GAP.match(page.text, end)
        begin = gap.end() if gap else end
        below = _below(page, begin, code)
        if below is None and page.text[end - 1] == "市":
            below = _below(page, end - 1, code)  # 青岛市北区: one character in two names
        if below is None:
            break
        is_strong = True
        code, end = below
    if rank(code) < 2 and (later := _later(page, end, code)):
        return later, True
    return code, is_strong


def _head(page: _Page, at: int, *, is_start: bool) -> tuple[str, int, bool] | None:
    for hit in _hits(page, at):
        if hit.text in GENERIC or (not is_start and (not hit.is_full or len(hit.text) < 3)):
            continue
        top = min(rank(c) for c in hit.codes)
        if not hit.is_full and top == 2 and not _may_open(page.text, hit):
            continue
        code = _decide(page, hit)
        if code:
            return code, hit.end, hit.is_full
    return None


def _may_open(text: str, hit: _Hit) -> bool:
    """May a county's bare short name open an address? Not in 凤山街道 or 清水亭: other things' names."""
    if hit.text in NEVER_ALONE:
        return False
    rest = text[hit.end :].strip()
    return len(rest) != 1 and not _BUILT.match(rest)


def _decide(page: _Page, hit: _Hit) -> str | None:
    """One code for a name without a parent: the only one, the one the rest decides, or what all share."""
    codes = hit.codes
    if len(codes) == 1:
        return codes[0]
    if hit.text in MEANT and not hit.is_full:
        codes = tuple(c for c in codes if rank(c) == 2) or codes
    elif (top := min(rank(c) for c in codes)) < 2:
        codes = tuple(c for c in codes if rank(c) == top)
        if len(codes) == 1:
            return codes[0]
    if (named := _named_elsewhere(page, codes)) is not None:
        return named
    if hit.text in MEANT:
        return MEANT[hit.text]
    for cut in (4, 2):
        if len({c[:cut] for c in codes}) == 1:
            above = codes[0][:cut].ljust(6, "0")
            return above if above in page.rows else None
    return None


def _named_elsewhere(page: _Page, codes: tuple[str, ...]) -> str | None:
    """The one candidate whose city or province, or a landmark in it, the text names anywhere."""
    if page.outers is None:
        named = {code for _, _, known in page.marks for code in (known, parent(known))}
        for at in range(len(page.text) - 1):
            named.update(c for hit in _hits(page, at) for c in hit.codes)
        page.outers = frozenset(c for c in named if c and rank(c) < 2)
    fits = {c for c in codes for outer in page.outers if c != outer and is_within(c, outer)}
    return fits.pop() if len(fits) == 1 else None


def _below(page: _Page, at: int, outer: str) -> tuple[str, int] | None:
    """The next name of a chain: a division within `outer`, or `outer` said again."""
    for hit in _hits(page, at):
        inside = [c for c in hit.codes if is_within(c, outer)]
        deeper = [c for c in inside if c != outer]
        if not deeper:
            if inside and hit.end > at:
                return _again(page, hit.end, outer)
            continue
        top = min(rank(c) for c in deeper)
        best = [c for c in deeper if rank(c) == top]
        if len(best) == 1:
            return best[0], hit.end
        above = {parent(c) for c in best}
        if len(above) == 1 and (one := above.pop()) and one != outer:
            return one, hit.end
    return None


def _again(page: _Page, end: int, outer: str) -> tuple[str, int] | None:
    gap = _GAP.match(page.text, end)
    return _below(page, gap.end() if gap else end, outer)


def _later(page: _Page, end: int, outer: str) -> str | None:
    """A full name within `outer` further on: 成都高新区益州大道（武侯区）."""
    for at in range(end, len(page.text) - 1):
        for hit in _hits(page, at):
            if not hit.is_full or len(hit.text) < 3 or hit.text in GENERIC:
                continue
            inside = [c for c in hit.codes if is_within(c, outer) and c != outer]
            if len(inside) == 1:
                return inside[0]
    return next((known for start, _, known in page.marks if start >= end and is_within(known, outer)), None)
