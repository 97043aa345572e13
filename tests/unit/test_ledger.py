"""The ledger as it is read; transfers, lots, inspection and orders to count. On both engines."""

from datetime import date

import pytest

from api.kernel.time import DAY
from api.stock import service as stock
from tests.support.company import draft
from tests.support.floor import Device

SKU, BIN = "BP-1023", "A-01-01"


def move(company, kind, qty, status=201, **more):
    body = {"kind": kind, "warehouse": "SH", "sku": SKU, "qty": qty, "bin": BIN, **more}
    answer = company.supervisor.post("/api/stock/moves", body)
    assert answer.status_code == status, answer.text
    return answer.json()


def ledger(company, sku=SKU, warehouse="SH", **query):
    found = company.supervisor.get(f"/api/stock/{sku}/ledger", params={"warehouse": warehouse, **query})
    assert found.status_code == 200, found.text
    return found.json()


def shipped(company, sku=SKU, qty=4):
    """An order whose pieces left; picked without a scan."""
    order = company.supervisor.post(
        "/api/orders", draft(lines=[{"sku": sku, "qty": qty, "price_fen": 1}], warehouse="SH")
    )
    no, pda = order.json()["order_no"], Device(company)
    pda.push(pda.pick(no, 1, qty, bin=BIN if sku == SKU else ""))
    for name, body in (("pack", {}), ("ship", {"carrier": "顺丰"})):
        answer = company.supervisor.post(f"/api/orders/{no}/{name}", body)
        assert answer.status_code == 200, answer.text
    return no


def test_it_tells_what_came_and_went_by_whom_and_why_with_what_was_there_then(company):
    move(company, "receive", 7, why="补货")
    company.clock.forward(1000)
    no = shipped(company)
    company.clock.forward(1000)
    standing = company.supervisor.post("/api/orders", draft(warehouse="SH")).json()["order_no"]
    items = ledger(company)["items"]
    first, released = items[0], next(item for item in items if item["kind"] == "release")
    assert (first["kind"], first["order_no"], first["qty"], first["by"]) == (
        "reserve",
        standing,
        4,
        "supervisor",
    )
    assert (released["order_no"], released["qty"], released["how"]) == (no, 4, "consumed")
    assert (released["held_by"], released["why"]) == ("supervisor", "发货用掉")
    moves = [item for item in items if "on_hand" in item]
    assert [m["kind"] for m in moves] == ["consume", "transfer", "transfer", "receive", "receive", "receive"]
    assert [m["on_hand"] for m in moves] == [103, 107, 103, 107, 100, 50]
    assert (moves[3]["by"], moves[3]["why"], moves[3]["bin"]) == ("supervisor", "补货", BIN)


def test_its_pages_are_its_whole_in_the_same_order(company):
    for _ in range(3):
        shipped(company)
        company.supervisor.post("/api/orders", draft(warehouse="SH"))
    whole = ledger(company, limit=200)["items"]
    for limit in (1, 2, 5):
        pages, cursor = [], ""
        while cursor is not None:
            page = ledger(company, limit=limit, cursor=cursor)
            assert len(page["items"]) <= limit
            pages += page["items"]
            cursor = page["next"]
        assert pages == whole
    assert len(whole) > 10
    assert company.supervisor.get(f"/api/stock/{SKU}/ledger?cursor=x").status_code == 400
    assert company.supervisor.get("/api/stock/nothing/ledger").json()["code"] == "unknown_sku"


def test_a_transfer_is_two_moves_and_takes_nothing_that_somebody_holds(company):
    before = company.supervisor.get(f"/api/stock?sku={SKU}").json()["items"]
    company.supervisor.put("/api/bins/A-09-09", {"warehouse": "SH"})
    move(company, "transfer", 5, to_bin="A-09-09")
    assert company.supervisor.get(f"/api/stock?sku={SKU}").json()["items"] == before
    move(company, "transfer", 45, to_warehouse="SZ", to_bin="F-01-01")
    after = {
        row["warehouse"]: row["on_hand"]
        for row in company.supervisor.get(f"/api/stock?sku={SKU}").json()["items"]
    }
    assert (after["SH"], after["SZ"]) == (55, 145)
    lies = company.supervisor.get(f"/api/stock/{SKU}/bins?warehouse=SH").json()["items"]
    assert {row["bin"]: row["qty"] for row in lies} == {"": 50, "A-09-09": 5}
    company.supervisor.post(
        "/api/orders", draft(lines=[{"sku": SKU, "qty": 50, "price_fen": 1}], warehouse="SH")
    )
    refused = move(company, "transfer", 10, 409, bin="", to_warehouse="SZ")
    assert (refused["code"], "5 件没被占用" in refused["why"]) == ("held_there", True)
    assert move(company, "transfer", 1, 400, bin="", to_bin="")["code"] == "invalid"
    assert move(company, "transfer", 60, 409, bin="", to_bin=BIN)["code"] == "below_zero"
    assert move(company, "transfer", 1, bin="", to_bin=BIN)["on_hand"] == 55


