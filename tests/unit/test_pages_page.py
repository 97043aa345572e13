"""The customer's view as a pure function: what is said in each state, and what is never said."""

import msgspec
import pytest

from api.orders.model import (
    STATES,
    Address,
    Check,
    Customer,
    Held,
    Line,
    Order,
    Parcel,
    Refs,
    Rest,
    Trouble,
)
from api.tags.model import Tag
from api.tracking import page
from api.tracking.page import Known, Person
from api.tracking.words import FACES, LABELS, SIGNERS, STAGES, TOLD, WEEKDAYS

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 1_769_050_800_000  # Thursday 2026-01-22T11:00:00+08:00
OWNER = Person("owner", "陈静", "13900000003")
PICKER = Person("picker", "王建军", "13900000005")
WAY = ["awaiting_payment", "paid", "to_pick", "picking", "packed", "shipped", "delivered"]
SECRETS = (
    "客户税号有误",
    "内部备注",
    "内部标签",
    "内部清单",
    "12800",
    "128.00",
    "512.00",
    "13812345678",
    "C0042",
    "张江路",
)


def order(state: str = "to_pick", **change: object) -> Order:
    line = Line(1, "BP-1023", "前刹车片", 4, "件", 12800, "SH", reserved=4)
    rest = Rest(tags=(Tag("内部标签", "rule", "内部备注"),), checklist=(Check("内部清单"),))
    made = Order(
        order_no="HD260122-00017", root_no="HD260122-00017", version=1, state=state, channel="pos",
        external_no="P-1", customer=Customer("C0042", "浦东宝诚4S店", "13812345678", "vip"),
        refs=Refs(1, 2, None, None, None), address=Address("上海市浦东新区张江路1号", "310115"), owner="sales",
        picker="picker", warehouse="SH", lines=(line,), amount_fen=51200, paid_fen=51200, terms="prepaid",
        note="内部备注", extra="", priority="", rest=rest, snapshot="", paid_at=NOW - 3 * HOUR,
        moved_at=NOW - HOUR, created_at=NOW - 4 * HOUR, updated_at=NOW,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def with_rest(made: Order, **change: object) -> Order:
    return msgspec.structs.replace(made, rest=msgspec.structs.replace(made.rest, **change))


def known(made: Order, lang: str = "zh", **change: object) -> Known:
    seen = WAY[: WAY.index(made.state) + 1] if made.state in WAY else ["to_pick", made.state]
    reached = tuple((state, NOW - 4 * HOUR + n * 10 * MINUTE) for n, state in enumerate(seen))
    given: dict[str, object] = {
        "order": made, "reached": reached, "placed_at": made.created_at, "handler": OWNER, "owner": OWNER,
        "district": "上海市浦东新区", "expires_at": NOW + 30 * DAY, "now": NOW, "tz": "Asia/Shanghai", "lang": lang,
    }  # fmt: skip
    return Known(**{**given, **change})


def held(made: Order) -> Order:
    return with_rest(made, held=Held("客户税号有误", "finance", NOW))


def troubled(made: Order, code: str) -> Order:
    return with_rest(made, exceptions=(Trouble(code, "客户税号有误", "wrong tax number", NOW),))


def shipped(made: Order, **rest: object) -> Order:
    return with_rest(made, parcels=(Parcel("顺丰", "SF139", NOW - HOUR),), **rest)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_has_its_answer_and_tells_no_secret(state, lang):
    made = shipped(order(state)) if state in ("shipped", "delivered", "returned") else order(state)
    for one in (made, held(made), troubled(made, "differs")):
        built = page.build(known(one, lang))
        assert built.word
        assert built.sentence
        told = msgspec.json.encode(built).decode()
        assert [secret for secret in SECRETS if secret in told] == []
        assert "{" not in built.sentence + built.second


@pytest.mark.parametrize(
    ("state", "mark", "word", "sentence"),
    [
        ("awaiting_payment", "ring", "待付款", "等您付款"),
        ("paid", "disc", "已付款", "正在备货"),
        ("to_pick", "disc", "待拣", "货留好了，等着拣"),
        ("picking", "diamond", "拣货中", "正在拣货"),
        ("packed", "diamond", "已打包", "打包好了，等快递取"),
        ("shipped", "open", "在路上", "顺丰 正在送"),
        ("delivered", "box", "已签收", "今天 10:00 送到了"),
        ("cancelled", "ended", "已取消", "这单取消了"),
        ("returned", "ended", "已退回", "货都退回来了"),
    ],
)
def test_the_answer_stands_first_with_shape_and_word(state, mark, word, sentence):
    built = page.build(known(shipped(order(state))))
    assert (built.mark, built.word, built.sentence) == (mark, word, sentence)


def test_a_hold_and_an_exception_say_that_sales_will_call_until_the_parcel_is_out():
    for one in (
        held(order()),
        troubled(order(), "differs"),
        troubled(order("awaiting_payment"), "amount_mismatch"),
    ):
        built = page.build(known(one, handler=PICKER))
        assert (built.mark, built.sentence) == ("triangle", "正在核对，销售会联系您")
        assert built.holder == OWNER
    out = page.build(known(shipped(troubled(order("shipped"), "cancel_late"))))
    assert (out.mark, out.sentence) == ("open", "顺丰 正在送")


def test_missing_stock_is_told_calmly():
    built = page.build(known(troubled(order("paid"), "short_stock")))
    assert (built.word, built.sentence) == ("调货中", "正在调货，齐了就发")
    both = with_rest(held(order("paid")), exceptions=troubled(order("paid"), "short_stock").rest.exceptions)
    assert page.build(known(both)).word == "核对中"


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        ("awaiting_payment", "now ahead ahead ahead ahead"),
        ("paid", "done now ahead ahead ahead"),
        ("to_pick", "done now ahead ahead ahead"),
        ("picking", "done done now ahead ahead"),
        ("packed", "done done now ahead ahead"),
        ("shipped", "done done done now ahead"),
        ("delivered", "done done done done now"),
    ],
)
def test_the_line_has_five_stations_and_one_now(state, kinds):
    stations = page.stations(known(order(state)))
    assert " ".join(one.kind for one in stations) == kinds


