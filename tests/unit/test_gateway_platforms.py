"""The callbacks of 企业微信, 抖店, 钉钉, WhatsApp, 快递100 and 顺丰 over HTTP: every published vector, and what is wrong with it."""

import json
from urllib.parse import urlencode

import pytest

from api.channels.schemes import dingtalk, kuaidi100, sealed, sf_route, whatsapp
from api.channels.schemes.doudian import event_sign
from api.channels.schemes.wechat_crypto import key_of, signature, unseal
from bench.platforms import (
    PATH_KEY,
    PLATFORMS,
    WORD,
    Push,
    xml_of,
)  # fmt: skip
from bench.platforms import sealed as sealed_by
from tests.support.senders import inbox, last, only, order_data, put_channel, send
from tests.support.vectors import KNOWN

# --- 企业微信 -----------------------------------------------------------------------------------------------

WECOM = KNOWN["wecom-url-verify"]
MESSAGE = KNOWN["wecom-decrypt-message"]


def wecom_secrets(inputs):
    return {**{k: inputs[k] for k in ("token", "encoding_aes_key")}, "receive_id": inputs["corp_id"]}


@pytest.mark.parametrize("plus", ["%2B", "+"])
def test_wecom_shakes_hands_with_what_was_sealed(company, plus):
    inputs = WECOM["inputs"]
    put_channel(company, "wecom", wecom_secrets(inputs))
    query = inputs["query_raw"].replace("%2B", plus)
    answer = company.client.get(f"/in/mine?{query}")
    assert (answer.status_code, answer.content) == (200, WECOM["expected"]["response_body"].encode())
    assert company.client.get(f"/in/mine?{query.replace('5c45', '5c46')}").status_code == 401
    assert company.client.get("/in/mine").status_code == 401
    put_channel(company, "wecom", {"receive_id": "another"})
    assert company.client.get(f"/in/mine?{query}").status_code == 401


def test_wecom_message(company):
    inputs, expected = MESSAGE["inputs"], MESSAGE["expected"]
    put_channel(company, "wecom", wecom_secrets(inputs))
    query = {k: inputs[k] for k in ("timestamp", "nonce")} | {"msg_signature": expected["msg_signature"]}

    def push(body, **change):
        return company.client.post("/in/mine", content=body, params={**query, **change})

    body = xml_of({"ToUserName": inputs["corp_id"], "Encrypt": inputs["encrypt"], "AgentID": 1})
    answer = push(body)
    assert (answer.status_code, answer.content) == (200, b"")
    assert last(company)["code"] == "no_mapping"
    assert (
        push(json.dumps({"encrypt": "x", "Encrypt": inputs["encrypt"]})).status_code,
        last(company)["status"],
    ) == (200, "duplicate")
    stored = company.db.reader.now(
        lambda tx: tx.connection.execute("SELECT payload FROM inbox ORDER BY id").fetchone()[0]
    )
    assert expected["fields"].items() <= json.loads(bytes(stored)).items()
    for change in ({"msg_signature": "0" * 40}, {"nonce": "1"}, {"msg_signature": ""}):
        assert push(body, **change).status_code == 401
    doctype = '<!DOCTYPE xml [<!ENTITY a "b">]>' + body
    assert (push(doctype).status_code, last(company)["code"]) == (400, "not_encrypted")


def test_wecom_reply_is_sealed_as_published():
    vector = KNOWN["wecom-encrypt-reply"]
    inputs = vector["inputs"]
    made = sealed.reply(
        inputs["plaintext"], wecom_secrets(inputs), "receive_id", inputs["timestamp"], inputs["nonce"],
        inputs["random16"].encode(),
    )  # fmt: skip
    assert made == (vector["expected"]["encrypt"], vector["expected"]["msg_signature"], inputs["nonce"])


@pytest.mark.parametrize(
    "inner",
    [
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><a>1</a></xml>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><a>&b;</a></xml>',
        b"<xml>" + b"<a>" * 100 + b"</a>" * 100 + b"</xml>",
        b"<xml><a>&unknown;</a></xml>",
        b"<xml>",
    ],
)
def test_xml_that_means_harm_is_kept_and_not_read(company, clock, inner):
    platform = PLATFORMS["wecom"]
    put_channel(company, "wecom", platform.secrets())
    made, given = sealed_by(inner, "n", 1)
    query = {"timestamp": "1", "nonce": "n", "msg_signature": given}
    answer = send(company, Push("/in/mine", xml_of({"Encrypt": made}).encode(), {}, query))
    assert (answer.status_code, last(company)["code"]) == (400, "payload_unreadable")


