"""Days of the week and times of day in a remark: which to avoid, which to keep to, which are only mentioned.

A day alone says nothing; its predicate does ("周一除外" avoids, "只周二收" keeps to, "周一也行" permits, "周一的订单"
mentions). A predicate stands before or after its days, belongs to one group of them, and may follow in the next
clause. What is permitted or mentioned makes no tag. A refused time of day makes none either: it does not say which
time is wanted.
"""

import re
from typing import Literal, NamedTuple

from api.tags.clauses import Clause, Page
from api.tags.rules import WEEKDAYS

Sense = Literal["avoid", "keep", "free", "none"]

_NUMBER = {**{c: n for n, c in enumerate("一二三四五六日", 1)}, "天": 7, **{str(n): n for n in range(1, 8)}}
_UNIT = r"(?:周|星期|礼拜)"
_D = r"[一二三四五六日天1-7]"
_NOT_A_DAY = r"(?![个点号月次楼件箱直般时些样批小车人中半共并套台条口:.\d年块元支只])"
_DAYS = re.compile(
    rf"(?<![上两二三四五几半\d])(?<!(?<!统)一)(?:下|本|这|每逢|每|逢)?个?{_UNIT}{_D}(?!次|人)"
    rf"(?:\s?(?:到|至|-|~|—)\s?{_UNIT}?{_D}{_NOT_A_DAY}"
    rf"|\s?(?:[、/,和跟与及或]|或者|以及|还有)?\s?{_UNIT}{_D}(?!次|人)|\n{_UNIT}{_D}"
    rf"|[、/和及或,]?{_D}{_NOT_A_DAY})*"
    r"|(?:每个?|大|逢)?(?:周末|双休日?|(?<![是的])休息日|星期六日|礼拜六日)|工作日|平日"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?\b(?:(?: ?[-,/&] ?| and | or | to )"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?\b)*|\bweekends?\b|\bweekdays?\b",
    re.ASCII,
)
_ENGLISH = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}
_HOUR = r"(?:点半?钟?|:\d\d|时)"
_PARTS = re.compile(
    rf"(?P<am>(?:(?:上午|早上|中午|午)?(?:1[0-2]|[89]|八|九|十二?|十一){_HOUR}|中午|正午|午)(?:之|以)?前"
    r"|上午|早上|早晨|清早|大早上?|一早|早间|\bmornings?\b|before noon)"
    rf"|(?P<pm>(?:(?:下午|午后)(?:[1-6]|一|两|二|三|四|五|六){_HOUR}|(?<!\d)(?:1[2-7]|[1-5]){_HOUR}"
    rf"|(?:十二|一|两|二|三|四|五){_HOUR}|中午|正午|午饭|午)(?:之|以)?后|下午|傍晚|午后|\bafternoons?\b|after noon)",
    re.ASCII,
)

