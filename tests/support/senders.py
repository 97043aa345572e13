"""What platforms send: signed webhooks of a till, WeChat's pushes plain and secure, as JSON and as XML."""

import base64
import json
from itertools import count
from typing import Any

from api.channels.schemes.wechat_crypto import key_of as aes_key_of
from api.channels.schemes.wechat_crypto import seal, signature
from api.kernel.standard_webhooks import key_of, sign
from bench.platforms import Push, xml_of
from tests.support.company import POS_SECRET
from tests.support.floor import Device

TOKEN = "a token of the tests"
APP_ID = "wx0123456789abcdef"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
_numbers = count(1)

# A customer's order in a chat, as WhatsApp Cloud sends it.
WHATSAPP = {
    "object": "whatsapp_business_account",
    "entry": [{"id": "WABA1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "contacts": [{"profile": {"name": "Chen Motors"}, "wa_id": "8613800000000"}],
        "messages": [{
            "from": "8613800000000", "id": "wamid.A1", "timestamp": "1769047500", "type": "order",
            "order": {"catalog_id": "C1", "text": "ASAP, avoid Monday", "product_items": [
                {"product_retailer_id": "BP-1023", "quantity": 4, "item_price": 128, "currency": "CNY"},
                {"product_retailer_id": "BP-1023", "quantity": 2, "item_price": 230.5, "currency": "CNY"},
            ]},
        }],
    }}]}],
}  # fmt: skip


def order_data(**change: Any) -> dict[str, Any]:
    """The contract's `data`; a value of None leaves the field out."""
    given: dict[str, Any] = {
        "order_id": "P-1001",
        "pay_time": 1769047500,
        "amount_fen": 51200,
        "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
        "address": "上海市浦东新区张江路1号",
        "remark": "请避开周一送货",
        "options": ["需加装防震泡沫"],
        "items": [{"sku": "BP-1023", "qty": 4, "price_fen": 12800}],
    }
    return {k: v for k, v in {**given, **change}.items() if v is not None}


class Till:
    """`pos`: a signed webhook with an id of its own unless one is given."""

    def __init__(self, company: Any, channel: str = "pos", secret: str = POS_SECRET) -> None:
        self.company, self.channel = company, channel
        self.key = key_of(secret) or b""

    def raw(self, body: bytes, message_id: str | None = None, **headers: str) -> Any:
        message_id = message_id or f"msg_{next(_numbers)}"
        at = str(self.company.clock() // 1000)
        signed = {
            "webhook-id": message_id,
            "webhook-timestamp": at,
            "webhook-signature": sign(self.key, message_id, at, body),
            "content-type": "application/json",
        }
        return self.company.client.post(f"/in/{self.channel}", content=body, headers={**signed, **headers})

    def __call__(self, kind: str, message_id: str | None = None, **change: Any) -> Any:
        """`till("order.paid", order_id="P-2")`; `created` has no `pay_time`."""
        if kind == "order.created":
            change = {"pay_time": None, **change}
        body = {"type": kind, "data": order_data(**change)}
        return self.raw(json.dumps(body, ensure_ascii=False).encode(), message_id)


class MiniProgram:
    """`miniprogram`: events in either format, plain or sealed. Its secrets are PUT by `set_up`."""

    def __init__(self, company: Any, *, is_secure: bool, is_xml: bool) -> None:
        self.company, self.is_secure, self.is_xml = company, is_secure, is_xml

    def set_up(self) -> Any:
        known = self.company.supervisor.get("/api/channels/miniprogram").json()
        secrets: dict[str, Any] = {"token": TOKEN}
        if self.is_secure:
            secrets |= {"encoding_aes_key": AES_KEY, "app_id": APP_ID}
        return self.company.supervisor.put(
            "/api/channels/miniprogram", {**known, "secrets": secrets, "enabled": True}
        )

    def __call__(self, event: str, nonce: str | None = None, **change: Any) -> Any:
        at = self.company.clock() // 1000
        body = {
            "ToUserName": "gh_1",
            "FromUserName": "o1",
            "CreateTime": at,
            "MsgType": "event",
            "Event": event,
            "order_info": order_data(**change),
        }
        raw = xml_of(body) if self.is_xml else json.dumps(body, ensure_ascii=False)
        return self.send(raw.encode(), nonce or f"n{next(_numbers)}", at)

    def send(self, raw: bytes, nonce: str, at: int) -> Any:
        query = {"timestamp": str(at), "nonce": nonce, "signature": signature(TOKEN, str(at), nonce)}
        if self.is_secure:
            sealed = seal(raw, APP_ID, aes_key_of(AES_KEY) or b"", b"0123456789abcdef")
            query |= {"encrypt_type": "aes", "msg_signature": signature(TOKEN, str(at), nonce, sealed)}
            envelope = {"ToUserName": "gh_1", "Encrypt": sealed}
            raw = (xml_of(envelope) if self.is_xml else json.dumps(envelope)).encode()
        media = "text/xml" if self.is_xml else "application/json"
        return self.company.client.post(
            "/in/miniprogram", content=raw, params=query, headers={"content-type": media}
        )


def put_channel(company: Any, scheme: str, secrets: Any, code: str = "mine", **change: Any) -> Any:
    body = {"label": code, "scheme": scheme, "secrets": secrets, "enabled": True, **change}
    answer = company.supervisor.put(f"/api/channels/{code}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(company: Any, push: Push) -> Any:
    return company.client.post(push.address, content=push.body, headers=dict(push.headers))


def inbox(company: Any, **query: Any) -> Any:
    return company.supervisor.get("/api/inbox", params=query).json()["items"]


def raws(company: Any) -> list[bytes]:
    """Every stored body as it came, oldest first."""
    sql = "SELECT raw FROM inbox ORDER BY id"
    return [bytes(row[0]) for row in company.db.reader.now(lambda tx: tx.connection.execute(sql).fetchall())]


def orders(company: Any, **query: Any) -> list[Any]:
    found = company.supervisor.get("/api/orders", params=query).json()["items"]
    return [company.supervisor.get(f"/api/orders/{one['order_no']}").json() for one in found]


def only(company: Any, **query: Any) -> Any:
    (order,) = orders(company, **query)
    return order


def last(company: Any) -> Any:
    return inbox(company)[0]


def codes(order: Any) -> list[str]:
    return [one["code"] for one in order["exceptions"]]


def taken(answer: Any) -> None:
    assert (answer.status_code, answer.json()) == (200, {"ok": True}), answer.text


def ship(company: Any, no: str) -> None:
    device = Device(company)
    device.push(device.pick(no, 1, 4))
    for name, body in (
        ("check", {"item": "防震泡沫"}),
        ("pack", {}),
        ("ship", {"carrier": "顺丰", "waybill": "SF1"}),
    ):
        done = company.supervisor.post(f"/api/orders/{no}/{name}", body)
        if name != "check":
            assert done.status_code == 200, done.text