# --- 抖店 ---------------------------------------------------------------------------------------------------


def doudian_secrets(inputs):
    return {k: inputs[k] for k in ("app_key", "app_secret")}


@pytest.mark.parametrize("name", ["doudian-probe", "doudian-order-created"])
def test_the_published_shop_push_is_taken(company, name):
    vector = KNOWN[name]
    inputs, expected = vector["inputs"], vector["expected"]
    put_channel(company, "doudian", doudian_secrets(inputs))
    for status in ("ignored", "ignored" if name.endswith("probe") else "duplicate"):
        answer = company.client.post(
            "/in/mine", content=inputs["raw_body"].encode(), headers=inputs["headers"]
        )
        assert (answer.status_code, answer.json()) == (expected["response_status"], expected["response_json"])
        assert last(company)["status"] == status
    wrong = [{"event-sign": "0" * 32}, {"event-sign": ""}, {"app-id": "another"}]
    for head in wrong:
        answer = company.client.post(
            "/in/mine", content=inputs["raw_body"].encode(), headers={**inputs["headers"], **head}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, 40044)
    answer = company.client.post(
        "/in/mine", content=inputs["raw_body"].encode() + b" ", headers=inputs["headers"]
    )
    assert (answer.status_code, last(company)["code"]) == (401, "signature_wrong")


def test_several_shop_messages_and_a_body_that_is_none(company):
    secrets = PLATFORMS["doudian"].secrets()
    put_channel(company, "doudian", secrets)

    def push(value):
        body = json.dumps(value).encode()
        given = {"event-sign": event_sign(secrets["app_key"], body, secrets["app_secret"])}
        return company.client.post("/in/mine", content=body, headers=given)

    paid = {"p_id": 4867612908000345678, "pay_time": 1, "pay_amount": 5}
    items = [{"tag": "101", "msg_id": "1", "data": json.dumps(paid)}, {"tag": "101", "msg_id": "2", "data": {**paid, "p_id": 7}},
             {"tag": "999", "msg_id": "3", "data": "{}"}]  # fmt: skip
    assert push(items).json()["code"] == 0
    found = inbox(company)
    assert [one["status"] for one in found] == ["ignored", "waiting", "waiting"]
    assert [one["external_no"] for one in found[1:]] == ["7", "4867612908000345678"]
    for value in ("text", [1], 7):
        answer = push(value)
        assert (answer.status_code, answer.json()["code"]) == (400, 40041)