_SEND = r"(?:派送|配送|送货|送达|送|派件|派|发货|发|收货|收|来|到货|到|卸货|投递|上门|安排|放|赶|deliver(?:y|ies)?)"
_FREE_AVOID = re.compile(
    r"(?:不用|不必|无需|无须|不需要?|没必要|不要求|no need to)(?:特意|刻意|再)?(?:避开|避|avoid)?(?:在)?$"
)
_AVOID_BEFORE = re.compile(
    r"(?:避开|避免|回避|错开|跳过|绕开|避|不要|别|勿|不(?:能|可以?|得|宜|想|方便|接受|是)?|没法|禁止|拒绝|除了?|除去|除开|非"
    rf"|except|avoid|skip|not|no|don't|closed)(?:再|在|于|把|货|是|约|赶|选|挑|安排|送|派|到|{_SEND}|on|deliver|the|in|for|any|\s|·)*$"
)
_EXCEPT = re.compile(r"除|except|非")
_KEEP_BEFORE = re.compile(
    r"(?:只(?:能|有|可以?|收|接|送|在|限|要|认)*|仅(?:限|能|在|收|有|限于|于)*|限(?:定|于|在)?|必须|务必|一定要?|固定|指定|统一|唯有"
    r"|only|must)(?:安排|约|在|于|货|是|每|的|送|派|到|收|能|可以|等|选|on|deliver|be|by|\s)*$"
)
_LIKE_BEFORE = re.compile(
    r"(?:deliver\w*|arrive|send|麻烦|请|烦请|最好|尽量|尽可能|安排|约|改|换|等|就|希望|要|需要?|建议|优先|请求|拜托|时间|日期|时段|为|在|[送派到收]货?"
    r"|on|please|prefer(?:red|ably)?)(?:安排|约|在|到|于|是|为|成|的|送|派|每|能|给|我|帮|选|货|\s|on|in|by|it|the|deliver)*$|^$"
)
_OPEN = re.compile(r"(?:不|无|没|照常)(?:店|轮)?(?:休|放假|关门|歇业|停业|盘点|打烊)")
_AVOID_AFTER = re.compile(
    r"不(?:要|用|能|可以?|太?方便|便|收|送|在|上班|开门|开|营业|接|配送|派|行|得|宜|想|安排|卸|工作|提供|办公|ok)"
    r"|别(?:送|来|派|发|安排|到|收|配|过|给|再|$)?|请?勿|没(?:有)?(?:人|空|时间|法|办法|师傅|员工)|无(?:人|法)|没(?:开|上|在)"
    r"|(?:送|收|接|来|到|派|签)不(?:了|到|成)|关门|关店|关着|打烊|休息|公休|店休|轮休|单休|双休|放假|休假|停业|歇业|盘点|盘库|盘货"
    r"|除外|例外|以外|之外|拒[收签绝]|免送|停[收工电]|出差|外出|有事|避开|避一?下|跳过|错开|closed|unavailable|\boff\b|not|nobody|no ",
)
_OUTSIDE = re.compile(r"^的?(?:以外|之外|外|除外)")
_KEEP_AFTER = re.compile(
    r"^(?:的?时候|当天|那天|全天|期间|之间|左右|准时|一定|务必|必须|统一|给我们?|帮我?|麻烦|请|把货?|货|再|才能?|能|可以|可|前来|过?来|就"
    rf"|安排|\d{{1,2}}{_HOUR}(?:[-到至]\d{{1,2}}{_HOUR}|之?[前后])?|[一二两三四五六七八九十]{{1,2}}点半?(?:之?[前后])?|[-到至]|\s)*"
    r"(?P<verb>派送|配送|送货|送达|送到|送来|送过来|送|派件|派|发货|发出|发|收货|收件|收|到货|到达|到店|到|来货|来(?=$|送)|交货|卸货|投递"
    r"|(?:才|再)有人|方便|为宜|最好|即可|就行|就好|only|deliver\w*|please|\bok only)"
)
_ONLY_AFTER = re.compile(r"^(?:才|only)")
_FREE_AFTER = re.compile(
    r"^[^不别勿没]{0,6}?(?:(?:都|也|均)(?:能|可|行|ok|有|收|送|没|·|营业|上班|正常|方便|在|好|成|$)|随便|随时|照常|照样|照旧|正常|全天可|无所谓"
    r"|行|可以|可|能|ok|有人|上班|营业|开门)"
)
_THERE = re.compile(r"^(?:我们|店里|仓库|这边)?(?:有人|在店|在家|方便)")
_FREE_REST = re.compile(r"^货?(?:也|都|亦)(?:行|可以|可|没|ok|好|成|能)|^货?(?:随便|无所谓)|^到(?:的|了)|^的")
_PAST_OR_BOUND = re.compile(
    r"^(?:的(?!时候|话|时间)|(?:以|之)?(?:后|前)|起|开始|(?:送|发|收|到|来)(?:货|到)?的|(?:收到|发|送|到|来|寄)了|收到|[^\n]{0,6}才(?:送到|送来|收到|拿到|到的|来的)"
    r"|[^\n]{0,10}(?:自提|自取|提货|取货|拿货|拉货|来[取拿提]))"
)
_NEXT_AVOID = re.compile(
    rf"^(?:请|都|也|麻烦|千万|就|所以)*(?:不要|别|勿|不用|不能|不){_SEND}|^(?:不收|没人|拒收|don't|no deliver)"
)
_NEXT_KEEP = re.compile(r"^(?:请|再|才|麻烦|其他|其它|其余)*(?:送货|派送|配送|送达|收货|送到?)(?:过来|来)?$")
_NOT_DELIVERED = re.compile(r"^(?:.*?)(?:发货|发出|发|来货|交货)$")


