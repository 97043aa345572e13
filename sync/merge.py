"""Merge: union of ops by id, so commutative, associative and idempotent by construction.

The same id with two canonical bodies is a `Clash`: a value that is kept and shown, with every body, never silent. Until
people look at it the body that is smallest as bytes counts, once, on every peer alike. (The server's record holds one body
per id: it refuses the second as `same_id_other_body`, so a clash is only seen where two stores meet.)
"""

from collections.abc import Iterable

import msgspec

from sync.ops import Op, canonical


class Clash(msgspec.Struct, frozen=True):
    """One id, two or more bodies, in the order of their canonical bytes; the first counts."""

    id: str
    bodies: tuple[Op, ...]


class Merged(msgspec.Struct, frozen=True):
    """`ops`: one op per id, sorted by id as text; `clashes`: sorted likewise."""

    ops: tuple[Op, ...] = ()
    clashes: tuple[Clash, ...] = ()


def gather(ops: Iterable[Op]) -> Merged:
    """The set that these ops make, in whatever order and however often they come."""
    record: dict[str, Op] = {}
    rivals: dict[str, dict[bytes, Op]] = {}
    for op in ops:
        known = record.setdefault(op.id, op)
        if known != op:
            bodies = rivals.setdefault(op.id, {canonical(known): known})
            bodies[canonical(op)] = op
    clashes = []
    for op_id in sorted(rivals):
        bodies = rivals[op_id]
        ranked = tuple(bodies[body] for body in sorted(bodies))
        record[op_id] = ranked[0]
        clashes.append(Clash(op_id, ranked))
    return Merged(tuple(record[op_id] for op_id in sorted(record)), tuple(clashes))


def merge(a: Merged, b: Merged) -> Merged:
    """Union by id; bodies of clashes are united too, so that no grouping loses one."""
    return gather((*everything(a), *everything(b)))


def everything(merged: Merged) -> tuple[Op, ...]:
    """All bodies, those of clashes too: what another peer needs to come to the same set."""
    return (*merged.ops, *(op for clash in merged.clashes for op in clash.bodies))
