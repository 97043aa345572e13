"""The journal as one self-contained file, to be checked where the server is not.

JSON, one value a line: the header (format, public key, counts), the checkpoints, each chain's head, the
entries by position, and an end mark, so that a cut file is noticed. No personal value is in it: entries hold
references. Who checks it needs SHA-256 and the public key (in the file; better, from elsewhere).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from api.db.durable import written
from api.db.tx import Tx
from api.journal import checkpoint as point
from api.journal import guard
from api.journal.chain import Entry, Fault
from api.journal.service import Q

FORMAT = "huodaona journal v1"


class Header(msgspec.Struct, frozen=True):
    format: str
    key: str
    entries: int
    chains: int
    checkpoints: int


class Head(msgspec.Struct, frozen=True):
    chain: str
    length: int
    head: str


class Line(msgspec.Struct, frozen=True):
    pos: int
    subject: str
    seq: int
    at: int
    kind: str
    actor: str
    body: str
    prev: str
    hash: str


class End(msgspec.Struct, frozen=True):
    end: int


class _Unreadable(ValueError):
    def __init__(self, line: int, what: str) -> None:
        self.line, self.what = line, what


def write(tx: Tx, checkpoints_folder: Path, file: Path) -> int:
    """Write the whole journal; returns how many entries."""
    texts = guard.stored_checkpoints(tx, checkpoints_folder)
    size: int = tx.value(Q.entries_count)
    encode = msgspec.json.Encoder().encode
    with written(file) as out, tx.as_it_lies():

        def put(value: Any) -> None:
            out.write(encode(value) + b"\n")

        heads = guard.stored_heads(tx)
        put(Header(FORMAT, _key_of(texts), size, len(heads), len(texts)))
        for text in texts:
            put(text)
        for subject, (length, head) in heads.items():
            put(Head(_text(subject), length, _hex(head)))
        for e in guard.entries(tx):
            said = (_text(e.subject), e.seq, e.at, _text(e.kind), _text(e.actor), _text(e.body))
            put(Line(e.pos, *said, _hex(e.prev), _hex(e.hash)))
        put(End(size))
    return size


def _text(value: Any) -> str:
    """A text that somebody has broken is written as well as it goes: whoever checks it meets a wrong hash."""
    return str(value).encode("utf-8", "replace").decode()


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else ""


def _key_of(texts: list[str]) -> str:
    for text in texts:
        try:
            return point.read(text).key.hex()
        except ValueError:
            continue
    return ""


def check(file: Path, key: bytes | None = None) -> tuple[int, int, Fault | None]:
    """(entries read, checkpoints that agree, the first fault or None), without server or database.

    `key`: the public key that the reader trusts; else the one in FILE.key beside it (hex), else the header's.
    """
    beside = file.with_name(file.name + ".key")
    try:
        if key is None and beside.is_file():
            key = bytes.fromhex(beside.read_text("utf-8").strip())
        with file.open("rb") as lines:
            return _check(_Lines(lines), key)
    except _Unreadable as error:
        return 0, 0, Fault(None, "bundle", error.line, error.what)
    except (ValueError, OSError) as error:
        return 0, 0, Fault(None, "bundle", 0, str(error))


class _Lines:
    """Values off a file, each with its line's number for the one that cannot be read."""

    def __init__(self, lines: Any) -> None:
        self._lines, self.no = lines, 0

    def take(self, kind: Any) -> Any:
        self.no += 1
        raw = self._lines.readline()
        if not raw.endswith(b"\n"):
            raise _Unreadable(self.no, "the file is cut off")
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _Unreadable(self.no, str(error)) from None

    def bare(self, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise _Unreadable(self.no, "a hash is no hex") from None


def _check(lines: _Lines, key: bytes | None) -> tuple[int, int, Fault | None]:
    header: Header = lines.take(Header)
    if header.format != FORMAT:
        raise _Unreadable(1, f"not a {FORMAT}")
    key = key or lines.bare(header.key) or None
    texts: list[str] = [lines.take(str) for _ in range(header.checkpoints)]
    heads: guard.Heads = {}
    for _ in range(header.chains):
        head: Head = lines.take(Head)
        heads[head.chain] = (head.length, lines.bare(head.head))

    def entries() -> Iterator[Entry]:
        for _ in range(header.entries):
            e: Line = lines.take(Line)
            yield Entry(
                e.pos, e.subject, e.seq, e.at, e.kind, e.actor, e.body, lines.bare(e.prev), lines.bare(e.hash)
            )
        if lines.take(End).end != header.entries:
            raise _Unreadable(lines.no, "the end counts other entries than the header")

    return guard.check_all(entries(), heads, texts, key)
