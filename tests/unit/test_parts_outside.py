"""A split order from outside: the channel still knows one order, the customer one link."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.shares import paid_shares, refund_shares
from tests.support.senders import Till, codes, last, orders, ship, taken
from tests.unit.test_machine import order as made
from tests.unit.test_machine import replace


@pytest.fixture
def till(company):
    return Till(company)


def parts(company) -> list[dict]:
    return sorted(orders(company), key=lambda order: order["order_no"])


@pytest.fixture
def split(company, till):
    """A till's paid order of four pieces: three from SH, one from SZ."""
    taken(till("order.paid"))
    no = orders(company)[0]["order_no"]
    body = {"parts": [
        {"warehouse": "SH", "lines": [{"line_no": 1, "qty": 3}]},
        {"warehouse": "SZ", "lines": [{"line_no": 1, "qty": 1}]},
    ]}  # fmt: skip
    assert company.supervisor.post(f"/api/orders/{no}/split", body).status_code == 200
    return no


def test_the_parts_name_each_other_and_the_channel_finds_the_first(company, split):
    first, second = parts(company)
    both = [
        {"order_no": one["order_no"], "state": "to_pick", "warehouse": one["warehouse"]}
        for one in (first, second)
    ]
    assert first["parts"] == second["parts"] == both
    assert (first["part_of"], second["part_of"]) == (None, split)
    assert {one["order_no"] for one in orders(company, q=split)} == {first["order_no"], second["order_no"]}
    assert [one["order_no"] for one in orders(company, q=first["external_no"])] == [split]


def test_the_same_message_again_is_no_difference(company, till, split):
    taken(till("order.paid", pay_time=1769047501))
    taken(till("order.created"))
    assert [codes(one) for one in parts(company)] == [[], []]
    taken(till("order.created", items=[{"sku": "BP-1023", "qty": 3, "price_fen": 12800}]))
    assert [codes(one) for one in parts(company)] == [["differs"], []]


def test_a_cancellation_reaches_every_part_and_what_has_left_says_so(company, till, split):
    _first, second = parts(company)
    ship(company, second["order_no"])
    taken(till("order.cancelled"))
    assert [(one["state"], codes(one)) for one in parts(company)] == [
        ("cancelled", []), ("shipped", ["cancel_late"]),
    ]  # fmt: skip


def test_a_refund_takes_what_waits_first(company, till, split):
    first, _ = parts(company)
    ship(company, first["order_no"])
    taken(till("order.refunded", amount_fen=12800))
    assert [(one["state"], one["paid_fen"], codes(one)) for one in parts(company)] == [
        ("shipped", 38400, []), ("cancelled", 0, []),
    ]  # fmt: skip
    taken(till("order.refunded", amount_fen=38400))
    assert next((one["state"], one["paid_fen"], codes(one)) for one in parts(company)) == (
        "shipped",
        0,
        ["refunded"],
    )


def test_a_monthly_customers_money_fills_the_parts(company, till):
    who = {"name": "苏州恒达修理厂", "phone": "13900000001"}
    taken(till("order.created", customer=who))
    no = orders(company)[0]["order_no"]
    company.sales.post(f"/api/orders/{no}/pay", {"method": "on_account"})
    body = {"parts": [{"lines": [{"line_no": 1, "qty": 3}]}, {"lines": [{"line_no": 1, "qty": 1}]}]}
    assert company.sales.post(f"/api/orders/{no}/split", body).status_code == 200
    taken(till("order.paid", customer=who, pay_time=1769990000))
    assert last(company)["status"] == "done"
    assert [(one["paid_fen"], codes(one)) for one in parts(company)] == [(38400, []), (12800, [])]


part = st.builds(
    lambda state, amount, paid: replace(made(state), amount_fen=amount, paid_fen=min(amount, paid)),
    st.sampled_from(("paid", "to_pick", "shipped", "cancelled")), st.integers(0, 9_999), st.integers(0, 9_999),
)  # fmt: skip


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(part, min_size=1, max_size=4), st.none() | st.integers(0, 30_000))
def test_shares_are_the_messages_money_to_the_fen(family, fen):
    paid, back = paid_shares(family, fen), refund_shares(family, fen)
    if len(family) == 1:
        assert paid == [fen]
        assert back == [family[0].paid_fen if fen is None else fen]
        return
    due = [max(0, one.amount_fen - one.paid_fen) if one.state != "cancelled" else 0 for one in family]
    assert sum(paid) == (sum(due) if fen is None else fen)
    assert all(0 <= share <= one for share, one in zip(paid[1:], due[1:], strict=True))
    assert all(share is None or share <= one.paid_fen for share, one in zip(back, family, strict=True))
    whole = sum(one.paid_fen for one in family)
    assert sum(share or 0 for share in back) == (whole if fen is None else min(fen, whole))


def test_the_one_link_shows_every_part_with_its_own_parcel(company, till, split):
    second = parts(company)[1]["order_no"]
    urls = {company.sales.post(f"/api/orders/{no}/tracking-link", {}).json()["url"] for no in (split, second)}
    assert len(urls) == 1
    ship(company, second)
    html = company.client.get(urls.pop().removeprefix("https://hub.example.cn")).text
    assert "分 2 次发货" in html
    blocks = re.findall(r"<li><p class=\"state.*?</ul></li>", html, re.S)
    assert len(blocks) == 2
    assert "第 1 部分 · 待拣" in blocks[0]
    assert "3 件" in blocks[0]
    assert "第 2 部分 · 在路上" in blocks[1]
    assert "SF" in blocks[1]
    assert "1 件" in blocks[1]
    assert "4 件" in html.split("<footer>")[1]


def test_an_order_of_one_part_says_nothing_of_parts(company, till):
    taken(till("order.paid"))
    no = orders(company)[0]["order_no"]
    url = company.sales.post(f"/api/orders/{no}/tracking-link", {}).json()["url"]
    assert 'class="parts"' not in company.client.get(url.removeprefix("https://hub.example.cn")).text
