"""Where everything stands on a label: pure boxes from an item, in the measures of its own drawing.

Each kind is drawn once, at its design size (bins 63.5 × 33.9 mm, cartons and the other cards 60 × 40, the poster A4), and
scaled to the cell as a whole; a wider cell gives its text more room, a taller one white above and below. Least text is
7 pt after scaling. Nothing leaves the cell, whatever the words: `fit` shrinks, then cuts.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from qr import font
from qr.items import BinLabel, CartonLabel, DeviceLabel, OrderLabel, RegisterLabel
from qr.marks import LEAST_TEXT, Box, Mark, Shape, Symbol, Text, fit, outline, rack, strip


class Design(msgspec.Struct, frozen=True):
    """A drawing: its own size, the smallest cell it can be read on, and how an item becomes marks.

    `marks(item, content, width, least)` draws `width` wide, at least `w`, with no text below `least`.
    """

    w: int
    h: int
    least_w: int
    least_h: int
    marks: Callable[[Any, str, int, int], list[Mark]]


def lay(design: Design, item: object, content: str, w: int, h: int) -> list[Mark]:
    """The item's marks in a cell of w × h."""
    # The smaller of two ratios, kept as a fraction: no float may move a mark over the edge.
    up, down = min((w, design.w), (h, design.h), key=lambda ratio: ratio[0] * 10**9 // ratio[1])
    marks = design.marks(item, content, w * down // up, -(-LEAST_TEXT * down // up))
    return [_move(mark, up, down, (h - design.h * up // down) // 2) for mark in marks]


def _move(mark: Mark, up: int, down: int, dy: int) -> Mark:
    def scale(length: int) -> int:
        return length * up // down

    match mark:
        case Text():
            # Rounded to the nearest: a floor would take the least text below 7 pt.
            size = (mark.size * up + down // 2) // down
            return msgspec.structs.replace(mark, x=scale(mark.x), y=scale(mark.y) + dy, size=size)
        case Symbol():
            return Symbol(scale(mark.x), scale(mark.y) + dy, scale(mark.side), mark.content)
        case Box():
            x, y = scale(mark.x), scale(mark.y)
            return Box(x, y + dy, scale(mark.x + mark.w) - x, scale(mark.y + mark.h) - y)
        case Shape():
            return Shape(tuple((scale(x), scale(y) + dy) for x, y in mark.points))


def level_words(level: int) -> str:
    """`第 3 层 ↑`: the arrow says where to look, ↓ at the floor, ↑ above eye height (from the third level)."""
    arrow = " ↓" if level == 1 else " ↑" if level >= 3 else ""
    return f"第 {level} 层{arrow}"


def bin_marks(item: BinLabel, content: str, width: int, least: int) -> list[Mark]:
    """The shelf code of design/16-labels-a4.png: the code left, words right, one rhythm down to the strip."""
    column = (2935, width - 300)
    marks: list[Mark] = [
        Symbol(0, 0, 2930, content),
        fit(item.code, (100, 2830), 3130, max(260, least), least=least, align="centre"),
        fit(item.bin, column, 1060, 847, least=least, is_bold=True),
        fit(item.place, column, 2480, 330, least=least),
    ]
    if item.level > 0:
        shelf_room = 0
        if item.level <= item.levels <= 8:
            marks += rack(column[0] + 10, 1370, 480, 560, item.level, item.levels)
            shelf_room = 690
        words = (column[0] + shelf_room, column[1])
        marks.append(fit(level_words(item.level), words, 1802, 400, least=least, is_bold=True))
    if item.aisle:
        marks += strip(item.aisle.upper(), column[0], 2890, column[1] - column[0], 230)
    return marks


def tail(order_no: str) -> str:
    """What people say of an order: its last five digits, with the part and the version, if it is one (`00017-P2`, `00017-V2`)."""
    number = re.fullmatch(r".*?([0-9]{5})((?:-P[0-9]+)?(?:-V[0-9]+)?)", order_no, re.ASCII)
    return number[1] + number[2] if number else order_no[-5:]


def carton_marks(item: CartonLabel, content: str, width: int, least: int) -> list[Mark]:
    """design/16b-label-60x40.png."""
    weight = f"{item.weight_g // 1000}.{item.weight_g % 1000 // 100} kg" if item.weight_g else ""
    counted = " · ".join(part for part in (f"{item.pieces} 件", weight) if part)
    words = (item.customer, f"{tail(item.order_no)} · {item.warehouse}", counted)
    corner = f"{item.carton}/{item.cartons}"
    return _card(item.district, corner, words, content, width, least) + _tags(
        item.tags, item.urgent, width, least
    )


def order_marks(item: OrderLabel, content: str, width: int, least: int) -> list[Mark]:
    """An order's slip: its tail big, because that is what people say aloud."""
    words = (item.customer, item.order_no, f"{item.lines} 行 · {item.pieces} 件")
    return _card(tail(item.order_no), item.warehouse, words, content, width, least) + _tags(
        item.tags, item.urgent, width, least
    )


def device_marks(item: DeviceLabel, content: str, width: int, least: int) -> list[Mark]:
    """A device's card."""
    device = f"设备 {item.device}" if item.device else ""
    words = ("用这台设备扫一下", device, item.until, item.code)
    return _card(item.label, item.warehouse, words, content, width, least)


def _card(head: str, corner: str, words: tuple[str, ...], content: str, width: int, least: int) -> list[Mark]:
    """A head and a corner over a rule, the code right, the words left of it."""
    corner_mark = fit(corner, (width * 3 // 5, width - 250), 775, 600, least=least, align="right")
    left = (250, width - 2850)
    marks: list[Mark] = [
        fit(head, (250, corner_mark.x - 250), 775, 625, least=least, is_bold=True),
        corner_mark,
        Box(250, 975, width - 500, 38),
        Symbol(width - 2775, 1013, 2775, content),
    ]
    first, *rest = words
    marks += _name(first, left, least)
    for line, y, size in zip(rest, (1940, 2325, 2710), (300, 300, max(least, 247)), strict=False):
        marks.append(fit(line, left, y, size, least=least))
    return marks


def _name(name: str, room: tuple[int, int], least: int) -> list[Mark]:
    """A company's name is long: one line if it can be, else two smaller ones."""
    name = font.clean(name).strip()
    one = Text(room[0], 1475, 350, name, is_bold=True)
    if one.width <= room[1] - room[0]:
        return [one]
    small = max(least, 270)
    split = len(name)
    while split > 1 and Text(0, 0, small, name[:split], is_bold=True).width > room[1] - room[0]:
        split -= 1
    lines = ((name[:split], 1310), (name[split:], 1310 + small * 21 // 20))
    return [fit(part, room, y, small, least=least, is_bold=True) for part, y in lines]


def _tags(tags: tuple[str, ...], urgent: frozenset[str], width: int, least: int) -> list[Mark]:
    """Tags along the foot in at most two rows; what finds no room is counted as +n, never dropped in silence."""
    left, end = 250, width - 2850
    rows: list[list[tuple[str, int]]] = [[]]
    x, taken = left, 0
    for tag in tags:
        w = min(Text(0, 0, 325, font.clean(tag), is_bold=True).width + 320, end - left)
        if x > left and x + w > end:
            if len(rows) == 2:
                break
            rows, x = [*rows, []], left
        rows[-1].append((tag, x))
        x, taken = x + w + 100, taken + 1
    rest = len(tags) - taken
    # The count needs its own room: tags give way from the end.
    while rest and rows[-1] and x + 450 > end and len(rows[-1]) > 1:
        x, rest = rows[-1].pop()[1], rest + 1
    marks: list[Mark] = []
    for row, top in zip(rows, (3250 - 600 * (len(rows) - 1), 3250), strict=False):
        for tag, at in row:
            stop = end - 500 if rest and row is rows[-1] else end
            marks += _tag(tag, at, top, stop, tag in urgent, least)
    if rest:
        marks.append(fit(f"+{rest}", (min(x, end - 400), end), 3630, 325, least=least, is_bold=True))
    return marks


def _tag(tag: str, x: int, y: int, stop: int, is_filled: bool, least: int) -> list[Mark]:
    words = fit(tag, (x + 160, stop - 160), y + 380, 325, least=least, is_bold=True, is_white=is_filled)
    w = words.width + 320
    return [*([Box(x, y, w, 525)] if is_filled else outline(x, y, w, 525, 38)), words]


FIELDS: Final = (
    ("订单编号", "不填自动编"),
    ("客户名称", "打两个字就出来"),
    ("金额", "元"),
    ("状态", "四选一"),
)


def register_marks(item: RegisterLabel, content: str, width: int, least: int) -> list[Mark]:
    """The poster of design/17-register-poster.png: one sentence, one code, the four fields, a name to ask."""
    left, right = 2110, width - 2110
    marks: list[Mark] = [
        fit("接到一单，", (left, right), 4050, 2050, is_bold=True, least=least),
        fit("扫一下，记一单。", (left, right), 6500, 2050, is_bold=True, least=least),
        fit("打开微信，对准下面的方块。四格，十五秒。", (left, right), 7770, 690, least=least),
        Symbol(980, 9190, 10460, content),
        Box(left, 20200, right - left, 60),
    ]
    for n, (name, hint) in enumerate(FIELDS):
        y = 11360 + n * 2230
        name_mark = fit(name, (11800, right), y, 680, least=least)
        marks += [
            name_mark,
            fit(hint, (11800 + name_mark.width + 200, right), y, 530, least=least, align="right"),
        ]
        marks.append(Box(11800, y + 450, right - 11800, 50))
    notes = (
        ("只记今天的", "电话单、微信单、", "柜台单，都算。"),
        ("记过不用重填", "以后这单的拣货、", "发货接着它走。"),
        ("扫不开", f"找 {item.ask}", item.phone),
    )
    for n, (title, *lines) in enumerate(notes):
        column = (left + n * 5600, left + n * 5600 + 5300)
        marks.append(fit(title, column, 21750, 800, is_bold=True, least=least))
        marks += [fit(line, column, 22600 + k * 900, 590, least=least) for k, line in enumerate(lines)]
    code = fit(item.code, (right - 6000, right), 28000, 500, least=least, align="right")
    foot = fit("货到哪", (left, right), 28000, 500, is_bold=True, least=least)
    company = fit(
        f"{item.company} · 今日订单登记", (left + foot.width + 500, code.x - 300), 28000, 500, least=least
    )
    return [*marks, foot, company, code]


BIN: Final = Design(6350, 3390, 6000, 3300, bin_marks)
CARTON: Final = Design(6000, 4000, 6000, 3390, carton_marks)
ORDER: Final = Design(6000, 4000, 6000, 3390, order_marks)
DEVICE: Final = Design(6000, 4000, 6000, 3390, device_marks)
REGISTER: Final = Design(21000, 29700, 10000, 14000, register_marks)
