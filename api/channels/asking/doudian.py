"""抖店: order.orderDetail behind the platform's HMAC signature; the token of one's own shop is made the same way.

Facts: package doudian 0.6, zsmhub/doudian-sdk. An order counts as paid where it has a time of payment and an amount.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from api.channels.asking.base import Client, Line, Paid, Unanswered, compact
from api.channels.payload import Message, joined
from api.channels.schemes.base import Secrets

# Both are seen: the older answers count with err_no, the newer with code.
GOOD = (0, 10000)


def pattern(app_key: str, app_secret: str, method: str, param_json: str, timestamp: str) -> str:
    """The text that is signed."""
    inner = f"app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v2"
    return f"{app_secret}{inner}{app_secret}"


def sign(app_key: str, app_secret: str, method: str, param_json: str, timestamp: str) -> str:
    """Hex HMAC-SHA256 under the app's secret."""
    text = pattern(app_key, app_secret, method, param_json, timestamp)
    return hmac.new(app_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def call(
    line: Line, method: str, params: dict[str, Any], secrets: Secrets, token: str = ""
) -> tuple[bytes, dict[str, Any]]:
    """(the raw answer, its `data`)."""
    param_json, at = compact(params), str(line.now_s)
    query = {
        "app_key": secrets["app_key"], "method": method, "timestamp": at, "v": "2", "sign_method": "hmac-sha256",
        "sign": sign(secrets["app_key"], secrets["app_secret"], method, param_json, at),
        **({"access_token": token} if token else {}),
    }  # fmt: skip
    path = f"/{method.replace('.', '/')}?{urlencode(query)}"
    answered = line.send("POST", path, {"content-type": "application/json"}, param_json.encode())
    found = answered.value()
    code, data = found.get("err_no", found.get("code")), found.get("data")
    if code not in GOOD or not isinstance(data, dict):
        raise Unanswered(f"code {code}")
    return answered.body, data


def ask(line: Line, external_no: str, secrets: Secrets) -> Paid | None:
    params = {"code": "", "grant_type": "authorization_self", "shop_id": secrets["shop_id"]}
    token = call(line, "token.create", params, secrets)[1].get("access_token")
    if not isinstance(token, str) or not token:
        raise Unanswered("no access_token")
    raw, data = call(line, "order.orderDetail", {"shop_order_id": external_no}, secrets, token)
    detail = data.get("shop_order_detail", data)
    paid_at, amount = (
        (detail.get("pay_time"), detail.get("pay_amount")) if isinstance(detail, dict) else (0, 0)
    )
    if not paid_at or amount is None or str(detail.get("order_id")) != external_no:
        return None
    payload = {"tag": "101", "data": {"p_id": external_no, "pay_time": paid_at, "pay_amount": amount}}
    return Paid(raw, Message(joined(["asked", external_no, paid_at]), payload, is_whole=True))


CLIENT = Client("doudian", "https://openapi-fxg.jinritemai.com", ("app_key", "app_secret", "shop_id"), ask)
