"""Words that raise a tag and a priority the moment an order comes in, per channel: ASAP, 加急.

Case and width do not count. A Latin word needs a boundary ("asap" is not in "asapx"); a word with a negation
directly before it does not count (不加急, not urgent). What needs more than that is a rule, not a keyword.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

import msgspec

Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


class Keyword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`words` of which any one is enough."""

    words: list[str]
    tag: str
    priority: Priority | None = None


class KeywordTag(msgspec.Struct, frozen=True):
    tag: str
    why: str


class Hits(msgspec.Struct, frozen=True):
    """Each tag once, with the word that raised it as it is written in the text; the highest priority, if
    any."""

    tags: tuple[KeywordTag, ...]
    priority: Priority | None


_NEGATED = re.compile(
    r"(?:不|别|勿|毋|莫|非|未|没|没有|无需|无须|不用|不要|不必|不需要|不需|不是|不算|不太|不着|不是很|不是特别)\s*$"
)
# Words that end in a negating character and negate nothing.
_AFFIRMED = re.compile(r"(?:特别|分别|级别|类别|性别|识别|个别|不得不|莫不|无不|要不|除非|是不是|是非)\s*$")
_NOT = re.compile(r"(?:\b(?:no|not|non|never|without)|n't)(?:[\s-]+(?:so|that|very|really|too))?[\s-]*$")


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
    before = before[-24:]
    if _NOT.search(before):
        return True
    return bool(_NEGATED.search(before)) and not _AFFIRMED.search(before)


def _found(word: str, text: str) -> str | None:
    """The word as the text writes it, at its first standing that counts."""
    needle = _folded(word.strip())[0]
    hay, origin = _folded(text[:10_000])
    at = hay.find(needle) if needle else -1
    while at >= 0:
        end = at + len(needle)
        if _is_free(hay, at, end) and not _is_negated(hay[:at]):
            return text[origin[at] : origin[end - 1] + 1]
        at = hay.find(needle, at + 1)
    return None


def keyword_hits(keywords: Sequence[Keyword], texts: Sequence[str]) -> Hits:
    """Tags and priority that these texts (note and options) raise, in the keywords' order."""
    tags: dict[str, KeywordTag] = {}
    best = -1
    for keyword in keywords:
        hit = next((h for word in keyword.words for text in texts if (h := _found(word, text))), None)
        if hit is None:
            continue
        tags.setdefault(keyword.tag, KeywordTag(keyword.tag, hit))
        best = max(best, PRIORITIES.index(keyword.priority) if keyword.priority else -1)
    return Hits(tuple(tags.values()), PRIORITIES[best] if best >= 0 else None)
