"""Counts from devices: judged against the record as it stood when they were made. On both engines."""

from datetime import datetime, timedelta, timezone

import pytest

from api.kernel.time import DAY, HOUR, MINUTE
from api.stock import service as stock
from tests.support.company import draft
from tests.support.floor import Device

SKU, BIN = "BP-1023", "A-01-01"
ZONE = timezone(timedelta(hours=8))


def written(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, ZONE).isoformat()


class Counter:
    """A device that counts; its clock may be off."""

    def __init__(self, company, off=0) -> None:
        self.company, self.pda, self.off, self.n = company, Device(company), off, 0

    def count(self, qty, ago=0, **more):
        self.n += 1
        at = written(self.company.clock() - ago + self.off)
        return {"id": f"{self.pda.id}:c{self.n}", "bin": BIN, "sku": SKU, "qty": qty, "at": at, "actor": "picker",
                "after": self.pda.n, **more}  # fmt: skip

    def send(self, *counts):
        body = {
            "device": self.pda.id,
            "now": written(self.company.clock() + self.off),
            "counts": list(counts),
        }
        answer = self.pda.post("/sync/counts", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]


@pytest.fixture
def counter(company):
    made = Counter(company)
    yield made
    assert company.db.reader.now(stock.drift) == []


def lies(company):
    rows = company.supervisor.get(f"/api/stock/{SKU}/bins?warehouse=SH").json()["items"]
    return next((row["qty"] for row in rows if row["bin"] == BIN), 0)


def placed(company, qty=4):
    body = draft(lines=[{"sku": SKU, "qty": qty, "price_fen": 1}], warehouse="SH")
    return company.supervisor.post("/api/orders", body).json()["order_no"]


def moved(company, kind, qty):
    body = {"kind": kind, "warehouse": "SH", "sku": SKU, "qty": qty, "bin": BIN}
    assert company.supervisor.post("/api/stock/moves", body).status_code == 201


def test_a_count_is_taken_once_and_told_the_same_for_ever(company, counter):
    one = counter.count(47)
    [first] = counter.send(one)
    assert first == {"id": one["id"], "verdict": "applied", "was": 50, "delta": -3, "again": False}
    assert counter.send(one, one) == [{**first, "again": True}] * 2
    assert lies(company) == 47
    [other] = counter.send({**one, "qty": 46})
    assert (other["verdict"], other["code"], lies(company)) == ("refused", "same_id_other_body", 47)
    assert company.supervisor.get("/api/parked").json()["items"][0]["op_id"] == one["id"]


def test_what_moved_after_the_count_is_not_undone(company, counter):
    one = counter.count(45)
    company.clock.forward(2 * HOUR)
    moved(company, "receive", 10)
    company.clock.forward(MINUTE)
    [told] = counter.send(one)
    assert (told["was"], told["delta"], lies(company)) == (50, -5, 55)


@pytest.mark.parametrize("off", [-3 * HOUR, 5 * DAY])
def test_a_clock_that_is_off_is_known_from_the_push(company, off):
    counter = Counter(company, off)
    one = counter.count(45)
    company.clock.forward(2 * HOUR)
    moved(company, "receive", 10)
    company.clock.forward(MINUTE)
    assert counter.send(one)[0]["was"] == 50


def test_own_picks_before_the_count_come_first_and_those_after_it_stay_taken(company, counter):
    no = placed(company, 8)
    company.clock.forward(MINUTE)
    before = counter.pda.pick(no, 1, 3, bin=BIN)
    one = counter.count(46)  # 47 by the record: one is missing
    after = counter.pda.pick(no, 1, 5, bin=BIN)
    company.clock.forward(HOUR)
    assert counter.send(one)[0]["verdict"] == "waiting"
    counter.pda.push(before, after)
    company.clock.forward(MINUTE)
    [told] = counter.send(one)
    assert (told["was"], told["delta"], lies(company)) == (47, -1, 41)


def test_a_void_before_the_count_lays_its_piece_back(company, counter):
    no = placed(company)
    pick = counter.pda.pick(no, 1, 4, bin=BIN)
    void = counter.pda.op(no, 1, "void", 0, target=pick["id"])
    one = counter.count(50)
    company.clock.forward(HOUR)
    counter.pda.push(pick, void)
    assert counter.send(one)[0]["delta"] == 0


