"""Orders from a sheet through a channel's mapping: each on its own, safe to import twice, nothing dropped
without its reason.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from api.channels.applying import apply_mapped
from api.channels.drafts import RefusedRows, drafts, reason_text
from api.channels.inbox import Gate, wake
from api.channels.mapping import Mapped, Mapping, read_mapping
from api.channels.model import Channel
from api.channels.store import Q
from api.channels.suggest import suggest_sheet
from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Why
from api.orders import placing
from api.orders import store as orders
from api.sheets.sheet import Sheet, refused_csv

CHUNK = 100
NO_ORDER = Why("渠道里没有这一单。", "The channel has no such order.")
Part = list[tuple[tuple[int, ...], Any]]


class Report(msgspec.Struct):
    """Row numbers are the sheet's own, from 1. `changed`: orders that a row paid, cancelled or refunded."""

    orders: int = 0
    changed: int = 0
    duplicates: int = 0
    refused: list[dict[str, Any]] = []
    why: dict[int, str] = {}


class Columns(NamedTuple):
    """How a sheet's columns are read, and who said so: `given`, `kept` (for this header), `channel` or `suggested`."""

    raw: dict[str, Any]
    origin: str


def columns_for(
    sheet: Sheet, channel: Channel, given: dict[str, Any] | None, kept: dict[str, Any] | None
) -> Columns:
    """What is given with the sheet; else as a person joined such a header before; else the channel's own mapping where it
    names this sheet's columns; else the one that the header suggests."""
    if given is not None:
        return Columns(given, "given")
    if kept is not None:
        return Columns(kept, "kept")
    names = {name.strip() for name in sheet.header}
    if channel.mapping is not None and _names_columns(channel.body.mapping, names):
        return Columns(channel.body.mapping, "channel")
    return Columns(suggest_sheet(sheet), "suggested")


def mapping_for(sheet: Sheet, channel: Channel, kept: dict[str, Any] | None = None) -> Mapping:
    return read_mapping(columns_for(sheet, channel, None, kept).raw)


def shape(sheet: Sheet) -> str:
    """Sheets with the same names in their header, in whatever order, have one."""
    return hashlib.sha256("\n".join(sorted(sheet.header)).encode("utf-8", "replace")).hexdigest()[:32]


def kept(tx: Tx, code: str, sheet: Sheet) -> dict[str, Any] | None:
    """How a person joined such columns before; None where nobody did, or by rules that no longer hold."""
    row = tx.one(Q.sheet_mapping, channel=code, shape=shape(sheet))
    if row is None:
        return None
    found: dict[str, Any] = msgspec.json.decode(row["mapping"])
    try:
        read_mapping(found)
    except Invalid:
        return None
    return found


def keep(tx: Tx, code: str, sheet: Sheet, mapping: dict[str, Any], actor: Actor, now: int) -> None:
    read_mapping(mapping)
    written = msgspec.json.encode(mapping).decode()
    tx.run(Q.keep_sheet_mapping, channel=code, shape=shape(sheet), mapping=written, who=actor.name, at=now)


def _names_columns(raw: Any, names: set[str]) -> bool:
    """By the number and the goods: a webhook's mapping may name its lines' fields as a sheet does."""
    lines = raw.get("lines", {})
    sku = lines.get("sku") if isinstance(lines, dict) else None
    return _is_column(raw.get("external_no"), names) and _is_column(raw.get("lines.sku", sku), names)


def _is_column(raw: Any, names: set[str]) -> bool:
    if isinstance(raw, str):
        return raw.strip('"') in names
    if isinstance(raw, dict):
        return any(_is_column(raw[form], names) for form in ("path", "first", "join") if form in raw)
    return isinstance(raw, list) and any(_is_column(value, names) for value in raw)


def chunks(sheet: Sheet, mapping: Mapping, tz: str, now: int) -> Iterator[Part]:
    """The sheet's drafts, a group commit's worth at a time."""
    part: Part = []
    for rows, found in drafts(sheet, mapping, tz=ZoneInfo(tz), received_at=now):
        part.append((tuple(rows), found))
        if len(part) == CHUNK:
            yield part
            part = []
    if part:
        yield part


def take_in(tx: Tx, channel: Channel, part: Part, report: Report, now: int, gate: Gate) -> None:
    """One chunk in one unit of work; `report` grows by it."""
    for rows, found in part:
        if isinstance(found, RefusedRows):
            for row, problems in found.reasons.items():
                _refuse(report, [row], Why(reason_text(problems, "zh"), reason_text(problems, "en")))
            continue
        _one(tx, channel, rows, found, report, now, gate)


def _one(
    tx: Tx, channel: Channel, rows: tuple[int, ...], found: Mapped, report: Report, now: int, gate: Gate
) -> None:
    if not found.is_ok:
        problems = tuple(p for p in found.problems if p.blocks)
        _refuse(report, list(rows), Why(reason_text(problems, "zh"), reason_text(problems, "en")))
        return
    if _is_told(tx, channel, found):
        report.duplicates += 1
        return
    outcome = apply_mapped(tx, channel, found, now, gate.tz)
    if outcome.is_new:
        report.orders += 1
        wake(tx, channel.order_channel, outcome.external_no, gate, now)
    elif outcome.status == "duplicate":
        report.duplicates += 1
    elif outcome.status == "waiting":
        # A sheet lies in nobody's inbox: what its row speaks of must be there.
        _refuse(report, list(rows), NO_ORDER)
    elif outcome.status == "dead" or outcome.code == "differs":
        _refuse(report, list(rows), outcome.why)
    else:
        report.changed += 1


def _is_told(tx: Tx, channel: Channel, found: Mapped) -> bool:
    """A row that names a sum and no time, of which the order has recorded just that: the same sheet again."""
    if found.event != "pay" or found.sources.get("paid_at") != "received_at" or "paid_fen" not in found.draft:
        return False
    order_no = placing.known_as(tx, channel.order_channel, found.draft.get("external_no", ""))
    return order_no is not None and orders.get(tx, order_no).paid_fen == found.draft["paid_fen"]


def _refuse(report: Report, rows: list[int], why: Why) -> None:
    report.refused.append({"rows": rows, "why": why.zh, "why_en": why.en})
    for row in rows:
        report.why[row] = why.zh


def refused_sheet(sheet: Sheet, report: Report) -> bytes:
    """The refused rows with the reason in a column, to be mended and imported again."""
    return refused_csv(sheet, report.why)
