"""Pieces in hand are in no bin: a true count of the shelf takes nothing from an order that is being picked."""

import pytest

from tests.support.company import draft


@pytest.fixture
def desk(company):
    made = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": made["code"]}).json()
    head = {"Authorization": f"Bearer {enrolled['token']}"}
    count = iter(range(1, 1000))

    def push(order_no, kind, qty, bin_code="A-01-01", **more):
        n, dev = next(count), enrolled["device"]
        op = {
            "id": f"{dev}:{n}", "hlc": f"{1769047600000 + n:015d}-0000-{dev}", "at": "2026-01-22T10:06:40+08:00",
            "actor": "picker", "order_no": order_no, "line_no": 1, "kind": kind, "qty": qty, "bin": bin_code, "v": 1,
            **more,
        }  # fmt: skip
        answer = company.client.post("/sync/push", json={"device": dev, "ops": [op]}, headers=head)
        assert answer.status_code == 200, answer.text
        return op["id"], answer.json()["results"][0]

    return push


def bins(company, warehouse="SH", sku="BP-1023"):
    rows = company.db.reader.now(
        lambda tx: tx.connection.execute(
            "SELECT bin, qty FROM bin_stock WHERE warehouse = ? AND sku = ?", (warehouse, sku)
        ).fetchall()
    )
    return {row["bin"]: row["qty"] for row in rows if row["qty"]}


def placed(company, qty=4):
    made = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": qty}]))
    assert made.json()["state"] == "to_pick"
    return made.json()["order_no"]


def drift(company):
    from api.stock import service as stock

    return company.db.reader.now(stock.drift)


def test_a_pick_lifts_pieces_out_of_the_bin_and_a_void_lays_them_back(company, desk):
    assert bins(company) == {"": 50, "A-01-01": 50}
    no = placed(company)
    first, _ = desk(no, "pick", 3)
    assert bins(company) == {"": 53, "A-01-01": 47}
    desk(no, "void", 0, "", target=first)
    assert bins(company) == {"": 50, "A-01-01": 50}
    assert drift(company) == []


def test_a_true_count_takes_nothing_from_a_packed_order(company, desk):
    """Everything but the order's own pieces leaves; what is left on the shelf is then counted as it is."""
    move = {"warehouse": "SH", "sku": "BP-1023", "why": "t"}
    company.supervisor.post("/api/stock/moves", {**move, "kind": "count", "qty": 0, "bin": ""})
    company.supervisor.post("/api/stock/moves", {**move, "kind": "count", "qty": 5, "bin": "A-01-01"})
    no = placed(company, 4)
    desk(no, "pick", 4)
    assert company.supervisor.post(f"/api/orders/{no}/pack").json()["state"] == "packed"
    counted = company.supervisor.post(
        "/api/stock/moves", {**move, "kind": "count", "qty": 1, "bin": "A-01-01"}
    )
    assert counted.json() == {**counted.json(), "on_hand": 5, "reserved": 4, "available": 1}
    empty = company.supervisor.post("/api/stock/moves", {**move, "kind": "count", "qty": 0, "bin": "A-01-01"})
    assert (empty.json()["on_hand"], empty.json()["reserved"]) == (4, 4)
    shipped = company.supervisor.post(f"/api/orders/{no}/ship", {"carrier": "顺丰", "waybill": "SF1"})
    assert shipped.json()["state"] == "shipped"
    assert bins(company) == {}
    assert drift(company) == []


def test_who_has_nothing_in_hand_gives_way_first(company, desk):
    older_picked, younger = placed(company, 60), placed(company, 40)
    assert younger
    desk(older_picked, "pick", 10)
    move = {"warehouse": "SH", "sku": "BP-1023", "kind": "damage", "qty": 1, "bin": "", "why": "t"}
    assert company.supervisor.post("/api/stock/moves", move).status_code == 201
    states = [company.sales.get(f"/api/orders/{no}").json() for no in (older_picked, younger)]
    assert (states[0]["state"], states[0]["warehouse"]) == ("picking", "SH")
    assert states[1]["warehouse"] != "SH" or states[1]["state"] == "paid"


def test_shipping_what_no_record_knew_asks_for_a_count(company, desk):
    no = placed(company, 4)
    move = {"warehouse": "SH", "sku": "BP-1023", "kind": "count", "why": "t"}
    company.supervisor.post("/api/stock/moves", {**move, "qty": 0, "bin": ""})
    company.supervisor.post("/api/stock/moves", {**move, "qty": 4, "bin": "A-01-01"})
    desk(no, "pick", 6)
    kept = company.supervisor.post("/sync/settle", {"id": f"{no}/1/over_picked", "choice": "keep"})
    assert kept.status_code == 200, kept.text
    company.supervisor.post(f"/api/orders/{no}/pack")
    assert company.supervisor.post(f"/api/orders/{no}/ship", {"carrier": "顺丰"}).json()["state"] == "shipped"
    todo = [one for one in company.supervisor.get("/api/todos").json()["items"] if one["kind"] == "count"]
    assert [(one["sku"], one["qty"], one["order_no"]) for one in todo] == [("BP-1023", 2, no)]
    assert drift(company) == []
