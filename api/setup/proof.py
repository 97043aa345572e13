"""The whole check of a company's truth: the journal with its checkpoints, and what it names beside itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from api.db.tx import Tx
from api.journal import bundle, guard
from api.journal.chain import Fault
from api.kernel.time import text
from api.orders.evidence import Evidence


class Beside(NamedTuple):
    """How much of what lies beside the journal was checked; a bundle has none of it."""

    snapshots: int
    values: int


class Proof(NamedTuple):
    """`fault` is the first bad entry, or None; `signed` the last position that a checkpoint speaks of."""

    entries: int
    signed: int
    checkpoints: int
    beside: Beside | None
    cuts: list[guard.Cut]
    fault: Fault | None


def whole(tx: Tx, folder: Path, key: bytes | None, held: Iterable[str] = ()) -> Proof:
    evidence = Evidence(tx)
    reading = guard.reading(tx, folder, key, evidence.look, held)
    fault = reading.fault
    if fault is None:
        with tx.as_it_lies():
            fault = evidence.end()
    beside = Beside(evidence.snapshots, evidence.values)
    return Proof(reading.count, reading.signed, reading.agreed, beside, reading.cuts, fault)


def of_bundle(file: Path, key: bytes | None, held: Iterable[str] = ()) -> Proof:
    reading = bundle.reading(file, key, held)
    return Proof(reading.count, reading.signed, reading.agreed, None, reading.cuts, reading.fault)


def lines(proof: Proof) -> Iterator[str]:
    """For a person, the verdict first."""
    if proof.fault is not None:
        yield f"NOT WHOLE: {proof.fault}"
        return
    yield f"whole: {proof.entries} entries, {proof.checkpoints} checkpoints"
    if proof.beside is not None:
        yield f"beside it: {proof.beside.snapshots} snapshots, {proof.beside.values} personal values"
    if proof.signed < proof.entries:
        yield f"signed up to entry {proof.signed}: what came after it, no checkpoint speaks of yet"
    for cut in proof.cuts:
        more = f"; {cut.former} checkpoints speak of what came after it" if cut.former else ""
        yield f"restored at {text(cut.at, 'UTC')}: cut after entry {cut.after}{more}"
