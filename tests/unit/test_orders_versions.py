"""An order's past and its next version: amend, restore, history, differences, journal, link, files (contract §3)."""

import hashlib
import itertools
import json

import pytest

from api.journal import guard
from api.kernel.time import MINUTE
from api.orders import snapshots
from tests.support.company import draft
from tests.support.desk import Device, does, look, packed, place, problem, tell


def history(house, no: str) -> list[dict]:
    return house.sales.get(f"/api/orders/{no}/history").json()["items"]


def journal(house, no: str) -> list[dict]:
    return house.sales.get(f"/api/orders/{no}/journal").json()["items"]


# The next version --------------------------------------------------------------------------------------------


def test_an_amendment_makes_v2_and_ends_v1(company):
    no = place(company, channel="pos", external_no="P-9", note="请避开周一送货")
    does(company, "sales", no, "tag", add=["大客户"])
    link = company.sales.post(f"/api/orders/{no}/tracking-link").json()["url"]
    lines = [{"sku": "BP-1023", "qty": 4}, {"sku": "OF-3001", "qty": 1}]
    new = does(company, "sales", no, "amend", changes={"lines": lines, "note": "改成周一送"})
    assert (new["order_no"], new["version"], new["state"]) == (f"{no}-V2", 2, "to_pick")
    assert [(n["sku"], n["qty"], n["price_fen"], n["reserved"]) for n in new["lines"]] == [
        ("BP-1023", 4, 12800, 4), ("OF-3001", 1, 2500, 1),
    ]  # fmt: skip
    assert (new["channel"], new["external_no"], new["customer"]["id"]) == ("pos", "P-9", "C0042")
    assert "大客户" in [tag["tag"] for tag in new["tags"]]
    assert "避周一" not in [tag["tag"] for tag in new["tags"]]
    assert [one["code"] for one in new["exceptions"]] == ["amount_mismatch"]  # 51200 came, 53700 is due
    old = look(company, no)
    assert (old["state"], old["colour"]["code"], [n["reserved"] for n in old["lines"]]) == (
        "amended",
        "grey",
        [0],
    )
    stock = company.sales.get("/api/stock", params={"sku": "BP-1023", "warehouse": "SH"}).json()["items"][0]
    assert stock["reserved"] == 4
    again = problem(
        company.supervisor.post("/api/orders", draft(channel="pos", external_no="P-9")), 409, "duplicate"
    )
    assert again["order_no"] == f"{no}-V2"
    assert company.sales.post(f"/api/orders/{no}-V2/tracking-link").json()["url"] == link
    page = company.client.get("/t/" + link.rpartition("/")[2])
    assert f"{no}-V2" in page.text
    problem(tell(company, "sales", no, "amend", changes={"note": "再改"}), 409, "wrong_state")
    assert does(company, "sales", f"{no}-V2", "amend", changes={"note": "再改"})["order_no"] == f"{no}-V3"


def test_an_amendment_that_changes_nothing_is_refused(house):
    no = place(house, note="原样")
    for changes in ({}, {"note": "原样"}, {"lines": [{"sku": "BP-1023", "qty": 4}]}):
        problem(tell(house, "sales", no, "amend", changes=changes), 409, "nothing_changed")
    assert look(house, no)["state"] == "to_pick"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"lines": [{"sku": "NOPE", "qty": 1}]}, 422, "unknown_sku"),
        ({"lines": []}, 400, "invalid"),
        ({"price": 1}, 400, "invalid"),
        ({"customer": {"name": ""}}, 400, "invalid"),
        ({"customer": {"id": "C9999"}}, 422, "unknown_customer"),
    ],
)
def test_a_wrong_amendment_leaves_the_order_alone(house, changes, status, code):
    no = place(house)
    problem(tell(house, "sales", no, "amend", changes=changes), status, code)
    assert look(house, no)["state"] == "to_pick"
    problem(house.sales.get(f"/api/orders/{no}-V2"), 404, "not_found")


def test_money_follows_to_the_next_version(house):
    """Paid in part, then made smaller: what came is enough, and the new version is cleared."""
    no = place(house, paid_at=None)
    does(house, "finance", no, "pay", amount_fen=25600, method="transfer")
    same = does(house, "sales", no, "amend", changes={"note": "改"})
    assert (same["state"], same["paid_fen"]) == ("awaiting_payment", 25600)
    assert [one["code"] for one in same["exceptions"]] == ["amount_mismatch"]
    small = does(house, "sales", same["order_no"], "amend", changes={"lines": [{"sku": "BP-1023", "qty": 2}]})
    assert (small["state"], small["paid_fen"], small["exceptions"]) == ("to_pick", 25600, [])
    unpaid = does(house, "sales", place(house, paid_at=None), "amend", changes={"note": "改"})
    assert (unpaid["state"], unpaid["exceptions"]) == ("awaiting_payment", [])


