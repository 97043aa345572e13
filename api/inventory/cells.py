"""One cell of a master-data sheet to a value of ours, exactly or not at all, each no with its reason.

Numbers as people write them (`1,280.00`, `￥35`, full width), weights with or without their unit, words of the trade in
Chinese and English. Nothing is rounded: what does not come out in whole fen, grams or pieces is refused.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC
from fractions import Fraction
from typing import Any

from api.kernel.errors import Why
from api.kernel.time import text as text_of
from api.places import place_of, read_address
from api.sheets.convert import Fault, fault, number, plain, scaled, to_date, to_date_dmy, to_date_mdy, to_int
from api.stock.units import GRAMS

Reader = Callable[[str], Any]  # the value, or a Why

_WEIGHT = re.compile(rf"(.+?)\s*({'|'.join(GRAMS)})?", re.IGNORECASE)
_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]00)?")
NOT_TIME = Why("时间要写成 17:00。", "A time is written as 17:00.")
NOT_PIECES = Why("只能是整件数，不能带小数。", "Whole pieces are wanted, no fraction.")
TWO_WAYS = Why("日和月分不清，写成 2029-12-31 这样。", "Day and month are unclear: write it like 2029-12-31.")
NOT_PLACE = Why("看不出是哪个区县。", "No district can be read from this.")


def text(cell: str) -> str:
    return cell.strip()


def code(cell: str) -> str:
    """A code as it is printed: full-width letters are half-width ones; what Excel made of 1001 (`1001.0`) is 1001."""
    return re.sub(r"^(\d+)\.0$", r"\1", unicodedata.normalize("NFKC", cell).strip())


def digits(cell: str) -> str:
    """A barcode: blanks and hyphens between its digits are for the eye."""
    return re.sub(r"[\s-]", "", code(cell))


def whole(cell: str) -> int | Why:
    found = to_int(cell, UTC)
    return found.why if isinstance(found, Fault) else found


def pieces(cell: str) -> int | Why:
    found = to_int(cell, UTC)
    if isinstance(found, Fault):
        return NOT_PIECES if found.code == "not_whole" else found.why
    return found


def yuan(cell: str) -> int | Why:
    found = scaled(cell, Fraction(100))
    return found.why if isinstance(found, Fault) else found


def weight(unit: str) -> Reader:
    """Into grams; a unit in the cell itself is stronger than the column's."""

    def read(cell: str) -> int | Why:
        said = _WEIGHT.fullmatch(plain(cell))
        amount, own = (said[1], said[2]) if said else (cell, None)
        found = scaled(amount, Fraction(GRAMS[(own or unit).lower()]))
        return found.why if isinstance(found, Fault) else found

    return read


def degrees(cell: str) -> float | Why:
    found = number(cell)
    return found.why if isinstance(found, Fault) else float(found)


def day(cell: str) -> str | Why:
    """YYYY-MM-DD, however the day is written; 31.12.2029 is read, since there is no month 31, 03.04.2029 is not."""
    found = to_date(cell, UTC)
    if isinstance(found, Fault) and found.code == "ambiguous_date":
        ways = {way for way in (to_date_dmy(cell, UTC), to_date_mdy(cell, UTC)) if not isinstance(way, Fault)}
        if len(ways) > 1:
            return TWO_WAYS
        found = next(iter(ways), fault("not_date"))
    return found.why if isinstance(found, Fault) else text_of(found, "UTC")[:10]


def clock_time(cell: str) -> str | Why:
    found = _TIME.fullmatch(plain(cell))
    return f"{int(found[1]):02d}:{found[2]}" if found else NOT_TIME


def district(cell: str) -> str | Why:
    """Six digits, or an address of which the district is read."""
    said = digits(cell)
    if said.isascii() and said.isdigit():
        return said
    place = read_address(cell)
    return NOT_PLACE if place is None else place.adcode


def one_of(**words: str) -> Reader:
    """`monthly="月结 挂账"`: what people write for it, besides its own name."""
    known = {word: value for value, said in words.items() for word in (value, *said.split())}
    names = "、".join(said.split()[0] for said in words.values())
    why = Why(f"只能是：{names}。", f"One of: {', '.join(words)}.")

    def read(cell: str) -> str | Why:
        return known.get(plain(cell).lower().replace(" ", ""), why)

    return read


def yes_no(cell: str) -> bool | Why:
    said = _yes_no(cell)
    return said if isinstance(said, Why) else said == "yes"


_yes_no = one_of(yes="是 有 √ ✓ y 1 true", no="否 无 × n 0 false")
terms = one_of(
    monthly="月结 月结客户 账期 挂账 赊销 credit onaccount",
    prepaid="预付 现结 现款 款到发货 先款后货 现金 cash",
)
tier = one_of(vip="VIP 重点 重要 重点客户 大客户 a a级", normal="普通 一般 普通客户 b c")
role = one_of(
    owner="老板 所有者 负责人", supervisor="主管 仓库主管 经理", sales="销售 业务员 业务 销售员",
    finance="财务 会计 出纳", picker="拣货员 拣货 仓管 仓管员 库管 配货员",
)  # fmt: skip


def is_district(adcode: str) -> bool:
    return place_of(adcode) is not None
