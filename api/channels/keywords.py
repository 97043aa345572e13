"""Words that raise a tag and a priority the moment an order comes in, per channel: ASAP, 加急.

Case and width do not count. A Latin word needs a boundary ("asap" is not in "asapx"); a word with a negation
directly before it does not count (不加急, not urgent). What needs more than that is a rule, not a keyword.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Priority = Literal["low", "normal", "high", "urgent"]
LONGEST = 4_000
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


Word = Annotated[str, Meta(min_length=1, max_length=40)]


class Keyword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`words` of which any one is enough."""

    words: Annotated[list[Word], Meta(min_length=1, max_length=100)]
    tag: Word
    priority: Priority | None = None


class KeywordTag(msgspec.Struct, frozen=True):
    tag: str
    why: str


class Hits(msgspec.Struct, frozen=True):
    """Each tag once, with the word that raised it as it is written in the text; the highest priority, if
    any."""

    tags: tuple[KeywordTag, ...]
    priority: Priority | None


# One of these may stand between the negation and the word: 不着急, 不打木架.
_BETWEEN = r"(?:加|着|紧|特|打|要|是|很|太|那么|很着)?\s*$"
_NEGATED = re.compile(
    r"(?:不|别|勿|毋|莫|非|未|没|没有|无需|无须|不用|不要|不必|不需要|不需|不是|不算|不特别|不是特别)"
    + _BETWEEN
)
# Words that end in a negating character and negate nothing.
_AFFIRMED = re.compile(
    r"(?:(?<!不)(?<!不是)特别|分别|级别|类别|性别|识别|个别|不得不|莫不|无不|要不|除非|是不是|是非)"
    + _BETWEEN
)
_NOT = re.compile(r"(?:\b(?:no|not|non|never|without)|n['’]t)(?:[\s-]+(?:so|that|very|really|too))?[\s-]*$")


def _folded(text: str) -> tuple[str, list[int]]:
    """Half-width, case-folded text and, per character, where it stood in the original."""
    out: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text):
        piece = unicodedata.normalize("NFKC", char).casefold()
        out.append(piece)
        origin += [i] * len(piece)
    return "".join(out), origin


def _joins(a: str, b: str) -> bool:
    """Both belong to one word of a script that parts words by blanks (everything before the CJK blocks)."""
    return all((c.isalnum() or c == "_") and c < "\u2e80" for c in (a, b))


def _is_free(text: str, start: int, end: int) -> bool:
    if start and _joins(text[start - 1], text[start]):
        return False
    return not (end < len(text) and _joins(text[end - 1], text[end]))


def _is_negated(before: str) -> bool:
    if _NOT.search(before):
        return True
    return bool(_NEGATED.search(before)) and not _AFFIRMED.search(before)


def _found(words: list[str], text: str) -> str | None:
    """The first word that counts, as the text writes it. Longer words speak first: where 加急 stands negated,
    the 急 inside it does not count."""
    hay, origin = _folded(text[:LONGEST])
    silent: list[tuple[int, int]] = []
    for needle in sorted({_folded(word.strip())[0] for word in words} - {""}, key=lambda n: (-len(n), n)):
        at = hay.find(needle)
        while at >= 0:
            end = at + len(needle)
            if _is_negated(hay[max(0, at - 24) : at]):
                silent.append((at, end))
            elif _is_free(hay, at, end) and not any(a <= at and end <= b for a, b in silent):
                return text[origin[at] : origin[end - 1] + 1]
            at = hay.find(needle, at + 1)
    return None


def keyword_hits(keywords: Sequence[Keyword], texts: Sequence[str]) -> Hits:
    """Tags and priority that these texts (note and options) raise, in the keywords' order."""
    tags: dict[str, KeywordTag] = {}
    best = -1
    for keyword in keywords:
        hit = next((h for text in texts if (h := _found(keyword.words, text))), None)
        if hit is None:
            continue
        tags.setdefault(keyword.tag, KeywordTag(keyword.tag, hit))
        best = max(best, PRIORITIES.index(keyword.priority) if keyword.priority else -1)
    return Hits(tuple(tags.values()), PRIORITIES[best] if best >= 0 else None)