# --- 钉钉 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("signature", "timestamp"), ("msg_signature", "timeStamp")])
def test_the_published_event_is_answered_sealed(company, clock, names):
    inputs, expected = KNOWN["dingtalk-callback-doc"]["inputs"], KNOWN["dingtalk-callback-doc"]["expected"]
    opened = unseal(inputs["json_body"]["encrypt"], key_of(inputs["aes_key"]))
    assert opened == (expected["plaintext"].encode(), expected["receive_id"].encode())
    secrets = {
        "token": inputs["token"],
        "encoding_aes_key": inputs["aes_key"],
        "receive_id": inputs["owner_key"],
    }
    put_channel(company, "dingtalk", secrets)
    query = {
        names[0]: inputs["query"]["signature"],
        names[1]: inputs["query"]["timestamp"],
        "nonce": inputs["query"]["nonce"],
    }
    answer = company.client.post("/in/mine", json=inputs["json_body"], params=query)
    assert answer.status_code == 200
    said = answer.json()
    assert said["msg_signature"] == signature(
        inputs["token"], said["timeStamp"], said["nonce"], said["encrypt"]
    )
    assert unseal(said["encrypt"], key_of(inputs["aes_key"])) == (b"success", inputs["owner_key"].encode())
    assert (last(company)["status"], said["timeStamp"]) == ("ignored", str(clock.now // 1000))
    again = company.client.post("/in/mine", json=inputs["json_body"], params=query).json()
    assert again["nonce"] != said["nonce"]
    assert (
        company.client.post("/in/mine", json=inputs["json_body"], params={**query, "nonce": "x"}).status_code
        == 401
    )
    put_channel(company, "dingtalk", {"receive_id": "another"})
    assert company.client.post("/in/mine", json=inputs["json_body"], params=query).status_code == 401


def test_the_published_answer():
    vector = KNOWN["dingtalk-success-reply"]
    inputs = vector["inputs"]
    secrets = {
        "token": inputs["token"],
        "encoding_aes_key": inputs["aes_key"],
        "receive_id": inputs["owner_key"],
    }
    made = dingtalk.success(secrets, inputs["timeStamp"], inputs["nonce"], inputs["random16"].encode())
    assert made == {**vector["expected"], "timeStamp": inputs["timeStamp"], "nonce": inputs["nonce"]}


# --- WhatsApp -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["whatsapp-meta-sdk", "hub256-github-doc"])
def test_the_published_hub_signature(company, name):
    inputs, good = KNOWN[name]["inputs"], KNOWN[name]["expected"]["header"]
    put_channel(company, "whatsapp", {"app_secret": inputs["app_secret"], "verify_token": "v"})
    assert whatsapp.header(inputs["app_secret"], inputs["raw_body"].encode()) == good

    def push(given, body=inputs["raw_body"]):
        return company.client.post("/in/mine", content=body.encode(), headers={"X-Hub-Signature-256": given})

    # Rightly signed and not understood: kept, listed, and not asked for again.
    assert (push(good).status_code, last(company)["code"]) == (200, "payload_unreadable")
    for wrong in (good[:-1] + "x", good.removeprefix("sha256="), "sha1=" + good[7:], "sha256="):
        assert (push(wrong).status_code, last(company)["code"]) == (401, "signature_wrong")
    assert (push("").status_code, push(good, "tampered").status_code) == (401, 401)


def test_whatsapp_challenge(company):
    vector = KNOWN["whatsapp-hub-challenge"]
    query = vector["inputs"]["query"]
    put_channel(
        company, "whatsapp", {"app_secret": WORD, "verify_token": vector["inputs"]["configured_verify_token"]}
    )
    answer = company.client.get("/in/mine", params=query)
    assert (answer.status_code, answer.text) == (200, vector["expected"]["response_body"])
    for change in ({"hub.verify_token": "other"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}):
        refused = company.client.get("/in/mine", params={**query, **change})
        assert (refused.status_code, query["hub.challenge"] in refused.text) == (403, False)


def test_each_message_and_status_is_one_of_its_own(company):
    put_channel(company, "whatsapp", PLATFORMS["whatsapp"].secrets(), mapping=PLATFORMS["whatsapp"].mapping())
    people = [{"profile": {"name": n}, "wa_id": n} for n in ("a", "b")]
    chat = {"id": "wamid.2", "from": "b", "type": "text", "text": {"body": "é/"}}
    order = {"id": "wamid.1", "from": "a", "type": "create", "order": order_data(pay_time=None)}
    seen = [{"id": "wamid.9", "status": s} for s in ("read", "delivered")]
    value = {"contacts": people, "messages": [order, chat], "statuses": seen}
    other = {"field": "account_update", "value": {"event": "x"}}
    body = json.dumps(
        {"object": "o", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}, other]}]}
    ).encode()
    for _ in range(2):
        answer = company.client.post(
            "/in/mine", content=body, headers={"x-hub-signature-256": whatsapp.header(WORD, body)}
        )
        assert answer.status_code == 200
    assert [one["status"] for one in inbox(company)] == ["duplicate"] * 5 + ["ignored"] * 4 + ["done"]
    stored = company.db.reader.now(
        lambda tx: tx.connection.execute("SELECT payload FROM inbox ORDER BY id").fetchall()
    )
    (change,) = json.loads(bytes(stored[1][0]))["entry"][0]["changes"]
    assert change["value"] == {"contacts": people[1:], "messages": [chat]}
    assert only(company)["external_no"] == "P-1001"


# --- 快递100 and 顺丰 ----------------------------------------------------------------------------------------


