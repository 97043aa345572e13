"""Keeps a small company as the program of one schema wrote it, for every later program to be tried on.

    python tests/kept/keep.py tests/kept/schema-1

Run once by each release that brings a schema (from that release's own tree, its tests beside it), then never again:
what lies there is what such a program left behind. Orders in every state and of every trouble, picks and their
conflicts, messages of every status, files, links, checkpoints, an erased customer; `told.json` is what the program
itself said about them, with the tokens to ask again, and one op that its device had not pushed yet.
"""

import json
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from litestar.testing import TestClient

from api.app import create_app
from api.db.database import FILE
from api.kernel.actor import SYSTEM
from api.setup import forgetting
from tests.conftest import Company
from tests.support.company import SECRET, START, MovedClock, build, draft, settings
from tests.support.floor import Device
from tests.support.senders import Till

MINUTE = 60_000
ASKED = (
    "/api/stock",
    "/api/conflicts?status=all",
    "/api/inbox",
    "/api/orders?limit=200",
    "/api/customers?limit=200",
)


class Keeper:
    def __init__(self, company: Company) -> None:
        self.company, self.lead = company, company.supervisor
        self.device, self.till = Device(company), Till(company)
        self.orders: list[str] = []
        self.again: list[dict[str, Any]] = []

    def place(self, **change: Any) -> str:
        self.company.clock.forward(MINUTE)
        answer = self.lead.post("/api/orders", draft(**change))
        assert answer.status_code == 201, answer.text
        self.orders.append(answer.json()["order_no"])
        return self.orders[-1]

    def do(self, no: str, command: str, **body: Any) -> str:
        self.company.clock.forward(MINUTE)
        answer = self.lead.post(f"/api/orders/{no}/{command}", body)
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["order_no"]
        return found

    def pick(self, no: str, qty: int = 4, **change: Any) -> dict[str, Any]:
        op = self.device.pick(no, 1, qty, **change)
        self.again.append({"op": op, "result": self.device.push(op)[0]})
        return op

    def packed(self, **change: Any) -> str:
        no = self.place(**change)
        self.pick(no, bin="A-01-01")
        return self.do(no, "pack")

    def shipped(self, **change: Any) -> str:
        return self.do(self.packed(**change), "ship", carrier="顺丰", waybill="SF1")


