"""What a supervisor does at the gateway: channels and their secrets, a mapping tried, the inbox, replay."""

import json

import pytest

from bench.platforms import PATH_KEY, PLATFORMS, Event
from tests.support.company import POS_SECRET
from tests.support.senders import Till, inbox, order_data, put_channel, send

OTHER_SECRET = "whsec_" + "QUJD" * 8


@pytest.fixture
def boss(company):
    return company.supervisor


def everything_said(company):
    """All that GET, the journal and the inbox show."""
    parts = [company.supervisor.get("/api/channels").text, company.supervisor.get("/api/inbox").text]
    rows = company.db.reader.now(lambda tx: tx.connection.execute("SELECT body FROM journal").fetchall())
    return "\n".join([*parts, *(row[0] for row in rows)])


def test_secrets_are_never_shown_and_put_takes_back_what_get_gave(company, boss):
    before = boss.get("/api/channels/pos").json()
    assert set(before["secrets"]) == {"secret"}
    assert (before["secrets"]["secret"]["set"], bool(before["secrets"]["secret"]["at"])) == (True, True)
    company.clock.forward(60_000)
    again = boss.put("/api/channels/pos", before)
    assert (again.status_code, again.json()) == (200, before)
    assert Till(company)("order.paid").status_code == 200
    for text in ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", POS_SECRET):
        assert text not in everything_said(company)
    dumped = "\n".join(company.db.reader.now(lambda tx: [str(tuple(r)) for r in dump(tx)]))
    assert "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" not in dumped


def dump(tx):
    return tx.connection.execute("SELECT * FROM channel_secrets").fetchall()


def test_text_replaces_a_secret_and_null_removes_it(company, boss):
    known = boss.get("/api/channels/pos").json()
    assert boss.put("/api/channels/pos", {**known, "secrets": {"secret": OTHER_SECRET}}).status_code == 200
    assert Till(company)("order.paid").status_code == 401
    assert Till(company, "pos", OTHER_SECRET)("order.paid").status_code == 200
    refused = boss.put("/api/channels/pos", {**known, "secrets": {"secret": None}})
    assert (refused.status_code, refused.json()["code"]) == (422, "secrets_missing")
    assert boss.get("/api/channels/pos").json()["secrets"]["secret"]["set"] is True
    for nothing in (None, ""):
        gone = boss.put("/api/channels/pos", {**known, "enabled": False, "secrets": {"secret": nothing}})
        assert (gone.status_code, gone.json()["secrets"]) == (200, {})
    refused = boss.put("/api/channels/pos", {"enabled": True})
    assert refused.json()["code"] == "secrets_missing"


