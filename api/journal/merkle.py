"""The Merkle tree over all entries by position, in the shape of RFC 6962 §2.1, pure.

A `Frontier` holds the roots of the perfect subtrees on the tree's right edge (one for each one-bit of its
size), so a checkpoint only hashes what came since the last one, and the root is the same as from scratch.
"""

import hashlib
from collections.abc import Iterable

import msgspec


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(msgspec.Struct, frozen=True):
    """`size` leaves; `edge` the subtree roots from the largest to the smallest."""

    size: int = 0
    edge: tuple[bytes, ...] = ()

    def add(self, data: bytes) -> "Frontier":
        return self.extended((data,))

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """The same as adding one after the other."""
        edge, size = list(self.edge), self.size
        for data in leaves:
            top, full = leaf(data), size
            while full & 1:
                top = node(edge.pop(), top)
                full >>= 1
            edge.append(top)
            size += 1
        return Frontier(size, tuple(edge))

    def root(self) -> bytes:
        if not self.edge:
            return hashlib.sha256(b"").digest()
        top = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            top = node(left, top)
        return top
