"""A clock that jumps: nothing is lost or doubled, the journal stays whole, and somebody is told."""

import pytest

from api.journal import checkpoint, guard
from api.kernel.time import DAY, HOUR
from api.setup import doctor
from api.stock import service as stock
from tests.support.company import SECRET, draft, settings
from tests.support.floor import Device

KEY = checkpoint.public(checkpoint.signing_key(SECRET))


@pytest.mark.parametrize(
    "jump", [-2 * HOUR, -400 * DAY, 20 * DAY, -5_000], ids=["hours", "a year", "ahead", "secs"]
)
def test_work_goes_on_over_a_jump(company, jump: int):
    made, device = [], Device(company)

    def order() -> str:
        answer = company.supervisor.post("/api/orders", draft())
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["order_no"])
        return made[-1]

    before = order()
    company.app.state.worker.checkpoint()
    company.clock.forward(jump)
    for no in (before, order()):
        op = device.pick(no, 1, 4)
        assert [one["verdict"] for one in device.push(op)] == ["applied"]
        assert [one["again"] for one in device.push(op)] == [True]
        assert company.supervisor.post(f"/api/orders/{no}/pack").status_code == 200
        shipped = company.supervisor.post(f"/api/orders/{no}/ship", {"carrier": "顺丰", "waybill": "SF1"})
        assert shipped.status_code == 200
    company.app.state.worker.checkpoint()
    company.clock.forward(-jump)
    order()
    company.app.state.worker.checkpoint()
    assert len(set(made)) == len(made) == 3
    listed = [one["order_no"] for one in company.supervisor.get("/api/orders").json()["items"]]
    assert listed == made[::-1], "newest first is by arrival, whatever the clock said"
    assert company.supervisor.get("/api/board").status_code == 200
    told = company.db.reader.now(lambda tx: guard.verify(tx, company.db.folder / "checkpoints", KEY))
    assert (told.fault, told.checkpoints) == (None, 4)
    assert company.db.reader.now(stock.drift) == []


def test_a_key_is_kept_over_a_clock_that_goes_back(company):
    head = {"Idempotency-Key": "k"}
    first = company.supervisor.post("/api/orders", draft(), headers=head)
    for jump in (-3 * HOUR, 3 * HOUR, 23 * HOUR):
        company.clock.forward(jump)
        again = company.supervisor.post("/api/orders", draft(), headers=head)
        assert (again.status_code, again.content) == (201, first.content)


def test_the_doctor_says_that_the_clock_stands_before_the_newest_entry(company):
    company.supervisor.post("/api/orders", draft())
    found = settings(company.db.folder)
    assert "D004" in [one.id for one in doctor.findings(found, company.db, company.clock() - 2 * HOUR, {})]
    assert "D004" not in [one.id for one in doctor.findings(found, company.db, company.clock(), {})]
