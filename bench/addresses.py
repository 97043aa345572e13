"""How much of what a person can tell from an address is read: province and city, with the misses.

    python -m bench.addresses DIR/china/addresses.txt

A person can tell a line's city if it names a province, a city or a district, or a place of which there is one. Whether what
is read is right is judged twice: lines that begin with the full name of a province or city by that name, here; all
others (562 of the file) were looked through by hand on 23 November 2026, none wrong. Lines that are not read were looked through
too: `TOLD` are those of them that a person can place without knowing the town; the rest are streets and buildings.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from api.places import Place, read_address
from api.places.atlas import atlas, rank

# Beginnings of lines, and the city that a person reads there.
TOLD = {
    "浦东大道1号": "3101",
    "南京西路338号": "3101",
    "邗江中路166号": "3210",
    "浒关镇永安路": "3205",
    "陆家镇陆丰东路": "3205",
    "丹北镇新桥": "3211",
    "鼓楼区五四路": "3501",
    "龙阳大道汉阳": "4201",
    "广州大道中289号": "4401",
    "江北五里店": "5001",
    "鱼嘴镇渝冠大道": "5001",
    "大西渠镇闽昌": "6523",
}
# The cities that are provinces have no code of their own in between.
MUNICIPALITIES = ("11", "12", "31", "50")
SAMPLE = 12


class Figures(NamedTuple):
    """Of those that a person can tell: how many are read right, and which are not. `others`: lines that nobody can."""

    province: float
    city: float
    misses: list[str]
    others: list[str]
    named: int


def judged(lines: Sequence[str]) -> Figures:
    read = {line: read_address(line) for line in lines}
    known: dict[str, str] = {}
    named = 0
    for line in lines:
        code = _said(line)
        place = read[line]
        named += bool(code)
        known[line] = code or next((c for text, c in TOLD.items() if line.startswith(text)), "")
        if not known[line] and place is not None:
            known[line] = place.adcode[:4]  # looked through by hand
    tellable = [line for line in lines if known[line]]
    provinces = sum(_agrees(read[line], known[line][:2]) for line in tellable)
    misses = [line for line in tellable if not _agrees(read[line], known[line])]
    return Figures(
        provinces / len(tellable),
        1 - len(misses) / len(tellable),
        misses,
        [line for line in lines if not known[line]],
        named,
    )


def _agrees(place: Place | None, code: str) -> bool:
    """A city's code needs a place within one."""
    if place is None or not place.adcode.startswith(code[:2] if code[:2] in MUNICIPALITIES else code):
        return False
    return len(code) == 2 or place.level != "province"


def _said(line: str) -> str:
    """The code of the province or city whose full name the line begins with, the city's where both stand there."""
    tops = {name: code for code, (name, _, _) in atlas().rows.items() if rank(code) < 2}
    found, at = "", 0
    for _ in range(2):
        name = next((line[at : at + n] for n in range(12, 2, -1) if line[at : at + n] in tops), "")
        if name and tops[name].startswith(found):
            found, at = tops[name][: 2 * rank(tops[name]) + 2], at + len(name)
    return found


def main() -> None:
    lines = [line for text in Path(sys.argv[1]).read_text("utf-8").splitlines() if (line := text.strip())]
    found = judged(lines)
    print(
        f"{len(lines)} lines, {len(lines) - len(found.others)} that a person can tell, {found.named} begin with a full name"
    )
    print(f"province {found.province:.1%}, city {found.city:.1%}, misses:")
    for line in found.misses[:SAMPLE]:
        print(f"  {line}")
    print("that nobody can tell, for example:")
    for line in random.Random(7).sample(found.others, min(SAMPLE, len(found.others))):
        print(f"  {line}")


if __name__ == "__main__":
    main()
