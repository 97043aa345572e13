"""The route sketch and the carriers' hotlines: what is drawn follows from what is known, and nothing is guessed."""

import re

import msgspec
import pytest

from api.orders.model import Parcel
from api.tracking import page, sketch
from api.tracking.carriers import CARRIERS, hotline
from api.tracking.page import Road
from api.tracking.sketch import HEIGHT, WIDTH, Stop, draw, folded
from tests.support.company import draft
from tests.unit.test_pages_page import HOUR, NOW, held, known, order, shipped, troubled

ROAD = Road("上海仓", "SH", ("苏州市",))


def routed(made, lang="zh", road=ROAD):
    return page.build(known(made, lang, road=road)).route


def texts(route):
    return [one.text for one in route.words]


@pytest.mark.parametrize(
    ("made", "mark", "walked"),
    [
        (order("paid"), "disc", ""),
        (order("picking"), "diamond", ""),
        (order("packed"), "diamond", ""),
        (shipped(order("shipped")), "open", "M12 46H82"),
        (shipped(order("delivered")), "box", sketch.ROAD),
        (held(order()), "triangle", ""),
        (troubled(order("paid"), "short_stock"), "triangle", ""),
    ],
)
def test_the_mark_stands_where_the_parcel_is(made, mark, walked):
    route = routed(made)
    assert (route.mark, route.walked) == (mark, walked)
    assert [dot.kind for dot in route.dots].count("mark") == 1


@pytest.mark.parametrize("state", ["awaiting_payment", "cancelled", "returned", "amended"])
def test_nothing_is_drawn_where_nothing_moves(state):
    assert routed(order(state)) is None


def test_nothing_is_drawn_from_an_unknown_place():
    assert routed(order(), road=None) is None


def test_a_moving_parcel_stands_between_stations_since_nobody_told_where():
    route = routed(shipped(order("shipped")))
    places = [(dot.x, dot.y) for dot in route.dots if dot.kind != "mark"]
    here = next((dot.x, dot.y) for dot in route.dots if dot.kind == "mark")
    assert len(places) == 3
    assert here not in places
    assert texts(route) == ["上海仓", "今天 10:00", "苏州市", "您", "上海市浦东新区", "在路上"]


def test_who_waits_is_told_in_the_customers_words_beside_the_triangle():
    assert texts(routed(held(order())))[-1] == "核对中"
    assert texts(routed(troubled(order("paid"), "short_stock"), "en"))[-1] == "Restocking"
    assert "税号" not in msgspec.json.encode(routed(held(order()))).decode()


def test_arrived_says_when_and_all_stations_are_behind():
    route = routed(shipped(order("delivered")))
    assert {dot.kind for dot in route.dots} == {"done", "mark"}
    assert route.said == "从 上海仓 到 上海市浦东新区，今天 10:00 送到"
    assert "上海市浦东新区 · 今天 10:00" in texts(route)


def test_the_start_is_the_first_parcel():
    parcels = (Parcel("顺丰", "SF1", NOW - 5 * HOUR), Parcel("顺丰", "SF2", NOW - HOUR))
    made = order("shipped")
    made = msgspec.structs.replace(made, rest=msgspec.structs.replace(made.rest, parcels=parcels))
    assert "今天 06:00" in texts(routed(made))


@pytest.mark.parametrize("count", [2, 3, 4, 5])
@pytest.mark.parametrize("kind", ["still", "moving", "waiting", "arrived"])
def test_everything_stays_on_the_sheet_and_stations_apart(count, kind):
    stops = tuple(Stop(f"站{n}") for n in range(count))
    for reached in range(count - 1):
        route = draw(stops, reached, kind, "open", "在路上")
        numbers = [int(n) for n in re.findall(r"\d+", route.walked)]
        assert all(0 <= n <= WIDTH for n in numbers)
        for dot in route.dots:
            assert dot.size // 2 <= dot.x <= WIDTH - dot.size // 2 + 2
            assert dot.size // 2 <= dot.y <= HEIGHT - dot.size // 2
        assert all(12 <= one.y <= HEIGHT and 0 <= one.x <= WIDTH for one in route.words)
        stations = {(dot.x, dot.y) for dot in route.dots if dot.kind != "mark"}
        assert len(stations) >= count - 1


def test_what_is_too_many_is_folded_into_one():
    stops = tuple(Stop(f"站{n}") for n in range(7))
    assert [one.name for one in folded(stops, "经 {n} 站")] == ["站0", "站1", "经 3 站", "站5", "站6"]
    assert folded(stops[:5], "经 {n} 站") == stops[:5]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("顺丰", "95338"),
        ("顺丰速运（上海）", "95338"),
        ("sf express", "95338"),
        ("德邦物流", "95353"),
        ("自己送", ""),
        ("", ""),
        ("顺丰转中通", ""),
        ("<b>", ""),
    ],
)
def test_a_hotline_is_told_only_where_it_is_known(said, number):
    assert hotline(said) == number


def test_every_hotline_has_its_source_and_no_word_means_two():
    words = [word for one in CARRIERS for word in one.words]
    assert len(words) == len(set(words))
    for one in CARRIERS:
        assert re.fullmatch(r"\d{5,6}", one.hotline)
        assert "." in one.source


def test_the_page_draws_it_and_names_no_secret(company):
    made = draft(address="江苏省苏州市昆山市前进路100号", note="别告诉客户", warehouse="SH")
    number = company.supervisor.post("/api/orders", made).json()["order_no"]
    url = company.sales.post(f"/api/orders/{number}/tracking-link").json()["url"]
    path = "/t/" + url.rpartition("/")[2]
    text = company.client.get(path).text
    assert 'aria-label="从 上海仓 到 江苏省苏州市昆山市，还没出发"' in text
    assert ">苏州市</text>" in text
    assert "前进路" not in text
    assert 'property="og:title" content="货到哪"' in text
    assert not re.search(rf'property="og:[^>]*({number}|昆山|138)', text)
    english = company.client.get(path, headers={"accept-language": "en"}).text
    assert "From Warehouse SH to" in english
