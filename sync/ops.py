"""An op: one immutable fact that a device wrote down, and the strict reader that lets it in.

Ids are `<device>:<n>`, `hlc` is `<15 digits of ms>-<4 hex digits>-<device>`; both `hlc` and `at` are evidence and are
checked for form only. The absent, null and empty forms of `actor`, `bin`, `code` and `target` are one and the same.
Nothing is repaired: a record is an `Op` or it is `Malformed`, with the first reason in a fixed order of checks.
"""

import hashlib
import re
from typing import Any

import msgspec

from sync.canon import MAX_INTEGER, NotCanonical, canonical_json
from sync.reasons import Malformed, malformed

VERSION = 1
KINDS = ("pick", "short", "void", "wrong")
COUNTED = ("pick", "short")
MAX_LINE_NO = 999_999
MAX_QTY = 999_999_999  # nine million ops of this size still sum below 2^53

# Longest text in characters (code points), by field.
TEXT_LIMITS = {"actor": 64, "order_no": 64, "bin": 64, "code": 512, "target": 32, "at": 40}

_REQUIRED = ("id", "hlc", "at", "order_no", "line_no", "kind", "qty")
_FIELDS = frozenset((*_REQUIRED, "v", "actor", "bin", "code", "target"))

_DEVICE = re.compile(r"[0-9A-Z]{8}")
_ID = re.compile(r"([0-9A-Z]{8}):([1-9][0-9]{0,15})")
_HLC = re.compile(r"([0-9]{15})-([0-9A-Fa-f]{4})-([0-9A-Z]{8})")
_AT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_encoder = msgspec.json.Encoder(order="sorted")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Op(msgspec.Struct, frozen=True):
    """`qty` is in the SKU's base unit; `actor`, `bin`, `code` and `target` may be empty."""

    id: str
    hlc: str
    at: str
    actor: str
    order_no: str
    line_no: int
    kind: str
    qty: int
    bin: str
    code: str
    target: str
    v: int


def is_device(text: object) -> bool:
    return isinstance(text, str) and _DEVICE.fullmatch(text) is not None


def split_id(op_id: object) -> tuple[str, int] | None:
    """`(device, n)`, or None when the text is not an op id."""
    found = _ID.fullmatch(op_id) if isinstance(op_id, str) else None
    if found is None or int(found[2]) > MAX_INTEGER:
        return None
    return found[1], int(found[2])


def is_hlc(text: object) -> bool:
    return isinstance(text, str) and _HLC.fullmatch(text) is not None


def is_at(text: object) -> bool:
    """RFC 3339 with offset, a day that exists, a second below 60."""
    found = _AT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if year < 1 or not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _MONTH_DAYS[month - 1] + leap


def read_op(raw: bytes | str | dict[str, Any]) -> Op | Malformed:
    """Reads one op of a push, as bytes or already decoded. Never raises."""
    body: Any = raw
    if isinstance(raw, bytes | str):
        try:
            body = msgspec.json.decode(raw)
        except (ValueError, msgspec.DecodeError, RecursionError):
            return malformed("not_json")
    if not isinstance(body, dict):
        return malformed("not_object")
    op_id: str = body["id"] if split_id(body.get("id")) else ""
    problem = _shape(body) or _values(body) or _texts(body) or _target(body)
    if problem is not None:
        return malformed(problem[0], problem[1], op_id)
    return Op(
        id=op_id,
        hlc=body["hlc"],
        at=body["at"],
        actor=body.get("actor") or "",
        order_no=body["order_no"],
        line_no=body["line_no"],
        kind=body["kind"],
        qty=body["qty"],
        bin=body.get("bin") or "",
        code=body.get("code") or "",
        target=body.get("target") or "",
        v=VERSION,
    )


def canonical(op: Op) -> bytes:
    """The contract's canonical JSON of all twelve fields, empty ones included; `read_op` has seen to the closed domain."""
    return _encoder.encode(op)


def fingerprint(raw: Op | bytes | str | dict[str, Any]) -> str:
    """SHA-256 hex under which a body is remembered: by its canonical form where it has one, else by the bytes themselves."""
    if isinstance(raw, Op):
        return hashlib.sha256(canonical(raw)).hexdigest()
    op = read_op(raw)
    if isinstance(op, Op):
        return fingerprint(op)
    try:
        text = canonical_json(msgspec.json.decode(raw) if isinstance(raw, bytes | str) else raw)
    except (NotCanonical, ValueError, TypeError, msgspec.DecodeError, RecursionError):
        if isinstance(raw, bytes):
            text = raw
        else:
            text = (raw if isinstance(raw, str) else repr(raw)).encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()


_Problem = tuple[str, str]


def _shape(body: dict[str, Any]) -> _Problem | None:
    # The version comes first: a newer op may well have fields that this build has never heard of.
    version = body.get("v")
    if version is None:
        return "missing_field", "v"
    if not _is_integer(version, 1):
        return "bad_version", "v"
    if version > VERSION:
        return "unknown_kind", "v"
    unknown = sorted(str(name) for name in body if name not in _FIELDS)
    if unknown:
        return "unknown_field", unknown[0] if _text_problem(unknown[0], 64) is None else "?"
    for name in _REQUIRED:
        if body.get(name) is None:
            return "missing_field", name
    return None


def _values(body: dict[str, Any]) -> _Problem | None:
    kind = body["kind"]
    if split_id(body["id"]) is None:
        return "bad_id", "id"
    if not is_hlc(body["hlc"]):
        return "bad_hlc", "hlc"
    if not is_at(body["at"]):
        return "bad_at", "at"
    if not _is_integer(body["line_no"], 1, MAX_LINE_NO):
        return "bad_line_no", "line_no"
    if not isinstance(kind, str):
        return "bad_kind", "kind"
    if kind not in KINDS:
        return "unknown_kind", "kind"
    low, high = (1, MAX_QTY) if kind in COUNTED else (0, 0)
    if not _is_integer(body["qty"], low, high):
        return "bad_qty", "qty"
    return None


def _texts(body: dict[str, Any]) -> _Problem | None:
    for name in ("actor", "order_no", "bin", "code", "target"):
        value = body.get(name)
        if value is None:
            continue
        code = _text_problem(value, TEXT_LIMITS[name])
        if code is not None:
            return code, name
    if body["order_no"] == "":
        return "bad_order_no", "order_no"
    return None


def _target(body: dict[str, Any]) -> _Problem | None:
    target = body.get("target") or ""
    if body["kind"] != "void":
        return ("target_not_allowed", "target") if target else None
    if not target:
        return "target_missing", "target"
    return None if split_id(target) else ("bad_id", "target")


def _is_integer(value: object, low: int, high: int = MAX_INTEGER) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text_problem(value: object, limit: int) -> str | None:
    if not isinstance(value, str):
        return "bad_text"
    if "\0" in value:
        return "nul_in_text"
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "not_unicode"
    return "too_long" if len(value) > limit else None
