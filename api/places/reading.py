"""Read an address as a person would: which division of China does this text name?

A chain of names is read from the left (province, city, district; full or short; levels may be missing
and are filled upward where only one answer fits). A short name counts only where an address names
divisions, never inside a road or a building (南京东路, 上海大厦). It refuses to guess: nothing named, or
a name that several divisions bear and nothing decides, gives None or the division above all of them.
"""

import re
from functools import lru_cache

from api.places.atlas import GENERIC, MUNICIPALITIES, Atlas, atlas, is_within, parent, rank
from api.places.model import Level, Place
from api.places.wellknown import LANDMARKS, MEANT, NEVER_ALONE

LONGEST = 200  # characters read; an address that has not named its city by then will not

_GAP = re.compile(
    r"[\s,，、。;；:：/\\\-—_·.|()（）\[\]【】「」<>《》\"'*#~]*(?:中国(?!银行|移动|电信|联通))?[\s,，:：]*"
)
_START = re.compile(
    r"(?:^|(?<=[\s,，、。;；:：/\\\-|()（）\[\]【】]))(?=[^\s,，、。;；:：/\\\-|()（）\[\]【】])"
)
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


@lru_cache(maxsize=4096)
def read_address(text: str) -> Place | None:
    """The deepest division that the text names, or None. Pure; at most the first 200 characters are read."""
    code = _read(text[:LONGEST])
    return place_of(code) if code else None


def place_of(adcode: str) -> Place | None:
    """The Place of a six-digit code that the table knows."""
    rows = atlas().rows
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


class _Hit:
    """One name found at one position."""

    __slots__ = ("codes", "end", "is_full", "text")

    def __init__(self, text: str, codes: tuple[str, ...], end: int, is_full: bool) -> None:
        self.text, self.codes, self.end, self.is_full = text, codes, end, is_full


def _hits(book: Atlas, text: str, at: int) -> list[_Hit]:
    """Names that stand at this position, longest first; a short name with its suffix said counts as full."""
    found = []
    for name in book.names.get(text[at : at + 2], ()):
        if not text.startswith(name.text, at):
            continue
        end, codes, is_full = at + len(name.text), name.codes, name.is_full
        if not is_full:
            end, codes, is_full = _said_suffix(text, end, codes)
            if not is_full and _is_road(text, end, codes):
                continue
        found.append(_Hit(text[at:end], codes, end, is_full))
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
    book = atlas()
    weak: str | None = None
    starts = {m.start() for m in _START.finditer(text)}
    first = _GAP.match(text)
    starts.add(first.end() if first else 0)
    for at in range(len(text)):
        chain = _chain(book, text, at, is_start=at in starts)
        if chain is None:
            continue
        code, is_strong = chain
        if is_strong and (weak is None or at in starts or is_within(code, weak)):
            return code
        if weak is None and not is_strong:
            weak = code
    if weak is None or (rank(weak) == 0 and weak[:2] not in MUNICIPALITIES):
        mark = book.landmarks.search(text)
        if mark and (weak is None or is_within(LANDMARKS[mark.group()], weak)):
            return LANDMARKS[mark.group()]
    return weak


def _chain(book: Atlas, text: str, at: int, *, is_start: bool) -> tuple[str, bool] | None:
    """The chain of names that begins here, and whether it is strong: one full name, or two names in a row."""
    head = _head(book, text, at, is_start=is_start)
    if head is None:
        return None
    code, end, is_strong = head
    while rank(code) < 2:
        gap = _GAP.match(text, end)
        begin = gap.end() if gap else end
        below = _below(book, text, begin, code)
        if below is None and text[end - 1] == "市":
            below = _below(book, text, end - 1, code)  # 青岛市北区: one character in two names
        if below is None:
            break
        is_strong = True
        code, end = below
    if rank(code) < 2 and (later := _later(book, text, end, code)):
        return later, True
    return code, is_strong


def _head(book: Atlas, text: str, at: int, *, is_start: bool) -> tuple[str, int, bool] | None:
    for hit in _hits(book, text, at):
        if hit.text in GENERIC or (not is_start and (not hit.is_full or len(hit.text) < 3)):
            continue
        top = min(rank(c) for c in hit.codes)
        if not hit.is_full and top == 2 and not _may_open(text, hit):
            continue
        code = _decide(book, text, hit)
        if code:
            return code, hit.end, hit.is_full
    return None


def _may_open(text: str, hit: _Hit) -> bool:
    """May a county's bare short name open an address? Not in 凤山街道 or 清水亭: other things' names."""
    if hit.text in NEVER_ALONE:
        return False
    rest = text[hit.end :].strip()
    return not rest or (len(rest) > 2 and not _BUILT.match(rest))


def _decide(book: Atlas, text: str, hit: _Hit) -> str | None:
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
    if (named := _named_elsewhere(book, text, codes)) is not None:
        return named
    if hit.text in MEANT:
        return MEANT[hit.text]
    for cut in (4, 2):
        if len({c[:cut] for c in codes}) == 1:
            above = codes[0][:cut].ljust(6, "0")
            return above if above in book.rows else None
    return None


def _named_elsewhere(book: Atlas, text: str, codes: tuple[str, ...]) -> str | None:
    """The one candidate whose city or province, or a landmark in it, the text names anywhere."""
    fits: set[str] = set()
    for mark in book.landmarks.finditer(text):
        fits.update(c for c in codes if c[:4] == LANDMARKS[mark.group()][:4])
    for at in range(len(text) - 1):
        for hit in _hits(book, text, at):
            for outer in hit.codes:
                if rank(outer) < 2:
                    fits.update(c for c in codes if is_within(c, outer) and c != outer)
    return fits.pop() if len(fits) == 1 else None


def _below(book: Atlas, text: str, at: int, outer: str) -> tuple[str, int] | None:
    """The next name of a chain: a division within `outer`, or `outer` said again."""
    for hit in _hits(book, text, at):
        inside = [c for c in hit.codes if is_within(c, outer)]
        deeper = [c for c in inside if c != outer]
        if not deeper:
            if inside and hit.end > at:
                return _again(book, text, hit.end, outer)
            continue
        top = min(rank(c) for c in deeper)
        best = [c for c in deeper if rank(c) == top]
        if len(best) == 1:
            return best[0], hit.end
        above = {parent(c) for c in best}
        if len(above) == 1 and (one := above.pop()) and one != outer:
            return one, hit.end
    return None


def _again(book: Atlas, text: str, end: int, outer: str) -> tuple[str, int] | None:
    gap = _GAP.match(text, end)
    return _below(book, text, gap.end() if gap else end, outer)


def _later(book: Atlas, text: str, end: int, outer: str) -> str | None:
    """A full name within `outer` further on: 成都高新区益州大道（武侯区）."""
    for at in range(end, len(text) - 1):
        for hit in _hits(book, text, at):
            if not hit.is_full or len(hit.text) < 3 or hit.text in GENERIC:
                continue
            inside = [c for c in hit.codes if is_within(c, outer) and c != outer]
            if len(inside) == 1:
                return inside[0]
    mark = book.landmarks.search(text, end)
    if mark and is_within(LANDMARKS[mark.group()], outer):
        return LANDMARKS[mark.group()]
    return None
