"""People are hard to lock out and hard to double: the last owner, lost devices, ways to write a phone."""

import pytest

from tests.support.company import draft


def test_the_last_owner_stays_one(company):
    answer = company.owner.put("/api/users/owner", {"display": "Z", "role": "picker"})
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    second = {"display": "二号", "role": "owner", "password": "long enough"}
    assert company.owner.put("/api/users/second", second).status_code == 200
    assert company.owner.put("/api/users/owner", {"display": "Z", "role": "picker"}).status_code == 200


def test_what_a_put_does_not_name_stays(company):
    given = {"display": "陈静", "role": "sales", "phone": "13900000000", "warehouse": "SH"}
    assert company.owner.put("/api/users/sales", given).status_code == 200
    again = company.owner.put("/api/users/sales", {"display": "陈静静", "role": "sales"}).json()
    assert (again["phone"], again["warehouse"]) == ("13900000000", "SH")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "1"}, "invalid"),
        ({"password": "long enough", "warehouse": "XX"}, "unknown_warehouse"),
    ],
)
def test_a_user_is_checked(company, change, code):
    answer = company.owner.put("/api/users/zz9", {"display": "Z", "role": "picker", **change})
    assert answer.json()["code"] == code


def test_a_customer_has_a_known_salesperson(company):
    answer = company.supervisor.put("/api/customers/C9", {"name": "甲店", "salesperson": "nobody"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_user")


def test_a_lost_device_is_out_at_once(company):
    made = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    token = company.client.post("/api/devices/enrol", json={"code": made["code"]}).json()["token"]
    head = {"Authorization": f"Bearer {token}"}
    assert company.client.get("/sync/pull", headers=head).status_code == 200
    assert company.sales.delete(f"/api/devices/{made['device']}").status_code == 403
    assert company.supervisor.delete(f"/api/devices/{made['device']}").status_code == 200
    assert company.client.get("/sync/pull", headers=head).status_code == 401
    assert company.supervisor.delete("/api/devices/NOSUCH00").status_code == 404


def test_an_unused_code_of_a_revoked_device_is_gone(company):
    made = company.supervisor.post("/api/devices", {"label": "PDA 2", "warehouse": "SH"}).json()
    company.supervisor.delete(f"/api/devices/{made['device']}")
    answer = company.client.post("/api/devices/enrol", json={"code": made["code"]})
    assert answer.json()["code"] == "code_gone"


@pytest.mark.parametrize(
    "phone",
    ["13800000000", "138 0000 0000", "+86 138-0000-0000", "008613800000000", "１３８００００００００"],
)
def test_a_phone_is_one_however_it_is_written(company, phone):
    customer = {"name": "浦东宝诚4S店", "phone": phone}
    made = company.supervisor.post("/api/orders", draft(customer=customer)).json()
    assert (made["customer"]["id"], made["customer"]["phone"]) == ("C0042", "13800000000")


def test_other_phones_are_left_as_they_are(company):
    customer = {"name": "某店", "phone": "021-5555 8888"}
    assert (
        company.supervisor.post("/api/orders", draft(customer=customer)).json()["customer"]["phone"]
        == "02155558888"
    )
    customer = {"name": "某店", "phone": "+852 2345 6789"}
    assert (
        company.supervisor.post("/api/orders", draft(customer=customer)).json()["customer"]["phone"]
        == "+85223456789"
    )