def test_an_order_that_ended_otherwise_stays_where_it_had_got_to():
    reached = (("to_pick", NOW - 3 * HOUR), ("picking", NOW - 2 * HOUR), ("cancelled", NOW - HOUR))
    stations = page.stations(known(order("cancelled"), reached=reached))
    assert [(one.kind, one.name) for one in stations][:3] == [
        ("done", "付款"),
        ("done", "待拣"),
        ("now", "已取消"),
    ]
    assert page.stations(known(order("cancelled"), reached=()))[0].kind == "now"


def test_who_pays_by_the_month_has_ordered_not_paid():
    monthly = order(terms="monthly", paid_fen=0)
    assert page.stations(known(monthly))[0].name == "下单"
    assert "已付款" not in [one.text for one in page.timeline(known(monthly))]


def test_the_timeline_is_newest_first_and_tells_each_move_once():
    reached = (
        ("awaiting_payment", NOW - 4 * HOUR),
        ("to_pick", NOW - 3 * HOUR),
        ("to_pick", NOW - 2 * HOUR),  # a hold takes a snapshot too
        ("picking", NOW - HOUR),
    )
    told = page.timeline(known(order("picking"), reached=reached))
    assert [one.text for one in told] == ["开始拣货", "货留好了", "已付款", "已下单"]
    assert [one.at for one in told] == ["今天 10:00", "今天 08:00", "今天 08:00", "今天 07:00"]


def test_a_lost_reservation_says_that_stock_is_on_its_way():
    reached = (("to_pick", NOW - 3 * HOUR), ("paid", NOW - 2 * HOUR), ("to_pick", NOW - HOUR))
    told = [one.text for one in page.timeline(known(order(), reached=reached))]
    assert told == ["货留好了", "正在调货", "货留好了", "已付款", "已下单"]


def test_a_payment_before_the_order_came_in_does_not_come_first():
    early = order(paid_at=NOW - 6 * HOUR)
    told = page.timeline(known(early))
    assert [(one.text, one.at) for one in told][-2:] == [("已付款", "今天 05:00"), ("已下单", "今天 05:00")]


