"""Sheets taken in from the command line, with a progress bar on stderr: orders through a channel, or master data.

The same way as the uploads': a group commit per chunk, each order or row on its own, refused rows with their reasons. A
channel must exist: a mistyped code is refused by name rather than made.
"""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.channels import importing, store
from api.channels.importing import Part, Report
from api.channels.inbox import Gate
from api.channels.model import Channel
from api.db.database import Database
from api.db.tx import Tx
from api.inventory import importing as masters
from api.inventory.importing import Report as Masters
from api.kernel import ids
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused, Why
from api.kernel.time import wall_clock
from api.settings import Settings
from api.sheets.sheet import Sheet, opened

LARGEST = 200 * 1024 * 1024


def import_file(db: Database, settings: Settings, channel: str, path: Path) -> tuple[Report, Sheet]:
    """Raises Refused: unknown_channel, bad_sheet, too_large, or a mapping that cannot be read."""
    gate = Gate(store.sealing_key(settings.secret), settings.timezone)
    to = _channel(db, gate, channel)
    sheet = _read(path)
    kept = db.reader.now(lambda tx: importing.kept(tx, to.code, sheet))
    mapping, report, now = importing.mapping_for(sheet, to, kept), Report(), wall_clock()
    with _progress() as bar:
        task = bar.add_task(path.name, total=len(sheet.rows))
        for part in importing.chunks(sheet, mapping, settings.timezone, now):

            def work(tx: Tx, part: Part = part) -> None:
                importing.take_in(tx, to, part, report, now, gate)

            db.writer.now(work)
            bar.advance(task, sum(len(rows) for rows, _ in part))
    return report, sheet


def import_master(
    db: Database, kind: str, path: Path, columns: dict[str, Any] | None, *, is_try: bool
) -> tuple[Masters, masters.Work]:
    """Raises Refused: bad_sheet, too_large, columns that the sheet or the kind does not have."""
    sheet = _read(path)
    work = masters.prepared(kind, sheet, columns, SYSTEM)
    if is_try:
        return masters.looked(db, work, len(sheet.rows), wall_clock), work
    with _progress() as bar:
        task = bar.add_task(path.name, total=len(sheet.rows))
        report = masters.taken(db, work, ids.bearer()[:40], wall_clock, lambda rows: bar.advance(task, rows))
    return report, work


def _read(path: Path) -> Sheet:
    if not path.is_file():
        raise Refused("bad_sheet", Why(f"{path} 不是文件。", f"{path} is not a file."))
    if path.stat().st_size > LARGEST:
        raise Refused("too_large", limit=f"{LARGEST >> 20} MB")
    return opened(path.name, path.read_bytes())


def _channel(db: Database, gate: Gate, code: str) -> Channel:
    found = db.reader.now(lambda tx: store.channel(tx, code, gate.key))
    if found is not None:
        return found
    names = [row["code"] for row in db.reader.now(lambda tx: tx.all(store.Q.channels_all))]
    known = "、".join(names) or "-"
    why = Why(
        f"没有渠道 {code}，现有：{known}。新建：PUT /api/channels/{code}。",
        f"There is no channel {code}; there are: {', '.join(names) or 'none'}. Make it: PUT /api/channels/{code}.",
    )
    raise Refused("unknown_channel", why, channel=code)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
