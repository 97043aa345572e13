"""Label sheets as they leave: every printed code decodes, the Chinese is drawn, nothing wrong is printed."""

import io
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from qr import font
from qr.codes import REFUSALS, LabelError, bin_body, make
from qr.draw import DotPage
from qr.items import BinLabel, CartonLabel, DeviceLabel, Item, OrderLabel, RegisterLabel
from qr.marks import Text
from qr.papers import PAPERS
from qr.sheet import FORMATS, KINDS, sheet

ROOT = Path(__file__).parents[2]
URL = "https://hub.example.cn"
DPI = 203.2


def bins(count: int, warehouse: str = "上海仓") -> list[Item]:
    found: list[Item] = []
    for aisle, rack, level in product("ABCDEFG", range(1, 9), range(1, 5)):
        name = f"{aisle}-{rack:02}-{level:02}"
        found.append(BinLabel(make("L", bin_body(name)), name, warehouse, aisle, f"{rack:02}", level, 4))
    return found[:count]


ORDER = OrderLabel(
    make("D", "HD26012200017"), "HD260122-00017", "浦东宝诚4S店", "上海仓", 3, 12, ("加急", "避周一")
)
CARTON = CartonLabel(
    make("C", "HD26012200017C1"),
    "浦东 张江",
    1,
    2,
    "浦东宝诚4S店",
    "HD260122-00017",
    "上海仓",
    5,
    12400,
    ("加急", "防震泡沫"),
)
DEVICE = DeviceLabel(make("V", "7K3Q9F2M"), "PDA 3 号", "上海仓", "7K3Q9F2M", "今天 18:00 前有效")
REGISTER = RegisterLabel(make("R", "SH01"), "申驰汽配", "刘建国", "138 0000 2233")
ONE: dict[str, list[Item]] = {
    "bins": bins(1),
    "orders": [ORDER],
    "cartons": [CARTON],
    "devices": [DEVICE],
    "register": [REGISTER],
}


