"""A picker reads no sum of money on the board, not in a reason either."""

from tests.support.company import draft


def test_a_reason_about_money_is_told_without_the_sum(company):
    no = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 1}])).json()[
        "order_no"
    ]
    changes = {"lines": [{"sku": "BP-1023", "qty": 2}]}
    assert company.sales.post(f"/api/orders/{no}/amend", {"changes": changes}).status_code == 200
    red = {
        role: getattr(company, role).get("/api/board").json()["columns"]["red"]["items"][0]
        for role in ("sales", "picker")
    }
    assert "¥" in red["sales"]["colour"]["why"]
    assert red["picker"]["colour"]["why"] == "金额不符，找财务"
    assert "amount_fen" not in red["picker"]
