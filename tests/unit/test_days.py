"""The company's calendar over HTTP, and what it does to a date that is asked for afterwards."""

import pytest

from api.orders import dating, workdays
from api.orders.model import Address
from api.promise.dates import window
from tests.support.company import START
from tests.support.desk import problem


def days(company, year: int) -> dict[str, dict[str, object]]:
    found = company.sales.get("/api/days", params={"year": year}).json()
    return {one["day"]: one for one in (*found["weekly"], *found["items"])}


def test_a_year_has_its_holidays_and_the_workdays_that_pay_for_them(company):
    found = days(company, 2026)
    assert found["2026-10-01"] == {"day": "2026-10-01", "works": False, "name": "国庆节", "said": False}
    assert found["2026-10-10"]["works"]
    assert "2026-10-12" not in found
    english = company.sales.get("/api/days?year=2026", headers={"Accept-Language": "en"}).json()["items"]
    assert {one["day"]: one["name"] for one in english}["2026-10-01"] == "National Day"
    assert company.sales.get("/api/days").json()["year"] == 2026
    assert company.sales.get("/api/days", params={"year": 2026}).json()["is_known"]
    beyond = company.sales.get("/api/days", params={"year": 2090}).json()
    assert (beyond["is_known"], beyond["items"]) == (False, [])


def test_a_persons_word_is_kept_journalled_and_taken_back(company):
    put = company.supervisor.put("/api/days/2026-10-01", {"works": True, "name": "国庆照常"})
    assert put.json() == {"day": "2026-10-01", "works": True, "name": "国庆照常", "said": True}
    assert days(company, 2026)["2026-10-01"]["works"]
    gone = company.supervisor.delete("/api/days/2026-10-01")
    assert gone.json() == {"day": "2026-10-01", "works": False, "name": "国庆节", "said": False}
    problem(company.supervisor.delete("/api/days/2026-10-01"), 404, "not_found")
    kinds = company.db.reader.now(
        lambda tx: [
            row[0] for row in tx.connection.execute("SELECT kind FROM journal ORDER BY pos DESC LIMIT 2")
        ]
    )
    assert kinds == ["day.dropped", "day.saved"]


def test_saturdays_are_worked_where_the_company_says_so(company):
    def ship_by() -> int:
        friday_evening = START + 34 * 3_600_000
        return company.db.reader.now(
            lambda tx: window(
                dating.ask(tx, "SH", Address(adcode="310115"), (), (), friday_evening, "Asia/Shanghai")
            )
        ).ship_by

    before = ship_by()
    company.supervisor.put("/api/days/saturday", {"works": True})
    assert days(company, 2026)["saturday"]["works"]
    assert not days(company, 2026)["sunday"]["works"]
    assert before - ship_by() == 2 * 86_400_000


@pytest.mark.parametrize("day", ["2026-13-01", "20261001", "2026-W01-1", "monday", "x", "2026-10-1"])
def test_what_is_no_day_is_refused(company, day):
    problem(company.supervisor.put(f"/api/days/{day}", {"works": False}), 400, "invalid")
    problem(company.supervisor.delete(f"/api/days/{day}"), 400, "invalid")
    assert not workdays.is_name(day)


def test_only_leads_change_the_calendar_and_sales_see_it(company):
    for role in ("sales", "finance", "picker"):
        problem(company.call(role, "PUT", "/api/days/2026-10-01", json={"works": True}), 403, "not_yours")
        problem(company.call(role, "DELETE", "/api/days/2026-10-01"), 403, "not_yours")
    problem(company.picker.get("/api/days"), 403, "not_yours")
    problem(company.sales.get("/api/days", params={"year": 10_000}), 400, "invalid")