def test_the_published_parcel_push(company):
    vector = KNOWN["kuaidi100-push"]
    inputs = vector["inputs"]
    put_channel(company, "kuaidi100", {"salt": inputs["salt"]})

    def push(body):
        head = {"content-type": "application/x-www-form-urlencoded"}
        return company.client.post("/in/mine", content=body.encode(), headers=head)

    answer = push(inputs["form_body"])
    assert (answer.status_code, answer.json()) == (
        200,
        {"result": True, "returnCode": "200", "message": "成功"},
    )
    assert (push(inputs["form_body"]).status_code, last(company)["status"]) == (200, "duplicate")
    made = kuaidi100.sign(inputs["param"], inputs["salt"])
    assert made in inputs["form_body"]
    assert push(inputs["form_body"].replace(made, made.lower())).status_code == 200
    for wrong in (
        inputs["form_body"].replace(made, "0" * 32),
        inputs["form_body"].replace("sign=", "s="),
        "",
        "%%%",
    ):
        refused = push(wrong)
        assert (refused.status_code, refused.json()["result"]) == (401, False)
    query = KNOWN["kuaidi100-query"]["inputs"]
    assert (
        kuaidi100.sign(query["param"], query["key"], query["customer"])
        == KNOWN["kuaidi100-query"]["expected"]["sign"]
    )


def test_the_published_digest_of_a_call():
    inputs, expected = KNOWN["sf-msgdigest-doc"]["inputs"], KNOWN["sf-msgdigest-doc"]["expected"]
    parts = [inputs[name] for name in ("msgData", "timestamp", "checkWord")]
    assert sf_route.url_encoded("".join(parts)) == expected["url_encoded"]
    assert sf_route.msg_digest(*parts) == expected["msgDigest"]
    for n in range(3):
        changed = [*parts[:n], parts[n] + " ", *parts[n + 1 :]]
        assert sf_route.msg_digest(*changed) != expected["msgDigest"]
    assert sf_route.url_encoded('{"a": "*-._~顺"}') == "%7B%22a%22%3A+%22*-._%7E%E9%A1%BA%22%7D"


ROUTE = {
    "id": "179540010000123", "mailno": "SF1234567890123", "orderid": "HUB1", "acceptTime": "2026-11-22 09:12:03",
    "acceptAddress": "深圳市", "remark": "正在派送途中", "opCode": "44",
}  # fmt: skip
ROUTE_XML = (
    '<Request service="RoutePushService" lang="zh-CN"><Body>'
    + "".join(
        f"<WaybillRoute {' '.join(f'{k}=' + chr(34) + v + chr(34) for k, v in {**ROUTE, 'id': n}.items())}/>"
        for n in "12"
    )
    + "</Body></Request>"
)


@pytest.mark.parametrize(
    ("body", "count", "good", "bad"),
    [
        (json.dumps({"Body": {"WaybillRoute": [ROUTE]}}), 1, '"return_code":"0000"', '"return_code":"1000"'),
        (json.dumps({"WaybillRoute": [ROUTE, {**ROUTE, "id": "2"}]}), 2, '"0000"', '"1000"'),
        (json.dumps([ROUTE]), 1, '"0000"', '"1000"'),
        (urlencode({"content": ROUTE_XML}), 2, "<Head>OK</Head>", "<Head>ERR</Head>"),
        (urlencode({"content": urlencode({"": ROUTE_XML})[1:]}), 2, "<Head>OK</Head>", "<Head>ERR</Head>"),
    ],
)
def test_a_push_of_stations_in_either_form(company, body, count, good, bad):
    put_channel(company, "sf_route", {"path_key": PATH_KEY})
    answer = company.client.post(f"/in/mine/{PATH_KEY}", content=body.encode())
    assert (answer.status_code, good in answer.text) == (200, True)
    assert len(inbox(company)) == count
    for path in ("/in/mine/another", "/in/mine"):
        refused = company.client.post(path, content=body.encode())
        assert (refused.status_code, bad in refused.text) == (401, True)
    assert company.client.post(f"/in/mine/{PATH_KEY}", content=b"content=x").status_code == 400
    put_channel(company, "sf_route", {"ip_allow": ["10.0.0.0/8", "192.0.2.1"]})
    assert company.client.post(f"/in/mine/{PATH_KEY}", content=body.encode()).status_code == 403
