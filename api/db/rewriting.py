"""What the SQL of a migration may call beyond the engine's own functions: texts of one schema made those of the next.

Pure, and as fixed as the migration that calls it: the shapes of a released schema stand here by themselves, so that
no later change of the program's own structs reaches data on their way up.
"""

import sqlite3
from typing import Any

import msgspec

# Since 0003: what hung on an order, in the order of its list; what was left out had its plain value.
_REST: dict[str, Any] = {
    "held": None, "exceptions": (), "tags": (), "options": (), "checklist": (), "parcels": (), "evidence": "",
    "bins": (), "pinned": False,
}  # fmt: skip
_WITHIN: dict[str, dict[str, Any]] = {
    "held": {"reason": "", "by": "", "at": 0},
    "exceptions": {"code": "", "zh": "", "en": "", "at": 0, "data": {}},
    "tags": {"tag": "", "from": "person", "why": ""},
    "checklist": {"item": "", "done": False, "by": "", "at": None},
    "parcels": {"carrier": "", "waybill": "", "at": 0},
    "bins": {"line_no": 0, "picked": {}, "short": "", "out": {}, "place": ""},
}
# And what of an op has no column of its own.
_SAID = ("hlc", "at", "kind", "qty", "bin", "code", "target", "v")


def teach(connection: sqlite3.Connection) -> None:
    for name, what in (
        ("from_hex", bytes.fromhex),
        ("rest_listed", rest_listed),
        ("op_listed", op_listed),
    ):
        connection.create_function(name, 1, what, deterministic=True)


def rest_listed(text: str) -> str:
    """`{"tags": [{"tag": …}], …}` of schemas 1 and 2 as the list of 0003."""
    rest = msgspec.json.decode(text)

    def listed(name: str, value: Any) -> Any:
        shape = _WITHIN.get(name)
        if shape is None or value is None:
            return value
        if isinstance(value, dict):
            return [value.get(key, plain) for key, plain in shape.items()]
        return [listed(name, one) for one in value]

    return _text([listed(name, rest.get(name, plain)) for name, plain in _REST.items()])


def op_listed(body: bytes) -> str:
    """An op's canonical JSON without what stands in the columns beside it."""
    op = msgspec.json.decode(body)
    return _text([op[name] for name in _SAID])


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
