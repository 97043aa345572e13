"""The Merkle tree over all entries by position, in the shape of RFC 6962 §2.1, pure.

A `Frontier` holds the roots of the perfect subtrees on the tree's right edge (one for each one-bit of its
size), so a checkpoint only hashes what came since the last one, and the root is the same as from scratch.
"""

import hashlib

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
        edge, top, size = list(self.edge), leaf(data), self.size
        while size & 1:
            top = node(edge.pop(), top)
            size >>= 1
        return Frontier(self.size + 1, (*edge, top))

    def root(self) -> bytes:
        if not self.edge:
            return hashlib.sha256(b"").digest()
        top = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            top = node(left, top)
        return top
