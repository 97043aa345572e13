"""Platforms that are asked for orders: an ASGI app on loopback that checks every signature by the published rules."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.platforms import pay_headers

MERCHANT = rsa.generate_private_key(65537, 2048)
MERCHANT_PEM = MERCHANT.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
_AUTH = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="(\w+)",nonce_str="(\w+)",timestamp="(\d+)",serial_no="(\w+)",signature="(.+)"'
)


class Shops:
    """`paid`: by number, what the platform says; `asked`: every path; `break_` changes an answer's bytes."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.paid, self.asked = clock, dict[str, Any](), list[str]()
        self.break_: Any = lambda body: body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self.asked.append(scope["path"])
        kind = scope["path"].split("/")[1]
        status, said, extra = {"v3": self._pay, "channels": self._shop, "cgi-bin": self._token}.get(
            kind, self._doudian
        )(path, headers, body)
        raw = [(b"content-type", b"application/json"), *((k.encode(), v.encode()) for k, v in extra.items())]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": said})

    def _pay(self, path: str, headers: dict[str, str], _: bytes) -> tuple[int, bytes, dict[str, str]]:
        found = _AUTH.fullmatch(headers.get("authorization", ""))
        if not found or not headers.get("wechatpay-serial", "").startswith("PUB_KEY_ID_"):
            return 401, b"{}", {}
        mchid, nonce, at, serial, signature = found.groups()
        text = f"GET\n{path}\n{at}\n{nonce}\n\n".encode()
        try:
            MERCHANT.public_key().verify(base64.b64decode(signature), text, PKCS1v15(), SHA256())
        except InvalidSignature:
            return 401, b"{}", {}
        if (mchid, serial, at) != ("1900000001", "ABC123", str(self.clock() // 1000)):
            return 401, b"{}", {}
        number = path.split("/")[-1].split("?")[0]
        if number not in self.paid:
            return 404, b'{"code":"ORDER_NOT_EXIST"}', {}
        said = json.dumps(self.paid[number]).encode()
        return 200, self.break_(said), pay_headers(self.clock() // 1000, "answer", said)

    def _doudian(self, path: str, _: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        query = dict(parse_qsl(path.partition("?")[2]))
        secret, param = "shop secret", body.decode()
        text = f"{secret}app_key{query['app_key']}method{query['method']}param_json{param}timestamp{query['timestamp']}v2{secret}"
        if query["sign"] != hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest():
            return 200, b'{"err_no":40003,"message":"sign"}', {}
        given = json.loads(param)
        if query["method"] == "token.create":
            data: Any = {"access_token": "t" + given["shop_id"]}
        elif query.get("access_token") != "t4463798":
            return 200, b'{"err_no":40004,"message":"token"}', {}
        else:
            detail = self.paid.get(given["shop_order_id"], {"order_status": 1, "pay_time": 0})
            data = {"shop_order_detail": {"order_id": given["shop_order_id"], **detail}}
        return 200, self.break_(json.dumps({"code": 10000, "data": data}).encode()), {}

    def _token(self, _: str, __: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        given = json.loads(body)
        if (given["appid"], given["secret"]) != ("wx1", "app secret"):
            return 200, b'{"errcode":40125}', {}
        return 200, b'{"access_token":"shop-token","expires_in":7200}', {}

    def _shop(self, path: str, _: dict[str, str], body: bytes) -> tuple[int, bytes, dict[str, str]]:
        if not path.endswith("access_token=shop-token"):
            return 200, b'{"errcode":40001}', {}
        number = json.loads(body)["order_id"]
        detail = self.paid.get(number, {"pay_info": {}})
        return (
            200,
            self.break_(
                json.dumps({"errcode": 0, "order": {"order_id": number, "order_detail": detail}}).encode()
            ),
            {},
        )
