"""The journal as one self-contained file, to be checked where the server is not.

JSON, one value a line: the header (format, public key, counts), the checkpoints, the entries by position, each with
its chain's length by the chain's head, and an end mark, so that a cut file is noticed. No personal value is in it:
entries hold references. Who checks it needs SHA-256 and the public key (in the file; better, from elsewhere).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from api.db.durable import written
from api.db.tx import Tx
from api.journal import checkpoint as point
from api.journal import guard
from api.journal.chain import START, Entry, Fault
from api.journal.guard import Headed, Lost, Reading, Told
from api.journal.service import Q

FORMAT = "huodaona journal v2"


class Header(msgspec.Struct, frozen=True):
    format: str
    key: str
    entries: int
    checkpoints: int


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """`length`: of its chain, by the chain's head; `head` stands at the chain's last entry alone."""

    pos: int
    subject: str
    seq: int
    at: int
    kind: str
    actor: str
    body: str
    prev: str
    hash: str
    length: int | None = None
    head: str = ""


class End(msgspec.Struct, frozen=True):
    """`lost`: heads whose last entry is not there."""

    end: int
    lost: list[Lost]


_header, _text_line, _line, _end = (msgspec.json.Decoder(kind) for kind in (Header, str, Line, End))


class _Unreadable(ValueError):
    def __init__(self, line: int, what: str) -> None:
        self.line, self.what = line, what


def write(tx: Tx, checkpoints_folder: Path, file: Path) -> int:
    """Write the whole journal; returns how many entries."""
    texts = guard.stored_checkpoints(tx, checkpoints_folder).texts
    size: int = tx.value(Q.entries_count)
    encode = msgspec.json.Encoder().encode
    with written(file) as out, tx.as_it_lies():

        def put(value: Any) -> None:
            out.write(encode(value) + b"\n")

        put(Header(FORMAT, key_of(texts), size, len(texts)))
        for text in texts:
            put(text)
        before: dict[str, bytes] = {}
        for e, length, head in guard.headed(tx):
            said = (_text(e.subject), e.seq, e.at, _text(e.kind), _text(e.actor), _text(e.body))
            prev, is_last = before.pop(e.subject, START), e.seq == length
            put(Line(e.pos, *said, _hex(prev), _hex(e.hash), length, _hex(head) if is_last else ""))
            if not is_last:
                before[e.subject] = e.hash
        put(End(size, guard.lost_heads(tx)))
    return size


def _text(value: Any) -> str:
    """A text that somebody has broken is written as well as it goes: whoever checks it meets a wrong hash."""
    return str(value).encode("utf-8", "replace").decode()


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else ""


def key_of(texts: Iterable[str]) -> str:
    """The public key that the first readable checkpoint names, as hex."""
    for text in texts:
        try:
            return point.read(text).key.hex()
        except ValueError:
            continue
    return ""


def check(file: Path, key: bytes | None = None) -> Told:
    return reading(file, key).told


def reading(file: Path, key: bytes | None = None, held: Iterable[str] = ()) -> Reading:
    """Without server or database. `key`: the public key that the reader trusts; else the one in FILE.key beside it
    (hex), else the header's. `held`: checkpoints that the reader has from elsewhere."""
    beside = file.with_name(file.name + ".key")
    try:
        if key is None and beside.is_file():
            key = point.public_key(beside.read_text("utf-8"))
        with file.open("rb") as lines:
            return _read(_Lines(lines), key, held)
    except _Unreadable as error:
        return _unread(error.line, error.what)
    except (ValueError, OSError) as error:
        return _unread(0, str(error))


def _unread(line: int, what: str) -> Reading:
    found = Reading([], None)
    found.fault = Fault(None, "bundle", line, what)
    return found


class _Lines:
    """Values off a file, each with its line's number for the one that cannot be read."""

    def __init__(self, lines: Any) -> None:
        self._lines, self.no = lines, 0

    def take(self, decoder: msgspec.json.Decoder[Any]) -> Any:
        self.no += 1
        raw = self._lines.readline()
        if not raw.endswith(b"\n"):
            raise _Unreadable(self.no, "the file is cut off")
        try:
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _Unreadable(self.no, str(error)) from None

    def must_end(self) -> None:
        if self._lines.read(1):
            raise _Unreadable(self.no + 1, "more follows after the end")

    def bare(self, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise _Unreadable(self.no, "a hash is no hex") from None


def _read(lines: _Lines, key: bytes | None, held: Iterable[str]) -> Reading:
    header: Header = lines.take(_header)
    if header.format != FORMAT:
        raise _Unreadable(1, f"not a {FORMAT}")
    trusted, key = key, key or lines.bare(header.key) or None
    found = Reading([lines.take(_text_line) for _ in range(header.checkpoints)], key, held=held)
    lost: list[Lost] = []

    def entries() -> Iterator[Headed]:
        for _ in range(header.entries):
            e: Line = lines.take(_line)
            said = (e.pos, e.subject, e.seq, e.at, e.kind, e.actor, e.body)
            yield Headed(Entry(*said, lines.bare(e.hash), lines.bare(e.prev)), e.length, lines.bare(e.head))
        end: End = lines.take(_end)
        if end.end != header.entries:
            raise _Unreadable(lines.no, "the end counts other entries than the header")
        lines.must_end()
        lost.extend(end.lost)

    found.take(entries())
    found.end(lost)
    if found.fault is None and trusted is not None and header.entries and not found.agreed:
        found.fault = Fault(
            None, "bundle", 1, "nothing in it is signed with the key that you trust: no checkpoint"
        )
    return found
