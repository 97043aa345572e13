"""A forgotten customer: no readable copy is left, also not in the file's bytes; everything still verifies and reads."""

import json

import pytest

from api.db.database import FILE
from api.journal import checkpoint, guard
from api.journal.service import ERASED
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.setup import proof
from api.setup.forgetting import forget
from tests.support import engines
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
    with engines.by_hand(company.db.folder) as hand:
        for table in engines.tables(hand):
            for row in hand.execute(f"SELECT * FROM {table}").fetchall():
                found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
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


SPELT = ("13712345678", "+86 137-1234-5678", "(0086)137 1234 5678", "86 13712345678")
OTHERS = ("113712345678", "137123456789", "13712345679", "")


def test_messages_that_came_to_no_order_are_reached_by_the_phone(company, told):
    """Dead, waiting and ignored ones, raw or decrypted; a number that only holds this one is another's."""
    put = (
        "INSERT INTO inbox (channel, at, ip, method, query, headers, raw, status, external_no, payload)"
        " VALUES ('pos', 1, '1.2.3.4', 'POST', '[]', '{}', ?, ?, 'W1', ?) RETURNING id"
    )

    def message(status: str, raw: str, payload: str | None) -> int:
        given = [raw.encode(), status, None if payload is None else payload.encode()]
        return company.db.writer.now(lambda tx: tx.connection.execute(put, given).fetchone()[0])

    mine = [message("dead", f'{{"tel":"{phone}"}}', None) for phone in SPELT]
    mine += [
        message("waiting", "sealed", f'{{"tel":"{PHONE}"}}'),
        message("ignored", f"<tel>{PHONE}</tel>", None),
    ]
    others = [message("dead", f'{{"tel":"{phone}"}} {NAME}', None) for phone in OTHERS]
    customer = told[0]
    company.db.writer.now(lambda tx: forget(tx, customer, SYSTEM, company.clock()))

    def left(numbers):
        sql = f"SELECT raw, payload, status, ip FROM inbox WHERE id IN ({','.join(map(str, numbers))}) ORDER BY id"
        return company.db.reader.now(lambda tx: [tuple(row) for row in tx.connection.execute(sql)])

    assert left(mine) == [(b"", None, "ignored", "")] * 6
    assert [row[2] for row in left(others)] == ["dead"] * 4
    assert all(row[0] for row in left(others))
    # The order that the emptied one waited for comes all the same.
    made = company.supervisor.post("/api/orders", draft(external_no="W1", channel="pos"))
    assert made.status_code == 201, made.text


def test_options_and_coordinates_go_from_the_orders(company):
    place = {"text": ADDRESS, "lng": 121.5, "lat": 31.2}
    given = draft(customer={"name": NAME, "phone": PHONE}, address=place, options=["找老曹", "送前电话"])
    made = company.supervisor.post("/api/orders", given).json()
    before = company.owner.get(f"/api/orders/{made['order_no']}").json()
    assert (before["options"], before["address"]["lng"]) == (["找老曹", "送前电话"], 121.5)
    company.db.writer.now(lambda tx: forget(tx, made["customer"]["id"], SYSTEM, company.clock()))
    after = company.owner.get(f"/api/orders/{made['order_no']}").json()
    assert (after["options"], after["address"]["lng"], after["address"]["lat"]) == ([], None, None)
    assert after["address"]["adcode"] == before["address"]["adcode"]
    assert [tag["tag"] for tag in after["tags"]] == [tag["tag"] for tag in before["tags"]]
    assert company.supervisor.post(f"/api/orders/{made['order_no']}/start_picking").status_code == 200
    found = company.db.reader.now(lambda tx: proof.whole(tx, company.db.folder / "checkpoints", None))
    assert (found.fault, found.entries > 20) == (None, True)
