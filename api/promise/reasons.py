"""The lines of a promise's explanation, in Chinese and English, numbers filled in: one function a fact.

A line says a fact and what it did to the date, in the words of a salesperson; none repeats another.
"""

import itertools
from collections.abc import Sequence
from datetime import date, datetime

from api.kernel.errors import Why
from api.places import place_of
from api.promise.days import Day
from api.promise.learned import ENOUGH, Learned
from api.promise.model import Cause, Window

_ZH = "一二三四五六日"
_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A cause below so many days is not worth a line; more than so many lines nobody reads.
LEAST_DAYS, MOST_CAUSES = 0.4, 2
_CAUSES = {
    "lane": Why("这条线路", "this lane"),
    "region": Why("到这个省", "this province"),
    "origin": Why("从这个仓发出", "this warehouse"),
    "weekday": Why("发货的星期几", "the weekday of shipping"),
    "weight": Why("货的重量", "the weight"),
    "period": Why("最近几周的快慢", "the pace of these weeks"),
}


def day_zh(day: date) -> str:
    return f"{day.month}月{day.day}日（周{_ZH[day.weekday()]}）"


def day_en(day: date) -> str:
    return f"{_EN[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def cut_off(warehouse: str, cutoff: str, here: datetime, first: date, *, is_late: bool) -> Why:
    if first == here.date():
        return Why(
            f"{warehouse} 仓 {cutoff} 截单，还来得及今天发出",
            f"{warehouse} takes orders until {cutoff}: in time to leave today",
        )
    if is_late:
        return Why(
            f"{warehouse} 仓 {cutoff} 截单，已过，{day_zh(first)}发出",
            f"{warehouse} takes orders until {cutoff}, which is past: leaves {day_en(first)}",
        )
    return Why(
        f"{warehouse} 仓今天不发货，{day_zh(first)}发出",
        f"{warehouse} does not ship today: leaves {day_en(first)}",
    )


def closed(days: Sequence[tuple[date, Day]]) -> list[Why]:
    """One line for each run of days off of one name."""
    told = []
    for what, run in itertools.groupby(days, lambda one: (one[1].name or "周末", one[1].en or "weekend")):
        off = [day for day, _ in run]
        zh, en = day_zh(off[0]), day_en(off[0])
        if len(off) > 1:
            zh, en = f"{zh}至{day_zh(off[-1])}", f"{en} to {day_en(off[-1])}"
        told.append(Why(f"{zh}不发货：{what[0]}", f"{en}: nothing leaves, {what[1]}"))
    return told


def queue(ahead: int, per_day: float, leaving: date) -> Why:
    return Why(
        f"前面有 {ahead} 单等着拣，近来每个工作日发 {per_day:.0f} 单：{day_zh(leaving)}才轮到",
        f"{ahead} orders wait before it, {per_day:.0f} ship on a workday of late: its turn is {day_en(leaving)}",
    )


def urgent() -> Why:
    return Why("加急：排在最前", "Urgent: goes first")


def picked_up() -> Why:
    return Why("客户自提：备好就能来取", "Collected by the customer: ready once it is packed")


def way(span: Window, km: float | None, adcode: str, learned: Learned, causes: Sequence[Cause]) -> list[Why]:
    place = place_of(adcode) if adcode else None
    zh, en = (f"到{place.name}", f"To {place.name}") if place else ("路上", "On the way")
    far = "" if km is None else f"，约 {km:.0f} 公里"
    far_en = "" if km is None else f", some {km:.0f} km"
    is_known = learned.deliveries >= ENOUGH
    most_zh, most_en = ("九成在", "nine of ten within") if is_known else ("估计在", "an estimated")
    told = [
        Why(
            f"{zh}{far}：通常 {span.likely:.1f} 天，{most_zh} {span.late:.1f} 天内",
            f"{en}{far_en}: {span.likely:.1f} days as a rule, {most_en} {span.late:.1f}{'' if is_known else ' at most'}",
        )
    ]
    weighty = [one for one in causes if one.kind in _CAUSES and abs(one.days) >= LEAST_DAYS]
    for one in weighty[:MOST_CAUSES]:
        what, more = _CAUSES[one.kind], one.days > 0
        told.append(
            Why(
                f"{what.zh}让它{'多' if more else '少'} {abs(one.days):.1f} 天（{one.deliveries} 次送达的记录）",
                f"{what.en[0].upper()}{what.en[1:]} {'adds' if more else 'saves'} {abs(one.days):.1f} days ({one.deliveries} deliveries)",
            )
        )
    if not is_known:
        some_zh, some_en = (f"只有 {n} 次", f"Only {n}") if (n := learned.deliveries) else ("没有", "No")
        told.append(
            Why(
                f"本公司{some_zh}送达的记录，时效多按距离估计，把握降低",
                f"{some_en} deliveries on record: days by distance for the most part, confidence lowered",
            )
        )
    return told


def unknown_place() -> Why:
    return Why(
        "地址或仓库的位置不明，按较远估计，把握降低",
        "Address or warehouse without a position: taken as far, confidence lowered",
    )


def unknown_year(year: int) -> Why:
    return Why(
        f"{year} 年的放假安排还没有，只按周末计算，把握降低",
        f"The holidays of {year} are not known yet: weekends only, confidence lowered",
    )


def holidays(days: Sequence[date], first: Day) -> Why:
    return Why(
        f"路上遇{first.name}（{day_zh(days[0])}起 {len(days)} 天），最晚的一天顺延",
        f"{first.en} on the way ({len(days)} days from {day_en(days[0])}): the far end moves",
    )


def not_taken(day: date, moved: date, *, is_asked: bool) -> Why:
    who, en = (
        ("客户不收货", "the customer takes none") if is_asked else ("承运商不送货", "carriers bring none")
    )
    return Why(
        f"周{_ZH[day.weekday()]}{who}，顺延到{day_zh(moved)}",
        f"{_EN[day.weekday()]}: {en}, moved to {day_en(moved)}",
    )


def wanted(is_kept: bool, earliest: date) -> Why:
    if is_kept:
        return Why("客户要的日期来得及", "The date the customer wants is kept")
    return Why(
        f"客户要的日期来不及，最早 {day_zh(earliest)}",
        f"The date the customer wants cannot be kept: {day_en(earliest)} at the earliest",
    )