def states(keep: Keeper) -> None:
    """One order at least in each state and with each thing an order can carry."""
    keep.place(paid_at=None, customer={"name": "昆山新宇", "phone": "13700000001"})
    keep.place(note="请避开周一送货，需附出厂检验报告", options=["需加装防震泡沫"])
    keep.place(lines=[{"sku": "BD-2001", "qty": 101}, {"sku": "WP-4001", "qty": 2}])  # paid, short
    keep.do(keep.place(channel="pos", external_no="K-1"), "hold", reason="等款")
    keep.pick(keep.place(), qty=2)
    keep.packed()
    no = keep.shipped(address={"text": "苏州市工业园区星湖街1号", "lng": 120.73, "lat": 31.26})
    link = keep.lead.post(f"/api/orders/{no}/tracking-link")
    assert link.status_code == 200, link.text
    no = keep.do(keep.shipped(), "deliver", evidence="客户签收")
    keep.do(keep.place(), "cancel", reason="重复下单")
    keep.do(keep.shipped(), "return", lines=[{"line_no": 1, "qty": 4}], reason="型号不对")
    no = keep.place(note="原样")
    keep.do(no, "comment", text="客户来电催货")
    keep.do(no, "tag", add=["大客户"])
    file = keep.lead.post(
        f"/api/orders/{no}/attachments",
        data={"kind": "receipt", "paid_on": "2026-01-22", "amount_fen": "100"},
        files={"file": ("回单.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "image/png")},
    )
    assert file.status_code == 201, file.text
    keep.orders.append(keep.do(no, "amend", changes={"note": "改成周二送"}))


def conflicts(keep: Keeper) -> None:
    """Open and settled ones, a void, a short, ops that nobody knows the order of."""
    held = keep.place()
    keep.do(held, "hold", reason="查地址")
    keep.pick(held, 1)
    gone = keep.place()
    keep.pick(gone, 1)
    keep.do(gone, "cancel", reason="不要了")
    over = keep.place()
    op = keep.pick(over, 6)
    keep.pick(over, 1, bin="A-01-02")
    settled = keep.lead.post(f"/api/conflicts/{over}/1/over_picked/settle", {"choice": "keep"})
    assert settled.status_code == 200, settled.text
    back = keep.place()
    taken = keep.pick(back, 4)
    keep.device.push(keep.device.op(back, 1, "void", 0, target=taken["id"]))
    keep.device.push(keep.device.op(back, 1, "short", 1))
    keep.device.push(keep.device.pick("HD000000-00000", 1, 1), {**op, "qty": 5})


def messages(keep: Keeper) -> None:
    """Done, duplicate, ignored, waiting, dead."""
    till = keep.till
    till("order.created", order_id="K-2")
    till("order.paid", order_id="K-2")
    till("order.paid", "msg_again", order_id="K-3", items=[{"sku": "XX-0001", "qty": 1, "price_fen": 100}])
    till("order.paid", "msg_again", order_id="K-3", items=[{"sku": "XX-0001", "qty": 1, "price_fen": 100}])
    till("order.paid", "msg_again", order_id="K-3")  # the same id with another body
    till("order.looked_at", order_id="K-2")
    till("order.cancelled", order_id="K-4")
    till.raw(b'{"type": "order.paid", "data": {"order_id": ""}}')


def once(keep: Keeper) -> dict[str, Any]:
    """A stored first answer."""
    key, body = {"Idempotency-Key": "kept"}, draft(note="只下一次")
    answer = keep.lead.post("/api/orders", body, headers=key)
    keep.orders.append(answer.json()["order_no"])
    return {"body": body, "answer": answer.text}


def made(folder: Path) -> dict[str, Any]:
    clock = MovedClock()
    app = create_app(settings(folder), clock=clock, with_worker=False)
    app.state.hub.db.writer.now(lambda tx: build(tx, clock()))
    with TestClient(app) as client:
        keep = Keeper(Company(client, app, clock))
        states(keep)
        app.state.worker.checkpoint()
        conflicts(keep)
        messages(keep)
        kept = once(keep)
        keep.company.owner.get(f"/api/orders/{keep.orders[0]}")  # who asks below is known already
        keep.place(customer={"name": "要忘记的人", "phone": "13600000009"}, address="上海市黄浦区某路1号")
        who = keep.lead.get(f"/api/orders/{keep.orders[-1]}").json()["customer"]["id"]
        keep.company.db.writer.now(lambda tx: forgetting.forget(tx, who, SYSTEM, clock()))
        late = keep.device.pick(keep.orders[1], 1, 1, bin="A-01-01")  # still on the device
        link = keep.lead.get("/api/orders?state=shipped").json()["items"][0]["order_no"]
        url = keep.lead.post(f"/api/orders/{link}/tracking-link").json()["url"]
        listed = [one["order_no"] for one in keep.lead.get("/api/orders?limit=200").json()["items"]]
        asked = [*ASKED]
        asked += [
            f"/api/orders/{no}{part}"
            for no in listed
            for part in ("", "/history", "/journal", "/attachments")
        ]
        for _ in range(2):  # the first round's looks at orders are journalled, and told in the second
            told = {path: keep.company.owner.get(path).json() for path in asked}
            keep.company.db.writer.now(lambda _: None)
        pulled = client.get("/sync/pull?warehouse=SH", headers=keep.device.head).json()
        return {
            "now": clock(), "tokens": {role: keep.company.token(role) for role in ("owner", "supervisor")},
            "device": {"id": keep.device.id, "head": keep.device.head}, "late": late, "again": keep.again,
            "once": kept, "link": url.partition("/t/")[2], "pulled": pulled, "told": told,
        }  # fmt: skip


def text_of(file: Path) -> str:
    """The whole database as SQL, its schema's number first."""
    connection = sqlite3.connect(file)
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    lines = [f"PRAGMA user_version = {number};", *connection.iterdump()]
    connection.close()
    return "\n".join(lines) + "\n"


def main(out: Path) -> None:
    assert START < 2**53
    assert SECRET
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        told = made(folder)
        out.mkdir(parents=True)
        (out / "company.sql").write_text(text_of(folder / FILE), "utf-8")
        (out / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        (out / "checkpoints").mkdir()
        for point in (folder / "checkpoints").glob("*.txt"):
            (out / "checkpoints" / point.name).write_bytes(point.read_bytes())
    rows = [(no, one["state"]) for no, one in ((p, told["told"][p]) for p in told["told"]) if "state" in one]
    print(f"{len(rows)} orders, states {sorted({state for _, state in rows})}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
