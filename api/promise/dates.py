"""The dates of one promise, and why: when the goods leave, between which days they arrive, whether that is in time.

`window` is pure and is asked by everybody who says a date. Goods that come before the warehouse's cut-off leave on that
workday, as far as what waits before them lets it; the way then takes what the forecast says from the latest moment of
leaving on, so that the far end holds also for goods that leave last. Each fact that moved a date is told in a line.
"""

from datetime import date, datetime, timedelta

import msgspec

from api.kernel.errors import Why
from api.kernel.time import DAY, HOUR, local
from api.places import place_of
from api.promise import reasons
from api.promise.days import Days, between
from api.promise.learned import CONFIDENCE, Learned, km_between, known_km, way_of
from api.promise.model import Window as Span

# From the cut-off to the lorry; how long a warehouse works before the cut-off; workdays that a queue may add at most.
TO_LEAVE_H, WORK_H, LONGEST_QUEUE = 2, 8, 10
# How often the far end is to hold; what is stated is less where less is known.
LEVEL = CONFIDENCE[0][1]
# Hours of a day between which goods are handed over.
FIRST_HOUR, NOON, LAST_HOUR = 8, 12, 20
UNKNOWN_YEAR, UNKNOWN_PLACE, LEAST_CONFIDENCE = 0.1, 0.1, 0.5
URGENT, PICKED_UP, MORNING, AFTERNOON = "加急", "自提", "上午送", "下午送"
WEEKDAYS = "一二三四五六日"


class Spot(msgspec.Struct, frozen=True):
    """A district and, where known, a position in micro-degrees (GCJ-02)."""

    adcode: str = ""
    lng_e6: int | None = None
    lat_e6: int | None = None


def spot(adcode: str, lng_e6: int | None, lat_e6: int | None) -> Spot:
    """With the district's seat where no position is known."""
    if lng_e6 is not None and lat_e6 is not None:
        return Spot(adcode, lng_e6, lat_e6)
    place = place_of(adcode) if adcode else None
    return Spot(adcode) if place is None else Spot(adcode, place.lng_e6, place.lat_e6)


class Ask(msgspec.Struct, frozen=True):
    """`cutoff`: HH:MM in the zone `tz`. `ahead`: orders that wait before this one in the warehouse. `want_by`: a moment;
    `left_at`: goods that have left already, nothing but the way is forecast."""

    warehouse: str
    cutoff: str
    origin: Spot
    goal: Spot
    now: int
    tz: str
    days: Days
    learned: Learned
    weight_g: int | None = None
    ahead: int = 0
    tags: tuple[str, ...] = ()
    want_by: int | None = None
    left_at: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """To "want by": kept, and if not, the earliest end that is."""

    by: int
    is_kept: bool
    earliest: int


class Window(msgspec.Struct, frozen=True):
    """Moments in ms, ship_by <= eta_to and eta_from <= eta_to. `eta_to` is kept with the probability `confidence`."""

    ship_by: int
    eta_from: int
    eta_to: int
    confidence: float
    because: tuple[Why, ...]
    answer: Answer | None = None


def window(ask: Ask) -> Window:
    because: list[Why] = []
    ship_by = leaves(ask, because) if ask.left_at is None else ask.left_at
    if PICKED_UP in ask.tags and ask.left_at is None:
        because.append(reasons.picked_up())
        begin, end, stated = ship_by, ship_by, ask.learned.confidence
    else:
        begin, end, stated = _arrives(ask, ship_by, because)
    last = local(end, ask.tz).date()
    if not all(ask.days.of(day).is_known for day in between(local(ask.now, ask.tz).date(), last)):
        because.append(reasons.unknown_year(last.year))
        stated -= UNKNOWN_YEAR
    answer = None
    if ask.want_by is not None:
        answer = Answer(ask.want_by, end <= ask.want_by, end)
        because.append(reasons.wanted(answer.is_kept, last))
    return Window(ship_by, begin, end, round(max(stated, LEAST_CONFIDENCE), 2), tuple(because), answer)


