"""Every scheme that the gateway knows, in one visible dict. A new one is one file and one line here."""

from typing import Any

from api.channels.schemes import (
    dingtalk,
    doudian,
    kuaidi100,
    sf_route,
    standard_webhooks,
    stripe_like,
    unsigned,
    wechat_pay,
    wechat_push,
    wecom,
    whatsapp,
)
from api.channels.schemes.base import Scheme

SCHEMES: dict[str, Scheme] = {
    s.name: s
    for s in (
        standard_webhooks.SCHEME,
        stripe_like.SCHEME,
        wechat_pay.SCHEME,
        wechat_push.SCHEME,
        wecom.SCHEME,
        doudian.SCHEME,
        dingtalk.SCHEME,
        whatsapp.SCHEME,
        kuaidi100.SCHEME,
        sf_route.SCHEME,
        unsigned.SCHEME,
    )
}


def scheme_of(payload: Any) -> str:
    """Whose message a sample looks like: the scheme with the most marks in it, empty where none has all of its own."""
    names = payload.keys() if isinstance(payload, dict) else ()
    found = [s for s in SCHEMES.values() if s.marks and all(mark in names for mark in s.marks)]
    return max(found, key=lambda s: len(s.marks)).name if found else ""
