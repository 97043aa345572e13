"""The `huodaona` command. Every command takes `--data` and `--company`; each says what it did in a line that a person
can use. Where many companies are served, a command is about one of them; those that look after companies go through all.
"""

import re
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from api import settings as config
from api.db import storage
from api.db.database import FILE, OneServer
from api.journal import checkpoint
from api.journal.signing import Signer
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.kernel.time import DAY, wall_clock
from api.setup import homes, opening, taking
from api.setup.commanding import Told, about, each
from api.setup.opening import Where
from api.web import logs


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="huodaona")
def main() -> None:
    """货到哪: one order-status hub that answers: where are my goods?"""
    logs.configure()


@main.command()
@about
@click.option("--host", default="127.0.0.1", help="the address to listen on")
@click.option("--port", default=8000, type=click.IntRange(0, 65535))
@click.option("--demo", is_flag=True, help="load the demo company once, into an empty data folder")
@click.option("--no-worker", is_flag=True, help="leave checkpoints and sweeps to `huodaona worker`")
@click.option(
    "--workers", default=1, type=click.IntRange(1, 64), help="processes that share the folder and the port"
)
def serve(data: Where, host: str, port: int, demo: bool, no_worker: bool, workers: int) -> None:
    """The server; without --company of every one of COMPANIES."""
    from api import serving

    for name in config.unknown():  # one that is misspelt may mean another company
        click.echo(f"there is no such setting: {name}", err=True)
    everyone = opening.each(data)
    if everyone == [data]:
        serving.run(opening.settings(data, port), host, port, demo, not no_worker, workers)
    elif demo:
        raise click.ClickException("--demo is for one company: --company NAME")
    else:
        serving.run_many(everyone, host, port, not no_worker, workers)


@main.command()
@about
def worker(data: Where) -> None:
    """Checkpoints and sweeps, beside servers started with --no-worker."""
    from api.companies import waiting

    waiting.until_stopped(opening.each(data), _begun)


def _begun(data: Where) -> Callable[[], None]:
    """How it ends again."""
    from api.app import loops

    found, db = opening.opened(data)
    opening.must_be_at_home(db)
    beside = loops(found, db, wall_clock)
    db.listeners.append(beside.heard)
    beside.start()
    click.echo(f"worker on {found.data}")

    def stop() -> None:
        beside.stop()
        db.stop()

    return stop


@main.command()
@about
@click.option(
    "--contract", is_flag=True, help="also steps that connected nodes of an older version do not bear"
)
def migrate(data: Where, contract: bool) -> None:
    """Bring the schema up to date: on SQLite without a server, on PostgreSQL beside the nodes."""
    each(_migrated, data, contract=contract)


def _migrated(data: Where, contract: bool) -> None:
    from api.db.migrate import steps

    if data.company and not opening.is_there(data):
        click.echo(f"not made yet: huodaona init --company {data.company}")
        return
    found = opening.settings(data)
    try:
        with ExitStack() as held:
            if not found.database_url:
                held.callback(OneServer(found.data).release)
            db = opening.database(found, contract=contract)
            at = db.reader.now(lambda tx: db.engine.version(tx.connection))
            db.stop()
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
    left = [name for number, name, _ in steps() if number > at]
    if db.applied or not left:
        click.echo(f"applied: {', '.join(db.applied)}" if db.applied else "up to date")
    if left:
        click.echo(f"waiting for nodes of an older version to go: {', '.join(left)}")


