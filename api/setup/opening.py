"""How a command of the shell gets at its company: which folder or server, is one there, is it of this program's schema.

Whatever stands in the way is `NotOpen`, in a person's words. Only `migrate` and `serve` bring an older schema up: not
under a server that still runs on it.
"""

import getpass
import os
import re
from pathlib import Path
from typing import NamedTuple

from api import settings as config
from api.db.database import Database, stands
from api.db.siblings import Siblings
from api.db.tx import Q, Tx
from api.journal import checkpoint
from api.settings import Settings
from api.setup import leaving


def person() -> str:
    """The user of this machine who gives the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        return str(os.getuid())


class NotOpen(Exception):
    """What is in the way, and what to do. A mistyped folder is told, not filled with an empty company."""


class Where(NamedTuple):
    """What a command is about: `--data` and `--company`."""

    data: Path | None = None
    company: str = ""


def settings(where: Where, port: int = 8000) -> Settings:
    try:
        return config.load(data=where.data, port=port, company=where.company)
    except config.BadSetting as error:
        raise NotOpen(str(error)) from None


def folder(where: Where) -> Path:
    return Path(text(where, "DATA"))


def text(where: Where, name: str) -> str:
    """One setting as it stands for that company."""
    try:
        return config.texts(data=where.data, company=where.company)[name]
    except config.BadSetting as error:
        raise NotOpen(str(error)) from None


def each(where: Where) -> list[Where]:
    """Where several companies are served and none is named: every one of them."""
    try:
        known = config.several()
    except config.BadSetting as error:
        raise NotOpen(str(error)) from None
    if where.company or config.read("COMPANY"):
        return [where]
    return [where._replace(company=one.name) for one in known] or [where]


def on_file(where: Where) -> None:
    if text(where, "DATABASE_URL"):
        raise NotOpen("this is for SQLite; for a company on PostgreSQL see docs/scale.md")


def file(where: Where) -> Path:
    """The folder of a company on SQLite, whatever schema it is of."""
    on_file(where)
    if not is_there(where):
        raise NotOpen(f"no company in {place(where)}")
    return folder(where)


def is_there(where: Where) -> bool:
    return bool(_schemas(where)[0])


def _schemas(where: Where) -> tuple[int, int]:
    try:
        return stands(folder(where), text(where, "DATABASE_URL"))
    except RuntimeError as error:
        raise NotOpen(str(error)) from None


def place(where: Where) -> str:
    """Where its company lies, for a person."""
    url = text(where, "DATABASE_URL")
    if url:
        named = re.search(r"[?&]schema=(\w+)", url)
        return "the database of HUODAONA_DATABASE_URL" + (f", schema {named[1]}" if named else "")
    return f"{folder(where)} (--data, or HUODAONA_DATA)"


def database(found: Settings, siblings: Siblings | None = None, *, contract: bool = False) -> Database:
    try:
        return Database(
            found.data,
            siblings,
            url=found.database_url,
            owner=found.owner_url,
            replica=found.replica_url,
            contract=contract,
        )
    except RuntimeError as error:
        raise NotOpen(str(error)) from None


def must_be_at_home(db: Database) -> None:
    """For who serves: a company that moved is served at its new home alone."""
    why = db.reader.now(leaving.away)
    if why:
        raise NotOpen(why)


def opened(where: Where, *, may_make: bool = False) -> tuple[Settings, Database]:
    at, wanted = _schemas(where)
    if not at and not may_make:
        raise NotOpen(f"no company in {place(where)}")
    if 0 < at < wanted:
        why = f"{place(where)} is of schema {at}, this program wants {wanted}"
        raise NotOpen(f"{why}: stop server and worker, then run huodaona migrate")
    found = settings(where)
    db = database(found)
    try:
        same_secret(db, found.secret, may_begin=may_make)
    except NotOpen:
        db.stop()
        raise
    return found, db


def same_secret(db: Database, secret: bytes, *, may_begin: bool) -> None:
    """Whoever opens a company has the secret that it was begun with: the key that signs its checkpoints comes from it, and
    the public half of that stands in the database. With another one a node would seal, sign and link what no other can
    read. `may_begin`: where none stands there yet, this one does from here on."""
    key = checkpoint.public(checkpoint.signing_key(secret)).hex()

    def begun_with(tx: Tx) -> str:
        known: str | None = tx.value(Q.fact, name="key")
        if known is None and may_begin:
            tx.run(Q.set_fact, name="key", value=key)
        return known or key

    if (db.writer if may_begin else db.reader).now(begun_with) != key:
        raise NotOpen(
            "this is another secret than the company was begun with: every node needs the same one, HUODAONA_SECRET or"
            " DATA/secret (where it is lost for good: docs/settings.md)"
        )
