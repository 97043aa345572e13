"""Label sheets: items in, the bytes of a PDF or a one-bit PNG out, the same bytes for the same items.

A sheet of A4 has a header outside the labels; a roll has one label a page. Refuses with a LabelError what would print
wrong: a code that does not prove itself, a paper too small for the kind, an empty sheet. Characters that the shipped font
lacks are drawn as boxes; `qr.font.missing` names them beforehand. What draws is loaded with the first sheet, so that a
server starts without it.
"""

import io
from collections.abc import Sequence
from threading import Lock
from typing import Final

import msgspec

from qr import layout, papers
from qr.codes import KINDS as CODE_KINDS
from qr.codes import LabelError, Refused, address, read
from qr.items import BinLabel, CartonLabel, DeviceLabel, Item, OrderLabel, RegisterLabel
from qr.marks import Mark, fit
from qr.papers import Paper


class Kind(msgspec.Struct, frozen=True):
    """A kind of label: the type letter its codes have, its drawing, and its own paper."""

    code: str
    zh: str
    en: str
    letter: str
    item: type
    design: layout.Design
    paper: str


KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind("bins", "货架码", "Bin codes", "L", BinLabel, layout.BIN, "a4-24"),
        Kind("orders", "订单码", "Order codes", "D", OrderLabel, layout.ORDER, "60x40"),
        Kind("cartons", "箱标", "Carton labels", "C", CartonLabel, layout.CARTON, "60x40"),
        Kind("devices", "设备卡", "Device cards", "V", DeviceLabel, layout.DEVICE, "a4-8"),
        Kind("register", "登记海报", "Register poster", "R", RegisterLabel, layout.REGISTER, "a4-1"),
    )
}
FORMATS: Final = {"pdf": "application/pdf", "png": "image/png"}
CONTENTS: Final = ("address", "code")
MOST_LABELS: Final = 20_000
MOST_DOTS: Final = 40_000_000

# ReportLab keeps its fonts for the whole process, and neither its fonts nor FreeType's stand two readers at once.
_ONE_AT_A_TIME: Final = Lock()


def sheet(
    kind: str,
    items: Sequence[Item],
    paper: str | None = None,
    *,
    skip: int = 0,
    copies: int = 1,
    content: str = "address",
    public_url: str = "",
    fmt: str = "pdf",
) -> bytes:
    """The printed form of `items`, each `copies` times, the first `skip` cells of the first page left free.

    `kind` is a key of KINDS, `paper` of PAPERS (None: the kind's own), `fmt` of FORMATS. With `content="address"` the
    codes carry `public_url`/S/code, with "code" the bare code. A PNG has its pages one below the other. Raises LabelError:
    unknown_kind, unknown_paper, unknown_format, unknown_content, no_items, too_many, bad_skip, bad_copies, bad_code,
    paper_too_small, code_too_small, bad_public_url, too_long.
    """
    if kind not in KINDS:
        raise LabelError("unknown_kind", f"没有“{kind}”这种标签。", f"There are no labels {kind!r}.")
    made = KINDS[kind]
    on = papers.find(made.paper if paper is None else paper)
    _check(made, items, on, skip, copies, content, fmt)
    labels = [_marks(made, item, on, content, public_url) for item in items for _ in range(copies)]
    cells: list[list[Mark]] = [[]] * skip + labels
    pages = [cells[first : first + on.per_page] for first in range(0, len(cells), on.per_page)]
    what = f"{heading(items)}{made.zh} · {on.zh}"
    with _ONE_AT_A_TIME:
        return _pdf(made, what, on, pages) if fmt == "pdf" else _png(what, on, pages)


def heading(items: Sequence[Item]) -> str:
    """`上海仓 A、B 区 ` for bins of one warehouse, else the warehouse alone, else nothing."""
    warehouses = {item.warehouse for item in items if not isinstance(item, RegisterLabel)}
    if len(warehouses) != 1:
        return ""
    aisles = sorted({item.aisle for item in items if isinstance(item, BinLabel) and item.aisle})
    named = f" {'、'.join(aisles)} 区" if 0 < len(aisles) <= 6 else ""
    return f"{warehouses.pop()}{named} "


