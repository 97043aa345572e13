"""Papers and drawings: cells stay on the page, marks stay in their cells, quiet zones stay quiet."""

from itertools import combinations

import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode import util

from qr import font, layout
from qr.codes import LabelError, make
from qr.items import BinLabel, CartonLabel, DeviceLabel, OrderLabel, RegisterLabel
from qr.marks import LEAST_TEXT, Box, Mark, Shape, Symbol, Text, fit, rack, strip
from qr.matrix import MAX_LETTERS, matrix, penalty
from qr.papers import PAPERS, find
from qr.sheet import KINDS

QUICK = settings(max_examples=80, derandomize=True, deadline=None)
WORDS = st.text(st.sampled_from("上海仓苏州浦东张江宝诚堃喆龘😀 ABCWm01-/（）·\n\t｜g"), max_size=40)
TAGS = st.lists(WORDS, max_size=6).map(tuple)
FITTING = [
    (kind.code, paper.code)
    for kind in KINDS.values()
    for paper in PAPERS.values()
    if paper.cell_w >= kind.design.least_w and paper.cell_h >= kind.design.least_h
]


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_cells_stay_on_the_page_and_never_overlap(paper):
    cells = [paper.cell(n) for n in range(paper.per_page)]
    assert len(set(cells)) == paper.columns * paper.rows > 0
    for x, y, w, h in cells:
        assert min(x, y, w, h) >= 0
        assert x + w <= paper.page_w
        assert y + h <= paper.page_h
    for (x, y, w, h), (u, v, _, _) in combinations(cells, 2):
        assert abs(x - u) >= w or abs(y - v) >= h


@pytest.mark.parametrize("paper", [p for p in PAPERS.values() if p.per_page > 1], ids=lambda p: p.code)
def test_grids_stand_in_the_middle_of_a4_with_room_for_a_header(paper):
    right = paper.page_w - sum(paper.cell(paper.columns - 1)[::2])
    foot = paper.page_h - sum(paper.cell(paper.per_page - 1)[1::2])
    assert abs(right - paper.left) <= 10
    assert abs(foot - paper.top) <= 10
    assert paper.top >= 1000


def test_papers_are_found_by_name():
    assert find("a4-24").per_page == 24
    assert (find("60x40").page_w, find("60x40").page_h) == (6000, 4000)
    assert {p.code for p in PAPERS.values()} == set(PAPERS)
    with pytest.raises(LabelError) as no:
        find("a5")
    assert no.value.code == "unknown_paper"


def bounds(mark: Mark) -> tuple[int, int, int, int]:
    """Left, top, right, bottom; of a text from cap or hanzi height to below the line, as the font's ink goes."""
    match mark:
        case Text():
            is_latin = mark.text.isascii()
            return (
                mark.x,
                mark.y - mark.size * (74 if is_latin else 85) // 100,
                mark.x + mark.width,
                mark.y + mark.size * (0 if is_latin and mark.text.isupper() else 8) // 100,
            )
        case Symbol():
            return mark.x, mark.y, mark.x + mark.side, mark.y + mark.side
        case Box():
            return mark.x, mark.y, mark.x + mark.w, mark.y + mark.h
        case Shape():
            xs, ys = zip(*mark.points, strict=True)
            return min(xs), min(ys), max(xs), max(ys)


def overlap(a: Mark, b: Mark, slack: int = 2) -> bool:
    (l1, t1, r1, b1), (l2, t2, r2, b2) = bounds(a), bounds(b)
    return l1 + slack < r2 and l2 + slack < r1 and t1 + slack < b2 and t2 + slack < b1


def check_marks(kind: str, paper: str, item: object) -> None:
    on, design = PAPERS[paper], KINDS[kind].design
    marks = layout.lay(design, item, "HTTPS://HUB.EXAMPLE.CN/S/LA0103V", on.cell_w, on.cell_h)
    assert sum(isinstance(mark, Symbol) for mark in marks) == 1
    texts = [mark for mark in marks if isinstance(mark, Text) and mark.text]
    assert texts
    for mark in marks:
        left, top, right, bottom = bounds(mark)
        assert left >= 0, mark
        assert top >= 0, mark
        assert right <= on.cell_w, mark
        assert bottom <= on.cell_h, mark
        if not isinstance(mark, Symbol):
            assert not any(isinstance(other, Symbol) and overlap(mark, other) for other in marks), mark
    assert all(text.size >= LEAST_TEXT for text in texts)
    assert [(a, b) for a, b in combinations(texts, 2) if overlap(a, b)] == []


@pytest.mark.parametrize("paper", [p for k, p in FITTING if k == "bins"])
@QUICK
@given(
    name=WORDS, place=WORDS, aisle=st.sampled_from(["", *"ABCDEFZ", "ABC", "北"]), level=st.integers(0, 12)
)
def test_a_bin_label_keeps_to_its_cell(paper, name, place, aisle, level):
    item = BinLabel("LA0103V", name, place, aisle, "01", level, 6)
    check_marks("bins", paper, item)


@pytest.mark.parametrize("paper", [p for k, p in FITTING if k == "cartons"])
@settings(QUICK, max_examples=30)
@given(a=WORDS, b=WORDS, c=WORDS, n=st.integers(1, 9999), tags=TAGS)
def test_cards_keep_to_their_cells(paper, a, b, c, n, tags):
    urgent = frozenset(tags[:1])
    check_marks("cartons", paper, CartonLabel("CA1X", a, n, n, b, "HD260122-00017", c, n, n, tags, urgent))
    check_marks("orders", paper, OrderLabel("DA1X", b, a, c, n, n, tags, urgent))
    check_marks("devices", paper, DeviceLabel("VA1X", a, b, c, c))


