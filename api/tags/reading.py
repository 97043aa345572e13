"""What a remark asks for. Rules find the things named; this room decides, for every rule the same way, whether a
thing is asked for, refused, or only told of.

A refusal takes the thing that follows it ("不要发顺丰"), or, when nothing follows, the one before ("泡沫不用加了"),
and those joined to it ("合格证和检验报告都不用附"). Refused twice is asked for ("没有合格证不收"). A clause that
tells what was ("上次没带检验报告") asks for nothing, unless the next clause asks for it again ("这次一定附上").
Text that no rule knows makes no tag: silence is better than a wrong tag on a picker's screen.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from api.tags.clauses import (
    AGAIN,
    DOES,
    DROPS,
    ELSE,
    LACKED,
    MANNER,
    MAX_READ,
    NEGATION,
    SMALL,
    SMALL_END,
    TOLD,
    Clause,
    Page,
    lined,
    page,
    plain,
)
from api.tags.days import days_asked, is_dated
from api.tags.model import Hit, Rule, Tag
from api.tags.rules import BY_TAG, RULES

MAX_OPTION_TAG = 12
_JOINED = "、/和跟与及或,+& "


class _Mention(NamedTuple):
    tag: str
    start: int
    end: int


class _Compiled:
    """Rules made ready: one RE2 set says in one pass which patterns are worth trying."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        options = re2.Options()
        options.log_errors = False
        self.rules = rules
        self.owner: list[int] = []
        self.patterns: list[tuple[Any, bool]] = []
        self.unless: list[list[Any]] = [
            [re2.compile(f"(?m){p}", options) for p in rule.unless] for rule in rules
        ]
        self.set = re2.Set.SearchSet(options)
        for n, rule in enumerate(rules):
            for pattern in rule.patterns:
                compiled = re2.compile(f"(?m){pattern}", options)
                self.set.Add(f"(?m){pattern}")
                self.owner.append(n)
                self.patterns.append((compiled, compiled.groups > 0))
        self.set.Compile()

    def mentions(self, text: str) -> list[_Mention]:
        found: list[_Mention] = []
        unless: dict[int, list[tuple[int, int]]] = {}
        for i in self.set.Match(text) or ():
            n = self.owner[i]
            if n not in unless:
                unless[n] = [m.span() for p in self.unless[n] for m in p.finditer(text)]
            pattern, grouped = self.patterns[i]
            for m in pattern.finditer(text):
                a, b = m.span(1) if grouped and m.span(1)[0] >= 0 else m.span()
                if b > a and not any(s < b and a < e for s, e in unless[n]):
                    found.append(_Mention(self.rules[n].tag, a, b))
        return _apart(found)


def _apart(found: list[_Mention]) -> list[_Mention]:
    """In reading order; of one tag's overlapping finds the longest reach is kept as one."""
    kept: list[_Mention] = []
    for one in sorted(found, key=lambda m: (m.start, m.end)):
        last = next((k for k in reversed(kept) if k.tag == one.tag), None)
        if last is not None and one.start < last.end:
            kept[kept.index(last)] = last._replace(end=max(last.end, one.end))
        else:
            kept.append(one)
    return kept


_STARTER = _Compiled(RULES)


@lru_cache(maxsize=4096)
def read_remark(text: str) -> tuple[Hit, ...]:
    """The tags that a remark asks for, in reading order, each once. Empty for text that asks for nothing."""
    if not text or text.isspace():
        return ()
    text = text[:MAX_READ]
    whole = lined(text)
    mentions = _STARTER.mentions(whole)
    dated = is_dated(whole)
    if not mentions and not dated:
        return ()
    ready = page(text)
    asked = _asked(ready, mentions)
    if dated:
        asked += [_Mention(*one) for one in days_asked(ready)]
    hits: dict[str, Hit] = {}
    for one in sorted(asked, key=lambda m: (m.start, m.end)):
        start = one.start
        for polite in ("麻烦", "烦请", "请"):
            if text.startswith(polite, start - len(polite)) and start >= len(polite):
                start -= len(polite)
        hits.setdefault(one.tag, Hit(one.tag, text[start : one.end], (start, one.end)))
    return tuple(hits.values())


def _asked(ready: Page, mentions: list[_Mention]) -> list[_Mention]:
    asked: list[_Mention] = []
    lacking: list[_Mention] = []
    topic: list[_Mention] = []  # what the clause before named and said nothing more about
    for clause in ready.clauses:
        here = [m for m in mentions if clause.start <= m.start < clause.end]
        if not here:
            if topic and DROPS.match(clause.text):
                asked = [m for m in asked if m not in topic]
            if (
                lacking
                and AGAIN.match(clause.text)
                and DOES.search(clause.text)
                and not ELSE.search(clause.text)
            ):
                asked += lacking
                lacking = []
            topic = []
            continue
        topic = here if here[0].start == clause.start and here[-1].end == clause.end else []
        if clause.text[0] in "改换":  # 专票改普票; 德邦不送上门，换顺丰
            groups = {_group(m) for m in here} - {""}
            asked = [m for m in asked if _group(m) not in groups]
        turned = _turned(clause, here)
        if TOLD.search(clause.text):
            lacking = here if LACKED.search(clause.text) else []
            continue
        asked += [m for m, times in zip(here, turned, strict=True) if times % 2 == 0]
    return asked


