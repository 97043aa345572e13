"""The shapes that travel: a push, its results, and the hash by which a device proves that it equals the server.

A push is read strictly as a whole (`Malformed` means: nothing decided, keep all), but its ops stay raw bytes, so that
one bad op neither blocks the others nor loses a byte on its way to be parked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sync.canon import canonical_json
from sync.ops import is_device, split_id
from sync.reasons import Malformed, malformed
from sync.splitting import split_list, split_object

MAX_OPS = 500


class Push(msgspec.Struct, frozen=True):
    """`ops` as they came, each one's bytes to be given to `read_op`."""

    device: str
    ops: tuple[bytes, ...]


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """One op's answer; empty `why`, `code` and `conflict` are left out of the JSON. `conflict` is a conflict's id."""

    id: str
    verdict: str
    again: bool
    why: str = ""
    code: str = ""
    conflict: str = ""


def read_push(raw: bytes) -> Push | Malformed:
    """The body of `/sync/push`, and of a carried bundle. Never raises.

    What is no JSON within one op (half a character, NaN, nesting without end) is that op's own trouble: the body is
    then cut at its commas, and the op goes on as bytes to be parked.
    """
    try:
        body: dict[str, bytes] = {k: bytes(v) for k, v in _members(raw).items()}
        device = msgspec.json.decode(body["device"]) if "device" in body else None
        ops = _elements(body["ops"]) if "ops" in body else None
    except msgspec.ValidationError:
        return malformed("bad_ops", "ops") if raw.lstrip()[:1] == b"{" else malformed("not_object")
    except (ValueError, msgspec.DecodeError, RecursionError):
        return malformed("not_json")
    unknown = sorted(set(body) - {"device", "ops"})
    if unknown:
        return malformed("unknown_field", unknown[0][:64])
    if device is None or ops is None:
        return malformed("missing_field", "device" if device is None else "ops")
    if not is_device(device):
        return malformed("bad_device", "device")
    if len(ops) > MAX_OPS:
        return malformed("too_many_ops", "ops")
    return Push(device, tuple(ops))


def _members(raw: bytes) -> dict[str, bytes]:
    try:
        return {k: bytes(v) for k, v in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}
    except msgspec.ValidationError:
        raise
    except (ValueError, RecursionError):
        return split_object(raw)


def _elements(raw: bytes) -> list[bytes]:
    try:
        return [bytes(op) for op in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except msgspec.ValidationError:
        raise
    except (ValueError, RecursionError):
        return split_list(raw)


def belongs(op_id: str, device: str) -> bool:
    """Only ops whose id begins with the body's device count."""
    parts = split_id(op_id)
    return parts is not None and parts[0] == device


def tasks_hash(tasks: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 hex over canonical JSON of the tasks sorted by `order_no`. Raises `NotCanonical` for floats and the like."""
    ranked = sorted(tasks, key=lambda task: (task["order_no"], canonical_json(task)))
    return hashlib.sha256(canonical_json(ranked)).hexdigest()