class Found(NamedTuple):
    tag: str
    start: int
    end: int


class _Group(NamedTuple):
    """Days and times of day that share one predicate; `start`, `end` in the clause."""

    days: frozenset[int]
    parts: frozenset[str]
    start: int
    end: int


class _Read(NamedTuple):
    sense: Sense
    start: int
    end: int  # how far the predicate reaches: what follows belongs to the next group


def is_dated(text: str) -> bool:
    return _DAYS.search(text) is not None or _PARTS.search(text) is not None


def days_asked(page: Page) -> list[Found]:
    found: list[Found] = []
    for n, clause in enumerate(page.clauses):
        groups = _groups(clause.text)
        following = page.clauses[n + 1].text if n + 1 < len(page.clauses) else ""
        heading = page.clauses[n - 1].text if n else ""
        at = 0
        for i, group in enumerate(groups):
            until = groups[i + 1].start if i + 1 < len(groups) else len(clause.text)
            read = _sense(clause.text, at, group, until, following, heading)
            at = max(read.end, group.end)
            found += _tags(group, read, clause)
    return found


def _groups(text: str) -> list[_Group]:
    spans = [(m.start(), m.end(), _days(m[0]), frozenset[str]()) for m in _DAYS.finditer(text)]
    taken = [(a, b) for a, b, *_ in spans]
    spans += [
        (m.start(), m.end(), frozenset[int](), frozenset([m.lastgroup or ""]))
        for m in _PARTS.finditer(text)
        if not any(a < m.end() and m.start() < b for a, b in taken)
    ]
    groups: list[_Group] = []
    for a, b, days, parts in sorted(spans, key=lambda s: s[0]):
        last = groups[-1] if groups else None
        joined = last is not None and re.fullmatch(
            r"[、/和跟与及或的 ·]*|或者|以及|还有|每天|in the ", text[last.end : a]
        )
        if last is not None and joined and (parts or not last.parts):
            groups[-1] = _Group(last.days | days, last.parts | parts, last.start, b)
        else:
            groups.append(_Group(days, parts, a, b))
    return groups


def _days(words: str) -> frozenset[int]:
    if words.startswith(("工作日", "平日", "weekday")):
        return frozenset(range(1, 6))
    if words[0].isascii() and words[0].isalpha():
        if words.startswith("weekend"):
            return frozenset((6, 7))
        names = [_ENGLISH[w[:3]] for w in re.findall(r"[a-z]{3,}", words) if w[:3] in _ENGLISH]
        return _span(names) if re.search(r"-| to ", words) else frozenset(names)
    if re.search("双休|休息日|六日", words) or "末" in words:
        return frozenset((6, 7))
    numbers = [_NUMBER[c] for c in words if c in _NUMBER]
    return _span(numbers) if re.search("[到至~—-]", words) else frozenset(numbers)


def _span(ends: list[int]) -> frozenset[int]:
    a, b = ends[0], ends[-1]
    return frozenset(range(a, b + 1)) if a <= b else frozenset((*range(a, 8), *range(1, b + 1)))


