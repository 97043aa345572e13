"""How a command of the shell gets at its company: which folder or server, is one there, is it of this program's schema.

Whatever stands in the way is `NotOpen`, in a person's words. Only `migrate` and `serve` bring an older schema up: not
under a server that still runs on it.
"""

import getpass
import os
from pathlib import Path

import click

from api import settings as config
from api.db.database import Database, stands
from api.settings import Settings
from api.setup import leaving


def _noted(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Which folder a fault of the storage speaks of."""
    ctx.meta["data"] = value
    return value


DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="the data folder", callback=_noted
)


def person() -> str:
    """The user of this machine who gives the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        return str(os.getuid())


class NotOpen(Exception):
    """What is in the way, and what to do. A mistyped folder is told, not filled with an empty company."""


def settings(data: Path | None, port: int = 8000) -> Settings:
    try:
        return config.load(data=data, port=port)
    except config.BadSetting as error:
        raise NotOpen(str(error)) from None


def folder(data: Path | None) -> Path:
    return data or Path(config.read("DATA"))


def on_file() -> None:
    if config.read("DATABASE_URL"):
        raise NotOpen("this is for SQLite; for a company on PostgreSQL see docs/scale.md")


def file(data: Path | None) -> Path:
    """The folder of a company on SQLite, whatever schema it is of."""
    on_file()
    if not _schemas(data)[0]:
        raise NotOpen(f"no company in {_place(data)}")
    return folder(data)


def _schemas(data: Path | None) -> tuple[int, int]:
    try:
        return stands(folder(data), config.read("DATABASE_URL"))
    except RuntimeError as error:
        raise NotOpen(str(error)) from None


def _place(data: Path | None) -> str:
    if config.read("DATABASE_URL"):
        return "the database of HUODAONA_DATABASE_URL"
    return f"{folder(data)} (--data, or HUODAONA_DATA)"


def database(found: Settings) -> Database:
    try:
        return Database(found.data, url=found.database_url, owner=found.owner_url, replica=found.replica_url)
    except RuntimeError as error:
        raise NotOpen(str(error)) from None


def must_be_at_home(db: Database) -> None:
    """For who serves: a company that moved is served at its new home alone."""
    why = db.reader.now(leaving.away)
    if why:
        raise NotOpen(why)


def opened(data: Path | None, *, may_make: bool = False) -> tuple[Settings, Database]:
    at, wanted = _schemas(data)
    if not at and not may_make:
        raise NotOpen(f"no company in {_place(data)}")
    if 0 < at < wanted:
        why = f"{_place(data)} is of schema {at}, this program wants {wanted}"
        raise NotOpen(f"{why}: stop server and worker, then run huodaona migrate")
    found = settings(data)
    return found, database(found)