def _group(mention: _Mention) -> str:
    rule = BY_TAG.get(mention.tag)
    return rule.group if rule is not None else ""


def _turned(clause: Clause, here: list[_Mention]) -> list[int]:
    """How many refusals each mention of the clause stands under."""
    times = [0] * len(here)
    spans = [(m.start - clause.start, m.end - clause.start) for m in here]
    text = clause.text
    for no in NEGATION.finditer(text):
        within = [n for n, (a, b) in enumerate(spans) if a <= no.start() and no.end() <= b]
        if within:  # 送货前不用打电话 is refused; in 不附价格 the refusal is the thing itself
            rules = [BY_TAG.get(here[n].tag) for n in within]
            if all(rule is not None and not rule.has_refusal for rule in rules):
                times[within[0]] += 1
            continue
        first = next((n for n, (a, _) in enumerate(spans) if a >= no.end()), None)
        last = next((n for n in reversed(range(len(spans))) if spans[n][1] <= no.start()), None)
        if no[0] in ("以外", "之外") and last is not None and times[last]:
            continue  # 除…以外 is one refusal
        if first is not None and SMALL.fullmatch(text, no.end(), spans[first][0]):
            step, n = 1, first
        elif last is not None and _ends(text, no.end(), spans, last):
            step, n = -1, last
        else:
            continue
        while True:
            times[n] += 1
            if not 0 <= n + step < len(spans) or not _is_joined(text, *sorted((spans[n], spans[n + step]))):
                break
            n += step
    return times


def _ends(text: str, at: int, spans: list[tuple[int, int]], last: int) -> bool:
    """Nothing but small words after the refusal, and it stands near the thing before it."""
    if MANNER.match(text, at):
        return False
    return SMALL_END.fullmatch(text, at) is not None and at - spans[last][1] <= 12


def _is_joined(text: str, a: tuple[int, int], b: tuple[int, int]) -> bool:
    return b[0] <= a[1] or all(c in _JOINED for c in text[a[1] : b[0]])


def from_options(options: Iterable[str]) -> tuple[Tag, ...]:
    """A ticked option always makes a tag: those that the rules read in it, else its own text, trimmed."""
    tags: list[Tag] = []
    for option in options:
        words = option.strip()
        if not words:
            continue
        read = read_remark(words)
        names = [hit.tag for hit in read] or [own_tag(words)]
        tags += [Tag(name, "option", option) for name in names]
    return _unique(tags)


def own_tag(words: str) -> str:
    """An unknown option's text as a tag: one line, at most 12 characters."""
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= MAX_OPTION_TAG else one_line[: MAX_OPTION_TAG - 1] + "…"


class Keyword(NamedTuple):
    """A channel's own word that was met in a text, and the tag it stands for."""

    tag: str
    word: str


def keywords_in(text: str, table: Iterable[tuple[Iterable[str], str]]) -> tuple[Keyword, ...]:
    """`table` = a channel's `(words, tag)`. A word is met regardless of case, width and script form, and
    refused as a rule's words are ("不用加急")."""
    whole = lined(text)
    found: list[_Mention] = []
    met: dict[str, Keyword] = {}
    for n, (words, tag) in enumerate(table):
        for word in words:
            wanted = plain(word.strip())
            if wanted and (at := whole.find(wanted)) >= 0:
                key = f"{n}:{word}"
                met[key] = Keyword(tag, word)
                while at >= 0:
                    found.append(_Mention(key, at, at + len(wanted)))
                    at = whole.find(wanted, at + len(wanted))
    if not found:
        return ()
    asked = {m.tag for m in _asked(page(text), sorted(found, key=lambda m: m.start))}
    first: dict[str, Keyword] = {}
    for key, keyword in met.items():
        if key in asked:
            first.setdefault(keyword.tag, keyword)
    return tuple(first.values())


def tags_of(note: str, options: Iterable[str], keywords: Iterable[Keyword] = ()) -> tuple[Tag, ...]:
    """All of an order's tags, each once: the remark's, then the ticked options', then the channel's keywords."""
    read = [Tag(hit.tag, "rule", hit.why) for hit in read_remark(note)]
    met = [Tag(one.tag, "keyword", one.word) for one in keywords]
    return _unique([*read, *from_options(options), *met])


def _unique(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    first: dict[str, Tag] = {}
    for tag in tags:
        first.setdefault(tag.tag, tag)
    return tuple(first.values())


def checklist_of(tags: Iterable[Tag]) -> tuple[str, ...]:
    """What must be ticked before packing because of these tags."""
    rules = (BY_TAG.get(tag.tag) for tag in tags)
    return tuple(dict.fromkeys(rule.checklist for rule in rules if rule is not None and rule.checklist))


def is_urgent(tags: Iterable[Tag]) -> bool:
    rules = (BY_TAG.get(tag.tag) for tag in tags)
    return any(rule is not None and rule.priority == "urgent" for rule in rules)
