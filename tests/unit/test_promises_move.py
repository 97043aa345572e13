"""An order whose date can no longer be kept says so first: on the order, the board and the customer's page, and takes it back."""

import pytest

from api.kernel.time import DAY, HOUR, MINUTE
from api.orders import moving
from tests.support.desk import does, look, packed, place, shipped
from tests.unit.test_promises import made, order

TZ = "Asia/Shanghai"


@pytest.fixture
def promised(company):
    """The number of a paid order that something was promised of: to leave on Thursday by 19:00, at 10:05."""
    answer = order(company, made(company)["id"])
    assert answer.status_code == 201, answer.text
    return answer.json()["order_no"]


def sweep(company) -> int:
    return moving.sweep(company.db, company.clock(), TZ)


def page(company, number: str, lang: str = "zh") -> str:
    url = company.sales.post(f"/api/orders/{number}/tracking-link").json()["url"]
    return company.client.get(f"/t/{url.rsplit('/', 1)[1]}?lang={lang}").text


def kinds(company, number: str) -> list[str]:
    found = company.supervisor.get(f"/api/orders/{number}/journal").json()["items"]
    return [one["kind"] for one in found if one["kind"].startswith("promise.")]


def codes(company, number: str) -> list[str]:
    return [one["code"] for one in look(company, number)["exceptions"]]


def test_while_it_can_be_kept_nothing_is_written(company, promised):
    before = look(company, promised)
    assert sweep(company) == 0
    company.clock.forward(8 * HOUR)
    assert sweep(company) == 0
    assert look(company, promised)["updated_at"] == before["updated_at"]
    assert before["promise"]["moved"] is None
    assert "答应您" in page(company, promised)
    assert "Promised for" in page(company, promised, "en")


def test_not_shipped_in_time_it_is_red_and_the_customer_reads_the_new_window_and_why(company, promised):
    told = look(company, promised)["promise"]
    company.clock.forward(10 * HOUR)
    assert sweep(company) == 1
    found = look(company, promised)
    assert (found["colour"]["code"], codes(company, promised)) == ("red", ["promise_moved"])
    assert found["promise"]["moved"]["eta_to"] > told["eta_to"] == found["promise"]["eta_to"]
    moved = found["promise"]["moved"]
    assert moved["why"] in found["colour"]["why"]
    assert found["colour"]["why"].count("（周") == len({moved["eta_from"][:10], moved["eta_to"][:10]})
    reds = company.sales.get("/api/orders", params={"colour": "red"}).json()["items"]
    assert [one["order_no"] for one in reds] == [promised]
    html = page(company, promised)
    assert "现在预计" in html
    assert "备货比预计久" in html
    assert "原来答应" in html
    assert "承诺的发货时间" not in html  # that is between colleagues
    assert "正在核对" not in html
    assert sweep(company) == 0  # said once
    assert kinds(company, promised) == ["promise.moved"]


def test_what_a_person_has_taken_note_of_stays_quiet_until_it_moves_again(company, promised):
    company.clock.forward(10 * HOUR)
    sweep(company)
    does(
        company, "supervisor", promised, "resolve", exception="promise_moved", choice="keep", why="客户知道了"
    )
    assert sweep(company) == 0
    assert codes(company, promised) == []
    company.clock.forward(DAY)
    assert sweep(company) == 1
    assert codes(company, promised) == ["promise_moved"]


def test_shipped_late_but_soon_enough_it_is_taken_back(company):
    number = packed(company, promise_id=made(company)["id"])
    company.clock.forward(9 * HOUR + 10 * MINUTE)
    assert (sweep(company), codes(company, number)) == (1, ["promise_moved"])
    does(company, "picker", number, "ship", carrier="顺丰", waybill="SF1")
    assert (sweep(company), codes(company, number)) == (1, [])
    assert look(company, number)["promise"]["moved"] is None
    assert kinds(company, number) == ["promise.moved", "promise.kept"]
    assert "答应您" in page(company, number)