def _check(
    made: Kind, items: Sequence[Item], on: Paper, skip: int, copies: int, content: str, fmt: str
) -> None:
    if fmt not in FORMATS:
        raise LabelError("unknown_format", f"没有“{fmt}”格式。", f"There is no format {fmt!r}.")
    if content not in CONTENTS:
        raise LabelError("unknown_content", "内容只有 address 和 code。", "Content is address or code.")
    if not items:
        raise LabelError("no_items", "没有要打印的标签。", "There is nothing to print.")
    if not 1 <= copies <= 100:
        raise LabelError("bad_copies", "份数从 1 到 100。", "Copies are 1 to 100.")
    if not 0 <= skip < on.per_page:
        raise LabelError(
            "bad_skip", f"跳过的张数从 0 到 {on.per_page - 1}。", f"Cells to skip are 0 to {on.per_page - 1}."
        )
    if len(items) * copies > MOST_LABELS:
        raise LabelError(
            "too_many", f"一次最多 {MOST_LABELS} 张，分几次打。", f"At most {MOST_LABELS} labels at a time."
        )
    if on.cell_w < made.design.least_w or on.cell_h < made.design.least_h:
        raise LabelError("paper_too_small", f"{on.zh}放不下{made.zh}。", f"{made.en} do not fit on {on.en}.")
    for item in items:
        if not isinstance(item, made.item):
            raise TypeError(f"{made.code} are printed from {made.item.__name__}, not {type(item).__name__}")
        _prove(made, item)


def _prove(made: Kind, item: Item) -> None:
    """The printed text is the code, letter for letter: what would not be read back is not printed."""
    got = read(item.code)
    if isinstance(got, Refused) or got.kind != made.letter or got.text != item.code:
        word = CODE_KINDS[made.letter]
        raise LabelError(
            "bad_code", f"“{item.code}”不是{made.zh}能印的码。", f"{item.code!r} is not a proven {word} code."
        )


def _marks(made: Kind, item: Item, on: Paper, content: str, public_url: str) -> list[Mark]:
    encoded = item.code if content == "code" else address(public_url, item.code)
    return layout.lay(made.design, item, encoded, on.cell_w, on.cell_h)


def _header(what: str, on: Paper, page: int, pages: int) -> list[Mark]:
    """Outside the labels; none on rolls and whole pages, which have no outside."""
    if on.top < 1000:
        return []
    edge = max(on.left, 700)
    right = fit(f"第 {page} / {pages} 页 · 按 100% 打印", (edge, on.page_w - edge), 760, 320, align="right")
    return [fit(what, (edge, right.x - 500), 760, 320), right]


def _pdf(made: Kind, what: str, on: Paper, pages: list[list[list[Mark]]]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    from qr.draw import PdfPage, register_fonts

    to = io.BytesIO()
    size = (on.page_w * 72 / 2540, on.page_h * 72 / 2540)
    register_fonts()
    canvas = Canvas(to, pagesize=size, pageCompression=1, invariant=1, lang="zh-CN")
    canvas.setTitle(what)
    canvas.setCreator("货到哪")
    canvas.setSubject(made.en)
    canvas.setViewerPreference("PrintScaling", "None")
    for number, cells in enumerate(pages, 1):
        page = PdfPage(canvas, on.page_h)
        page.draw(_header(what, on, number, len(pages)))
        for index, marks in enumerate(cells):
            page.draw(marks, *on.cell(index)[:2])
        canvas.showPage()
    canvas.save()
    return to.getvalue()


def _png(what: str, on: Paper, pages: list[list[list[Mark]]]) -> bytes:
    if on.page_w * on.page_h * 64 // 10_000 * len(pages) > MOST_DOTS:
        raise LabelError(
            "too_many", "图片太大，少选几张，或打 PDF。", "Too many labels for one image: take the PDF."
        )
    from PIL import Image

    from qr.draw import DotPage

    drawn = []
    for number, cells in enumerate(pages, 1):
        page = DotPage(on.page_w, on.page_h)
        page.draw(_header(what, on, number, len(pages)))
        for index, marks in enumerate(cells):
            page.draw(marks, *on.cell(index)[:2])
        drawn.append(page.image)
    width, height = drawn[0].size
    whole = Image.new("1", (width, height * len(drawn)), 1)
    for number, image in enumerate(drawn):
        whole.paste(image, (0, number * height))
    to = io.BytesIO()
    whole.save(to, "PNG", dpi=(203.2, 203.2))
    return to.getvalue()
