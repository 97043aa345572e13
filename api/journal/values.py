"""Personal values against the digests that stand for them in hashed texts.

A value that is gone is in order where its owner was forgotten afterwards, as an entry says; whatever belongs to staff
(address, device, a reason) is never forgotten. Looked up as a stream, each value about once.
"""

import hashlib
import re
from typing import NamedTuple

import msgspec

from api.db.tx import Tx
from api.journal.chain import Entry, Fault
from api.journal.service import Q
from api.kernel.bounded import Bounded

FORGOTTEN = "customer.forgotten"
OF_STAFF = frozenset({"ip", "device", "why"})
# In canonical JSON a quote within a text is escaped, so that no text can look like this.
_REF = re.compile(r'"(\w+)":\{"digest":"([0-9a-f]{64})","ref":([0-9]{1,18})\}')


class _Who(msgspec.Struct):
    customer: str


class _Gone(NamedTuple):
    first: int
    last: int
    seq: int


class Values:
    """`look` at every hashed text in order of its entry, then `end`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.count = 0
        self._good: Bounded[int, str] = Bounded()
        self._gone: dict[str, _Gone] = {}
        self._forgotten: dict[str, int] = {}

    def look(self, entry: Entry, text: str) -> Fault | None:
        if entry.kind == FORGOTTEN and entry.subject == "system":
            self._forgotten[msgspec.json.decode(entry.body, type=_Who).customer] = entry.pos
        for name, digest, number in _REF.findall(text):
            ref = int(number)
            if self._good.get(ref) == digest:
                continue
            row = self._tx.one(Q.kept, id=ref)
            if row is None:
                if name in OF_STAFF:
                    return self._fault(entry, f"its {name} (value {ref}) is gone")
                before = self._gone.get(entry.subject)
                first = before.first if before else entry.pos
                self._gone[entry.subject] = _Gone(first, entry.pos, entry.seq)
                continue
            if _digest(row["salt"], row["value"]) != digest:
                return self._fault(entry, f"its {name} (value {ref}) does not give its digest")
            self.count += 1
            self._good[ref] = digest
        return None

    def _fault(self, entry: Entry, what: str) -> Fault:
        return Fault(entry.pos, entry.subject, entry.seq, what)

    def gone(self) -> list[tuple[str, Fault]]:
        """(subject, fault) for values that are gone, where the subject is a customer or belongs to one."""
        return [
            (
                subject,
                Fault(found.first, subject, found.seq, "a personal value is gone and nobody was forgotten"),
            )
            for subject, found in self._gone.items()
        ]

    def is_forgotten(self, subject: str, customer: str | None) -> bool:
        """Was this customer forgotten after the last entry that names a value which is gone?"""
        return self.has_forgotten(customer, self._gone[subject].last)

    def has_forgotten(self, customer: str | None, pos: int) -> bool:
        return customer is not None and self._forgotten.get(customer, 0) > pos


def _digest(salt: object, value: object) -> str:
    if not isinstance(salt, bytes) or not isinstance(value, str):
        return ""
    return hashlib.sha256(salt + value.encode("utf-8", "surrogateescape")).hexdigest()
