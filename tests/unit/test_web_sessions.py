"""Who asks, and what that one may see: sessions, CSRF, bearer tokens, the login limit, the sights of each role."""

import asyncio
import json
import re

import httpx
import pytest

from api.kernel.actor import SYSTEM
from api.kernel.time import HOUR, MINUTE
from api.people import service
from api.people.model import UserIn
from tests.support.company import draft
from tests.support.desk import Device, does, look, place, problem, shipped, tell

ROLES = ("owner", "supervisor", "sales", "finance", "picker")


def login(company, user="supervisor", password="demo", **headers):
    return company.client.post("/api/login", json={"user": user, "password": password}, headers=headers)


def cookies(answer) -> dict[str, dict[str, str]]:
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        first, *rest = [part.strip() for part in line.split(";")]
        name, _, value = first.partition("=")
        marks = dict(part.partition("=")[::2] for part in rest)
        found[name] = {"value": value, **{k.lower(): v for k, v in marks.items()}}
    return found


def test_a_login_gives_token_user_and_cookies(house):
    answer = login(house)
    assert answer.json()["user"]["name"] == "supervisor"
    assert answer.json()["user"]["role"] == "supervisor"
    session, csrf = cookies(answer)["session"], cookies(answer)["csrf"]
    assert "httponly" in session
    assert "httponly" not in csrf
    assert (session["samesite"].lower(), session["max-age"]) == ("lax", str(12 * 3600))
    assert session["value"] == answer.json()["token"]


@pytest.mark.parametrize(
    ("host", "secure"),
    [("hub.example.cn", True), ("127.0.0.1:8000", False), ("localhost:8000", False), ("[::1]:8000", False),
     ("127.evil.example", True), ("localhost.evil.example", True)],
)  # fmt: skip
def test_cookies_are_secure_off_loopback(house, host, secure):
    found = cookies(login(house, host=host))
    assert ["secure" in found[name] for name in ("session", "csrf")] == [secure, secure]


class Browser:
    """Sends the cookies that the login set, as a browser on the same site does."""

    def __init__(self, company) -> None:
        found = cookies(login(company))
        company.client.cookies.clear()
        self.client, self.csrf = company.client, found["csrf"]["value"]
        self.jar = {name: one["value"] for name, one in found.items()}

    def send(self, method: str, path: str, csrf: str | None = None, **given):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}
        if csrf is not None:
            headers["X-CSRF-Token"] = csrf
        return self.client.request(method, path, headers=headers, **given)


def test_a_cookie_session_reads_freely_and_changes_with_the_csrf_header(company):
    browser = Browser(company)
    assert browser.send("GET", "/api/orders").status_code == 200
    for wrong in (None, "", "x" * len(browser.csrf)):
        problem(browser.send("POST", "/api/orders", wrong, json=draft()), 403, "csrf")
        problem(browser.send("PUT", "/api/skus/A1", wrong, json={"name": "A"}), 403, "csrf")
    assert browser.send("GET", "/api/orders").json()["items"] == []
    assert browser.send("POST", "/api/orders", browser.csrf, json=draft()).status_code == 201
    assert browser.send("PUT", "/api/skus/A1", browser.csrf, json={"name": "A"}).status_code == 200
    browser.jar["csrf"] = "other"
    problem(browser.send("POST", "/api/orders", browser.csrf, json=draft()), 403, "csrf")
    problem(browser.send("POST", "/api/orders", "other", json=draft()), 403, "csrf")


def test_a_csrf_token_of_another_session_is_none(company):
    one, two = Browser(company), Browser(company)
    problem(one.send("POST", "/api/orders", two.csrf, json=draft()), 403, "csrf")
    one.jar["csrf"] = two.csrf
    problem(one.send("POST", "/api/orders", two.csrf, json=draft()), 403, "csrf")


def test_a_logout_ends_the_session_at_once(company):
    browser = Browser(company)
    bearer = {"Authorization": f"Bearer {browser.jar['session']}"}
    assert company.client.get("/api/me", headers=bearer).status_code == 200
    assert browser.send("POST", "/api/logout", browser.csrf).status_code == 200
    problem(company.client.get("/api/me", headers=bearer), 401, "signed_out")
    problem(browser.send("GET", "/api/orders"), 401, "signed_out")


def test_a_session_ends_after_twelve_hours(company):
    bearer = {"Authorization": f"Bearer {login(company).json()['token']}"}
    company.client.cookies.clear()
    company.clock.forward(12 * HOUR - 1)
    assert company.client.get("/api/me", headers=bearer).status_code == 200
    company.clock.forward(1)
    problem(company.client.get("/api/me", headers=bearer), 401, "signed_out")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic c3VwOmRlbW8=",
        "bearer \u00e9",
        "Bearer a b",
        "Token x",
    ],
)
def test_no_session_no_answer(house, header):
    house.client.cookies.clear()  # another test may have signed in by this client
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    problem(house.client.get("/api/orders", headers=headers), 401, "signed_out")
    problem(house.client.post("/api/orders", json=draft(), headers=headers), 401, "signed_out")


