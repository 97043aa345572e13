"""快递100 subscription push: a form with `param` (JSON text) and `sign`, MD5 of param and salt.

Each push is the whole list of a parcel's stations. It is told apart by number, state and newest station. Without a
salt no sign would come, so one is always asked for. Facts: 快递100's "推送接口", kuaidi100-api/java-demo.
"""

import hashlib
from typing import Any

from api.channels.payload import Message, decode, hashed, joined
from api.channels.schemes.base import (
    Answer,
    Incoming,
    Received,
    Rejected,
    Scheme,
    Secret,
    Secrets,
    form_of,
    json_answer,
    rejected,
    same,
)
from api.kernel.errors import Why, WrongField


def sign(*parts: str) -> str:
    """Upper-case hex MD5 of the parts joined: param and salt of a push; param, key and customer of a query."""
    return (
        hashlib.md5("".join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False)
        .hexdigest()
        .upper()
    )


def check(_secrets: Secrets) -> list[WrongField]:
    """Any text is a salt."""
    return []


def receive(incoming: Incoming, secrets: Secrets, _now_s: int) -> Received | Rejected:
    salt = secrets.get("salt", "")
    if not salt:
        return rejected("not_configured")
    # The signed text is a field of the form, so the form alone is parted before the proof.
    form = form_of(incoming.body)
    param, given = form.get("param", ""), form.get("sign", "").strip()
    if not given:
        return rejected("signature_missing")
    if not same(given.upper(), sign(param, salt)):
        return rejected("signature_wrong")
    payload = decode(param.encode("utf-8", "surrogatepass"))
    if not isinstance(payload, dict):
        return rejected("payload_unreadable", is_proven=True)
    return Received((Message(key_for(payload), payload, is_whole=True),))


def key_for(payload: dict[str, Any]) -> str:
    """The last part holds what else a push may bring anew: another list under the same newest station, a carrier put right."""
    result = payload.get("lastResult")
    found: dict[str, Any] = result if isinstance(result, dict) else {}
    rows = found.get("data")
    newest = rows[0].get("time", "") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else ""
    named = [
        found.get("com", ""),
        found.get("nu", ""),
        payload.get("status", ""),
        found.get("state", ""),
        newest,
    ]
    return joined([*named, hashed(payload)])


def _told(result: bool, code: str, message: str, status: int = 200) -> Answer:
    return json_answer({"result": result, "returnCode": code, "message": message}, status)


def refuse(_incoming: Incoming, found: Rejected) -> Answer:
    return _told(False, "500", found.why.zh, found.status)


SCHEME = Scheme(
    name="kuaidi100",
    label=Why("快递100 推送", "Kuaidi100 push"),
    secrets=(Secret("salt", True, Why("订阅时给的 salt", "The salt given when subscribing")),),
    check=check,
    receive=receive,
    answer=_told(True, "200", "成功"),
    refuse=refuse,
    marks=("lastResult",),
)
