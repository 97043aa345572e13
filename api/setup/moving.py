"""A company's move from one database to another, in a person's hands: `huodaona move --to …`.

First the source is closed: nobody writes to it any more, whoever has it open. Then rows are carried, what arrived is held
against what was sent, the stock is added up, the journal verified whole. Then only the target begins its life: another
`epoch`, so that devices take a fresh snapshot and keep their queues, and an entry that says who moved it. Killed at any
moment, the same command goes on; `stay` opens the source again.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec

from api.db import carrying
from api.db.carrying import Note
from api.db.database import Database, OneServer
from api.db.durable import written
from api.db.ends import End
from api.db.tx import ARRIVED, MOVED, MOVING, Q, Tx
from api.journal import checkpoint
from api.journal import service as journal
from api.journal.signing import Signer
from api.kernel import ids
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.settings import Settings
from api.setup import loading, proof
from api.setup.backup import SECRET
from api.setup.leaving import Left, left
from api.stock import service as stock

Tell = Callable[[str], None]
TELL_EVERY_S = 2.0


class Home(NamedTuple):
    """Where a company is to live: a folder, or an address of PostgreSQL with its owner's."""

    folder: Path | None
    url: str = ""
    owner: str = ""

    def named(self, db: Database) -> str:
        """Without a password."""
        return str(self.folder.resolve()) if self.folder is not None else repr(db.engine)


def stay(settings: Settings, db: Database, by: str) -> Left:
    """The source serves again; where its company has lived elsewhere meanwhile, in another life, as after a restore.
    ValueError where it has not moved."""
    side = carrying.end(db)
    now, cut = wall_clock(), None
    try:
        with side.alone() as tx:
            gone = left(tx)
            if gone is None:
                raise ValueError("this company has not moved")
            tx.run(Q.drop_fact, name=MOVED)
            tx.run(Q.set_number, name="changes", last=gone.changes + 1)
            if gone.is_done:
                cut = loading.restored(tx, now, gone.at, by)
    finally:
        side.close()
    if cut is not None:
        Signer(db, settings.secret, settings.checkpoints).sign(now, cut=cut)
    return gone


def home(to: str, owner: str) -> Home:
    if to.startswith(("postgresql://", "postgres://")):
        return Home(None, to, owner)
    if not to or "://" in to:
        raise ValueError("--to: postgresql://…, or a folder for SQLite")
    return Home(Path(to))