@main.command()
@about
@click.option("--owner", required=True, help="the owner's user name")
@click.option("--warehouse", required=True, help="the first warehouse's code")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
def init(data: Where, owner: str, warehouse: str, password_file: Path | None) -> None:
    """A real company: its owner and first warehouse, no demo."""
    from api.people.service import SHORTEST, hash_password
    from api.setup import loading

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", owner):
        raise click.ClickException("--owner: letters, digits and . _ -")
    if not re.fullmatch(r"[^\s/\x00-\x1f]{1,20}", warehouse):
        raise click.ClickException("--warehouse: 1 to 20 characters, no blank and no /")
    password = password_file.read_text().strip() if password_file else secrets.token_urlsafe(12)
    if len(password) < SHORTEST:
        raise click.ClickException(f"--password-file: a password has at least {SHORTEST} characters")
    _, db = opening.opened(data, may_make=True)
    try:
        if not db.reader.now(loading.is_empty):
            raise click.ClickException(f"{opening.place(data)} holds a company already")
        mark = hash_password(password)
        db.writer.now(lambda tx: loading.init(tx, owner, mark, warehouse, wall_clock()))
        click.echo(f"company made: owner {owner}, warehouse {warehouse}")
        if password_file is None:
            click.echo(f"password (shown once): {password}")
    finally:
        db.stop()


@main.command()
@about
@click.argument("user")
@click.option("--days", default=30, type=click.IntRange(1, 3650))
def token(data: Where, user: str, days: int) -> None:
    """A bearer token for USER, alone on the last line."""
    from api.people import service

    _, db = opening.opened(data)
    try:
        known = db.reader.now(lambda tx: service.user(tx, user))
        if known is None or not known.active:
            raise click.ClickException(f"there is no user {user}" if known is None else f"{user} is retired")
        made, _ = db.writer.now(lambda tx: service.open_session(tx, user, "token", wall_clock(), days * DAY))
        click.echo(made)
    finally:
        db.stop()


@main.command()
@about
@click.option(
    "--export",
    "bundle",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="check an exported bundle",
)
@click.option("--key", help="the public key that you trust, 64 hex digits; else FILE.key, or the file's own")
@click.option(
    "--checkpoint",
    "held",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="a checkpoint that you kept, such as one copied out of a chat",
)
def verify(data: Where, bundle: Path | None, key: str | None, held: tuple[Path, ...]) -> None:
    """Check the journal: exit 0, or 1 with the first bad entry named."""
    if bundle is None:
        each(_verified, data, bundle=None, key=key, held=held)
    else:
        _verified(data, bundle, key, held)


def _verified(data: Where, bundle: Path | None, key: str | None, held: tuple[Path, ...]) -> None:
    from api.setup import proof

    try:
        kept = [checkpoint.found_in(file.read_text("utf-8")) for file in held]
        trusted = None if key is None else checkpoint.public_key(key)
    except ValueError as error:
        raise click.ClickException(f"--key or --checkpoint: {error}") from None
    if bundle is not None:
        said = proof.of_bundle(bundle, trusted, kept)
    else:
        found, db = opening.opened(data)
        trusted = trusted or checkpoint.public(checkpoint.signing_key(found.secret))
        said = db.reader.now(lambda tx: proof.whole(tx, found.checkpoints, trusted, kept))
        db.stop()
    for line in proof.lines(said):
        click.echo(line)
    if said.fault is not None:
        raise SystemExit(1)


@main.command()
@about
@click.argument("file", type=click.Path(path_type=Path))
def export(data: Where, file: Path) -> None:
    """The journal with its checkpoints as one file, to be checked elsewhere (`verify --export`)."""
    from api.journal.bundle import write

    found, db = opening.opened(data)
    count = db.lists.now(lambda tx: write(tx, found.checkpoints, file))
    db.stop()
    click.echo(f"{count} entries in {file}")
    click.echo(f"public key: {checkpoint.public(checkpoint.signing_key(found.secret)).hex()}")


@main.command()
@about
@click.argument("file", type=click.Path(path_type=Path))
def backup(data: Where, file: Path) -> None:
    """A consistent copy of database, secret and checkpoints, also while the server runs."""
    if len(opening.each(data)) > 1 and not file.is_dir():
        raise click.ClickException(f"{file} is no folder: several companies get a file each in one")
    each(_backed_up, data, file=file)