def test_an_amendment_keeps_to_the_credit_limit(house):
    big = [{"sku": "BP-1023", "qty": 1, "price_fen": 10_000_001}]
    no = place(house, customer={"id": "C0043"}, paid_at=None)
    does(house, "sales", no, "pay", method="on_account")
    left = problem(tell(house, "sales", no, "amend", changes={"lines": big}), 409, "over_credit")["left"]
    assert left == 10_000_000
    fits = [{"sku": "BP-1023", "qty": 1, "price_fen": 10_000_000}]
    new = does(house, "sales", no, "amend", changes={"lines": fits})
    assert (new["state"], new["paid_fen"], new["exceptions"]) == ("to_pick", 0, [])
    does(house, "sales", new["order_no"], "cancel", reason="不要")


def test_another_customer_brings_terms_and_salesperson(house):
    no = place(house)
    new = does(house, "sales", no, "amend", changes={"customer": {"id": "C0043"}})
    assert (new["customer"]["id"], new["terms"], new["customer"]["tier"]) == ("C0043", "monthly", "normal")
    prepaid = does(house, "sales", new["order_no"], "amend", changes={"customer": {"name": "路人", "phone": "13000000000"}})  # fmt: skip
    assert (prepaid["terms"], prepaid["exceptions"]) == ("prepaid", [])


def test_a_person_tag_keeps_its_checklist_over_versions(house):
    no = place(house)
    does(house, "sales", no, "tag", add=["附合格证"])
    does(house, "picker", no, "check", item="附合格证")
    new = does(house, "sales", no, "amend", changes={"note": "加急"})
    assert new["checklist"] == [{"item": "附合格证", "done": True}]
    assert new["priority"] == "urgent"


def test_picks_of_an_amended_order_are_carried_once_settled_to_stay(company):
    no, device = place(company), Device(company)
    device.push(no, "pick", 4)
    new = does(company, "supervisor", no, "amend", changes={"note": "改"})
    assert (new["lines"][0]["picked"], new["state"]) == (0, "to_pick")
    found = company.picker.get("/api/conflicts").json()["items"]
    assert [one["kind"] for one in found] == ["amended"]
    settled = company.picker.post(f"/api/conflicts/{found[0]['id']}/settle", {"choice": "keep"})
    assert settled.status_code == 200, settled.text
    new = look(company, new["order_no"])
    assert (new["lines"][0]["picked"], new["state"]) == (4, "picking")
    assert does(company, "picker", new["order_no"], "pack")["state"] == "packed"
    does(company, "picker", new["order_no"], "ship", carrier="顺丰", waybill="SF1")
    stock = company.sales.get("/api/stock", params={"sku": "BP-1023", "warehouse": "SH"}).json()["items"][0]
    assert (stock["on_hand"], stock["reserved"]) == (96, 0)
    assert history(company, new["order_no"])[-1]["state"] == "shipped"


def test_a_restore_brings_an_old_version_back_as_a_new_one(house):
    no = place(house, note="原话", options=["需加装防震泡沫"])
    first = look(house, no)["snapshot"]
    changes = {"note": "改了", "lines": [{"sku": "OF-3001", "qty": 1}], "options": [], "address": "江苏省苏州市姑苏区人民路2号"}  # fmt: skip
    second = does(house, "sales", no, "amend", changes=changes)
    assert (second["warehouse"], second["amount_fen"]) == ("SZ", 2500)
    third = does(house, "sales", second["order_no"], "restore", snapshot=first)
    assert (third["order_no"], third["version"], third["note"]) == (f"{no}-V3", 3, "原话")
    was = look(house, no)
    for field in ("customer", "address", "options", "amount_fen", "warehouse"):
        assert third[field] == was[field], field
    assert [(n["sku"], n["qty"], n["price_fen"]) for n in third["lines"]] == [("BP-1023", 4, 12800)]
    assert look(house, second["order_no"])["state"] == "amended"
    problem(
        tell(house, "sales", third["order_no"], "restore", snapshot="sha256:" + "0" * 64),
        404,
        "unknown_snapshot",
    )
    other = look(house, place(house))["snapshot"]
    problem(tell(house, "sales", third["order_no"], "restore", snapshot=other), 404, "unknown_snapshot")


def test_a_restore_keeps_the_orders_own_copy_of_the_customer(house):
    no = place(house, customer={"id": "C0042", "name": "老王代收", "phone": "13511112222"})
    first = look(house, no)["snapshot"]
    does(house, "sales", no, "amend", changes={"note": "改"})
    third = does(house, "sales", f"{no}-V2", "restore", snapshot=first)
    assert (third["customer"]["id"], third["customer"]["name"]) == ("C0042", "老王代收")