class Move:
    """One run of it. `is_urgent`: also where the journal is not whole."""

    def __init__(
        self,
        settings: Settings,
        source: Database,
        home: Home,
        by: str,
        tell: Tell,
        *,
        is_urgent: bool = False,
    ) -> None:
        self._settings, self._source, self._home, self._by = settings, source, home, by
        self._tell, self._is_urgent = tell, is_urgent
        self._folder = home.folder or settings.data

    def run(self) -> None:
        """Raises ValueError or RuntimeError in a person's words."""
        with ExitStack() as held:
            for folder in {self._settings.data.resolve(), self._folder.resolve()}:
                held.callback(OneServer(folder).release)
            if self._home.folder is not None:
                _bring_secret(self._home.folder, self._settings.secret)
            target = Database(self._folder, url=self._home.url, owner=self._home.owner)
            held.callback(target.stop)
            self._between(target)

    def _between(self, target: Database) -> None:
        schema, other = (_version(db) for db in (self._source, target))
        if schema != other:
            raise ValueError(
                f"the company is of schema {schema}, its new home of {other}: huodaona migrate first"
            )
        here, there = carrying.end(self._source), carrying.end(target)
        try:
            gone, note = self._begun(here, there, self._home.named(target), schema)
            if note is not None:
                self._carried(here, there, note)
                self._verified(there, target)
                self._begins(here, there, gone)
            with here.alone() as tx:
                _leave(tx, msgspec.structs.replace(gone, is_done=True))
            self._tell(f"moved to {gone.to}")
            if self._home.folder is None:
                file = self._settings.data / SECRET
                self._tell(f"each node needs the secret that was used here ({file}, or HUODAONA_SECRET)")
        finally:
            here.close()
            there.close()

    def _begun(self, here: End, there: End, to: str, schema: int) -> tuple[Left, Note | None]:
        """The source closed; no note: all has arrived."""
        with here.alone() as tx:
            gone, changes, is_half = left(tx), tx.value(Q.changes) or 0, tx.value(Q.fact, name=MOVING)
        with there.alone() as tx:
            found, arrived = tx.value(Q.fact, name=MOVING), tx.value(Q.fact, name=ARRIVED)
        if gone is not None and arrived == gone.id:
            return gone, None
        if gone is not None and (gone.is_done or gone.to != to):
            raise ValueError(
                f"a move to {gone.to} has begun, or is done: go on there, or huodaona move --stay"
            )
        note = None if found is None else carrying.read_note(found)
        if is_half is not None or (note is not None and (gone is None or note.id != gone.id)):
            raise ValueError(
                "half of a company lies there, of a move that was given up: drop it and begin anew"
            )
        if note is None and not carrying.is_empty(there):
            raise ValueError(f"{to} holds a company already: a move never writes over one")
        if gone is None:
            gone = Left(ids.device_id(), to, wall_clock(), changes)
            with here.alone() as tx:
                _leave(tx, gone)
        if note is None:
            note = Note(gone.id, schema)
            with there.alone() as tx:
                tx.run(Q.clear_facts)
                tx.run(Q.set_number, name="changes", last=-1)
                carrying.noted(tx, note)
        if note.schema != schema:
            raise ValueError("this move was begun by another version of the program: end it with that one")
        return gone, note

    def _carried(self, here: End, there: End, note: Note) -> None:
        sizes = {table.name: here.count(table) for table in here.tables()}
        total, begun = sum(sizes.values()), time.monotonic()
        before = note.arrived
        if before:
            self._tell(f"going on behind {before} rows that have arrived")
        self._tell(f"{total} rows in {len(sizes)} tables")
        told = [begun]

        def tell(table: str, so_far: int, arrived: int) -> None:
            if time.monotonic() - told[0] > TELL_EVERY_S:
                told[0] = time.monotonic()
                pace = (arrived - before) / (told[0] - begun)
                self._tell(
                    f"{table}: {so_far} of {sizes[table]}; {arrived} rows of {total}, {pace:.0f} a second"
                )

        done = carrying.carry(here, there, note, tell)
        seconds = time.monotonic() - begun
        self._tell(
            f"{done.arrived - before} rows in {seconds:.1f} s, {(done.arrived - before) / seconds:.0f} a second"
        )

    def _verified(self, there: End, target: Database) -> None:
        with there.alone() as tx:
            note = carrying.read_note(tx.value(Q.fact, name=MOVING))
        wrong = carrying.differing(there, note)
        wrong += sorted({*target.reader.now(stock.drift)} ^ {*self._source.reader.now(stock.drift)})
        if wrong:
            raise ValueError(f"what arrived is not what was sent: {'; '.join(wrong)}")
        self._tell(
            f"each row of {len(note.done)} tables is the same, {note.done['chains'].rows} heads, stock sums agree"
        )
        key = checkpoint.public(checkpoint.signing_key(self._settings.secret))
        said = target.reader.now(lambda tx: proof.whole(tx, self._settings.checkpoints, key))
        for line in proof.lines(said):
            self._tell(line)
        if said.fault is not None and not self._is_urgent:
            raise ValueError("the journal is not whole; to move it all the same: --urgent")

    def _begins(self, here: End, there: End, gone: Left) -> None:
        for table in there.tables():
            there.go_on(table)
        now, body = wall_clock(), {"by": self._by, "from": here.name, "to": there.name}
        with there.alone() as tx:
            tx.run(Q.drop_fact, name=MOVING)
            tx.run(Q.set_fact, name=ARRIVED, value=gone.id)
            tx.run(Q.set_fact, name="epoch", value=ids.device_id())
            tx.run(Q.set_number, name="changes", last=gone.changes + 1)
            journal.record(tx, "system", "company.moved", body, SYSTEM, now)


def _version(db: Database) -> int:
    return db.reader.now(lambda tx: db.engine.version(tx.connection))


def _leave(tx: Tx, gone: Left) -> None:
    tx.run(Q.set_fact, name=MOVED, value=msgspec.json.encode(gone).decode())
    tx.run(Q.set_number, name="changes", last=-1 - gone.changes)


def _bring_secret(folder: Path, secret: bytes) -> None:
    file = folder / SECRET
    if not file.exists():
        with written(file) as out:
            out.write(secret)
    elif file.read_bytes().strip() != secret:
        raise ValueError(f"{file} is another company's secret")
