"""The company's calendar over HTTP: a year as it is worked, and what people say of single days or of every Saturday."""

from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from msgspec import Meta

from api.db.tx import Tx
from api.kernel.actor import Actor
from api.kernel.errors import wrong_field
from api.kernel.time import local
from api.orders import workdays
from api.people import rights
from api.promise.days import FIRST_YEAR, LAST_YEAR, WEEKLY, Days, Said
from api.web.answer import Answer, ok
from api.web.commands import execute
from api.web.edge import Req, sliced
from api.web.head import Head
from api.web.hub import Hub


class DayIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    works: bool
    name: Annotated[str, Meta(max_length=40)] = ""


@get("/api/days")
async def list_days(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    year: FromQuery[int] = 0,
    limit: FromQuery[int] = 200,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Of a year (this one by default): every day that is not a common workday or weekend, and what holds every week."""
    rights.allow(actor, "promise")
    wanted = year or local(hub.clock(), hub.timezone).year
    if not 1970 <= wanted <= 2999:
        raise wrong_field("query.year", "年份从 1970 到 2999。", "A year from 1970 to 2999.")
    known = await hub.db.reader.run(workdays.known)
    first = date(wanted, 1, 1)
    every = (first + timedelta(days=n) for n in range((date(wanted + 1, 1, 1) - first).days))
    items = [
        _shown(known, day.isoformat(), head.lang)
        for day in every
        if day.isoformat() in known.said or known.of(day).name
    ]
    shown = {
        "year": wanted,
        "is_known": FIRST_YEAR <= wanted <= LAST_YEAR,
        "weekly": [_shown(known, name, head.lang) for name in WEEKLY],
        **sliced(items, limit, cursor),
    }
    return ok(shown).response()


def _shown(known: Days, day: str, lang: str) -> dict[str, Any]:
    """`said`: by a person, in whose words its name stays; the calendar's own names are told in the reader's language."""
    own = known.said.get(day)
    if day in WEEKLY:
        works, name = (own.works, own.name) if own else (False, "")
    else:
        found = known.of(date.fromisoformat(day))
        works, name = found.works, found.en if lang == "en" else found.name
    return {"day": day, "works": works, "name": name, "said": own is not None}


@put("/api/days/{day:str}", opt={"body": DayIn})
async def put_day(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    day: FromPath[str],
) -> Response[bytes]:
    """A holiday, or a workday, over what the calendar knows; `saturday` and `sunday` stand for every one."""
    rights.allow(actor, "master")
    name = _named(day)

    def work(tx: Tx, given: DayIn) -> Answer:
        workdays.save(tx, name, Said(given.works, given.name), actor, hub.clock())
        return ok(_shown(workdays.known(tx), name, head.lang))

    return (await execute(hub, head, actor, await request.body(), DayIn, work)).response()


@delete("/api/days/{day:str}", status_code=200)
async def delete_day(
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    day: FromPath[str],
) -> Response[bytes]:
    """Back to the calendar."""
    rights.allow(actor, "master")
    name, now = _named(day), hub.clock()

    def work(tx: Tx) -> dict[str, Any]:
        workdays.drop(tx, name, actor, now)
        return _shown(workdays.known(tx), name, head.lang)

    return ok(await hub.db.writer.run(work)).response()


def _named(day: str) -> str:
    if not workdays.is_name(day):
        raise wrong_field(
            "path.day",
            "日期写成 2027-02-06 的样子，或 saturday、sunday。",
            "A day is written 2027-02-06, or saturday, sunday.",
        )
    return day


HANDLERS = [list_days, put_day, delete_day]