# History and journal -----------------------------------------------------------------------------------------


def test_every_state_leaves_a_snapshot_whose_hash_is_over_its_text(house):
    no = packed(house)
    items = history(house, no)
    assert [one["state"] for one in items] == ["to_pick", "picking", "packed"]
    assert all(one.keys() >= {"hash", "at", "state", "by"} for one in items)
    for one in items:
        whole = house.sales.get(f"/api/orders/{no}/history/{one['hash']}").json()
        assert "sha256:" + hashlib.sha256(whole["canonical"].encode()).hexdigest() == one["hash"]
        assert whole["order"]["order_no"] == no
        assert whole["order"]["customer"]["phone"] == "13800000000"
        for personal in ("13800000000", "浦东宝诚4S店", "张江路"):
            assert personal not in whole["canonical"]
    bare = items[0]["hash"].removeprefix("sha256:")
    assert house.sales.get(f"/api/orders/{no}/history/{bare}").status_code == 200
    problem(house.sales.get(f"/api/orders/{no}/history/{'0' * 64}"), 404, "unknown_snapshot")
    other = look(house, place(house))["snapshot"]
    problem(house.sales.get(f"/api/orders/{no}/history/{other}"), 404, "unknown_snapshot")


def test_the_difference_names_each_field_and_only_those(house):
    no = place(house)
    a = look(house, no)["snapshot"]
    new = does(house, "sales", no, "amend", changes={"note": "改", "lines": [{"sku": "BP-1023", "qty": 5}]})
    b = new["snapshot"]
    found = house.sales.get(f"/api/orders/{no}-V2/history/{a}..{b}").json()
    by_path = {one["path"]: (one["was"], one["now"]) for one in found["differences"]}
    assert by_path["lines[1].qty"] == (4, 5)
    assert by_path["note"] == (None, "改")
    assert by_path["amount_fen"] == (51200, 64000)
    assert not {"customer.name", "channel", "lines[1].sku", "external_no"} & by_path.keys()
    assert house.sales.get(f"/api/orders/{no}-V2/history/{b}..{b}").json()["differences"] == []


def test_the_journal_tells_who_when_from_where_and_its_chain_can_be_checked(house):
    no = place(house)
    house.clock.forward(MINUTE)
    given = {"reason": "客户 13911112222 说等"}
    house.call("finance", "POST", f"/api/orders/{no}/hold", json=given, headers={"User-Agent": "PDA-7"})
    entries = journal(house, no)
    assert [one["seq"] for one in entries] == list(range(1, len(entries) + 1))
    held = next(one for one in entries if one["kind"] == "order.held")
    assert (held["actor"], held["device"], held["at"][:4]) == ("finance", "PDA-7", "2026")
    assert held["ip"]
    assert held["said"]["reason"] == given["reason"]
    assert "13911112222" not in held["body"]
    assert held["said"]["to"] == "to_pick"
    assert all(two["prev"] == one["hash"] for one, two in itertools.pairwise(entries))
    assert house.db.reader.now(lambda tx: guard.verify(tx, house.db.folder / "checkpoints", None))[2] is None


def test_a_look_is_journalled_once_in_ten_minutes_for_each_person(company):
    no = place(company)

    def looks() -> list[str]:
        company.db.writer.now(lambda _: None)  # what nobody waits for has been written by now
        return [one["actor"] for one in journal(company, no) if one["kind"] == "order.viewed"]

    for _ in range(3):
        look(company, no, "sales")
    assert looks() == ["sales"]
    look(company, no, "picker")
    assert looks() == ["sales", "picker"]
    company.clock.forward(10 * MINUTE - 1)
    look(company, no, "sales")
    assert looks() == ["sales", "picker"]
    company.clock.forward(1)
    look(company, no, "sales")
    assert looks() == ["sales", "picker", "sales"]
    company.sales.get("/api/orders")
    assert looks() == ["sales", "picker", "sales"]


def test_every_command_is_in_the_journal_with_its_words(house):
    no = place(house, paid_at=None)
    does(house, "finance", no, "pay", method="transfer")
    does(house, "sales", no, "comment", text="客户说下午在")
    does(house, "sales", no, "tag", add=["大客户"])
    does(house, "sales", no, "cancel", reason="不要了")
    said = {one["kind"]: one["said"] for one in journal(house, no)}
    assert {"order.placed", "order.paid", "order.commented", "order.tagged", "order.cancelled"} <= said.keys()
    assert said["order.commented"]["text"] == "客户说下午在"
    assert said["order.tagged"]["added"] == ["大客户"]
    assert (said["order.paid"]["from"], said["order.paid"]["to"]) == ("awaiting_payment", "to_pick")
    assert said["order.cancelled"]["reason"] == "不要了"