def pages(pdf: bytes, dpi: float = 200) -> list[Image.Image]:
    return [page.render(scale=dpi / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]


def decoded(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def text_in(page: pypdfium2.PdfPage, cell: tuple[int, int, int, int], height: int) -> str:
    x, y, w, h = (v * 72 / 2540 for v in cell)
    top = height * 72 / 2540 - y
    return page.get_textpage().get_text_bounded(left=x, bottom=top - h, right=x + w, top=top)


@pytest.mark.parametrize(
    ("paper", "count", "skip", "copies", "content"),
    [
        ("a4-24", 50, 0, 1, "address"),
        ("a4-24", 15, 5, 2, "address"),
        ("a4-21", 22, 20, 1, "code"),
        ("60x40", 3, 0, 2, "address"),
    ],
)
def test_every_code_decodes_to_what_is_printed_beneath_it(paper, count, skip, copies, content):
    items = bins(count)
    pdf = sheet("bins", items, paper, skip=skip, copies=copies, content=content, public_url=URL)
    on = PAPERS[paper]
    expected = [item for item in items for _ in range(copies)]
    document, images = pypdfium2.PdfDocument(pdf), pages(pdf)
    assert len(images) == -(-(skip + len(expected)) // on.per_page) >= 2
    seen = []
    for number, image in enumerate(images):
        assert image.size == (round(on.page_w * 200 / 2540 + 0.49), round(on.page_h * 200 / 2540 + 0.49))
        for index in range(on.per_page):
            x, y, w, h = (v * 200 // 2540 for v in on.cell(index))
            codes = decoded(image.crop((x, y, x + w, y + h)))
            words = text_in(document[number], on.cell(index), on.page_h)
            if not codes:
                assert not re.search(r"\w", words), "a cell with words has its code"
                continue
            prefix = "HTTPS://HUB.EXAMPLE.CN/S/" if content == "address" else ""
            item = expected[len(seen)]
            assert codes == [prefix + item.code]
            assert item.code in words.split()
            assert item.bin in words
            seen.append((number, index))
    assert len(seen) == len(expected) == count * copies
    assert seen[0] == (0, skip)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_kind_prints_and_decodes(kind, fmt):
    made = sheet(kind, ONE[kind], public_url=URL, fmt=fmt)
    image = pages(made)[0] if fmt == "pdf" else Image.open(io.BytesIO(made))
    assert decoded(image.convert("L")) == ["HTTPS://HUB.EXAMPLE.CN/S/" + ONE[kind][0].code]
    assert sheet(kind, ONE[kind], public_url=URL, fmt=fmt) == made


@pytest.mark.parametrize("paper", [p for p in PAPERS if p != "a4-1"])
def test_bins_and_cards_decode_on_every_paper_in_one_bit(paper):
    for kind in ("bins", "cartons"):
        image = Image.open(io.BytesIO(sheet(kind, ONE[kind], paper, public_url=URL, fmt="png")))
        assert image.mode == "1"
        assert decoded(image.convert("L")) == ["HTTPS://HUB.EXAMPLE.CN/S/" + ONE[kind][0].code]


def test_a_thermal_label_is_whole_dots():
    image = Image.open(io.BytesIO(sheet("cartons", [CARTON], public_url=URL, fmt="png")))
    assert (image.size, image.mode) == ((480, 320), "1")
    assert round(image.info["dpi"][0]) == 203
    roll = Image.open(io.BytesIO(sheet("bins", bins(3), "60x40", public_url=URL, fmt="png")))
    assert roll.size == (480, 960)
    assert sorted(decoded(roll.convert("L"))) == ["HTTPS://HUB.EXAMPLE.CN/S/" + item.code for item in bins(3)]


def test_the_words_are_text_that_can_be_found():
    pdf = sheet("bins", bins(30), skip=2, public_url=URL)
    document = pypdfium2.PdfDocument(pdf)
    words = document[0].get_textpage().get_text_range()
    for expected in ("第 3 层 ↑", "第 1 层 ↓", "上海仓 A 区 01 架", "A-01-03", "LA0103V"):
        assert expected in words
    assert "上海仓 A 区 货架码 · A4 63.5 × 33.9 mm，24 张" in words
    assert "第 1 / 2 页 · 按 100% 打印" in words
    assert "第 2 / 2 页" in document[1].get_textpage().get_text_range()
    assert document.get_metadata_value("Title").startswith("上海仓 A 区 货架码")
    carton = (
        pypdfium2.PdfDocument(sheet("cartons", [CARTON], public_url=URL))[0].get_textpage().get_text_range()
    )
    for expected in (
        "浦东 张江",
        "1/2",
        "浦东宝诚4S店",
        "00017 · 上海仓",
        "5 件 · 12.4 kg",
        "加急",
        "防震泡沫",
    ):
        assert expected in carton


PLACES = ["上海仓", "苏州仓", "闫喆堃", "龘龘龘", "口口口"]


@cache
def place_ink(warehouse: str, is_dots: bool) -> Image.Image:
    """The place line of a bin label, one bit: from the sheet, or as Pillow draws the same words beside it."""
    x, y, w, _ = PAPERS["a4-24"].cell(0)
    area = [round(v * 8 / 100) for v in (x + 2900, y + 2150, x + w - 1700, y + 2580)]
    if is_dots:
        page = DotPage(21000, 4700)
        page.draw([Text(2935, 2480, 330, warehouse)], x, y)
        return page.image.crop(area)
    item = BinLabel(make("L", "A0103"), "A-01-03", warehouse)
    image = pages(sheet("bins", [item], public_url=URL), DPI)[0]
    return image.crop(area).point(lambda v: 255 * (v > 140)).convert("1")


def likeness(a: Image.Image, b: Image.Image) -> float:
    """Shared ink over all ink."""
    shared, every = ImageChops.logical_or(a, b), ImageChops.logical_and(a, b)
    return shared.histogram()[0] / max(every.histogram()[0], 1)


def test_the_chinese_is_really_drawn():
    """The sheet's ink is that of its own words: not of others, not of the box that stands for a missing letter."""
    assert font.missing("".join(PLACES)) == {"龘"}
    for words in PLACES:
        drawn = place_ink(words, False)
        assert drawn.histogram()[0] > 200
        alike = {other: likeness(drawn, place_ink(other, True)) for other in PLACES}
        assert max(alike, key=alike.__getitem__) == words, alike
        assert alike[words] > 0.5
        assert max(v for other, v in alike.items() if other != words) < alike[words] - 0.15, alike


def test_a_missing_letter_is_a_box_and_is_named():
    assert font.missing("上海仓 A-01，¥·↑↓#") == set()
    assert font.missing("龘😀堃\n\u200b") == {"龘", "😀"}
    assert font.missing("e\u0301 u\u0308") == set()
    item = BinLabel(make("L", "A0103"), "A-01-03", "龘龘仓")
    words = pypdfium2.PdfDocument(sheet("bins", [item], public_url=URL))[0].get_textpage().get_text_range()
    assert "仓" in words
    assert "龘" not in words
    assert font.width("龘龘仓", False) == 3 * font.EM


def test_rare_names_stay_bold_by_a_stroke():
    assert font.pieces("堃A", True) == ((font.REGULAR, True, "堃"), (font.BOLD, False, "A"))
    rare = OrderLabel(ORDER.code, ORDER.order_no, "闫堃", "上海仓", 1, 1)
    for fmt in FORMATS:
        assert sheet("orders", [rare], public_url=URL, fmt=fmt)


def test_the_letters_cover_what_china_writes():
    def hanzi(first: int, last: int) -> str:
        every = (bytes([0xA0 + row, 0xA0 + cell]) for row in range(first, last + 1) for cell in range(1, 95))
        return "".join(pair.decode("gb2312", "ignore") for pair in every)

    assert len(hanzi(16, 87)) == 6763
    assert font.missing(hanzi(16, 87)) == set()
    ascii_and_signs = (
        "".join(map(chr, range(0x20, 0x7F))) + "，。、；：？！“”‘’（）《》【】—…·¥￥×℃㎡↑↓①Φφμ０９ＡＺａｚ　"
    )
    assert font.missing(ascii_and_signs) == set()
    assert font.missing("闫喆堃甯祎玥珺燊犇垚镕昇曌琇翀埇埗塱氿浉滘瀍猇硚碶垟") == set()
    assert {piece.face for piece in font.pieces(hanzi(16, 55), True)} == {font.BOLD}
    assert sum((font.FOLDER / f"{name}.ttf").stat().st_size for name in (font.REGULAR, font.BOLD)) < 4_000_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (font.FOLDER / "OFL.txt").read_text(encoding="utf-8")


def test_real_addresses_need_no_box():
    folder = os.environ.get("TEST_DATA", "")
    files = [Path(folder) / "china" / name for name in ("addresses.txt", "adcodes.csv")]
    if not folder or not all(file.exists() for file in files):
        pytest.skip("not run: no data")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(set(text)) > 1500
    assert font.missing(text) == set()


def test_a_pdf_is_vectors_only():
    pdf = pypdfium2.PdfDocument(sheet("bins", bins(24), public_url=URL))
    kinds = {obj.type for obj in pdf[0].get_objects()}
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds
    assert {pypdfium2.raw.FPDF_PAGEOBJ_PATH, pypdfium2.raw.FPDF_PAGEOBJ_TEXT} <= kinds


def test_sheets_made_at_once_do_not_mix():
    jobs = [bins(24, f"{place}仓") for place in ("上海", "苏州", "广州", "成都")] * 2
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda items: sheet("bins", items, public_url=URL), jobs))
    assert at_once == [sheet("bins", items, public_url=URL) for items in jobs]
    assert len(set(at_once)) == 4


REFUSED = [
    ("unknown_kind", {"kind": "shelves"}),
    ("unknown_paper", {"paper": "a5"}),
    ("unknown_format", {"fmt": "zpl"}),
    ("unknown_content", {"content": "json"}),
    ("no_items", {"items": []}),
    ("bad_skip", {"skip": 24}),
    ("bad_skip", {"skip": -1}),
    ("bad_copies", {"copies": 0}),
    ("bad_copies", {"copies": 101}),
    ("too_many", {"items": bins(1) * 201, "copies": 100}),
    ("too_many", {"items": bins(224), "fmt": "png", "copies": 10}),
    ("bad_public_url", {"public_url": ""}),
    ("bad_public_url", {"public_url": "https://hub.example.cn/app"}),
    ("code_too_small", {"public_url": "https://" + "a" * 250 + ".cn", "paper": "60x40", "fmt": "png"}),
    ("code_too_small", {"public_url": "https://" + "a" * 265 + ".cn", "paper": "60x40"}),
    ("too_long", {"public_url": "https://" + "a" * 300 + ".cn"}),
    ("paper_too_small", {"kind": "register", "items": [REGISTER]}),
    ("bad_code", {"items": [BinLabel("LA0103W", "A-01-03", "上海仓")]}),
    ("bad_code", {"items": [BinLabel("DA0103V", "A-01-03", "上海仓")]}),
    ("bad_code", {"items": [BinLabel("la0103v", "A-01-03", "上海仓")]}),
    ("bad_code", {"items": [BinLabel("LA0103V\n", "A-01-03", "上海仓")]}),
]


@pytest.mark.parametrize(("code", "changed"), REFUSED)
def test_what_would_print_wrong_is_refused(code, changed):
    asked = {"kind": "bins", "items": bins(1), "paper": "a4-24", "public_url": URL} | changed
    with pytest.raises(LabelError) as no:
        sheet(**asked)
    assert no.value.code == code
    assert no.value.zh
    assert no.value.en


def test_items_of_another_kind_are_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match="BinLabel"):
        sheet("bins", [ORDER], public_url=URL)


def test_the_docs_name_every_paper_kind_and_refusal():
    docs = (ROOT / "docs" / "labels.md").read_text(encoding="utf-8")
    raised = {
        m
        for file in (ROOT / "qr").glob("*.py")
        for m in re.findall(r'LabelError\(\s*"(\w+)"', file.read_text("utf-8"))
    }
    assert raised >= {code for code, _ in REFUSED}
    for word in [*PAPERS, *KINDS, *REFUSALS, *raised]:
        assert f"`{word}`" in docs, word
    assert json.loads((ROOT / "qr" / "vectors" / "codes.json").read_text("utf-8"))["read"]
