"""A change of a mapping, tried on messages that came: what each became by the mapping as it is, and what it would become.

Pure: two mappings and payloads go in, differences field by field come out. Nothing is applied, nothing stored.
"""

from datetime import tzinfo
from typing import Any

import msgspec

from api.channels.keywords import Keyword, keyword_hits
from api.channels.mapping import Mapped, Mapping, apply

OUTCOMES = ("order", "dead", "ignored")


class Side(msgspec.Struct, frozen=True):
    """One of the two: a mapping (None: the channel has none yet) and its keywords."""

    mapping: Mapping | None
    keywords: list[Keyword]


class Change(msgspec.Struct, frozen=True):
    """One field of the draft, `lines[0].qty`; None where a side has none, a reason where it cannot be read."""

    field: str
    was: Any
    would: Any


class Difference(msgspec.Struct, frozen=True):
    was: str
    would: str
    changes: tuple[Change, ...]


def differ(live: Side, wanted: Side, payload: Any, tz: tzinfo, at: int) -> Difference | None:
    """None where nothing would differ."""
    was, before = _told(live, payload, tz, at)
    would, after = _told(wanted, payload, tz, at)
    changes = tuple(
        Change(name, before.get(name), after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    )
    return None if was == would and not changes else Difference(was, would, changes)


def _told(side: Side, payload: Any, tz: tzinfo, at: int) -> tuple[str, dict[str, Any]]:
    """The outcome, and every field of the draft beside what stops it."""
    if side.mapping is None:
        return "dead", {}
    mapped = apply(side.mapping, payload, tz=tz, received_at=at)
    if mapped.event is None:
        return "ignored", {}
    fields: dict[str, Any] = {"event": mapped.event}
    _flatten(mapped.draft, "", fields)
    fields |= {p.path: p.why for p in mapped.problems if p.blocks}
    hits = keyword_hits(side.keywords, mapped.texts)
    if hits.tags:
        fields["tags"] = [tag.tag for tag in hits.tags]
    if hits.priority is not None:
        fields["priority"] = hits.priority
    return _outcome(mapped), fields


def _outcome(mapped: Mapped) -> str:
    return "order" if mapped.is_ok else "dead"


def _flatten(value: Any, path: str, into: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}" if path else name, into)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for i, inner in enumerate(value):
            _flatten(inner, f"{path}[{i}]", into)
    else:
        into[path] = value
