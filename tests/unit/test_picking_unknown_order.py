"""An op that comes before its order is parked and shown, spoils nothing, and counts once the order exists."""

from typing import Any

from tests.conftest import Company
from tests.support.company import draft


def op(device: str, n: int, order_no: str, **change: Any) -> dict[str, Any]:
    given = {
        "id": f"{device}:{n}", "hlc": f"001769047600000-{n:04x}-{device}", "at": "2026-01-22T10:06:40+08:00",
        "actor": "picker", "order_no": order_no, "line_no": 1, "kind": "pick", "qty": 1, "bin": "A-01-01",
        "code": "BP-1023", "v": 1,
    }  # fmt: skip
    return {**given, **change}


def test_an_op_before_its_order_is_parked_beside_good_ones_and_counts_later(company: Company) -> None:
    known = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    later = known[:-5] + f"{int(known[-5:]) + 1:05d}"
    card = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": card["code"]}).json()
    device, head = enrolled["device"], {"Authorization": f"Bearer {enrolled['token']}"}
    ops = [op(device, 1, later, qty=3), op(device, 2, known)]
    pushed = company.client.post("/sync/push", json={"device": device, "ops": ops}, headers=head)
    assert pushed.status_code == 200, pushed.text
    verdicts = [one["verdict"] for one in pushed.json()["results"]]
    assert verdicts == ["refused", "applied"]
    assert pushed.json()["have"] == {device: 2}
    parked = company.supervisor.get("/api/parked").json()["items"]
    assert [(one["op_id"], one["code"]) for one in parked] == [(f"{device}:1", "unknown_order")]
    placed = company.supervisor.post("/api/orders", draft()).json()
    assert placed["order_no"] == later
    assert (placed["state"], placed["lines"][0]["picked"]) == ("picking", 3)
    again = company.client.post("/sync/push", json={"device": device, "ops": ops}, headers=head).json()
    assert [(one["verdict"], one["again"]) for one in again["results"]] == [
        ("refused", True),
        ("applied", True),
    ]
    picked = [company.sales.get(f"/api/orders/{no}").json()["lines"][0]["picked"] for no in (known, later)]
    assert picked == [1, 3]
