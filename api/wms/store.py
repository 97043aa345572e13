"""A warehouse's WMS in and out of the tables; its key is sealed and shown as set or not."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import UNSET

from api.db.queries import load
from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel import sealing
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.stock import outside
from api.stock import service as stock
from api.wms import protocol
from api.wms.model import House, State, Wms, WmsIn

Q = load(__package__)
_out = msgspec.json.Encoder().encode
_wms_in = msgspec.json.Decoder(Wms).decode
_state_in = msgspec.json.Decoder(State).decode
KEEPS = ("url", "header", "value", "calls", "read", "prefix", "timeout_s", "mirror_s", "wait_for_lock")


def sealing_key(secret: bytes) -> AESGCM:
    return sealing.key_for(secret, "wms keys")


def house(tx: Tx, code: str, key: AESGCM) -> House | None:
    row = tx.one(Q.house, warehouse=code)
    return None if row is None else _house(row, key)


def must(tx: Tx, code: str, key: AESGCM) -> House:
    """Refuses `no_wms`."""
    found = house(tx, code, key)
    if found is None:
        raise Refused("no_wms", warehouse=code)
    return found


def houses(tx: Tx, key: AESGCM) -> list[House]:
    return [_house(row, key) for row in tx.all(Q.houses)]


def _house(row: Row, key: AESGCM) -> House:
    text = sealing.unseal(key, row["warehouse"], row["sealed"]) if row["sealed"] else None
    return House(
        row["warehouse"], _wms_in(row["body"]), text or "", bool(row["enabled"]), state_of(row), row["reconcile_at"]
    )  # fmt: skip


def state_of(row: Row) -> State:
    return _state_in(row["state"]) if row["state"] else State()


def keep(tx: Tx, code: str, state: State) -> None:
    tx.run(Q.keep_state, warehouse=code, state=_out(state).decode())


def wanted(tx: Tx, code: str, given: WmsIn, key: AESGCM) -> House:
    """What would stand once this is saved. Refuses `unknown_warehouse`, and what cannot be spoken."""
    stock.warehouse(tx, code)
    before = house(tx, code, key) or House(code, Wms(), "", False, State(), 0)
    changes = {name: getattr(given, name) for name in KEEPS if getattr(given, name) is not UNSET}
    wms = msgspec.structs.replace(before.wms, **changes)
    wrong = protocol.faults(wms)
    if before.wms.url and wms.prefix != before.wms.prefix:
        why = Why("锁的前缀定了就不能改。", "A prefix stays: locks are known by it.")
        wrong.append(WrongField("$.prefix", why))
    text = before.key
    if isinstance(given.key, str) or given.key is None:
        text = given.key or ""
        if not text.isascii() or not text.isprintable():
            wrong.append(WrongField("$.key", Why("只能是可见的 ASCII 字符。", "Printable ASCII only.")))
    elif isinstance(given.key, dict) and "set" not in given.key:
        wrong.append(
            WrongField("$.key", Why("文字、null，或照 GET 的样子。", "Text, null, or as GET has it."))
        )
    if wrong:
        raise Invalid(wrong)
    enabled = before.enabled if given.enabled is UNSET else given.enabled
    return before._replace(wms=wms, key=text, enabled=enabled)


def save(tx: Tx, code: str, given: WmsIn, key: AESGCM, actor: Actor, now: int) -> None:
    """New, or changed. From the moment that it is on, what is reserved there already is locked there too."""
    made, row = wanted(tx, code, given, key), tx.one(Q.house, warehouse=code)
    was_on, key_at = bool(row and row["enabled"]), row and row["key_at"]
    if isinstance(given.key, str) or given.key is None:
        key_at = now if made.key else None
    tx.run(
        Q.save_house,
        warehouse=code, body=_out(made.wms).decode(), enabled=int(made.enabled), waits=int(made.wms.wait_for_lock),
        sealed=sealing.seal(key, code, made.key) if made.key else None, key_at=key_at,
    )  # fmt: skip
    tx.forget()
    if made.enabled and not was_on:
        outside.lock_all(tx, code, now)
        keep(tx, code, State())
    journal.record(tx, "system", "wms.saved", {"warehouse": code, "enabled": made.enabled}, actor, now)


def shown(tx: Tx, code: str, time: Callable[[int | None], str | None]) -> dict[str, Any]:
    """As GET has it; PUT takes it back. Refuses `no_wms`."""
    row = tx.one(Q.house, warehouse=code)
    if row is None:
        raise Refused("no_wms", warehouse=code)
    body: dict[str, Any] = msgspec.to_builtins(_wms_in(row["body"]))
    key = {"set": row["sealed"] is not None, "at": time(row["key_at"])}
    return {"warehouse": code, "enabled": bool(row["enabled"]), "key": key, **body}


def plain_host(body: str) -> str:
    """The host that is spoken to without TLS; empty: none is."""
    to = urlsplit(_wms_in(body).url)
    return (to.hostname or "") if to.scheme == "http" else ""