@pytest.fixture
def by_lots(company):
    sku = {"name": "机油", "price_fen": 100, "lots": True}
    assert company.supervisor.put("/api/skus/OIL", sku).json()["lots"] is True
    for lot, expires, qty in (("B", "2027-05-01", 6), ("A", "2026-09-01", 4), ("C", "", 9)):
        move(company, "receive", qty, sku="OIL", bin="", lot=lot, expires=expires)
    return company


def lots(company, sku="OIL"):
    rows = company.supervisor.get(f"/api/stock/{sku}/bins").json()["items"]
    return {(row["bin"], row["lot"]): row["qty"] for row in rows}


def test_what_is_kept_by_lots_comes_with_one_and_leaves_first_expired_first(by_lots):
    assert move(by_lots, "receive", 1, 422, sku="OIL", bin="")["code"] == "lot_needed"
    assert move(by_lots, "receive", 1, 422, lot="X")["code"] == "no_lots"
    assert (
        move(by_lots, "receive", 1, 400, sku="OIL", bin="", lot="X", expires="2026-02-30")["code"]
        == "invalid"
    )
    first, second = shipped(by_lots, "OIL", 3), shipped(by_lots, "OIL", 5)
    assert lots(by_lots) == {("", "B"): 2, ("", "C"): 9}
    recall = by_lots.supervisor.get("/api/lots/OIL/A").json()
    assert [(one["order_no"], one["qty"]) for one in recall["orders"]] == [(first, 3), (second, 1)]
    assert recall["expires"] == "2026-09-01"
    move(by_lots, "damage", 2, sku="OIL", bin="", lot="C")
    move(by_lots, "count", 8, sku="OIL", bin="")
    assert lots(by_lots) == {("", "B"): 1, ("", "C"): 7}
    move(by_lots, "count", 10, sku="OIL", bin="")
    assert lots(by_lots) == {("", "B"): 1, ("", "C"): 7, ("", ""): 2}
    assert by_lots.supervisor.get("/api/lots/OIL/Z").status_code == 404


def test_a_lot_keeps_its_last_day_and_gets_one_where_it_has_none(by_lots):
    def expires(lot):
        return by_lots.supervisor.get(f"/api/lots/OIL/{lot}").json()["expires"]

    for kind, more in (("receive", {}), ("adjust", {}), ("transfer", {"to_warehouse": "SZ"})):
        told = move(by_lots, kind, 1, 409, sku="OIL", bin="", lot="A", expires="2029-01-01", **more)
        assert (told["code"], told["stands"], told["named"]) == ("other_day", "2026-09-01", "2029-01-01")
    for lot, day in (("A", "2026-09-01"), ("A", ""), ("C", "2028-02-01"), ("C", "")):
        move(by_lots, "receive", 1, sku="OIL", bin="", lot=lot, expires=day)
    assert (expires("A"), expires("C")) == ("2026-09-01", "2028-02-01")
    assert lots(by_lots) == {("", "A"): 6, ("", "B"): 6, ("", "C"): 11}


def test_what_has_expired_is_not_received_and_leaves_last(by_lots):
    by_lots.clock.forward((date(2026, 9, 1) - date(2026, 1, 22)).days * DAY)  # A's last day, 10:05 there
    move(by_lots, "receive", 1, sku="OIL", bin="", lot="A")
    shipped(by_lots, "OIL", 2)
    assert lots(by_lots)[("", "A")] == 3
    by_lots.clock.forward(DAY)
    for lot, day in (("A", ""), ("A", "2026-09-01"), ("D", "2026-09-01")):
        told = move(by_lots, "receive", 1, 409, sku="OIL", bin="", lot=lot, expires=day)
        assert (told["code"], told["expires"]) == ("lot_expired", "2026-09-01")
    shipped(by_lots, "OIL", 7)
    assert lots(by_lots) == {("", "A"): 3, ("", "C"): 8}
    move(by_lots, "adjust", 1, sku="OIL", bin="", lot="A")
    move(by_lots, "damage", 2, sku="OIL", bin="", lot="A")
    move(by_lots, "count", 1, sku="OIL", bin="", lot="A")
    shipped(by_lots, "OIL", 9)
    assert lots(by_lots) == {}


