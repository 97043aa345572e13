"""A customer's word to pay, read from a comment: by which day at the latest.

A promise needs words of paying and a day that is still to come, in one breath. What was paid already, asked,
refused, doubted, tied to another happening ("收到货后三天内付款") or asked for by us is no promise. Days are those of
the place where it was said; a week begins on Monday; "before" a day includes it; a day of the month that has
passed means the next month's. Working days count Monday to Friday: the calendar of holidays is not known here.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from api.tags.clauses import MAX_READ, plain
from api.tags.model import Promise

_UNIT = r"(?:周|星期|礼拜)"
_N = r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,3}|二三|两三|三四|三五|四五|五六)"
_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_NOT_PAY = re.compile(
    r"到付|寄付|现付款?方式|付款方式|付款条件|付款码|付款截图|付款凭证|货到付款|交付|应付|付费|付出|支付宝|支付方式|托付|对付|垫付运费|退款|退钱|催款|催付|收款码|打电话"
    r"|不(?:超过|晚于|迟于|会?拖|拖欠)|没问题|没关系|不好意思|差不多|不过|说到做到"
)
_PAY = re.compile(
    r"付款|打款|汇款|转账|转款|转钱|打钱|打货款|汇钱|结清|结账|结款|结算|结货款|付清|清账|清款|回款|到账|入账|付|还款|还清|还上|还钱|给钱|给款|补款|补齐|补上|补足|安排款"
    r"|[打转汇]过来|[打转汇]给我|[打转汇](?:上|出|到)|(?:货|尾|余|欠|全|预付|首|订|定|账|车)款|款子?(?:到|来|给|打|转|汇|结|付|能|会|就)|把?钱(?:到|给|打|转|汇|结)|(?<![这那哪新该此同两几一])款(?=[^\n]{1,6}到)|[转汇]$|走账|出款|放款|了结"
    r"|\b(?:pay|payment|transfer|wire|settle|remit|paid)\b"
)
_DONE = re.compile(
    r"(?:已经?|刚刚?|都|早就?|早已)(?:把?[^\n]{0,3})?(?:付|打款|打钱|打过|转账|转过|转款|汇|结|到账|支付|收到|还|清|回款)|(?:收到|查到|核到)(?:了)?[^\n]{0,4}(?:款|账)"
    r"|(?:付款|打款|汇款|转账|转款|付|结清|付清|结账|到账|打|转|汇|还|过来|结|清|回款|钱|款)(?:完|好|清|过)?了|付过|\bpaid\b"
)
_NO = re.compile(
    r"没|不(?!管)|未(?!来)|别|无法|拒绝|拖|难|付了?一半就|\b(?:not|can't|cannot|won't|no)\b|可能|也许|说不定|看情况|再说|考虑|再看|或许|争取不"
)
_ASKED = re.compile(
    r"吗|\?|么$|问(?!题)|什么时候|何时|几时|多久|能否|是否|哪天|怎么付|行不行|可不可以|好不好|\bwhen\b"
)
_OURS = re.compile(
    r"(?:请|催|要求|通知|提醒|让|叫|希望|盼|需要?|必须|务必|麻烦|跟进|敦促|建议|得)(?:一下)?(?:客户|对方|他们?|她|您|你们?|贵司|贵方|老板)"
    r"[^\n]{0,8}(?:付|款|账|结|转|汇)|^(?:请|麻烦|务必|必须|记得|尽快)"
)
_TIED = re.compile(
    r"(?:收到?货|到货|货到|发货|验货|验收|开票|收到?发?票|票到|见票|收票|安装|装好|卸货|签收|提货|送到|对完?账|确认|交货|出货|回来|完)(?:以|之)?后"
    r"|(?:货到|票到|收到货|到货|见货|见票|收到发票|验收)[^\n]{0,2}(?:就|再|才|即|付|打|转)|付款[是的](?:当|次|隔)|如果|要是|只要|的话|月结|账期|每月|每周|分期|每个月"
)
_OTHER = re.compile(r"发货|发出|寄出|发走|送货|送到|到货|开票|寄票|开发票|安装|出货|退款|提货|来提|来拿")
_PASSED = re.compile(r"昨天|昨日|前天|上周|上个?月|上个?星期|刚才|昨晚|yesterday|last")
_BREAK = re.compile(r"[，,。；;!！\n\r（）()]|(?<=[?？])|但是?|不过|而是")
_SAYS = re.compile(r"答应|承诺|保证|说|表示|讲|回复|确认|同意|约定|定在|约好|promise|says|said|will")


class _Day(NamedTuple):
    due: date
    start: int
    end: int


def _number(text: str) -> int:
    """A number up to 99 in digits or Chinese; of "两三" the larger."""
    if text.isdigit():
        return int(text)
    digits = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    if "十" in text:
        tens, _, ones = text.partition("十")
        return digits.get(tens, 1) * 10 + digits.get(ones, 0)
    return max((digits.get(c, 0) for c in text), default=0)


def _week(day: date, weeks: int, weekday: int) -> date:
    return day - timedelta(days=day.weekday()) + timedelta(days=7 * weeks + weekday)


def _month(day: date, months: int, of: int) -> date:
    """The `of`th of the month so many months on; its last day where it has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(of, calendar.monthrange(year, month + 1)[1]))


