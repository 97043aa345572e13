"""What strangers stumbled over, each held by a test."""

import os
import stat

import pytest

from api.settings import BadSetting, load
from tests.support.company import draft


def test_the_data_folder_is_for_its_owner_alone(company):
    for file in company.db.folder.glob("huodaona.db*"):
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600, file.name


def test_a_wrong_query_is_named_as_people_would(company):
    told = company.sales.get("/api/orders?limit=x").json()
    assert told["errors"] == [{"path": "query.limit", "why": "limit 要整数。"}]


def test_a_wrong_method_is_told_which_are_right(company):
    answer = company.sales.delete("/api/orders")
    assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method")
    assert {"GET", "POST"} <= {name.strip() for name in answer.headers["allow"].split(",")}


@pytest.mark.parametrize("address", ["nonsense", "ftp://hub", "https://hub.example.cn/path", "https://"])
def test_a_public_address_is_scheme_and_host(tmp_path, address):
    with pytest.raises(BadSetting, match="PUBLIC_URL"):
        load({"HUODAONA_PUBLIC_URL": address}, data=tmp_path)
    assert (
        load({"HUODAONA_PUBLIC_URL": "https://hub.example.cn/"}, data=tmp_path).public_url
        == "https://hub.example.cn"
    )


def test_a_demo_login_does_not_believe_an_undeclared_proxy(company):
    company.db.writer.now(
        lambda tx: tx.connection.execute("UPDATE users SET demo = 1 WHERE name = 'sales'").rowcount
    )
    body = {"user": "sales", "password": "demo"}
    answer = company.client.post("/api/login", json=body, headers={"X-Forwarded-For": "8.8.8.8"})
    assert (answer.status_code, answer.json()["code"]) == (403, "demo_loopback")


def test_an_unpaid_difference_does_not_ship_until_finance_says_so(company):
    no = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 1}])).json()[
        "order_no"
    ]
    changes = {"lines": [{"sku": "BP-1023", "qty": 5}]}
    new = company.sales.post(f"/api/orders/{no}/amend", {"changes": changes}).json()["order_no"]
    made = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": made["code"]}).json()
    dev = enrolled["device"]
    op = {
        "id": f"{dev}:1", "hlc": f"001769047600001-0000-{dev}", "at": "2026-01-22T10:06:40+08:00", "actor": "picker",
        "order_no": new, "line_no": 1, "kind": "pick", "qty": 5, "bin": "A-01-01", "v": 1,
    }  # fmt: skip
    head = {"Authorization": f"Bearer {enrolled['token']}"}
    assert (
        company.client.post("/sync/push", json={"device": dev, "ops": [op]}, headers=head).status_code == 200
    )
    assert company.supervisor.post(f"/api/orders/{new}/pack").status_code == 200
    refused = company.supervisor.post(f"/api/orders/{new}/ship", {"carrier": "顺丰"})
    assert (refused.status_code, refused.json()["code"]) == (409, "money_open")
    body = {"exception": "amount_mismatch", "choice": "keep", "why": "月底补"}
    assert company.finance.post(f"/api/orders/{new}/resolve", body).status_code == 200
    assert company.supervisor.post(f"/api/orders/{new}/ship", {"carrier": "顺丰"}).status_code == 200