def test_a_pick_that_names_a_lot_takes_that_one(by_lots):
    by_lots.supervisor.put("/api/bins/A-08-08", {"warehouse": "SH"})
    move(by_lots, "transfer", 4, sku="OIL", bin="", to_bin="A-08-08", lot="A")
    move(by_lots, "transfer", 6, sku="OIL", bin="", to_bin="A-08-08", lot="B")
    body = draft(lines=[{"sku": "OIL", "qty": 3, "price_fen": 1}], warehouse="SH")
    no, pda = by_lots.supervisor.post("/api/orders", body).json()["order_no"], Device(by_lots)
    pda.push(pda.pick(no, 1, 2, bin="A-08-08", code="B"))
    wrong = pda.pick(no, 1, 1, bin="A-08-08")
    pda.push(wrong)
    assert lots(by_lots)[("", "B")] == 2
    assert lots(by_lots)[("", "A")] == 1
    pda.push(pda.op(no, 1, "void", 0, target=wrong["id"]))
    assert ("", "A") not in lots(by_lots)
    pda.push(pda.pick(no, 1, 1, bin="A-08-08", code="B"))
    for name, given in (("pack", {}), ("ship", {"carrier": "顺丰"})):
        by_lots.supervisor.post(f"/api/orders/{no}/{name}", given)
    assert by_lots.supervisor.get("/api/lots/OIL/B").json()["orders"][0]["qty"] == 3
    assert by_lots.supervisor.get("/api/lots/OIL/A").json()["orders"] == []


def test_lots_can_begin_and_end_while_pieces_lie_there(by_lots):
    by_lots.supervisor.put(f"/api/skus/{SKU}", {"name": "前刹车片", "lots": True})
    assert lots(by_lots, SKU)[(BIN, "")] == 50
    move(by_lots, "receive", 2, lot="N")
    assert lots(by_lots, SKU)[(BIN, "N")] == 2
    by_lots.supervisor.put(f"/api/skus/{SKU}", {"name": "前刹车片"})  # says nothing of lots: they stay
    assert lots(by_lots, SKU)[(BIN, "N")] == 2
    plain = {"name": "前刹车片", "lots": False}
    refused = by_lots.supervisor.put(f"/api/skus/{SKU}", plain)
    assert (refused.status_code, refused.json()["code"]) == (409, "lots_lie")
    assert {name: refused.json()[name] for name in ("warehouse", "lot", "qty")} == {
        "warehouse": "SH", "lot": "N", "qty": 2,
    }  # fmt: skip
    assert (lots(by_lots, SKU)[(BIN, "")], lots(by_lots, SKU)[(BIN, "N")]) == (50, 2)
    move(by_lots, "damage", 2, lot="N")
    assert by_lots.supervisor.put(f"/api/skus/{SKU}", plain).json()["lots"] is False
    assert lots(by_lots, SKU)[(BIN, "")] == 50
    move(by_lots, "receive", 1)  # of no lot: it is not kept by them


def test_a_bin_is_given_to_another_sku_once_it_is_empty(company):
    def give(sku):
        return company.supervisor.put(f"/api/bins/{BIN}", {"warehouse": "SH", "sku": sku})

    for other in ("BD-2001", ""):
        refused = give(other)
        assert (refused.status_code, refused.json()["code"], refused.json()["have"]) == (
            409,
            "bin_not_empty",
            50,
        )
    assert give(SKU).status_code == 200
    move(company, "transfer", 50, to_bin="")
    assert give("BD-2001").status_code == 200


def test_what_lies_in_the_bin_of_another_sku_can_leave_it(company):
    """Companies whose bins were given away while pieces lay in them."""
    company.db.writer.now(
        lambda tx: tx.connection.execute(f"UPDATE bins SET sku = 'BD-2001' WHERE code = '{BIN}'")
    )
    for kind, qty in (("receive", 1), ("adjust", 1), ("count", 51)):
        assert move(company, kind, qty, 409)["code"] == "bin_taken"
    assert move(company, "transfer", 1, 409, bin="", to_bin=BIN)["code"] == "bin_taken"
    for kind, qty, more, left in (
        ("damage", 1, {}, 49),
        ("adjust", -1, {}, 48),
        ("count", 40, {}, 40),
        ("transfer", 5, {"to_bin": ""}, 35),
        ("count", 0, {}, 0),
    ):
        move(company, kind, qty, **more)
        lies = company.supervisor.get(f"/api/stock/{SKU}/bins?warehouse=SH").json()["items"]
        assert {row["bin"]: row["qty"] for row in lies}.get(BIN, 0) == left
    move(company, "receive", 3, sku="BD-2001")


def todo(company, kind):
    return company.picker.get("/api/todos", params={"kind": kind}).json()["items"][0]


