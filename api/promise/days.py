"""Which days a warehouse works: a person's word first, then the state's holidays, then the day of the week.

The holidays come from a package that knows the years announced so far (each autumn the next one). Beyond them only the
day of the week is left, and a day says so (`is_known`): whoever promises on it lowers the confidence. Nothing here
guesses a holiday.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar
import msgspec

from api.kernel.errors import Why

HOLIDAYS: dict[date, str] = chinese_calendar.holidays
# Saturdays and Sundays on which the country works, for a holiday's sake.
WORKDAYS: dict[date, str] = chinese_calendar.workdays
FIRST_YEAR, LAST_YEAR = min(HOLIDAYS).year, max(HOLIDAYS).year
NAMES = {one.value: one.chinese for one in chinese_calendar.Holiday}
# What a day is called to which a person gave no name.
DAY_OFF, NO_DAY = Why("公司放假", "closed by the company"), Why("", "")
# What a person may say of every week, beside single days.
WEEKLY = {"saturday": 5, "sunday": 6}
LONGEST_REST = 60


class Said(msgspec.Struct, frozen=True):
    """A person's word of a day, or of every Saturday or Sunday."""

    works: bool
    name: str


class Day(msgspec.Struct, frozen=True):
    """`name`, `en`: what it is called; empty on a common day. `is_known`: False where only the day of the week speaks."""

    works: bool
    name: str = ""
    en: str = ""
    is_known: bool = True


class Days(msgspec.Struct, frozen=True):
    """`said`: by YYYY-MM-DD, or by a key of `WEEKLY`."""

    said: Mapping[str, Said] = {}

    def of(self, day: date) -> Day:
        own = self.said.get(day.isoformat())
        if own is not None:
            unnamed = NO_DAY if own.works else DAY_OFF
            return Day(own.works, own.name or unnamed.zh, own.name or unnamed.en)
        if day in HOLIDAYS:
            return Day(False, NAMES[HOLIDAYS[day]], HOLIDAYS[day])
        if day in WORKDAYS:
            return Day(True, f"{NAMES[WORKDAYS[day]]}调休", f"in lieu of {WORKDAYS[day]}")
        return Day(self._works_weekly(day), is_known=FIRST_YEAR <= day.year <= LAST_YEAR)

    def _works_weekly(self, day: date) -> bool:
        return day.weekday() < 5 or any(
            day.weekday() == weekday and name in self.said and self.said[name].works
            for name, weekday in WEEKLY.items()
        )

    def is_holiday(self, day: date) -> bool:
        """Off by name: not a common weekend."""
        found = self.of(day)
        return not found.works and bool(found.name)

    def workday(self, day: date) -> date:
        """The first from `day` on. A company that never works is asked for no more than so many days."""
        for n in range(LONGEST_REST):
            if self.of(day + timedelta(days=n)).works:
                return day + timedelta(days=n)
        return day + timedelta(days=LONGEST_REST)


def between(first: date, last: date) -> list[date]:
    """Both of them too."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