def _workdays(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _relative(m: re.Match[str], said: date) -> date:
    word = m[0]
    ahead = {"明": 1, "次": 1, "后": 2, "大": 3, "to": 1, "隔": 1}
    if word.startswith(("today", "tonight")):
        return said
    return said + timedelta(days=ahead.get(word[:2], ahead.get(word[0], 0)))


def _weekday(m: re.Match[str], said: date) -> date:
    weekday = {**{c: n for n, c in enumerate("一二三四五六日")}, "天": 6, "末": 6}
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    wanted = weekday.get(m["d"], -1) if m["d"] in weekday else None
    if wanted is None:
        wanted = int(m["d"]) - 1 if m["d"].isdigit() else names.index(m["d"][:3])
    ahead = m["w"] or ""
    weeks = ahead.count("下") + ahead.count("next")
    due = _week(said, weeks, wanted)
    return due if weeks or due >= said else due + timedelta(days=7)


def _this_week(m: re.Match[str], said: date) -> date:
    weeks = m[0].count("下") + m[0].count("next")
    if weeks and re.search("前", m[0]):
        return _week(said, weeks - 1, 6)
    return _week(said, weeks, 2 if "初" in m[0] else 4 if "工作日" in m[0] else 6)


def _in_month(m: re.Match[str], said: date) -> date:
    months = m[0].count("下") + m[0].count("next")
    for words, of in (("初|上旬", 10), ("中旬", 20), ("中", 15)):
        if re.search(words, m[0]):
            due = _month(said, months, of)
            return due if months or due >= said else _month(said, 1, of)
    return _month(said, months, 31)


def _of_month(m: re.Match[str], said: date) -> date | None:
    of = _number(m["of"])
    if not 1 <= of <= 31:
        return None
    months = (m["m"] or "").count("下")
    due = _month(said, months, of)
    return due if months or due >= said else _month(said, 1, of)


def _full(m: re.Match[str], said: date) -> date | None:
    try:
        due = date(int(m["y"] or said.year), _number(m["mo"]), _number(m["da"]))
        return due if m["y"] or due >= said else due.replace(year=said.year + 1)
    except ValueError:
        return None


def _within(m: re.Match[str], said: date) -> date:
    count, unit = _number(m["n"]), m["u"]
    if unit.startswith(("分", "刻")):
        return said
    if unit.startswith(("小时", "个小时", "钟头", "h")):
        return said + timedelta(days=count // 24)
    if unit.startswith(("工作", "个工作", "working", "business")):
        return _workdays(said, count)
    if unit.startswith(("周", "星", "个星", "个礼", "礼", "week")):
        return said + timedelta(days=7 * max(count, 1))
    if unit.startswith(("个月", "月", "month")):
        return said + timedelta(days=15) if "半" in m["n"] else _month(said, count, said.day)
    return said + timedelta(days=count)


_WHEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (re.compile(r"过[了完]?周末|周末(?:之|以)?后"), lambda _, said: _week(said, 1, 0)),
    (
        re.compile(
            r"(?:(?P<y>20\d\d)[年\-/.])?(?P<mo>1[0-2]|0?[1-9]|[一二三四五六七八九十]{1,2})(?:月|(?<=\d)[\-/.](?=\d))(?P<da>\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|日)?(?![\d%.:点万元块])"
        ),
        _full,
    ),
    (
        re.compile(
            rf"(?P<m>本月|这个?月|下个?月|当月)?(?:的)?(?P<of>{_DAY})(?:号|日)(?!内|之内|后|楼|门|仓|店|线)"
        ),
        _of_month,
    ),
    (
        re.compile(
            rf"(?P<n>{_N})(?P<u>个?工作日|天|日|个?小时|个?钟头|分钟|刻钟|周|个?星期|个?礼拜|个月)(?:之内|以内|内|左右|之后|以后|后|之前|以前|前|(?=[付打转汇结还到给]))"
        ),
        _within,
    ),
    (
        re.compile(
            r"(?:within|in) (?P<n>\d{1,2}) (?P<u>working days?|business days?|days?|hours?|weeks?|months?)"
        ),
        _within,
    ),
    (re.compile(rf"(?:再过|过|等|最多)(?P<n>{_N})(?P<u>天|个?星期|周|个月)"), _within),
    (re.compile(r"(?P<n>两|三|3|2)(?P<u>天)"), _within),
    (
        re.compile(
            r"大后[天日]|后[天日儿](?!再说)|明[天日早晚儿]|次日|隔天|今[天日晚早儿]|当[天日]|\b(?:tomorrow|today|tonight)\b"
        ),
        _relative,
    ),
    (
        re.compile(
            rf"(?<!上)(?P<w>下下个?|下个?|本|这个?|这|next |this )?(?:(?<![上个]){_UNIT}(?:[一二三四五六1-6][、或到至-]?(?=[二三四五六日天2-7](?![定起早点])))?(?P<d>[一二三四五六日天末1-7]))(?!次)"
        ),
        _weekday,
    ),
    (re.compile(r"\b(?P<w>next |this )?(?P<d>mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"), _weekday),
    (
        re.compile(
            rf"(?:(?:下下|下|本|这)个?{_UNIT}(?:初|底)?(?:工作日)?|周内|{_UNIT}底)(?:之?内|里|之?前|以前)?|(?:this|next) week|end of (?:the )?week"
        ),
        _this_week,
    ),
    (
        re.compile(
            r"(?:本|这个?|当|下个?)?月(?:底|末|初|中旬|上旬|下旬|中|内|之内|之前)|(?:本|这个?|当|下个?)月(?!结|[一二三四五六七八九十\d])|(?:end of )?(?:this|the|next) month|month.?end"
        ),
        _in_month,
    ),
    (re.compile(r"年底|年末|年内|今年内"), lambda _, said: date(said.year, 12, 31)),
    (re.compile(r"这两天|这一?两天|一两天|近两天"), lambda _, said: said + timedelta(days=2)),
    (
        re.compile(r"这几天|近几天|几天内|近期|过几天|两三天|三两天"),
        lambda m, said: said + timedelta(days=3) if "三" in m[0] else None,
    ),
    (
        re.compile(
            r"下午|上午|晚上|中午|傍晚|下班前|马上|立刻|立即|一会儿?|待会儿?|等会儿?|稍后|这就|晚点|现在就|right away|immediately"
        ),
        lambda _, said: said,
    ),
)


def _days(text: str, said: date) -> list[_Day]:
    """The days named in a text, in reading order; where two readings overlap, the earlier kind above wins."""
    found: list[_Day] = []
    taken: list[tuple[int, int]] = []
    parts = len(_WHEN) - 1
    for n, (pattern, read) in enumerate(_WHEN):
        for m in pattern.finditer(text):
            if any(a < m.end() and m.start() < b for a, b in taken):
                continue
            if n == parts and any(0 <= m.start() - d.end <= 2 or 0 <= d.start - m.end() <= 1 for d in found):
                continue  # 明天下午: the day is said already
            taken.append(m.span())
            if (due := read(m, said)) is not None:
                found.append(_Day(due, m.start(), m.end()))
    return sorted(found, key=lambda d: d.start)


@lru_cache(maxsize=1024)
def read_payment_promise(text: str, said_at: date) -> Promise | None:
    """The last day on which the promise in `text`, said on the local date `said_at`, is kept; None for none.

    Of several promises the last one said stands, for people correct themselves forwards."""
    ready = _NOT_PAY.sub(lambda m: "·" * len(m[0]), plain(text[:MAX_READ]))
    if not _PAY.search(ready):
        return None
    promise: Promise | None = None
    waiting: _Day | None = None  # a day promised in the clause before, without a word of paying
    starts = [0, *(m.end() for m in _BREAK.finditer(ready))]
    for start, end in zip(starts, [*starts[1:], len(ready)], strict=True):
        piece = _BREAK.sub("", ready[start:end])
        if not piece.strip():
            continue
        kept, waiting = _clause(piece, start, said_at, waiting)
        if kept is not None:
            promise = Promise(kept.due.isoformat(), (kept.start, kept.end))
    return promise


def _clause(text: str, at: int, said: date, before: _Day | None) -> tuple[_Day | None, _Day | None]:
    """(the promise in this clause, a day that waits for a payment in the next); both placed in the whole text."""
    days = _days(text, said)
    pays = [m.span() for m in _PAY.finditer(text)]
    asked = _ASKED.search(text) and not re.search("问[^\n]{0,6}(?:说|答应|承诺|回)", text)
    if asked or _OURS.search(text) or _TIED.search(text):
        return None, None
    if not pays:
        waits = bool(days) and not _NO.search(text) and (_SAYS.search(text) or days[-1].end == len(text))
        return None, (_placed(days[-1], at) if waits else None)
    if not days:
        broken = _NO.search(text) or _DONE.search(text) or _PASSED.search(text)
        return (None if before is None or broken else before._replace(end=at + pays[-1][1])), None
    kept: _Day | None = None
    for n, day in enumerate(days):
        if (one := _kept(text, days, n, pays, said)) is None:
            continue
        if kept is None or one.due >= kept.due or _NO.search(text[kept.end : day.start]):
            kept = one
    return (None if kept is None else _placed(kept, at)), None


def _kept(text: str, days: list[_Day], n: int, pays: list[tuple[int, int]], said: date) -> _Day | None:
    """The nth day of the clause, with the words of paying that belong to it, where it is a promise."""
    day = days[n]
    until = days[n + 1].start if n + 1 < len(days) else len(text)
    part = text[: day.start] + text[day.end : until] if n == 0 else text[days[n - 1].end : until]
    own = [(a, b) for a, b in pays if day.start <= a < until or (a < day.start and n in (0, len(days) - 1))]
    if not own or day.due < said or _NO.search(part) or _PASSED.search(part):
        return None
    if day.due <= said and _DONE.search(part):
        return None
    other = _OTHER.search(text, day.end, until)
    if other and not any(day.end <= a < other.start() for a, _ in own):
        return None  # the day is that of something else: 付款后三天内发货
    near = [(a, b) for a, b in own if a >= day.start] or own[-1:]
    return _Day(day.due, min(day.start, near[0][0]), max(day.end, near[0][1]))


def _placed(day: _Day, at: int) -> _Day:
    return _Day(day.due, day.start + at, day.end + at)