@pytest.mark.parametrize("paper", [p for k, p in FITTING if k == "register"])
@QUICK
@given(a=WORDS, b=WORDS, c=WORDS)
def test_the_poster_keeps_to_its_page(paper, a, b, c):
    check_marks("register", paper, RegisterLabel("RSH01F", a, b, c))


def test_every_kind_fits_its_own_paper():
    assert set(FITTING) >= {(kind.code, kind.paper) for kind in KINDS.values()}
    assert len(FITTING) > 20


@QUICK
@given(
    WORDS,
    st.integers(0, 6000),
    st.integers(247, 900),
    st.sampled_from(["left", "centre", "right"]),
    st.booleans(),
)
def test_fit_never_leaves_its_room(text, space, size, align, is_bold):
    got = fit(text, (100, 100 + space), 0, size, align=align, is_bold=is_bold)
    assert got.x >= 100
    assert got.x + got.width <= 100 + space
    assert LEAST_TEXT <= got.size <= size
    plain = font.clean(text).strip()
    assert got.text in (plain, "") or (got.text[-1] == "…" and plain.startswith(got.text[:-1]))
    if not got.text and plain:
        assert Text(0, 0, got.size, plain[0] + "…", is_bold).width > space


def test_fit_shrinks_before_it_cuts():
    assert fit("浦东", (0, 3000), 0, 600) == Text(0, 0, 600, "浦东")
    assert fit("浦东张江宝诚", (0, 3000), 0, 600) == Text(0, 0, 500, "浦东张江宝诚")
    assert fit("浦东张江宝诚浦东张江宝诚浦东", (0, 3000), 0, 600) == Text(
        0, 0, LEAST_TEXT, "浦东张江宝诚浦东张江宝…"[:11] + "…"
    )


def test_the_rack_shows_the_bins_own_level_from_the_floor():
    tops = []
    for level in (1, 2, 3, 4):
        marks = rack(0, 0, 500, 560, level, 4)
        assert len(marks) == 2 + 4 + 1
        goods = max((m for m in marks if isinstance(m, Box) and m.w == 500 - 4 * 35), key=lambda m: m.h)
        tops.append(goods.y)
    assert tops == sorted(tops, reverse=True)
    assert len(set(tops)) == 4
    assert len(rack(0, 0, 500, 560, 9, 4)) == 6


def test_levels_say_where_to_look():
    assert [layout.level_words(n) for n in (1, 2, 3, 4)] == ["第 1 层 ↓", "第 2 层", "第 3 层 ↑", "第 4 层 ↑"]


def test_an_orders_tail_keeps_its_version():
    told = [
        layout.tail(n)
        for n in (
            "HD260122-00017",
            "HD260122-00017-V2",
            "HD260122-00017-P2-V3",
            "HD260122-100017-V12",
            "7",
            "",
        )
    ]
    assert told == ["00017", "00017-V2", "00017-P2-V3", "00017-V12", "7", ""]


def test_each_aisle_has_its_own_pattern():
    drawn = {aisle: tuple(strip(aisle, 0, 0, 3000, 230)) for aisle in "ABCDE"}
    assert len(set(drawn.values())) == 5
    assert all(drawn.values())
    assert [mark.text for mark in strip("F", 0, 0, 3000, 230) if isinstance(mark, Text)] == ["F"]


def test_tags_without_room_are_counted():
    item = CartonLabel(
        "CA1X", "浦东", 1, 1, "客", "HD260122-00017", "上海仓", 1, 0, tuple("附检验报告" for _ in range(9))
    )
    texts = [m.text for m in layout.lay(layout.CARTON, item, "CA1X", 6000, 4000) if isinstance(m, Text)]
    shown = texts.count("附检验报告")
    assert 0 < shown < 9
    assert f"+{9 - shown}" in texts


def library(text: str) -> list[tuple[int, str]]:
    """All eight masks by the library, with its own points."""
    found = []
    for mask in range(8):
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
        code.add_data(util.QRData(text))
        code.best_fit()
        code.makeImpl(False, mask)
        bits = "".join("1" if dark else "0" for row in code.modules for dark in row)
        found.append((util.lost_point(code.modules), bits))
    return found


@pytest.mark.parametrize(
    "text", ["1", "LA0103V", "HTTPS://HUB.EXAMPLE.CN/S/LA0103V", "A" * 70, "微信 hello", "-" * 250]
)
def test_matrices_are_those_of_the_library(text):
    masks = library(text)
    got = matrix(text)
    size = got.size
    assert got.bits == min(masks, key=lambda m: m[0])[1]
    for points, bits in masks:
        turned = "".join(bits[x::size] for x in range(size))
        assert penalty(int(bits, 2), int(turned, 2), size) == points
    drawn = ["0"] * size**2
    for x, y, length in got.runs():
        drawn[y * size + x : y * size + x + length] = "1" * length
    assert "".join(drawn) == got.bits


def test_an_address_of_the_demo_stays_at_25_modules():
    assert matrix("HTTPS://HUB.EXAMPLE.CN/S/" + make("L", "ZF4SENWXKZ")).size == 25
    assert matrix("LA0103V").size == 21
    with pytest.raises(LabelError) as no:
        matrix("0" * (MAX_LETTERS + 1))
    assert no.value.code == "too_long"
