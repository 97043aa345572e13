"""Money told in the wrong order, an id used twice, a photo as phones make them."""

import pytest

from tests.support.company import draft
from tests.support.senders import Till


def told(company, *events):
    """Sends `(event, data changes)` in this order; returns the order."""
    till = Till(company)
    for n, (event, change) in enumerate(events):
        answer = till(f"order.{event}", f"late-{n}", order_id="L-1", **change)
        assert answer.status_code == 200, answer.text
    return company.sales.get("/api/orders?q=L-1").json()["items"][0]


CREATED, PAID = ("created", {"pay_time": None}), ("paid", {"amount_fen": 51200})
PART, FULL = ("refunded", {"amount_fen": 10000}), ("refunded", {"amount_fen": 51200})


@pytest.mark.parametrize("way", [(CREATED, PART, PAID), (CREATED, PAID, PART), (PART, PAID)])
def test_a_partial_refund_in_any_order(company, way):
    order = told(company, *way)
    assert (order["state"], order["paid_fen"]) == ("to_pick", 41200)


@pytest.mark.parametrize("way", [(CREATED, FULL, PAID), (CREATED, PAID, FULL), (FULL, PAID)])
def test_a_full_refund_in_any_order(company, way):
    order = told(company, *way)
    assert (order["state"], order["paid_fen"], order["exceptions"]) == ("cancelled", 0, [])


def test_money_for_a_cancelled_order_is_shown_until_it_is_given_back(company):
    order = told(company, CREATED, ("cancelled", {}), PAID)
    assert (order["state"], order["paid_fen"]) == ("cancelled", 51200)
    assert [one["code"] for one in order["exceptions"]] == ["refunded"]
    assert Till(company)("order.refunded", "late-9", order_id="L-1", amount_fen=51200).status_code == 200
    order = company.sales.get("/api/orders?q=L-1").json()["items"][0]
    assert (order["paid_fen"], order["exceptions"]) == (0, [])


def test_an_id_used_for_another_order_is_listed(company):
    till = Till(company)
    assert till("order.paid", "same", order_id="L-1").status_code == 200
    assert till("order.paid", "same", order_id="L-1").status_code == 200
    assert till("order.paid", "same", order_id="L-2").status_code == 200
    rows = company.supervisor.get("/api/inbox").json()["items"]
    assert [(row["status"], row["code"]) for row in rows] == [
        ("dead", "id_reused"),
        ("duplicate", "duplicate"),
        ("done", ""),
    ]


def test_a_photo_of_a_phone_is_taken(company):
    no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    path = f"/api/orders/{no}/attachments"
    for size, status in (
        (1_200_000, 201),
        (10 * 1024 * 1024, 201),
        (10 * 1024 * 1024 + 1, 413),
        (12_000_000, 413),
    ):
        files = {"file": ("回单.jpg", b"x" * size, "image/jpeg")}
        assert company.finance.post(path, files=files, data={"kind": "photo"}).status_code == status
