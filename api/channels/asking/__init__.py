"""The safety net under notifications: platforms are asked for orders that are still unpaid here.

One file a platform, one visible dict; a client signs what it sends and believes only what is proven. It answers in the
payload that the platform's own notification would have had, so that mapping, inbox and idempotency are the same.
"""

from api.channels.asking import doudian, wechat_pay, wechat_shop
from api.channels.asking.base import Client

CLIENTS: dict[str, Client] = {
    one.scheme: one for one in (wechat_pay.CLIENT, doudian.CLIENT, wechat_shop.CLIENT)
}
"""By scheme; a channel whose secrets lack what its client needs is not asked for."""