def leaves(ask: Ask, because: list[Why]) -> int:
    """The latest moment at which goods ordered now leave the warehouse."""
    here = local(ask.now, ask.tz)
    cutoff = here.replace(hour=int(ask.cutoff[:2]), minute=int(ask.cutoff[3:]), second=0, microsecond=0)
    today = here.date()
    is_today = here < cutoff and ask.days.of(today).works
    first = today if is_today else ask.days.workday(today + timedelta(days=1))
    because.append(reasons.cut_off(ask.warehouse, ask.cutoff, here, first, is_late=here >= cutoff))
    closed = [(day, ask.days.of(day)) for day in between(today, first)]
    because += reasons.closed([(day, found) for day, found in closed if not found.works])
    share = min(1.0, (cutoff - here) / timedelta(hours=WORK_H)) if is_today else 1.0
    waits = _queue(ask, share)
    leaving = first
    for _ in range(waits):
        leaving = ask.days.workday(leaving + timedelta(days=1))
    if URGENT in ask.tags:
        because.append(reasons.urgent())
    elif waits:
        because.append(reasons.queue(ask.ahead, ask.learned.per_day[ask.warehouse], leaving))
    leaves_at = min(cutoff.hour + TO_LEAVE_H, 23)
    return _at(leaving, leaves_at, ask.tz, cutoff.minute if leaves_at < 23 else 59)


def _queue(ask: Ask, share: float) -> int:
    """Workdays after the first one until what waits before this order is gone; `share`: what is left of the first."""
    rate = ask.learned.per_day.get(ask.warehouse, 0.0)
    if URGENT in ask.tags or rate <= 0 or ask.ahead <= rate * share:
        return 0
    return min(LONGEST_QUEUE, 1 + int((ask.ahead - rate * share) / rate))


def _arrives(ask: Ask, left_at: int, because: list[Why]) -> tuple[int, int, float]:
    """(first moment, last moment, stated confidence)."""
    learned, stated = ask.learned, ask.learned.confidence
    km = km_between(ask.origin.lng_e6, ask.origin.lat_e6, ask.goal.lng_e6, ask.goal.lat_e6)
    facts = way_of(ask.warehouse, ask.goal.adcode, km, local(left_at, ask.tz).weekday(), ask.weight_g)
    span = learned.forecast.window(facts, known_km(km), LEVEL)
    elapsed = (ask.now - left_at) / DAY
    if elapsed > span.late:
        span = learned.forecast.remaining(facts, known_km(km), LEVEL, elapsed)
    because += reasons.way(span, km, ask.goal.adcode, learned, learned.forecast.causes(facts, known_km(km)))
    if km is None:
        because.append(reasons.unknown_place())
        stated -= UNKNOWN_PLACE
    return *_handed_over(ask, left_at, span, because), stated


def _handed_over(ask: Ask, left_at: int, span: Span, because: list[Why]) -> tuple[int, int]:
    """The window in the hours and on the days on which goods are handed over."""
    begins = NOON if AFTERNOON in ask.tags else FIRST_HOUR
    ends = NOON if MORNING in ask.tags else LAST_HOUR
    early = local(left_at + round(span.early * DAY), ask.tz)
    late = local(left_at + round(span.late * DAY), ask.tz)
    last = _past_holidays(ask.days, local(left_at, ask.tz).date(), late.date(), because)
    first = early.date()
    if late.hour >= ends:
        last += timedelta(days=1)
    first, last = _taken(ask, first), _taken(ask, last, because)
    begin = min(_at(first, begins, ask.tz), _at(last, begins, ask.tz))
    return max(begin, left_at), _at(last, ends, ask.tz)


def _past_holidays(days: Days, left: date, late: date, because: list[Why]) -> date:
    """Each holiday on the way may cost a day: the far end moves, the near one stays."""
    passed = [day for day in between(left + timedelta(days=1), late) if days.is_holiday(day)]
    if passed:
        because.append(reasons.holidays(passed, days.of(passed[0])))
    return late + timedelta(days=len(passed))


def _taken(ask: Ask, day: date, because: list[Why] | None = None) -> date:
    """The first day from `day` on that the customer takes goods on and carriers bring them."""
    refused = refused_weekdays(ask.tags)
    off = refused | set(ask.learned.no_delivery)
    if len(off) == 7:
        off = refused if len(refused) < 7 else set()
    moved = day
    while moved.weekday() in off:
        moved += timedelta(days=1)
    if because is not None and moved != day:
        because.append(reasons.not_taken(day, moved, is_asked=day.weekday() in refused))
    return moved


def refused_weekdays(tags: tuple[str, ...]) -> set[int]:
    """Monday 0; from 避周一, 避周末, 限周二 and their like."""
    avoided = {n for n, name in enumerate(WEEKDAYS) if f"避周{name}" in tags}
    kept = {n for n, name in enumerate(WEEKDAYS) if f"限周{name}" in tags}
    if "避周末" in tags:
        avoided |= {5, 6}
    return avoided | (set(range(7)) - kept if kept else set())


def _at(day: date, hour: int, tz: str, minute: int = 0) -> int:
    """Through noon, so that a zone that skips an hour skips no day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=local(0, tz).tzinfo)
    return round(noon.timestamp() * 1000) + (hour - 12) * HOUR + minute * HOUR // 60
