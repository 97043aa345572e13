"""One reader of the board's changes: what it is still to be told, at most one row an order.

A reader that keeps up gets each round's bytes as they were made for everybody of its sight. One that does not gets,
when it comes back, the newest row of every order that changed meanwhile. Beyond `MOST` orders it is told to begin
anew: its memory is bounded whatever it does.
"""

import asyncio

import msgspec

from api.board.model import EVENTS, Cursor, Row, Sight

MOST = 2_000
AT_ONCE = 250
_json = msgspec.json.Encoder().encode


def block(name: str, data: object, at: Cursor | None = None) -> bytes:
    """One event as it goes over the wire; with `at`, a reader that comes back goes on from there."""
    if name not in EVENTS:
        raise KeyError(name)
    mark = b"" if at is None else b"id: %s\n" % at.text.encode()
    return b"event: %s\n%sdata: %s\n\n" % (name.encode(), mark, _json(data))


class Change:
    """A row that changed, encoded once for each sight. `was`: the warehouse it stood in before."""

    __slots__ = ("_texts", "at", "row", "tz", "was")

    def __init__(self, row: Row, at: Cursor, tz: str, was: str = "") -> None:
        self.row, self.at, self.tz, self.was = row, at, tz, was
        self._texts: dict[Sight | None, bytes] = {}

    def text(self, sight: Sight, warehouse: str) -> bytes:
        """The row; for who looks at another warehouse only that it is elsewhere."""
        key = sight if warehouse in ("", self.row.warehouse) else None
        found = self._texts.get(key)
        if found is None:
            if key is None:
                where = {"order_no": self.row.order_no, "warehouse": self.row.warehouse}
                found = block("elsewhere", where, self.at)
            else:
                found = block("order", self.row.shown(sight, self.tz), self.at)
            self._texts[key] = found
        return found

    def concerns(self, warehouse: str) -> bool:
        return warehouse in ("", self.row.warehouse, self.was)


class Client:
    """`next()` is awaited by the reader's own task, everything else is called by the feed, on one loop."""

    def __init__(self, sight: Sight, warehouse: str, mark: bytes) -> None:
        self.sight, self.warehouse, self.mark = sight, warehouse, mark
        self.since: Cursor | None = None
        self._rows: dict[str, Change] = {}
        self._blocks: dict[str, bytes] = {}
        self._waiter: asyncio.Future[bytes] | None = None
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many rows it has not been given yet."""
        return len(self._rows)

    @property
    def _is_idle(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def tell(self, changes: list[Change], together: bytes) -> None:
        """`together`: the bytes of those changes that concern the reader."""
        since = self.since
        is_past_start = since is not None and changes[0].at.pos > since.pos
        if is_past_start and self._give(together):
            return
        for one in changes:
            # What the reader began with holds this already.
            if since is not None and one.at.pos <= since.pos and one.at.until <= since.until:
                continue
            if one.concerns(self.warehouse):
                self._rows.pop(one.row.order_no, None)
                self._rows[one.row.order_no] = one
        if len(self._rows) > MOST:
            self.restart("behind", changes[-1].at)
        self._wake()

    def begin(self, changes: list[Change], since: Cursor) -> None:
        """What the reader missed goes before what came while that was looked up."""
        newer = {
            order_no: one
            for order_no, one in self._rows.items()
            if one.at.pos > since.pos or one.at.until > since.until
        }
        self._rows = {one.row.order_no: one for one in changes if one.row.order_no not in newer} | newer
        self.since = since

    def say(self, name: str, text: bytes) -> None:
        """Beside the rows; of each name only the newest matters."""
        if not self._give(text):
            self._blocks[name] = text
            self._wake()

    def beat(self, text: bytes) -> None:
        """Only for who waits: anybody else has something on the way."""
        self._give(text)

    def restart(self, why: str, at: Cursor) -> None:
        """The reader is to read the board anew; nothing that it has not been given matters any more."""
        self._rows.clear()
        greeting = {name: text for name, text in self._blocks.items() if name == "ready"}
        self._blocks = {**greeting, "reset": block("reset", {"why": why}, at)}
        self._wake()

    def close(self, last: bytes = b"") -> None:
        self._is_closed = True
        self._rows.clear()
        self._blocks = {"last": last} if last else {}
        self._wake()

    def _give(self, text: bytes) -> bool:
        """Straight to a reader that waits and has nothing left."""
        if not self._is_idle or self._rows or self._blocks or self._is_closed:
            return False
        if text and self._waiter is not None:
            self._waiter.set_result(text)
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(b"")

    async def next(self) -> bytes:
        """What to write now; empty: it is over."""
        while True:
            if self._rows or self._blocks:
                return self._taken()
            if self._is_closed:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                text = await self._waiter
            finally:
                self._waiter = None
            if text:
                return text

    def _taken(self) -> bytes:
        """First that it is ready or has to begin anew, then rows in the order of their ids, then the rest."""
        parts = [self._blocks.pop(name, b"") for name in ("ready", "reset")]
        now = [self._rows.pop(order_no) for order_no in list(self._rows)[:AT_ONCE]]
        parts += [one.text(self.sight, self.warehouse) for one in now]
        if not self._rows:
            parts += self._blocks.values()
            self._blocks.clear()
        return b"".join(parts)
