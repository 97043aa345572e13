"""Every scheme that the gateway knows, in one visible dict. A new one is one file and one line here."""

from api.channels.schemes import standard_webhooks, stripe_like, unsigned, wechat_push
from api.channels.schemes.base import Scheme

SCHEMES: dict[str, Scheme] = {
    s.name: s for s in (standard_webhooks.SCHEME, stripe_like.SCHEME, wechat_push.SCHEME, unsigned.SCHEME)
}
