"""A forgotten customer: no readable copy is left, also not in the file's bytes; everything still verifies and reads."""

import json
import sqlite3

import pytest

from api.db.database import FILE
from api.journal import checkpoint, guard
from api.journal.service import ERASED
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.setup.forgetting import forget
from tests.support.company import SECRET, draft

NAME, PHONE = "独一无二汽配行", "13712345678"
ADDRESS, NOTE = "上海市浦东新区忘忧路77号", "请避开周一送货，找老曹签收"
WORDS = (NAME, PHONE, ADDRESS, NOTE, "老曹", "等曹老板回话", "曹老板说过几天", "receipt of Cao", "曹先生")


def order_of(company, **change):
    made = company.supervisor.post(
        "/api/orders", draft(customer={"name": NAME, "phone": PHONE}, address=ADDRESS, note=NOTE, **change)
    )
    assert made.status_code == 201, made.text
    return made.json()


def texts(company) -> str:
    """Every value of every table, as text; answers kept for idempotency are empty here."""
    found = []
    connection = sqlite3.connect(company.db.path)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f"SELECT * FROM {table}"):
            found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
    connection.close()
    return "\n".join(found)


@pytest.fixture
def told(company):
    """An order with everything a person may leave behind; a cancelled one; another customer's beside it."""
    order = order_of(company)
    no = order["order_no"]
    assert company.sales.post(f"/api/orders/{no}/comment", {"text": "曹老板说过几天再送"}).status_code == 200
    given = {"file": ("曹先生.txt", b"receipt of Cao", "text/plain")}
    made = company.sales.post(f"/api/orders/{no}/attachments", files=given, data={"kind": "document"})
    assert made.status_code in (200, 201), made.text
    assert company.supervisor.post(f"/api/orders/{no}/hold", {"reason": "等曹老板回话"}).status_code == 200
    gone = order_of(company)["order_no"]
    assert (
        company.supervisor.post(f"/api/orders/{gone}/cancel", {"reason": "曹老板说过几天"}).status_code == 200
    )
    other = company.supervisor.post("/api/orders", draft(note="另一位客户的备注")).json()["order_no"]
    # What a platform sent about the order, and about another one.
    put = "INSERT INTO inbox (channel, at, ip, method, query, headers, raw, status, external_no, order_no, payload)"
    for order_no, text in ((no, f"{NAME} {PHONE}"), (other, "stays as it was")):
        company.db.writer.now(
            lambda tx, order_no=order_no, text=text: tx.connection.execute(
                f"{put} VALUES ('pos', 1, '1.2.3.4', 'POST', '[]', '{{}}', ?, 'done', 'x', ?, ?)",
                [text.encode(), order_no, json.dumps({"phone": PHONE if order_no == no else "0"}).encode()],
            )
        )
    return order["customer"]["id"], no, gone, other


def test_a_forgotten_customer_leaves_no_word_and_all_hashes_stay(company, told):
    customer, no, gone, other = told
    before = texts(company)
    assert all(word in before for word in WORDS)
    hashes = [one["hash"] for one in company.sales.get(f"/api/orders/{no}/history").json()["items"]]
    count = company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock()))
    assert count >= 8
    after = texts(company)
    assert [word for word in WORDS if word in after] == []
    assert "stays as it was" in after
    assert "另一位客户的备注" in after

    key = checkpoint.public(checkpoint.signing_key(SECRET))
    size, _, fault = company.db.reader.now(
        lambda tx: guard.verify(tx, company.db.folder / "checkpoints", key)
    )
    assert (size > 20, fault) == (True, None)

    shown = company.sales.get(f"/api/orders/{no}").json()
    assert shown["customer"] == {"id": customer, "name": ERASED, "phone": ERASED, "tier": "normal"}
    assert (shown["address"]["text"], shown["note"], shown["held"]["reason"]) == (ERASED, ERASED, ERASED)
    assert [tag["tag"] for tag in shown["tags"]] == ["避周一"]
    assert shown["lines"][0]["qty"] == 4
    items = company.sales.get(f"/api/orders/{no}/history").json()["items"]
    assert [one["hash"] for one in items] == hashes
    whole = company.sales.get(f"/api/orders/{no}/history/{items[0]['hash']}").json()
    assert ERASED in json.dumps(whole, ensure_ascii=False)
    journal = company.sales.get(f"/api/orders/{no}/journal")
    assert "order.commented" in {one["kind"] for one in journal.json()["items"]}
    assert [word for word in WORDS if word in journal.text] == []
    assert company.sales.get(f"/api/orders/{gone}").json()["state"] == "cancelled"
    assert company.sales.get(f"/api/orders/{other}").json()["customer"]["name"] == "浦东宝诚4S店"
    listed = company.sales.get("/api/orders", params={"customer": customer}).json()["items"]
    assert {one["order_no"] for one in listed} == {no, gone}
    assert company.sales.get("/api/orders", params={"q": PHONE}).json()["items"] == []


def test_work_goes_on_and_the_person_may_come_back(company, told):
    customer, no, _, _ = told
    company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock()))
    assert company.supervisor.post(f"/api/orders/{no}/lift").status_code == 200
    assert company.picker.get(f"/api/orders/{no}").json()["customer"]["phone"] == "****"
    assert company.supervisor.post(f"/api/orders/{no}/start_picking").status_code == 200
    again = order_of(company)
    assert (again["customer"]["id"] != customer, again["customer"]["name"]) == (True, NAME)
    link = company.sales.post(f"/api/orders/{no}/tracking-link").json()["url"]
    assert company.client.get("/t/" + link.rpartition("/")[2]).status_code == 200
    assert company.supervisor.get("/api/customers").status_code == 200


def test_the_bytes_are_gone_from_the_file(company, told):
    customer = told[0]
    company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock()))
    company.client.__exit__()  # a graceful stop folds the WAL
    data = (company.db.folder / FILE).read_bytes()
    assert not company.db.path.with_name(FILE + "-wal").exists()
    assert "另一位客户的备注".encode() in data
    assert [word for word in WORDS if word.encode() in data] == []


def test_twice_and_unknown(company, told):
    customer = told[0]
    company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock()))
    assert company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock())) == 0
    with pytest.raises(Refused, match="unknown_customer"):
        company.db.writer.now(lambda tx: forget(tx, "C9999", SYSTEM, company.clock()))


def test_nobody_takes_the_place_of_who_was_forgotten_last(company):
    """The newest values of all are erased; what comes next must not be read where they stood."""
    order = order_of(company)
    company.db.writer.now(lambda tx: forget(tx, order["customer"]["id"], SYSTEM, company.clock()))
    company.supervisor.post("/api/orders", draft(customer={"name": "后来的人", "phone": "13811111111"}))
    found = company.owner.get(f"/api/orders/{order['order_no']}").json()
    assert (found["customer"]["name"], found["address"]["text"], found["note"]) == (ERASED, ERASED, ERASED)
