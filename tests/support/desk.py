"""Short ways for tests over HTTP: place, command, pick, and look at what a refusal says."""

import itertools
from typing import Any

from tests.conftest import Company
from tests.support.company import draft

_devices = itertools.count(1)


def place(company: Company, role: str = "supervisor", **change: Any) -> str:
    """A paid order's number (`paid_at=None`: unpaid)."""
    answer = company.call(role, "POST", "/api/orders", json=draft(**change))
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["order_no"]
    return found


def tell(company: Company, role: str, no: str, name: str, **body: Any) -> Any:
    return company.call(role, "POST", f"/api/orders/{no}/{name}", json=body)


def does(company: Company, role: str, no: str, name: str, **body: Any) -> dict[str, Any]:
    """The order after a command that must be taken."""
    answer = tell(company, role, no, name, **body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def look(company: Company, no: str, role: str = "owner") -> dict[str, Any]:
    found: dict[str, Any] = company.call(role, "GET", f"/api/orders/{no}").json()
    return found


class Device:
    """An enrolled device that pushes what it is told."""

    def __init__(self, company: Company, warehouse: str = "SH") -> None:
        given = {"label": f"PDA {next(_devices)}", "warehouse": warehouse}
        card = company.owner.post("/api/devices", given).json()
        enrolled = company.client.post("/api/devices/enrol", json={"code": card["code"]}).json()
        self.company, self.id, self.n = company, enrolled["device"], 0
        self.headers = {"Authorization": f"Bearer {enrolled['token']}"}

    def push(
        self, no: str, kind: str = "pick", qty: int = 1, line_no: int = 1, **change: Any
    ) -> dict[str, Any]:
        """The one result."""
        self.n += 1
        op = {
            "id": f"{self.id}:{self.n}", "hlc": f"001769047600000-0000-{self.id}",
            "at": "2026-01-22T10:06:40+08:00", "actor": "picker", "order_no": no, "line_no": line_no,
            "kind": kind, "qty": qty, "bin": "", "code": "", "v": 1, **change,
        }  # fmt: skip
        answer = self.company.client.post(
            "/sync/push", json={"device": self.id, "ops": [op]}, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["results"][0]
        return found


def packed(company: Company, **change: Any) -> str:
    no = place(company, **change)
    device = Device(company, look(company, no)["warehouse"])
    for line in look(company, no)["lines"]:
        device.push(no, "pick", line["qty"], line["line_no"])
    does(company, "picker", no, "pack")
    return no


def shipped(company: Company, **change: Any) -> str:
    no = packed(company, **change)
    does(company, "picker", no, "ship", carrier="顺丰", waybill="SF1")
    return no


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, its shape checked."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert (found["code"], found["status"]) == (code, status)
    assert found["type"]
    assert found["title"]
    assert found["detail"] == found["why"]
    assert found["instance"].startswith("/")
    return found