def test_a_pick_of_somebody_else_that_overlaps_is_shown_not_guessed(company, counter):
    no, other = placed(company), Device(company)
    early = other.pick(no, 1, 4, bin=BIN, at=written(company.clock() - MINUTE))
    one = counter.count(46)
    company.clock.forward(HOUR)
    other.push(early)
    [told] = counter.send(one)
    assert (told["verdict"], told["code"], lies(company)) == ("conflict", "overlaps", 46)
    [shown] = company.supervisor.get("/api/counts").json()["items"]
    assert (shown["id"], shown["qty"], shown["actor"], bool(shown["why"])) == (one["id"], 46, "picker", True)
    assert {"bin": BIN, "sku": SKU, "name": "前刹车片"} in other.pull()["counts"]
    assert counter.send(counter.count(46))[0]["verdict"] == "applied"
    assert company.supervisor.get("/api/counts").json()["items"] == []
    assert other.pull()["counts"] == []


def test_a_late_pick_into_a_counted_bin_asks_for_another_count(company, counter):
    no, other = placed(company), Device(company)
    early = other.pick(no, 1, 4, bin=BIN, at=written(company.clock() - MINUTE))
    assert counter.send(counter.count(46))[0]["delta"] == -4
    company.clock.forward(MINUTE)
    other.push(early)
    assert [one["bin"] for one in other.pull()["counts"]] == [BIN]


@pytest.mark.parametrize(
    ("ago", "more", "code"),
    [
        (4 * DAY, {}, "stale"),
        (0, {"sku": "BD-2001"}, "other_sku"),
        (0, {"bin": "Z-9"}, "unknown_bin"),
        (0, {"bin": "F-01-01"}, "unknown_bin"),
        (0, {"qty": -1}, "malformed"),
        (0, {"at": "gestern"}, "malformed"),
        (0, {"id": "x"}, "malformed"),
    ],
)
def test_what_cannot_be_taken_is_shown_and_changes_nothing(company, counter, ago, more, code):
    company.clock.forward(5 * DAY)
    [told] = counter.send({**counter.count(40, ago), **more})
    assert (told["code"], lies(company)) == (code, 50)
    assert told["verdict"] == ("conflict" if code in ("stale", "other_sku") else "refused")


def test_a_bin_that_holds_other_goods_now_is_settled_by_a_count_of_those(company, counter):
    [told] = counter.send({**counter.count(40), "sku": "OF-3001"})
    [wants] = company.supervisor.get("/api/counts").json()["items"]
    assert (told["code"], wants["sku"], wants["holds"], wants["lies"]) == ("other_sku", "OF-3001", SKU, 50)
    moved(company, "count", 48)
    assert company.supervisor.get("/api/counts").json()["items"] == []
    assert lies(company) == 48


def test_a_count_of_another_sku_asks_for_what_the_bin_holds_now(company, counter):
    other = Counter(company)
    assert other.send(other.count(9, sku="BD-2001"))[0]["code"] == "other_sku"
    assert [(one["bin"], one["sku"]) for one in counter.pda.pull()["counts"]] == [(BIN, SKU)]
    asked = {"kind": "count", "place": "SH", "code": "BD-2001", "bin_code": BIN, "qty": 0, "order_no": ""}
    company.db.writer.now(lambda tx: stock.todo(tx, **asked, cause="of old", now=company.clock()))
    assert counter.send(counter.count(48))[0]["verdict"] == "applied"
    assert company.picker.get("/api/todos").json()["items"] == []


def test_an_older_count_gives_way_to_a_newer_one(company, counter):
    old = counter.count(40)
    company.clock.forward(HOUR)
    moved(company, "count", 44)
    assert counter.send(old)[0]["code"] == "counted_since"
    assert lies(company) == 44


def test_a_count_below_what_is_held_takes_reservations_back(company, counter):
    no = placed(company, 90)
    assert counter.send(counter.count(10))[0]["delta"] == -40
    assert company.supervisor.get(f"/api/orders/{no}").json()["state"] == "paid"


def test_an_answer_that_was_lost_and_a_device_that_is_not_ours(company, counter):
    answer = counter.pda.post("/sync/counts", {"device": "NOBODY00", "counts": []})
    assert answer.status_code == 400
    elsewhere = Device(company, "SZ")
    answer = elsewhere.post("/sync/counts", {"device": counter.pda.id, "counts": []})
    assert answer.status_code == 400
