"""Tags, and what was found in a text. Plain values; nothing here reads or decides."""

from typing import Literal

import msgspec

Source = Literal["rule", "option", "person", "keyword"]
Priority = Literal["normal", "urgent"]


class Tag(msgspec.Struct, frozen=True, array_like=True):
    """A tag on an order: where it came from, and the words (or the person) that are the reason. Stored as a list."""

    tag: str
    source: Source
    why: str


class Hit(msgspec.Struct, frozen=True):
    """A tag read in a text; `span` = [first, past the last) character of the text as it was written, and
    `why` is exactly that piece of it."""

    tag: str
    why: str
    span: tuple[int, int]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes one tag. All patterns are RE2, tried on text in half-width, lower-case, simplified form.

    `patterns`: words that ask for it. They are the thing asked for, without the refusal: "no", "don't",
    "last time" around them are judged by the reader, the same way for every rule. Only where the refusal is the
    very thing asked for (不附价格, 防止受潮) does a pattern contain it, and `has_refusal` says so.
    `unless`: look-alikes; a find that overlaps one does not count.
    `checklist`: what must be ticked before packing. `priority`: what the order becomes.
    `group`: things of which a later "换", "改" puts one in another's place.
    """

    tag: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    checklist: str | None = None
    priority: Priority | None = None
    has_refusal: bool = False
    group: str = ""


class Promise(msgspec.Struct, frozen=True):
    """A customer's word to pay: `due` (YYYY-MM-DD) is the last day that keeps it."""

    due: str
    span: tuple[int, int]
