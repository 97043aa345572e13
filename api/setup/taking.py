"""Sheets by hand: `import-orders` through a channel, `import` for master data and opening stock."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.setup import opening
from api.setup.commanding import about
from api.setup.opening import Where

if TYPE_CHECKING:
    from api.inventory.importing import Work
    from api.sheets.sheet import Sheet
    from api.web.imports import Refusal

TOLD = 20


@click.command("import-orders")
@about
@click.argument("channel")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--refused", type=click.Path(path_type=Path), help="write the refused rows here, with their reasons"
)
def orders(data: Where, channel: str, file: Path, refused: Path | None) -> None:
    """CSV or Excel through a channel's mapping."""
    from api.setup import sheets

    found, db = opening.opened(data)
    try:
        report, sheet = sheets.import_file(db, found, channel, file)
    finally:
        db.stop()
    click.echo(f"orders {report.orders}, duplicates {report.duplicates}, refused rows {len(report.why)}")
    _tell(sheet, report.why, refused)


@click.command("import")
@about
@click.argument("kind", type=click.Choice(["skus", "bins", "warehouses", "customers", "users", "stock"]))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--try", "is_try", is_flag=True, help="look only: nothing is taken")
@click.option("--columns", default="", help='which column is what, as JSON: {"code": "货号"}')
@click.option(
    "--refused", type=click.Path(path_type=Path), help="write the refused rows here, with their reasons"
)
def master(data: Where, kind: str, file: Path, is_try: bool, columns: str, refused: Path | None) -> None:
    """CSV or Excel of master data; KIND stock: what lies in the bins at the start."""
    from api.inventory.uploads import columns_of
    from api.setup import sheets

    _, db = opening.opened(data)
    try:
        report, work = sheets.import_master(db, kind, file, columns_of(columns), is_try=is_try)
    finally:
        db.stop()
    told = ", ".join(f"{name} {count}" for name, count in report.counts.items())
    click.echo(f"{'would be: ' if is_try else ''}{told}")
    _tell(work.sheet, {one.row: _reason(work, one) for one in report.refused}, refused)
    for name, password in report.starts.items():
        click.echo(f"  {name}: {password}")
    if report.starts:
        click.echo("passwords to start with, shown once; each person changes it after signing in")
    if report.refused and not (report.taken or report.changed):
        raise SystemExit(1)


def _reason(work: "Work", one: "Refusal") -> str:
    """With the column, or the field that no column is; in both languages, as the shell refuses everything."""
    named = work.column(one.path) or one.path
    return f"{named}: {one.why.zh} {one.why.en}" if named else f"{one.why.zh} {one.why.en}"


def _tell(sheet: "Sheet", reasons: dict[int, str], refused: Path | None) -> None:
    """The notes, the first refused rows, and all of them as a sheet to mend."""
    from api.sheets.sheet import refused_csv

    for note in sheet.notes:
        click.echo(f"  {note.zh} {note.en}")
    for row, why in sorted(reasons.items())[:TOLD]:
        click.echo(f"  row {row}: {why}")
    if len(reasons) > TOLD:
        click.echo(f"  … and {len(reasons) - TOLD} more; --refused FILE has all of them")
    if refused is not None and reasons:
        refused.write_bytes(refused_csv(sheet, reasons))