@pytest.mark.parametrize(
    ("user", "password"), [("supervisor", "Demo"), ("nobody", "demo"), ("supervisor", " demo")]
)
def test_a_wrong_login_does_not_say_what_was_wrong(house, user, password):
    wrong = problem(login(house, user, password), 401, "wrong_password")
    assert "set-cookie" not in wrong
    assert user not in wrong["why"]


def test_ten_wrong_tries_then_wait(company):
    for _ in range(10):
        problem(login(company, password="no"), 401, "wrong_password")
    limited = login(company)
    problem(limited, 429, "too_many")
    assert 0 < int(limited.headers["retry-after"]) <= 300
    assert login(company, "sales").status_code == 200  # the others go on
    company.clock.forward(5 * MINUTE)
    assert login(company).status_code == 200


def test_a_changed_role_or_password_ends_the_sessions(company):
    assert company.sales.get("/api/me").json()["user"]["role"] == "sales"
    changed = company.owner.put("/api/users/sales", {"display": "Sales", "role": "picker"})
    assert changed.status_code == 200, changed.text
    problem(company.sales.get("/api/me"), 401, "signed_out")


def test_demo_logins_work_on_this_machine_only(company):
    def make(tx):
        given, mark = UserIn("Demo", "sales"), service.hash_password("demo")
        service.save_user(tx, "demo1", given, mark, SYSTEM, company.clock(), is_demo=True)

    company.db.writer.now(make)

    async def send(ip: str, user: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=company.app, client=(ip, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.example.cn") as client:
            return await client.post("/api/login", json={"user": user, "password": "demo"})

    problem(asyncio.run(send("203.0.113.7", "demo1")), 403, "demo_loopback")
    for ip, user in (("127.0.0.1", "demo1"), ("::1", "demo1"), ("203.0.113.7", "sales")):
        assert asyncio.run(send(ip, user)).status_code == 200


# Rights and sights -------------------------------------------------------------------------------------------

LEAD_ONLY = (
    ("GET", "/api/channels", None), ("GET", "/api/inbox", None), ("GET", "/api/devices", None),
    ("POST", "/api/devices", {"label": "x", "warehouse": "SH"}),
    ("POST", "/api/stock/moves", {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 1}),
    ("PUT", "/api/skus/X", {"name": "x"}), ("PUT", "/api/bins/X-1", {"warehouse": "SH"}),
    ("PUT", "/api/warehouses/XX", {"name": "x"}), ("PUT", "/api/customers/X1", {"name": "x"}),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), LEAD_ONLY)
def test_what_leads_alone_may(house, method, path, body):
    for role in ("sales", "finance", "picker"):
        problem(house.call(role, method, path, **({"json": body} if body else {})), 403, "not_yours")
    answer = house.call("supervisor", method, path, **({"json": body} if body else {}))
    assert answer.status_code in (200, 201), answer.text


def test_users_are_the_owners(house):
    for role in ("supervisor", "sales", "finance", "picker"):
        problem(house.call(role, "GET", "/api/users"), 403, "not_yours")
        problem(
            house.call(role, "PUT", "/api/users/x", json={"display": "x", "role": "sales"}), 403, "not_yours"
        )
    found = house.owner.get("/api/users").json()["items"]
    assert {user["name"] for user in found} >= set(ROLES)
    assert not any("password" in key or "hash" in key for user in found for key in user)


def keys_of(value) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for one in value.values() for key in keys_of(one)}
    return {key for one in value for key in keys_of(one)} if isinstance(value, list) else set()


