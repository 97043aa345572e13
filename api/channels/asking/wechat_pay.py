"""WeChat Pay APIv3: the query by the merchant's own order number, signed with the merchant's key.

The answer is proven like a notification (time, nonce, body, key by serial) before it is read. Source: wechatpay-go,
core/auth; the platform's page on querying orders.
"""

import base64
from functools import lru_cache
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.channels.asking.base import Client, Line, Paid, Unanswered
from api.channels.payload import Message
from api.channels.schemes import wechat_pay
from api.channels.schemes.base import Incoming, Secrets

AUTH = "WECHATPAY2-SHA256-RSA2048"


@lru_cache(16)
def private_key(pem: str) -> RSAPrivateKey | None:
    try:
        found = load_pem_private_key(pem.strip().encode(), None)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, RSAPrivateKey) else None


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """RSA-SHA256 (PKCS#1 v1.5) in base64: the same text always gets the same."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def authorization(method: str, path: str, body: str, secrets: Secrets, at: str, nonce: str) -> str:
    """Raises Unanswered where the merchant's key is none."""
    key = private_key(secrets["private_key"])
    if key is None:
        raise Unanswered("private_key is no PEM of an RSA key")
    made = sign(key, "".join(f"{part}\n" for part in (method, path, at, nonce, body)).encode())
    return (
        f'{AUTH} mchid="{secrets["mchid"]}",nonce_str="{nonce}",timestamp="{at}",'
        f'serial_no="{secrets["serial_no"]}",signature="{made}"'
    )


def ask(line: Line, external_no: str, secrets: Secrets) -> Paid | None:
    path = f"/v3/pay/transactions/out-trade-no/{quote(external_no, safe='')}?mchid={quote(secrets['mchid'], safe='')}"
    headers = {
        "authorization": authorization("GET", path, "", secrets, str(line.now_s), line.nonce()),
        "accept": "application/json",
    }
    serial = next(
        (name for name in wechat_pay.keys_of(secrets["keys"]) if name.startswith("PUB_KEY_ID_")), ""
    )
    answered = line.send("GET", path, {**headers, **({"wechatpay-serial": serial} if serial else {})})
    if answered.status == 404:  # the customer has not begun to pay
        return None
    proof = Incoming("GET", answered.body, line.now_s * 1000, headers=answered.headers)
    refusal = wechat_pay.proof(proof, secrets, line.now_s)
    if refusal is not None:
        raise Unanswered(refusal.code)
    said = answered.value()
    if said.get("trade_state") != "SUCCESS" or str(said.get("out_trade_no")) != external_no:
        return None
    payload = {**said, "event_type": "TRANSACTION.SUCCESS", "resource": said}
    return Paid(answered.body, Message(wechat_pay.key_for(payload), payload, is_whole=True))


CLIENT = Client(
    "wechat_pay_v3", "https://api.mch.weixin.qq.com", ("keys", "mchid", "serial_no", "private_key"), ask
)