def test_what_comes_back_is_stock_once_it_is_good(company):
    no = shipped(company)
    for place, keep in (("SH", 96), ("SZ", 100), ("HZ", 100)):
        body = draft(lines=[{"sku": SKU, "qty": keep, "price_fen": 1}], warehouse=place)
        assert company.supervisor.post("/api/orders", body).json()["state"] == "to_pick"
    waits = company.supervisor.post(
        "/api/orders", draft(lines=[{"sku": SKU, "qty": 3, "price_fen": 1}])
    ).json()
    company.supervisor.post(f"/api/orders/{no}/return", {"lines": [{"line_no": 1, "qty": 4}], "reason": "退"})
    task = todo(company, "inspect")
    assert (task["qty"], task["order_no"]) == (4, no)
    path = f"/api/todos/{task['id']}/finish"
    assert company.picker.post(path, {"good": 4, "bad": 1, "bin": BIN}).status_code == 400
    assert company.sales.post(path, {"good": 4, "bin": BIN}).status_code == 403
    done = company.picker.post(path, {"good": 3, "bad": 1, "bin": BIN, "why": "一件破了"})
    assert done.json() == {"id": task["id"], "done": True, "served": [waits["order_no"]], "lost": []}
    assert company.picker.post(path, {"good": 3, "bad": 1, "bin": BIN}).json()["code"] == "todo_done"
    assert company.supervisor.get(f"/api/orders/{waits['order_no']}").json()["state"] == "to_pick"
    told = company.supervisor.get(f"/api/orders/{no}/journal").json()["items"]
    assert "order.inspected" in [entry["kind"] for entry in told]
    kinds = [(i["kind"], i["qty"], i["order_no"]) for i in ledger(company)["items"] if i["by"] == "picker"]
    assert set(kinds) >= {("return", 3, no), ("return", 1, no), ("damage", -1, no)}


def test_only_lots_that_went_out_come_back_and_no_more_of_each(by_lots):
    no = shipped(by_lots, "OIL", 6)  # 4 of A, 2 of B
    by_lots.supervisor.post(f"/api/orders/{no}/return", {"lines": [{"line_no": 1, "qty": 5}], "reason": "退"})
    path = f"/api/todos/{todo(by_lots, 'inspect')['id']}/finish"

    def finish(status, good, lot, bad=0):
        answer = by_lots.picker.post(path, {"good": good, "bad": bad, "lot": lot})
        assert answer.status_code == status, answer.text
        return answer.json()

    for good, lot in ((5, "C"), (5, "X"), (5, "A"), (3, "B")):
        told = finish(409, good, lot)
        assert (told["code"], told["lots"]) == ("other_lot", "A × 4, B × 2")
    assert finish(422, 5, "")["code"] == "lot_needed"
    assert finish(400, 0, "A")["code"] == "invalid"
    assert finish(200, 3, "A", bad=1)["done"] is False
    assert todo(by_lots, "inspect")["qty"] == 1
    assert finish(409, 1, "A")["lots"] == "B × 2"
    assert finish(200, 1, "B")["done"] is True
    assert lots(by_lots) == {("", "A"): 3, ("", "B"): 5, ("", "C"): 9}
    assert by_lots.db.reader.now(stock.drift) == []


def test_bins_are_counted_by_order_the_most_moved_first(company):
    for code in ("A-01-02", "A-01-02", "A-01-03"):
        move(company, "receive", 1, sku={"A-01-02": "BD-2001", "A-01-03": "OF-3001"}[code], bin=code)
    answer = company.supervisor.post("/api/counts/plan", {"warehouse": "SH", "most": 2})
    assert (answer.status_code, answer.json()["bins"]) == (201, ["A-01-02", "A-01-03"])
    again = company.supervisor.post("/api/counts/plan", {"warehouse": "SH", "most": 4}).json()["bins"]
    assert not {"A-01-02", "A-01-03"} & set(again)  # those are asked for already
    task = todo(company, "count")
    assert task["bin"] == "A-01-02"
    assert company.picker.post(f"/api/todos/{task['id']}/finish", {"good": 50}).json()["lost"] == []
    assert company.picker.get("/api/todos?kind=pick").json()["errors"][0]["path"] == "query.kind"
    company.clock.forward(1000)
    again = company.supervisor.post("/api/counts/plan", {"warehouse": "SH", "bins": ["A-01-02", "A-01-02"]})
    assert again.status_code == 201
    assert todo(company, "count")["bin"] == "A-01-03"
    asked = [one["bin"] for one in company.picker.get("/api/todos").json()["items"]]
    assert sorted(asked).count("A-01-02") == 1  # on the same day once more, and once
    assert all(one["id"] != task["id"] for one in company.picker.get("/api/todos").json()["items"])
    assert (
        company.supervisor.post("/api/counts/plan", {"warehouse": "SH", "bins": ["F-01-01"]}).json()["code"]
        == "unknown_bin"
    )
