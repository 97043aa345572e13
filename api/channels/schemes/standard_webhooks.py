"""Standard Webhooks v1: HMAC-SHA256 over `id.timestamp.body`, the scheme for tills and for anything
home-made.

Source: standard-webhooks/standard-webhooks, spec and reference libraries. Any matching `v1` entry is enough
(rotation); other versions are skipped. Ids and timestamps with a dot are refused, because the dot parts the
signed text; a clock may differ by 300 s either way.
"""

from api.channels.payload import messages
from api.channels.schemes.base import (
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    rejected,
    same,
    unix_seconds,
    wrong_secret,
)
from api.kernel.errors import Why, WrongField
from api.kernel.standard_webhooks import key_of, sign

TOLERANCE_S = 300


def check(secrets: Secrets) -> list[WrongField]:
    secret = secrets.get("secret", "")
    if not secret or key_of(secret):
        return []
    return [wrong_secret("secret", "密钥是 whsec_ 加 base64。", "The secret is whsec_ and base64.")]


def _clock(timestamp: str, now_s: int) -> Rejected | None:
    at = unix_seconds(timestamp)
    if at is None:
        return rejected("timestamp_malformed")
    if at < now_s - TOLERANCE_S:
        return rejected("timestamp_old")
    return rejected("timestamp_early") if at > now_s + TOLERANCE_S else None


def receive(incoming: Incoming, secrets: Secrets, now_s: int) -> Received | Rejected:
    key = key_of(secrets.get("secret", ""))
    if key is None:
        return rejected("not_configured")
    message_id = incoming.headers.get("webhook-id", "").strip()
    timestamp = incoming.headers.get("webhook-timestamp", "").strip()
    signatures = incoming.headers.get("webhook-signature", "").split()
    if not signatures:
        return rejected("signature_missing")
    if not message_id or "." in message_id:
        return rejected("id_malformed")
    if off := _clock(timestamp, now_s):
        return off
    expected = sign(key, message_id, timestamp, incoming.body)
    # Every entry is compared, so that the time taken tells nothing about which one matched.
    if not sum(same(given, expected) for given in signatures):
        return rejected("signature_wrong")
    found = messages(incoming.body, message_id)
    if found is None:
        return rejected("payload_unreadable", is_proven=True)
    return Received(found, timestamp=int(timestamp))


SCHEME = Scheme(
    name="standard_webhooks",
    label=Why("标准 Webhook（收银、自有系统）", "Standard Webhooks (tills, own systems)"),
    secrets=(Secret("secret", True, Why("签名密钥，whsec_ 开头", "Signing secret, begins with whsec_")),),
    check=check,
    receive=receive,
)