def test_a_picker_sees_the_parcel_but_no_price_and_a_masked_phone(house):
    no = place(house, note="易碎", lines=[{"sku": "BP-1023", "qty": 1, "price_fen": 98765}])
    does(house, "owner", no, "hold", reason="等")
    does(house, "owner", no, "lift")
    marks = house.owner.get(f"/api/orders/{no}/history").json()["items"]
    pages = [
        f"/api/orders/{no}", "/api/orders", f"/api/orders/{no}/history",
        f"/api/orders/{no}/history/{marks[0]['hash']}", f"/api/orders/{no}/history/{marks[0]['hash']}..{marks[1]['hash']}",
        f"/api/orders/{no}/attachments", "/api/skus", "/api/customers", "/api/stock", "/api/conflicts", "/api/todos",
    ]  # fmt: skip
    for path in pages:
        answer = house.picker.get(path)
        assert answer.status_code == 200, path
        assert "13800000000" not in answer.text, path
        assert "98765" not in answer.text, path
        assert not keys_of(answer.json()) & {"price_fen", "amount_fen", "paid_fen", "credit_fen", "terms"}, (
            path
        )
    seen = look(house, no, "picker")
    assert (seen["customer"]["name"], seen["customer"]["phone"]) == ("浦东宝诚4S店", "138****0000")
    assert (seen["address"]["text"], seen["note"]) == ("上海市浦东新区张江路1号", "易碎")
    whole = look(house, no, "sales")
    assert (whole["customer"]["phone"], whole["lines"][0]["price_fen"]) == ("13800000000", 98765)
    problem(house.picker.get(f"/api/orders/{no}/journal"), 403, "not_yours")


def test_a_picker_reads_no_sum_in_an_exception_or_a_commands_answer(house):
    no = place(house, paid_at=None)
    does(house, "finance", no, "pay", amount_fen=77777, method="transfer")
    assert "¥777.77" in json.dumps(look(house, no, "finance"), ensure_ascii=False)
    for seen in (look(house, no, "picker"), does(house, "picker", no, "start_picking")):
        text = re.sub(
            r"\b[0-9a-f]{64}\b", "", json.dumps(seen, ensure_ascii=False)
        )  # a hash may hold any digits
        assert "777" not in text
        assert "¥" not in text
        assert [one["code"] for one in seen["exceptions"]] == ["amount_mismatch"]
        assert seen["colour"]["code"] == "red"
        assert seen["colour"]["why"]


def test_a_device_may_sync_and_nothing_else(house):
    device, no = Device(house), place(house)
    get = lambda path: house.client.get(path, headers=device.headers)  # noqa: E731
    assert get("/sync/pull?warehouse=SH").status_code == 200
    assert get("/sync/pull").status_code == 200
    problem(get("/sync/pull?warehouse=SZ"), 403, "not_yours")
    for path in ("/api/orders", f"/api/orders/{no}", f"/api/orders/{no}/history", f"/api/orders/{no}/journal", "/api/me",
                 "/api/stock", "/api/skus", "/api/bins", "/api/customers", "/api/users", "/api/devices", "/api/channels",
                 "/api/inbox", "/api/conflicts", "/api/todos", "/api/parked", "/api/warehouses", "/qr/bins.pdf", "/qr/papers",
                 "/api/board", "/api/board/events", "/api/codes/LA0103V"):  # fmt: skip
        problem(get(path), 403, "not_yours")
    for path, body in (("/api/orders", draft()), (f"/api/orders/{no}/comment", {"text": "x"}), (f"/api/orders/{no}/pack", {})):  # fmt: skip
        problem(house.client.post(path, json=body, headers=device.headers), 403, "not_yours")


def test_a_device_code_works_once(house):
    card = house.owner.post("/api/devices", {"label": "PDA", "warehouse": "SH"})
    assert card.status_code == 201
    assert card.json().keys() >= {"device", "code", "expires_at"}
    given = {"code": card.json()["code"]}
    assert house.client.post("/api/devices/enrol", json=given).status_code == 200
    problem(house.client.post("/api/devices/enrol", json=given), 409, "code_gone")


def test_finance_and_sales_have_no_hand_on_the_floor(house):
    no = place(house)
    for role in ("finance", "sales"):
        for name in ("start_picking", "pack"):
            problem(tell(house, role, no, name), 403, "not_yours")


def test_who_sees_receipts(house):
    no = shipped(house)
    receipt = {"kind": "receipt", "paid_on": "2026-01-22", "amount_fen": "51200"}
    for role, kind in (("finance", receipt), ("picker", {"kind": "photo"})):
        files = {"file": ("a.jpg", b"\xff\xd8\xff", "image/jpeg")}
        assert (
            house.call(role, "POST", f"/api/orders/{no}/attachments", data=kind, files=files).status_code
            == 201
        )
    path = f"/api/orders/{no}/attachments"
    everything = house.finance.get(path).json()["items"]
    assert [(one["kind"], one["amount_fen"]) for one in everything] == [("receipt", 51200), ("photo", None)]
    assert [one["kind"] for one in house.picker.get(path).json()["items"]] == ["photo"]
    problem(house.picker.get(f"{path}/{everything[0]['id']}"), 404, "not_found")
    opened = house.finance.get(f"{path}/{everything[0]['id']}")
    assert opened.content == b"\xff\xd8\xff"
    assert opened.headers["content-disposition"] == "attachment"
    assert opened.headers["content-type"] == "application/octet-stream"