def _backed_up(data: Where, file: Path) -> None:
    from api.setup.backup import needed, write

    file = file / f"{data.company}.tar" if data.company and file.is_dir() else file
    folder, found = opening.file(data), opening.settings(data)
    try:
        _signed(data)
    except storage.errors(Refused, opening.NotOpen, OSError) as error:  # all the more then
        click.echo(f"no new checkpoint goes along: {storage.said(error, folder)}", err=True)
    try:
        pos = write(found, folder / FILE, file)
    except storage.errors(OSError) as error:
        room = f" (up to {needed(folder / FILE) >> 20} MB are needed there)"
        is_full = storage.trouble(error) is storage.FULL
        raise click.ClickException(
            f"no backup made: {storage.said(error, file)}{room if is_full else ''}"
        ) from None
    click.echo(f"{file}: {file.stat().st_size} bytes, up to entry {pos}")


def _signed(data: Where) -> None:
    found, db = opening.opened(data)
    try:
        Signer(db, found.secret, found.checkpoints).sign(wall_clock())
    finally:
        db.stop()


@main.command()
@about
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--urgent", is_flag=True, help="also where the journal in it is not whole (verify tells where)")
def restore(data: Where, file: Path, urgent: bool) -> None:
    """A backup, or a bare database, into an empty data folder, verified; devices are told by a new epoch."""
    from api.setup.backup import read

    opening.on_file(data)
    folder, secret = opening.folder(data), opening.text(data, "SECRET").encode() or None
    try:
        pos = read(file, folder, opening.person(), secret=secret, is_urgent=urgent)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"restored into {folder} and verified, cut after entry {pos}")


@main.command()
@about
@click.argument("kind")
@click.option("--paper", default=None)
@click.option("--ids", default="", help="bins, orders or devices, parted by commas")
@click.option("--warehouse", default="")
@click.option("--content", type=click.Choice(["address", "code"]), default="address")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def labels(
    data: Where, kind: str, paper: str | None, ids: str, warehouse: str, content: str, out: Path
) -> None:
    """A sheet of labels: bins, orders, cartons, devices, register."""
    from api.labels.service import items
    from qr.codes import LabelError
    from qr.sheet import sheet

    found, db = opening.opened(data)
    try:
        wanted = [one.strip() for one in ids.split(",") if one.strip()]
        things = db.reader.now(lambda tx: items(tx, kind, wanted, warehouse))
        fmt = out.suffix.lstrip(".") or "pdf"
        out.write_bytes(sheet(kind, things, paper, content=content, public_url=found.public_url, fmt=fmt))
        click.echo(f"{len(things)} labels in {out}")
    except LabelError as error:
        raise click.ClickException(f"{error.zh} {error.en}") from None
    finally:
        db.stop()


@main.command()
@click.option("--data", expose_value=False, help="taken like everywhere; nothing is read from it")
@click.option("--company", expose_value=False, help="the same")
def describe() -> None:
    """The state machine, facts, colours, settings and rights as text."""
    from api.setup.description import description

    click.echo(description())


@main.command()
@about
def doctor(data: Where) -> None:
    """What would bite: each finding with an id and a hint; exit 1 where something is wrong."""
    each(_examined, data)


def _examined(data: Where) -> None:
    from api.setup.doctor import findings

    found, db = opening.opened(data)
    told = findings(found, db)
    db.stop()
    for one in told:
        click.echo(f"{one.id} {one.level}: {one.what.zh} {one.what.en}")
        click.echo(f"      {one.hint.zh} {one.hint.en}")
    if not told:
        click.echo("nothing to say")
    raise SystemExit(1 if any(one.level == "wrong" for one in told) else 0)


@main.command()
@about
@click.argument("customer")
def forget(data: Where, customer: str) -> None:
    """Erase a customer's names, phones, addresses and notes; every hash stays valid."""
    from api.setup.forgetting import forget as erase

    _, db = opening.opened(data)
    try:
        count = db.writer.now(lambda tx: erase(tx, customer, SYSTEM, wall_clock()))
        click.echo(f"{count} values erased")
    finally:
        db.stop()


for one in (homes.move, homes.restored, taking.orders, taking.master):
    main.add_command(one)