@pytest.mark.parametrize(
    ("evidence", "zh", "en"),
    [
        ("前台代收", "前台代收", "Taken at the front desk"),
        ("承运商回传：客户本人签收", "本人签收", "Signed by you"),
        ("门卫老李收，电话 13812345678", "门卫代收", "Taken by the guard"),
        ("", "", ""),
        ("签收人 张三 13812345678", "", ""),
    ],
)
def test_only_known_words_of_the_proof_leave_the_house(evidence, zh, en):
    made = shipped(order("delivered"), evidence=evidence)
    assert page.build(known(made)).second == zh
    assert page.build(known(made, "en")).second == en


@pytest.mark.parametrize(
    ("ago", "zh", "en"),
    [
        (HOUR, "今天 10:00", "Today 10:00"),
        (DAY, "昨天 11:00", "Yesterday 11:00"),
        (11 * HOUR + MINUTE, "昨天 23:59", "Yesterday 23:59"),
        (2 * DAY, "周二 11:00", "Tue 11:00"),
        (6 * DAY, "周五 11:00", "Fri 11:00"),
        (7 * DAY, "1 月 15 日 11:00", "15 Jan 11:00"),
        (30 * DAY, "2025 年 12 月 23 日 11:00", "23 Dec 2025 11:00"),
        (-2 * DAY, "1 月 24 日 11:00", "24 Jan 11:00"),
    ],
)
def test_times_are_said_as_people_say_them(ago, zh, en):
    assert page.when(NOW - ago, known(order())) == zh
    assert page.when(NOW - ago, known(order(), "en")) == en


def test_what_is_missing_and_what_came_back_stands_at_the_goods():
    line = Line(1, "BP-1023", "前刹车片", 4, "件", 12800, "SH", picked=3, short=1, consumed=3, returned=2)
    built = page.build(known(shipped(order("shipped", lines=(line,)))))
    assert built.goods[0].note == "缺 1 件，销售会联系您 · 退回 2 件"
    assert built.second.endswith("3 件")
    before = page.build(known(order("picking", lines=(line,))))
    assert "缺" not in before.goods[0].note
    assert before.second == "已拣 3 件，共 4 件"


def test_over_picks_do_not_count_beyond_what_was_asked():
    line = Line(1, "BP-1023", "前刹车片", 4, "件", 12800, "SH", picked=9)
    assert page.build(known(order("picking", lines=(line,)))).second == "已拣 4 件，共 4 件"


def test_one_piece_is_singular():
    line = Line(1, "BP-1023", "前刹车片", 1, "件", 12800, "SH")
    assert page.build(known(order(lines=(line,)), "en")).total == "1 kind · 1 piece"
    assert page.build(known(order(), "en")).total == "1 kind · 4 pieces"


def test_the_holder_is_not_named_twice_and_nobody_holds_what_is_over():
    assert page.build(known(order())).owner is None
    picking = page.build(known(order("picking"), handler=PICKER))
    assert (picking.holder, picking.owner) == (PICKER, OWNER)
    for state in ("delivered", "cancelled", "returned"):
        built = page.build(known(shipped(order(state)), handler=PICKER))
        assert (built.holder, built.owner) == (None, OWNER)


def test_phones_are_dialled_as_digits_and_shown_in_groups():
    assert (OWNER.dial, OWNER.shown) == ("13900000003", "139 0000 0003")
    odd = Person("owner", "x", "+86 (21) 5555-1234")
    assert (odd.dial, odd.shown) == ("+862155551234", "+86 (21) 5555-1234")


def test_a_changed_order_says_that_it_is_the_newest():
    second = order(order_no="HD260122-00017-V2", version=2)
    built = page.build(known(second))
    assert (built.changed, built.tail) == ("改过一次，这是最新的", "00017")
    assert page.build(known(order(version=4))).changed == "改过 3 次，这是最新的"


def test_both_languages_have_every_word():
    whys = [*STAGES, *WEEKDAYS, *LABELS.values(), *(why for _, why in [*SIGNERS, *TOLD.values()])]
    whys += [why for face in FACES.values() for why in (face.word, face.sentence, face.second)]
    assert len(whys) > 80
    assert [why for why in whys if not why.zh or not why.en] == []
    other = LABELS["other"]
    assert [why.en for why in whys if why is not other and any("一" <= c <= "鿿" for c in why.en)] == []
    assert set(STATES) <= set(FACES)
