"""What stands beside the journal and is named by it: snapshots, files, personal values, each against its hash.

Seen as a stream beside the check of the chains (`journal.guard`), so an entry that comes here is whole by itself.
"""

import hashlib
import re
from collections import Counter

import msgspec

from api.db.tx import Tx
from api.journal.chain import Entry, Fault
from api.journal.values import Values
from api.kernel.bounded import Bounded
from api.orders import snapshots
from api.orders.store import Q

ORDER, CUSTOMER = "order:", "customer:"
UNLIKE = "its snapshot is gone, or does not give its hash any more"
FIRSTS = 5_000  # texts of 1 to 2 KB
_MARK = re.compile(r'"snapshot":"(sha256:[0-9a-f]{64})"')


class _State(msgspec.Struct):
    state: str


class _File(msgspec.Struct):
    id: int
    digest: str


class Evidence:
    """`look` is a `guard.Watch`; `end` tells what only the whole can show. `snapshots` and `values` count."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._values = Values(tx)
        self.snapshots = 0
        self._emptied: dict[str, Entry] = {}
        self._firsts: Bounded[str, bytes] = Bounded(FIRSTS)

    @property
    def values(self) -> int:
        return self._values.count

    def look(self, page: list[Entry]) -> Fault | None:
        for entry in page:
            what = self._snapshot(entry) or self._file(entry)
            fault = _fault(entry, what) if isinstance(what, str) else what
            fault = fault or self._values.look(entry, entry.body)
            if fault is not None:
                return fault
        return None

    def _snapshot(self, entry: Entry) -> str | Fault | None:
        named = _MARK.search(entry.body) if entry.subject.startswith(ORDER) else None
        if named is None:
            return None
        order_no, mark = entry.subject.removeprefix(ORDER), named[1]
        then = snapshots.at_moment(self._tx, order_no, entry.at, self._firsts)
        found = [one for one in then if one.hash == mark]
        if not found:
            return self._unlike(order_no, mark, then)
        if not all(one.actor == entry.actor and _is_true(one) for one in found):
            return "its snapshot's row says another person or state"
        # Two of one hash: nothing had changed between them, and each is named once.
        if len(then) > 1 and len(found) < self._named(order_no, mark):
            return UNLIKE
        self.snapshots += 1
        return self._values.look(entry, found[0].text or "")

    def _unlike(self, order_no: str, mark: str, then: list[snapshots.Taken]) -> str:
        if any(one.hash == mark for one in snapshots.whole(self._tx, order_no)):
            return "its snapshot's row says another time"
        return UNLIKE if then else "its snapshot is gone"

    def _named(self, order_no: str, mark: str) -> int:
        """How many entries name this snapshot."""
        count: int = self._tx.value(Q.entries_naming, subject=ORDER + order_no, part=f"%{mark}%")
        return count

    def _file(self, entry: Entry) -> str | None:
        if entry.kind != "order.attached":
            return None
        named = msgspec.json.decode(entry.body, type=_File)
        row = self._tx.one(Q.attachment_content, id=named.id)
        if row is None or row["digest"] != named.digest:
            return "its file is gone, or its row another digest"
        if not row["content"] and row["size"]:  # emptied, as forgetting does
            self._emptied.setdefault(entry.subject, entry)
        elif hashlib.sha256(row["content"]).hexdigest() != named.digest:
            return "its file does not give its digest"
        return None

    def end(self) -> Fault | None:
        faults = [
            fault
            for subject, fault in self._values.gone()
            if not self._values.is_forgotten(subject, self._customer(subject))
        ]
        faults += [
            _fault(entry, "its file is empty and nobody was forgotten")
            for subject, entry in self._emptied.items()
            if not self._values.has_forgotten(self._customer(subject), entry.pos)
        ]
        if not faults and self._tx.value(Q.snapshots_count) != self.snapshots:
            where = ORDER + self._unnamed()
            faults.append(Fault(None, where, 0, "there are snapshots that no entry names"))
        return min(faults, key=lambda one: one.pos or 0, default=None)

    def _unnamed(self) -> str:
        """The first order with a snapshot that none of its entries names."""
        for row in self._tx.all(Q.snapshots_all):
            order_no = str(row["order_no"])
            marks = Counter(one.hash for one in snapshots.whole(self._tx, order_no))
            if any(not mark or self._named(order_no, mark) < count for mark, count in marks.items()):
                return order_no
        return ""

    def _customer(self, subject: str) -> str | None:
        if subject.startswith(CUSTOMER):
            return subject.removeprefix(CUSTOMER)
        found: str | None = self._tx.value(Q.customer_of, order_no=subject.removeprefix(ORDER))
        return found


def _is_true(taken: snapshots.Taken) -> bool:
    return taken.text is not None and msgspec.json.decode(taken.text, type=_State).state == taken.state


def _fault(entry: Entry, what: str) -> Fault:
    return Fault(entry.pos, entry.subject, entry.seq, what)