def test_a_parcel_longer_under_way_than_promised_has_another_window_until_it_is_there(company):
    number = shipped(company, promise_id=made(company)["id"])
    assert sweep(company) == 0
    company.clock.forward(3 * DAY)
    assert (sweep(company), codes(company, number)) == (1, ["promise_moved"])
    assert "路上比预计久" in page(company, number)
    assert "longer on the way" in page(company, number, "en")
    does(company, "sales", number, "deliver", evidence="前台")
    assert (sweep(company), codes(company, number)) == (1, [])
    assert kinds(company, number) == ["promise.moved", "promise.ended"]
    assert sweep(company) == 0
    assert "现在预计" not in page(company, number)


def test_a_hold_moves_it_once_it_would_be_too_late_and_lifting_in_time_does_not(company, promised):
    does(company, "supervisor", promised, "hold", reason="客户电话打不通")
    assert sweep(company) == 0
    company.clock.forward(8 * HOUR)
    assert sweep(company) == 1
    html = page(company, promised)
    assert "有一处在核对" in html
    assert "电话打不通" not in html


def test_a_holiday_that_is_entered_moves_it_and_taking_it_back_keeps_it(company, promised):
    company.supervisor.put("/api/days/2026-01-22", {"works": False, "name": "盘点"})
    assert (sweep(company), codes(company, promised)) == (1, ["promise_moved"])
    assert "盘点" in look(company, promised)["colour"]["why"]
    company.supervisor.delete("/api/days/2026-01-22")
    assert (sweep(company), codes(company, promised)) == (1, [])


def test_the_next_version_is_the_one_that_is_told(company, promised):
    changed = company.sales.post(f"/api/orders/{promised}/amend", {"changes": {"note": "放前台"}})
    newest = changed.json()["order_no"]
    company.clock.forward(10 * HOUR)
    assert sweep(company) == 1
    assert codes(company, newest) == ["promise_moved"]
    assert codes(company, promised) == []


def test_who_has_not_paid_is_told_nothing(company):
    number = order(company, made(company)["id"], paid_at=None).json()["order_no"]
    company.clock.forward(20 * HOUR)
    assert sweep(company) == 0
    assert "答应您" in page(company, number)
    company.clock.forward(40 * DAY)
    assert sweep(company) == 1  # looked at no more
    assert sweep(company) == 0
    assert codes(company, number) == []


def test_many_are_looked_at_in_parts(company, monkeypatch):
    monkeypatch.setattr(moving, "PART", 2)
    numbers = [order(company, made(company, 2)["id"], 2).json()["order_no"] for _ in range(5)]
    company.clock.forward(10 * HOUR)
    assert sweep(company) == 5
    assert all(codes(company, number) == ["promise_moved"] for number in numbers)


def test_an_order_without_a_promise_has_an_estimate_worded_as_one(company):
    number = place(company)
    assert "预计" in page(company, number)
    assert "Expected" in page(company, number, "en")
    assert "答应" not in page(company, number)
    does(company, "supervisor", number, "hold", reason="x")
    assert "预计" not in page(company, number)
    assert "预计" not in page(company, place(company, paid_at=None))
    assert "预计" not in page(company, place(company, address="前程居"))


def test_each_part_is_told_for_itself(company, promised):
    lines = [{"line_no": 1, "qty": 2}]
    parts = [{"warehouse": "SH", "lines": lines}, {"warehouse": "SZ", "lines": lines}]
    does(company, "supervisor", promised, "split", parts=parts)
    html = page(company, promised)
    assert html.count("答应您") == 2  # each part's own, none above them
    does(company, "supervisor", promised, "cancel", reason="只要一半")
    company.clock.forward(10 * HOUR)
    assert sweep(company) == 1
    assert codes(company, promised) == []
    assert codes(company, f"{promised}-P2") == ["promise_moved"]
    html = page(company, promised)
    assert (html.count("答应您"), html.count("现在预计")) == (0, 1)