def test_another_scheme_forgets_the_old_ones_secrets(boss):
    known = boss.get("/api/channels/pos").json()
    body = {**known, "scheme": "none", "enabled": False}
    moved = boss.put("/api/channels/pos", body)
    assert (moved.status_code, moved.json()["secrets"]) == (200, {})
    assert boss.put("/api/channels/pos", moved.json()).status_code == 200
    assert boss.put("/api/channels/pos", {"secrets": {"path_key": "k"}, "enabled": True}).status_code == 200


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"scheme": "carrier_pigeon"}, "$.scheme"),
        ({"mapping": {"external_nr": "x"}}, "$.mapping.external_nr"),
        ({"mapping": {"external_no": "a["}}, "$.mapping.external_no.path"),
        ({"mapping": {"paid_at": {"path": "a", "as": "fortnights"}}}, "$.mapping.paid_at.as"),
        ({"mapping": {"event": {"path": "a", "is": {"x": "explode"}}}}, "$.mapping.event"),
        ({"secrets": {"token": "t"}}, "$.secrets.token"),
        ({"secrets": {"secret": "whsec_not base64!"}}, "$.secrets.secret"),
        ({"keywords": [{"words": ["a"], "tag": "b", "priority": "now"}]}, "$.keywords[0].priority"),
        ({"keywords": [{"words": ["a"], "tag": "b" * 41}]}, "$.keywords[0].tag"),
        ({"keywords": [{"words": [], "tag": "b"}]}, "$.keywords[0].words"),
        ({"colour": "red"}, "$.colour"),
        ({"for": "pos"}, "$.for"),  # it speaks of its own orders anyway
        ({"owner": "nobody"}, "$.owner"),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(boss, body, path):
    refused = boss.put("/api/channels/pos", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid"), refused.text
    assert path in [one["path"] for one in refused.json()["errors"]]
    secret = body.get("secrets", {}).get("secret", "-")
    assert secret not in refused.text or secret == "-"


def test_who_pays_may_be_set_up_before_the_orders_channel(boss):
    """Which of the two comes first is nobody's rule; `doctor` tells of one that never comes."""
    named = boss.put("/api/channels/till-pay", {"label": "收款", "scheme": "none", "for": "shop-to-come"})
    assert (named.status_code, named.json()["for"]) == (200, "shop-to-come")


def test_rights_and_names(company, boss):
    for role in ("sales", "finance", "picker"):
        who = getattr(company, role)
        for answer in (
            who.get("/api/channels"),
            who.get("/api/channels/pos"),
            who.put("/api/channels/pos", {"enabled": False}),
            who.post("/api/channels/pos/try", {"payload": {}}),
            who.get("/api/inbox"),
            who.post("/api/inbox/1/replay"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert boss.get("/api/channels/nowhere").status_code == 404
    for code in ("Ä", "POS", "-x", "x" * 41):
        assert boss.put(f"/api/channels/{code}", {"label": "x", "scheme": "none"}).status_code in (400, 404)
    new = boss.put("/api/channels/new-1", {"label": "新", "scheme": "none"})
    assert (new.status_code, new.json()["code"], new.json()["enabled"]) == (200, "new-1", False)
    assert [one["code"] for one in boss.get("/api/channels").json()["items"]] == [
        "miniprogram",
        "new-1",
        "pos",
    ]


def test_a_mapping_is_tried_and_nothing_is_stored(company, boss):
    payload = {"type": "order.paid", "data": order_data(remark="加急，避开周一", colour="red")}
    tried = boss.post("/api/channels/pos/try", {"payload": payload}).json()
    assert (tried["event"], tried["draft"]["external_no"], tried["draft"]["lines"][0]["qty"]) == (
        "pay",
        "P-1001",
        4,
    )
    assert tried["draft"]["paid_at"] == "2026-01-22T10:05:00+08:00"
    assert tried["sources"]["external_no"] == "data.order_id"
    assert tried["sources"]["lines[0].sku"] == "data.items[0].sku"
    assert tried["unmapped"] == {"data": {"colour": "red"}}
    assert {"加急", "避周一", "防震泡沫"} <= {tag["tag"] for tag in tried["tags"]}
    assert (tried["priority"], tried["problems"]) == ("urgent", [])
    payload["data"]["items"][0]["qty"] = "many"
    tried = boss.post("/api/channels/pos/try", {"payload": payload}).json()
    assert [(p["path"], p["code"], p["blocks"]) for p in tried["problems"]] == [
        ("lines[0].qty", "not_number", True)
    ]
    assert boss.get("/api/orders").json()["items"] == []
    assert inbox(company) == []
    for odd in (None, [], "text", 7, {"type": None}):
        assert boss.post("/api/channels/pos/try", {"payload": odd}).status_code == 200, odd
        assert boss.post("/api/channels/suggest", {"payload": odd}).status_code == 200, odd
    assert boss.post("/api/channels/pos/try", {}).status_code == 400


def test_a_suggested_mapping_makes_the_order(company, boss):
    sample = {
        "orderNo": "T-77",
        "payTime": 1769047500,
        "buyer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
        "收货地址": "上海市浦东新区张江路1号",
        "goods": [{"货号": "BP-1023", "数量": "4", "单价": "128.00"}],
    }
    mapping = boss.post("/api/channels/suggest", {"payload": sample}).json()["mapping"]
    body = {
        "label": "别家",
        "scheme": "none",
        "secrets": {"path_key": "k"},
        "mapping": mapping,
        "enabled": True,
    }
    assert boss.put("/api/channels/else", body).status_code == 200
    raw = json.dumps(sample, ensure_ascii=False).encode()
    assert company.client.post("/in/else/k", content=raw).status_code == 200
    (order,) = boss.get("/api/orders").json()["items"]
    assert (order["external_no"], order["amount_fen"], order["state"]) == ("T-77", 51200, "to_pick")
    assert company.client.post("/in/else/wrong", content=raw).status_code == 401
    assert company.client.post("/in/else", content=raw).status_code == 401


def test_the_inbox_lists_raw_messages_with_phones_masked(company, boss):
    till = Till(company)
    for n, phone in enumerate(("13812345678", "138-1234-5678", "+86 138 1234 5678", "021-58881234")):
        till("order.paid", order_id=f"N{n}", customer={"name": "宝诚", "phone": phone})
    till("order.paid", order_id="N0")
    rows = inbox(company)
    assert [row["status"] for row in rows] == ["duplicate", *["done"] * 4]
    text = json.dumps(rows)
    for secret in ("12345678", "1234-5678", "1234 5678", "58881234"):
        assert secret not in text
    assert "138****5678" in text
    first = boss.get("/api/inbox?limit=2").json()
    second = boss.get("/api/inbox", params={"limit": 2, "cursor": first["next"]}).json()
    ids = [int(row["id"]) for row in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
    assert boss.get("/api/inbox?status=lost").status_code == 400
    assert boss.get("/api/inbox?limit=201").status_code == 400
    assert boss.get("/api/inbox?channel=pos&status=done").json()["items"][0]["channel"] == "pos"


def test_a_dead_message_is_replayed_after_the_mapping_is_mended(company, boss):
    till = Till(company)
    known = boss.get("/api/channels/pos").json()
    broken = {**known["mapping"], "external_no": "data.orderNumber"}
    boss.put("/api/channels/pos", {"mapping": broken})
    assert till("order.paid").status_code == 200
    (row,) = inbox(company, status="dead")
    assert (row["code"], row["why"]) == ("missing", "渠道单号: 没有值。")
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["status"] == "dead"
    boss.put("/api/channels/pos", {"mapping": known["mapping"]})
    done = boss.post(f"/api/inbox/{row['id']}/replay").json()
    assert (done["status"], done["order_no"]) == (
        "done",
        boss.get("/api/orders").json()["items"][0]["order_no"],
    )
    assert inbox(company, status="dead") == []
    assert boss.post(f"/api/inbox/{row['id']}/replay").status_code == 409
    assert boss.post("/api/inbox/999/replay").status_code == 404
    assert boss.post(f"/api/inbox/{2**63}/replay").status_code == 404


def test_a_wrongly_signed_message_is_proven_anew_when_the_secret_is_mended(company, boss):
    till = Till(company, "pos", OTHER_SECRET)
    body = json.dumps(
        [{"type": "order.created", "data": order_data(order_id=f"R{n}")} for n in range(3)]
    ).encode()
    assert till.raw(body).status_code == 401
    (row,) = inbox(company)
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["code"] == "signature_wrong"
    boss.put("/api/channels/pos", {"secrets": {"secret": OTHER_SECRET}})
    company.clock.forward(86_400_000)  # proven as of the moment when it came
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["status"] == "done"
    assert len(boss.get("/api/orders").json()["items"]) == 3
    assert {one["status"] for one in inbox(company)} == {"done"}


@pytest.mark.parametrize("scheme", ["none", "sf_route"])
def test_a_sender_whose_address_was_missing_is_replayed_when_the_list_is_mended(company, boss, scheme):
    """The key in the address is kept nowhere: it was right when the message came."""
    platform = PLATFORMS[scheme]
    put_channel(
        company, scheme, {"path_key": PATH_KEY, "ip_allow": ["192.0.2.1"]}, mapping=platform.mapping()
    )
    right = platform.push("mine", Event("create", order_data(pay_time=None), "m1"), 0)
    assert send(company, right).status_code == 403
    assert send(company, right._replace(path="/in/mine/guess")).status_code == 401
    guess, row = inbox(company)
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["code"] == "ip_refused"
    put_channel(company, scheme, {"ip_allow": None})
    assert boss.post(f"/api/inbox/{guess['id']}/replay").json()["code"] == "path_key_wrong"
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["status"] == "done"


def test_a_waiting_message_replayed_alone_still_waits(company, boss):
    till = Till(company)
    till("order.cancelled")
    (row,) = inbox(company, status="waiting")
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["status"] == "waiting"
    till("order.created")
    assert boss.get("/api/orders").json()["items"][0]["state"] == "cancelled"


def test_a_waiting_part_payment_counts_once(company, boss):
    """Its replay, after a mapping was mended, makes the order and must not be woken by it."""
    till = Till(company)
    known = boss.get("/api/channels/pos").json()["mapping"]
    boss.put(
        "/api/channels/pos",
        {"mapping": {**known, "lines": {"each": "data.nothing", "sku": "sku", "qty": "qty"}}},
    )
    till("order.paid", amount_fen=10000)
    (row,) = inbox(company, status="waiting")
    boss.put("/api/channels/pos", {"mapping": known})
    assert boss.post(f"/api/inbox/{row['id']}/replay").json()["status"] == "done"
    (order,) = boss.get("/api/orders").json()["items"]
    assert (order["paid_fen"], order["state"]) == (10000, "awaiting_payment")
