"""The table of divisions and the index of their names, built once on first use.

An entry is found by the first two characters of a name, then by the longest name that stands in
the text. Full names carry their suffix (昆山市); short names do not (昆山) and are weaker evidence,
which the reader weighs.
"""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from api.places.wellknown import ETHNIC, LANDMARKS, NEWER, RENAMED

MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

# Too general to be read anywhere but straight after their city.
GENERIC = frozenset(
    {"城区", "郊区", "矿区", "东区", "西区", "新城区", "新市区", "市中区", "城中区", "向阳区"}
)

_SUFFIX = re.compile(r"(?:省|市|特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|矿区|区|县|盟|旗)$")
_ETHNIC = re.compile("(?:" + "|".join(sorted(ETHNIC, key=len, reverse=True)) + ")$")


class Name(NamedTuple):
    text: str
    codes: tuple[str, ...]
    is_full: bool


class Atlas(NamedTuple):
    """`rows`: code -> (name, lng_e6, lat_e6). `names`: first two characters -> names, longest first."""

    rows: dict[str, tuple[str, int, int]]
    names: dict[str, tuple[Name, ...]]
    landmarks: re.Pattern[str]


def rank(code: str) -> int:
    """0 province, 1 city, 2 district."""
    return 0 if code[2:] == "0000" else 1 if code[4:] == "00" else 2


def parent(code: str) -> str | None:
    if code[2:] == "0000":
        return None
    # Municipalities, and counties that a province governs itself (xx90xx), have no city between.
    if code[4:] == "00" or code[:2] in MUNICIPALITIES or code[2:4] == "90":
        return code[:2] + "0000"
    return code[:4] + "00"


def is_within(code: str, outer: str) -> bool:
    return code == outer or parent(code) == outer or outer == code[:2] + "0000"


def short_name(name: str) -> str:
    """巴音郭楞蒙古自治州 -> 巴音郭楞, 浦东新区 -> 浦东, 忠县 -> 忠县 (one character alone is no name)."""
    short = _SUFFIX.sub("", name)
    if "自治" in name or "族" in short:
        while len(cut := _ETHNIC.sub("", short)) >= 2 and cut != short:
            short = cut
    return short if len(short) >= 2 else name


@cache
def atlas() -> Atlas:
    rows = _rows()
    full: dict[str, list[str]] = {}
    short: dict[str, list[str]] = {}
    for code, (name, _, _) in rows.items():
        full.setdefault(name, []).append(code)
        brief = short_name(name)
        if brief == name:
            continue
        short.setdefault(brief, []).append(code)
        for suffix, said in (("自治州", "州"), ("自治县", "县"), ("自治旗", "旗"), ("自治区", "自治区")):
            if name.endswith(suffix) and brief + said != name:
                full.setdefault(brief + said, []).append(code)
    for name, code in RENAMED.items():
        full.setdefault(name, []).append(code)
        if (brief := short_name(name)) not in short:
            short[brief] = [code]
    short.setdefault("内蒙", ["150000"])
    short.setdefault("版纳", ["532800"])
    index: dict[str, list[Name]] = {}
    for table, is_full in ((full, True), (short, False)):
        for text, codes in table.items():
            index.setdefault(text[:2], []).append(Name(text, tuple(codes), is_full))
    names = {
        key: tuple(sorted(found, key=lambda n: (-len(n.text), not n.is_full))) for key, found in index.items()
    }
    marks = re.compile("|".join(sorted(map(re.escape, LANDMARKS), key=len, reverse=True)))
    return Atlas(rows, names, marks)


def _rows() -> dict[str, tuple[str, int, int]]:
    rows: dict[str, tuple[str, int, int]] = {}
    blank: list[tuple[str, str]] = []
    text = files("api.places").joinpath("adcodes.csv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        code, name, lng, lat = line.split(",")
        if lng:
            rows[code] = (name, int(lng), int(lat))
        else:
            blank.append((code, name))
    rows.update(NEWER)
    for code, name in blank:  # a few seats are not given: the division above stands in
        rows[code] = (name, *rows[parent(code) or code][1:])
    return rows