# The link and the files ---------------------------------------------------------------------------------------


def test_the_link_is_the_same_each_time_until_it_is_revoked(company):
    no = place(company)
    made = [company.sales.post(f"/api/orders/{no}/tracking-link").json() for _ in range(2)]
    assert made[0]["url"] == made[1]["url"]
    assert made[0].keys() >= {"url", "expires_at"}
    token = made[0]["url"].rpartition("/")[2]
    assert len(token) == 26
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert company.client.get(f"/t/{token}").status_code == 200
    assert company.client.get(f"/T/{token.lower()}").status_code == 200
    assert company.sales.delete(f"/api/orders/{no}/tracking-link").status_code == 200
    assert company.client.get(f"/t/{token}").status_code == 404
    fresh = company.sales.post(f"/api/orders/{no}/tracking-link").json()["url"].rpartition("/")[2]
    assert fresh != token
    assert company.client.get(f"/t/{fresh}").status_code == 200
    assert company.client.get(f"/t/{token}").status_code == 404
    for role in ("picker", "finance"):
        problem(company.call(role, "POST", f"/api/orders/{no}/tracking-link"), 403, "not_yours")


def test_files_hang_on_the_order(house):
    no = place(house)
    path, files = f"/api/orders/{no}/attachments", {"file": ("回单.pdf", b"%PDF-1.4", "application/pdf")}
    made = house.call("sales", "POST", path, data={"kind": "document"}, files=files)
    assert made.status_code == 201
    assert made.json()["digest"] == "sha256:" + hashlib.sha256(b"%PDF-1.4").hexdigest()
    items = house.sales.get(path).json()["items"]
    assert [(one["kind"], one["name"], one["size"]) for one in items] == [("document", "回单.pdf", 8)]
    assert house.sales.get(f"{path}/{made.json()['id']}").content == b"%PDF-1.4"
    entry = next(one for one in journal(house, no) if one["kind"] == "order.attached")
    assert "回单" not in entry["body"]
    other = place(house)
    problem(house.sales.get(f"/api/orders/{other}/attachments/{made.json()['id']}"), 404, "not_found")
    problem(house.sales.get(f"{path}/{2**70}"), 404, "not_found")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"kind": "video"}, "$.kind"),
        ({"kind": "receipt"}, "$.paid_on"),
        ({"kind": "receipt", "paid_on": "yesterday", "amount_fen": "1"}, "$.paid_on"),
        ({"kind": "receipt", "paid_on": "2026-01-22"}, "$.amount_fen"),
        ({"kind": "receipt", "paid_on": "2026-01-22", "amount_fen": "-1"}, "$.amount_fen"),
        ({"kind": "receipt", "paid_on": "2026-01-22", "amount_fen": "²"}, "$.amount_fen"),
    ],
)
def test_a_wrong_file_is_told(house, data, where):
    no = place(house)
    answer = house.call(
        "sales", "POST", f"/api/orders/{no}/attachments", data=data, files={"file": ("a", b"x")}
    )
    assert problem(answer, 400, "invalid")["errors"][0]["path"] == where


def test_what_is_no_upload_is_refused(house):
    path = f"/api/orders/{place(house)}/attachments"
    problem(house.sales.post(path, {"kind": "photo"}), 415, "unsupported_media")
    problem(
        house.call("sales", "POST", path, data={"kind": "photo"}, files={"other": ("a", b"x")}),
        400,
        "invalid",
    )
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0b"\r\n\r\nx\r\n--x--\r\n'
    answer = house.call(
        "sales", "POST", path, content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code < 500
    answer = house.call(
        "sales", "POST", path, content=b"junk", headers={"content-type": "multipart/form-data"}
    )
    assert answer.status_code == 400
    problem(house.call("sales", "POST", "/api/orders/HD0/attachments", data={"kind": "photo"}, files={"file": ("a", b"x")}), 404, "not_found")  # fmt: skip


def hashed_texts(tx):
    """Every journal body, and every snapshot's text."""
    found = [row["body"] for row in tx.connection.execute("SELECT body FROM journal")]
    for row in tx.connection.execute("SELECT DISTINCT order_no FROM snapshots"):
        found += [one.text for one in snapshots.whole(tx, row["order_no"])]
    return found


def test_hashed_texts_stay_in_the_closed_domain(house):
    """No float, no key beyond ASCII, no integer beyond 2^53 in any snapshot or journal body of this company."""
    from api.kernel.canonical import canonical, check

    place(house, address={"text": "x", "lng": 121.123456, "lat": 31.654321}, note="\U0001f69a 🚚")
    rows = house.db.reader.now(hashed_texts)
    assert len(rows) > 60
    for text in rows:
        value = json.loads(text)
        check(value)
        assert canonical(value).decode() == text
