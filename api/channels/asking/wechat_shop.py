"""微信小店: the order's detail under an access_token, which is made from app id and secret and thrown away after the question.

The event of a paid order carries no amount; the detail does. Facts: Wechat-Group/WxJava, weixin-java-channel.
"""

from urllib.parse import urlencode

from api.channels.asking.base import Client, Line, Paid, Unanswered, compact
from api.channels.payload import Message, joined
from api.channels.schemes.base import Secrets


def ask(line: Line, external_no: str, secrets: Secrets) -> Paid | None:
    words = {"grant_type": "client_credential", "appid": secrets["app_id"], "secret": secrets["app_secret"]}
    token = (
        line.send("POST", "/cgi-bin/stable_token", _JSON, compact(words).encode()).value().get("access_token")
    )
    if not isinstance(token, str) or not token:
        raise Unanswered("no access_token")
    path = f"/channels/ec/order/get?{urlencode({'access_token': token})}"
    answered = line.send("POST", path, _JSON, compact({"order_id": external_no}).encode())
    found = answered.value()
    order = found.get("order")
    if found.get("errcode", 0) != 0 or not isinstance(order, dict):
        raise Unanswered(f"errcode {found.get('errcode')}")
    detail = order.get("order_detail")
    inner = detail if isinstance(detail, dict) else {}
    paid, price = (
        part if isinstance(part, dict) else {} for part in (inner.get("pay_info"), inner.get("price_info"))
    )
    if not paid.get("pay_time") or str(order.get("order_id")) != external_no:
        return None
    info = {"order_id": external_no, "pay_time": paid["pay_time"]}
    if price.get("order_price") is not None:
        info["amount_fen"] = price["order_price"]
    payload = {"MsgType": "event", "Event": "channels_ec_order_pay", "order_info": info}
    return Paid(
        answered.body, Message(joined(["asked", external_no, paid["pay_time"]]), payload, is_whole=True)
    )


_JSON = {"content-type": "application/json"}
CLIENT = Client("wechat_push", "https://api.weixin.qq.com", ("app_id", "app_secret"), ask)