def _sense(text: str, at: int, group: _Group, until: int, following: str, heading: str) -> _Read:
    before, after = text[at : group.start], text[group.end : until]
    if _FREE_AVOID.search(before):
        return _Read("free", group.start, group.end)
    refused = _AVOID_BEFORE.search(before)
    if refused or _OUTSIDE.search(after):
        start = at + refused.start() if refused else group.start
        outside = not refused or _EXCEPT.match(refused[0]) is not None
        rest = _AVOID_AFTER.search(re.sub(r"^的?(?:以外|之外|外|除外)", "", after))
        inverted = outside and (rest or (following and _NEXT_AVOID.search(following)))
        reach = group.end + (len(after) if inverted else 0)
        return _Read("keep" if inverted else "avoid", start, reach)
    if only := _KEEP_BEFORE.search(before):
        verb = _KEEP_AFTER.search(after)
        if not re.match("(?:以|之)?[前后]", after):
            return _Read("keep", at + only.start(), group.end + (verb.end() if verb else 0))
    return _after(before, after, at, group, until < len(text), following, heading)


def _after(
    before: str, after: str, at: int, group: _Group, more: bool, following: str, heading: str
) -> _Read:
    """The predicate behind the days; `more`: another group follows in this clause."""
    none = _Read("none", group.start, group.end)
    if _PAST_OR_BOUND.search(after):
        return none
    if (opened := _OPEN.search(after)) is not None:
        return _Read("free", group.start, group.end + opened.end())
    kept, refused = _KEEP_AFTER.search(after), _AVOID_AFTER.search(after)
    if refused and more and kept and kept.end() <= refused.start() and refused.end() == len(after):
        refused = None  # it stands before the next group and refuses that one
    if refused and not (kept and re.match("(?:了|过|到)", after[kept.end() :])) and refused.start() <= 10:
        return _Read("avoid", group.start, group.end + refused.end())
    if not group.days and _THERE.match(after):
        return _Read("keep", group.start, group.end + len(after))
    if kept and not _FREE_REST.search(after[kept.end() :]):
        permits = _FREE_AFTER.search(after[: kept.start("verb")])
        if (
            not permits
            or re.match("才", after)
            or re.search("请|麻烦|最好|务必|希望|要求|需|必须|尽量|争取|想", before)
        ):
            like = _LIKE_BEFORE.search(before)
            start = at + like.start() if like else group.start
            return _Read("keep", start, group.end + kept.end())
    if _FREE_AFTER.search(after) or (kept and _FREE_REST.search(after[kept.end() :])):
        return _Read("free", group.start, group.end + len(after))
    if following and _NEXT_AVOID.search(following):
        return _Read("avoid", group.start, group.end)
    if not after.strip(" 吧哈哦谢·"):
        wished = re.search(r"(?:时间|日期|时段)(?:是|为|安排|在|定)*$", before or heading)
        like = _LIKE_BEFORE.search(before) if before else None
        if wished or like or (not before and following and _NEXT_KEEP.search(following)):
            return _Read("keep", at if before else group.start, group.end)
    return none


def _tags(group: _Group, read: _Read, clause: Clause) -> list[Found]:
    if read.sense not in ("avoid", "keep"):
        return []
    days, avoid = group.days, read.sense == "avoid"
    if not avoid and days == frozenset(range(1, 6)):
        days, avoid = frozenset((6, 7)), True  # only on workdays: the weekend is what to avoid
    tags = []
    if avoid and days >= {6, 7}:
        tags = [f"避周{WEEKDAYS[d - 1]}" for d in sorted(days - {6, 7})] + ["避周末"]
    else:
        tags = [f"{'避' if avoid else '限'}周{WEEKDAYS[d - 1]}" for d in sorted(days)]
    verb = clause.text[group.end : read.end]
    if read.sense == "keep" and len(group.parts) == 1 and not _NOT_DELIVERED.search(verb):
        tags.append("上午送" if "am" in group.parts else "下午送")
    start, end = clause.start + min(read.start, group.start), clause.start + max(read.end, group.end)
    return [Found(tag, start, end) for tag in tags]
