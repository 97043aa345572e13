"""The demo company's two channels, as data that a user could have typed: the till and the mini program."""

from typing import Any

_DATA = {
    "external_no": "order_id",
    "paid_at": {"path": "pay_time", "as": "epoch_s"},
    "paid_fen": {"path": "amount_fen", "as": "fen"},
    "customer": {"name": "customer.name", "phone": "customer.phone"},
    "address": {"text": "address"},
    "note": "remark",
    "options": {"path": "options", "as": "list"},
}


def _under(prefix: str, value: Any) -> Any:
    """The same mapping for a body that holds the order one level down."""
    if isinstance(value, str):
        return f"{prefix}.{value}"
    return {k: _under(prefix, v) if k != "as" else v for k, v in value.items()}


def mapping_under(prefix: str, event: dict[str, Any]) -> dict[str, Any]:
    """The mapping of a body that holds the contract's order at `prefix`."""
    lines = {"each": f"{prefix}.items", "sku": "sku", "qty": "qty", "price_fen": "price_fen"}
    return {"event": event, **_under(prefix, _DATA), "lines": lines | {"name": "name", "uom": "uom"}}


POS: dict[str, Any] = mapping_under(
    "data",
    {
        "path": "type",
        "is": {
            "order.created": "create",
            "order.paid": "pay",
            "order.cancelled": "cancel",
            "order.refunded": "refund",
        },
    },
)
MINIPROGRAM: dict[str, Any] = mapping_under(
    "order_info",
    {
        "path": "Event",
        "is": {
            "channels_ec_order_new": "create",
            "channels_ec_order_pay": "pay",
            "channels_ec_order_cancel": "cancel",
        },
    },
)
KEYWORDS: list[dict[str, Any]] = [
    {"words": ["ASAP", "urgent", "加急", "特急", "急件"], "tag": "加急", "priority": "urgent"}
]
