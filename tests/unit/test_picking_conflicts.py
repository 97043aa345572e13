"""What a pick meets when its order has changed meanwhile, and how people settle it."""

import pytest

from tests.support.company import draft
from tests.support.floor import Device


@pytest.fixture
def device(company):
    return Device(company)


@pytest.fixture
def boss(company):
    return company.supervisor


@pytest.fixture
def order(company):
    def made(**change):
        answer = company.supervisor.post("/api/orders", draft(**change))
        assert answer.status_code == 201, answer.text
        return answer.json()["order_no"]

    return made


def read(company, order_no):
    return company.supervisor.get(f"/api/orders/{order_no}").json()


def picked(company, order_no):
    return read(company, order_no)["lines"][0]["picked"]


def conflicts(company, status="open"):
    return company.supervisor.get(f"/api/conflicts?status={status}").json()["items"]


def todos(company, kind="put_away"):
    sql = "SELECT warehouse, sku, bin, qty, order_no FROM todos WHERE kind = ? ORDER BY id"
    rows = company.db.reader.now(lambda tx: tx.connection.execute(sql, (kind,)).fetchall())
    return [tuple(row) for row in rows]


def stock(company, sku="BP-1023", warehouse="SH"):
    found = company.supervisor.get("/api/stock", params={"sku": sku, "warehouse": warehouse}).json()["items"][
        0
    ]
    assert found["available"] == found["on_hand"] - found["reserved"] >= 0
    return found["on_hand"], found["reserved"]


def no_drift(company):
    from api.stock import service

    assert company.db.reader.now(service.drift) == []


def do(company, order_no, name, body=None, status=200):
    answer = company.supervisor.post(f"/api/orders/{order_no}/{name}", body or {})
    assert answer.status_code == status, answer.text
    return answer.json()


def ship(company, order_no):
    do(company, order_no, "pack")
    return do(company, order_no, "ship", {"carrier": "顺丰", "waybill": "SF1"})


def test_the_first_op_starts_picking_and_a_hold_keeps_it_out(company, device, order):
    started, kept = order(), order()
    do(company, kept, "hold", {"reason": "等款"})
    for no, kind, state in ((started, "wrong", "picking"), (kept, "pick", "to_pick")):
        device.push(device.op(no, 1, kind, 0 if kind == "wrong" else 1))
        assert read(company, no)["state"] == state
    assert read(company, kept)["lines"][0]["picked"] == 1
    do(company, kept, "lift")
    assert read(company, kept)["state"] == "picking"
    history = company.supervisor.get(f"/api/orders/{kept}/history").json()["items"]
    assert history[-1]["state"] == "picking"


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("held", [("hold", {"reason": "等款"})]),
        ("cancelled", [("cancel", {"reason": "不要了"})]),
        ("amended", [("amend", {"changes": {"note": "换个说法"}})]),
    ],
)
def test_a_pick_that_happened_meanwhile_is_a_conflict_counted_once(company, device, order, kind, meanwhile):
    no = order()
    op = device.pick(no, 1, 2)
    for name, body in meanwhile:
        do(company, no, name, body)
    (result,) = device.push(op)
    conflict = f"{no}/-/{kind}"
    assert (result["verdict"], result["conflict"]) == ("conflict", conflict)
    assert result["why"]
    assert picked(company, no) == 2
    (found,) = conflicts(company)
    assert (found["id"], found["kind"], found["ops"], found["settled"]) == (conflict, kind, [op["id"]], None)
    assert device.push(op)[0] == {**result, "again": True}
    assert picked(company, no) == 2
    assert len(conflicts(company)) == 1


def test_lift_closes_held(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 1))
    do(company, no, "hold", {"reason": "等款"})
    assert [one["kind"] for one in conflicts(company)] == ["held"]
    do(company, no, "lift")
    assert (conflicts(company), picked(company, no)) == ([], 1)


def test_undo_of_a_hold_puts_away_and_stays_undone(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 3, bin="A-01-01"))
    do(company, no, "hold", {"reason": "等款"})
    done = company.supervisor.post(f"/api/conflicts/{no}/-/held/settle", {"choice": "undo"})
    assert (done.status_code, done.json()["settled"]["choice"]) == (200, "undo"), done.text
    assert picked(company, no) == 0
    assert todos(company) == [("SH", "BP-1023", "A-01-01", 3, no)]
    do(company, no, "lift")
    assert picked(company, no) == 0
    again = company.supervisor.post(f"/api/conflicts/{no}/-/held/settle", {"choice": "undo"})
    assert again.status_code == 200
    other = company.supervisor.post(f"/api/conflicts/{no}%2F-%2Fheld/settle", {"choice": "keep"})
    assert (other.status_code, other.json()["code"]) == (409, "settled")
    assert len(todos(company)) == 1


def test_over_picked_is_settled_keep_or_undo(company, device, order):
    kept, undone = order(), order()
    for no in (kept, undone):
        (result,) = device.push(device.pick(no, 1, 6))
        assert (result["verdict"], result["conflict"]) == ("conflict", f"{no}/1/over_picked")
        assert picked(company, no) == 6
    assert {one["surplus"][0]["qty"] for one in conflicts(company)} == {2}
    for no, choice in ((kept, "keep"), (undone, "undo")):
        done = company.supervisor.post(f"/api/conflicts/{no}/1/over_picked/settle", {"choice": choice})
        assert done.status_code == 200, done.text
    assert (picked(company, kept), picked(company, undone)) == (6, 4)
    assert todos(company) == [("SH", "BP-1023", "", 2, undone)]
    assert stock(company) == (100, 8)
    ship(company, kept)
    assert stock(company) == (94, 4)  # the kept surplus left with the parcel
    ship(company, undone)
    assert stock(company) == (90, 0)
    no_drift(company)


def test_a_void_makes_the_put_away_smaller(company, device, order):
    no = order()
    ops = [device.pick(no, 1, 4), device.pick(no, 1, 3)]
    device.push(*ops)
    company.supervisor.post(f"/api/conflicts/{no}/1/over_picked/settle", {"choice": "undo"})
    assert [row[3] for row in todos(company)] == [3]
    device.push(device.op(no, 1, "void", 0, target=ops[1]["id"]))
    assert (picked(company, no), [row[3] for row in todos(company) if row[3]]) == (4, [])
    assert conflicts(company) == []


def test_wrong_bins(company, device, order):
    no = order()
    picks = {
        "wrong_bin": device.pick(no, 1, 1, bin="A-01-02"),
        "unknown": device.pick(no, 1, 1, bin="Z-99-99"),
        "wrong_warehouse": device.pick(no, 1, 1, bin="F-01-01"),
        "right": device.pick(no, 1, 1, bin="A-01-01"),
    }
    results = device.push(*picks.values())
    kinds = [one.get("conflict", "").rpartition("/")[2] for one in results]
    assert kinds == ["wrong_bin", "wrong_bin", "wrong_warehouse", ""]
    assert picked(company, no) == 4
    assert {one["kind"]: len(one["ops"]) for one in conflicts(company)} == {
        "wrong_bin": 2,
        "wrong_warehouse": 1,
    }
    company.supervisor.post(f"/api/conflicts/{no}/1/wrong_warehouse/settle", {"choice": "undo"})
    assert picked(company, no) == 3
    assert todos(company) == [("SZ", "BP-1023", "F-01-01", 1, no)]


def test_late_pieces_are_put_away_or_leave_the_stock(company, device, order):
    kept, undone = order(), order()
    for no in (kept, undone):
        device.push(device.pick(no, 1, 3), device.op(no, 1, "short", 1))
        ship(company, no)
    assert stock(company) == (94, 0)
    for no in (kept, undone):
        (result,) = device.push(device.pick(no, 1, 1))
        assert result["conflict"] == f"{no}/-/already_shipped"
        assert read(company, no)["state"] == "shipped"
    for no, choice in ((kept, "keep"), (undone, "undo")):
        done = company.supervisor.post(f"/api/conflicts/{no}/-/already_shipped/settle", {"choice": choice})
        assert done.status_code == 200, done.text
    assert stock(company) == (93, 0)
    assert (picked(company, kept), picked(company, undone)) == (4, 3)
    assert [row[3:] for row in todos(company)] == [(1, undone)]
    no_drift(company)


def test_an_amended_orders_kept_picks_go_on_in_the_next_version(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 3, bin="A-01-01"))
    new = do(company, no, "amend", {"changes": {"lines": [{"sku": "BP-1023", "qty": 2}]}})["order_no"]
    assert (picked(company, new), [one["kind"] for one in conflicts(company)]) == (0, ["amended"])
    company.supervisor.post(f"/api/conflicts/{no}/-/amended/settle", {"choice": "keep"})
    assert (picked(company, new), read(company, new)["state"]) == (2, "picking")
    assert [(row[1], row[3]) for row in todos(company)] == [("BP-1023", 1)]  # three came, two are wanted
    device.push(device.pick(new, 1, 1))
    assert [one["id"] for one in conflicts(company)] == [f"{new}/1/over_picked"]
    assert picked(company, new) == 3


# --- who settles ------------------------------------------------------------------------------------------


def test_a_picker_settles_own_picks_of_the_pickers_kinds(company, device, order):
    mine, foreign = order(), order()
    device.push(device.pick(mine, 1, 5), device.pick(foreign, 1, 5, actor="somebody"))

    def settle(who, no, kind="1/over_picked"):
        return who.post(f"/api/conflicts/{no}/{kind}/settle", {"choice": "undo"})

    assert settle(company.picker, foreign).json()["code"] == "not_yours"
    assert settle(company.sales, mine).status_code == 403
    assert settle(company.picker, mine).status_code == 200
    assert settle(company.supervisor, foreign).status_code == 200
    device.push(device.pick(mine, 1, 1, bin="F-01-01"))
    assert settle(company.picker, mine, "1/wrong_warehouse").json()["code"] == "not_yours"
    assert (
        company.supervisor.post("/api/conflicts/HD-none/1/over_picked/settle", {"choice": "keep"}).status_code
        == 404
    )
    assert (
        company.supervisor.post(f"/api/conflicts/{mine}/1/held/settle", {"choice": "keep"}).status_code == 404
    )
    assert (
        company.supervisor.post(f"/api/conflicts/{mine}/-/held/settle", {"choice": "keep"}).status_code == 404
    )
    bad = company.supervisor.post(f"/api/conflicts/{mine}/1/wrong_warehouse/settle", {"choice": "burn"})
    assert bad.status_code == 400


def test_a_device_settles_offline_and_again(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 6))
    conflict = f"{no}/1/over_picked"
    assert device.settle(conflict, "undo", "somebody").json()["code"] == "not_yours"
    assert device.settle(conflict, "undo", "").json()["code"] == "not_yours"
    first = device.settle(conflict, "undo")
    assert (first.status_code, first.json()["settled"]["by"], picked(company, no)) == (200, "picker", 4)
    assert device.settle(conflict, "undo").json() == first.json()
    assert device.settle(conflict, "keep").json()["code"] == "settled"
    assert [row[3] for row in todos(company)] == [2]
    journal = company.supervisor.get(f"/api/orders/{no}/journal").json()["items"]
    settled = [one for one in journal if one["kind"] == "order.settled"]
    assert len(settled) == 1
    assert device.settle("nonsense", "keep").status_code == 404
    assert device.post("/sync/settle", {"id": conflict, "choice": "keep", "more": 1}).status_code == 400


def test_a_supervisor_at_a_device_settles_all(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 1, bin="F-01-01"))
    conflict = f"{no}/1/wrong_warehouse"
    assert device.settle(conflict, "undo", "picker").json()["code"] == "not_yours"
    done = device.settle(conflict, "undo", "supervisor")
    assert (done.status_code, done.json()["settled"]["by"]) == (200, "supervisor")


def test_an_answer_covers_what_the_person_saw(company, device, order):
    no = order()
    first = device.pick(no, 1, 1)
    device.push(first)
    do(company, no, "hold", {"reason": "等款"})
    conflict = f"{no}/-/held"
    later = device.pick(no, 1, 1)
    device.push(later)
    done = device.settle(conflict, "undo", ops=[first["id"]])
    assert (done.status_code, picked(company, no)) == (200, 1), done.text
    (still,) = conflicts(company)
    assert still["ops"] == [later["id"]]
    again = device.settle(conflict, "undo", ops=[first["id"]])
    assert (again.status_code, picked(company, no), len(conflicts(company))) == (200, 1, 1)


def test_an_answer_that_comes_after_the_lift_still_holds(company, device, order):
    no = order()
    op = device.pick(no, 1, 2)
    device.push(op)
    do(company, no, "hold", {"reason": "等款"})
    do(company, no, "lift")
    done = device.settle(f"{no}/-/held", "undo", ops=[op["id"]])
    assert (done.status_code, done.json()["settled"]["choice"], picked(company, no)) == (200, "undo", 0)
    assert device.settle(f"{no}/-/held", "undo", ops=[op["id"]]).status_code == 200
    assert [row[3] for row in todos(company)] == [2]


def test_an_answer_may_come_before_its_pick(company, device, order):
    no = order()
    do(company, no, "hold", {"reason": "等款"})
    op = device.pick(no, 1, 2)
    done = device.settle(f"{no}/-/held", "undo", ops=[op["id"]])
    assert (done.status_code, done.json()["settled"], picked(company, no)) == (200, None, 0)
    device.push(op)
    assert (picked(company, no), conflicts(company)) == (0, [])
    assert [one["settled"]["by"] for one in conflicts(company, "settled")] == ["picker"]
    other = Device(company)
    stranger = other.settle(f"{no}/-/held", "undo", ops=[f"{device.id}:77"])
    assert stranger.json()["code"] == "not_yours"


def test_later_picks_open_a_settled_conflict_again(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 5))
    device.settle(f"{no}/1/over_picked", "keep")
    assert conflicts(company) == []
    (result,) = device.push(device.pick(no, 1, 1))
    assert result["verdict"] == "conflict"
    (found,) = conflicts(company)
    assert found["surplus"] == [{"line_no": 1, "qty": 1}]
    ids = [one["id"] for one in conflicts(company, "all")]
    assert ids == [f"{no}/1/over_picked"]


def test_picks_of_an_order_that_waits_for_stock_or_money(company, device, order):
    unpaid = company.supervisor.post("/api/orders", draft(paid_at=None)).json()["order_no"]
    short = order(lines=[{"sku": "BP-1023", "qty": 200, "price_fen": 1}])
    device.push(device.pick(unpaid, 1, 1), device.pick(short, 1, 1))
    assert [(read(company, no)["state"], picked(company, no)) for no in (unpaid, short)] == [
        ("awaiting_payment", 1),
        ("paid", 1),
    ]
    do(company, unpaid, "pay", {"amount_fen": 51200, "method": "bank"})
    move = {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 200, "bin": "", "why": ""}
    company.supervisor.post("/api/stock/moves", move)
    assert [(read(company, no)["state"], picked(company, no)) for no in (unpaid, short)] == [
        ("picking", 1)
    ] * 2
    no_drift(company)


def test_ops_of_a_version_that_comes_later_count_from_its_first_moment(company, device, order):
    no = order()
    (result,) = device.push(device.pick(f"{no}-V2", 1, 2))
    assert result["code"] == "unknown_order"
    new = do(company, no, "amend", {"changes": {"note": "换个说法"}})
    assert (new["order_no"], new["state"], new["lines"][0]["picked"]) == (f"{no}-V2", "picking", 2)


def test_pieces_carried_over_make_the_next_version_over_picked(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 3))
    new = do(company, no, "amend", {"changes": {"note": "换个说法"}})["order_no"]
    device.push(device.pick(new, 1, 4))
    assert [one["id"] for one in conflicts(company)] == [f"{no}/-/amended"]
    company.supervisor.post(f"/api/conflicts/{no}/-/amended/settle", {"choice": "keep"})
    assert picked(company, new) == 7
    (found,) = conflicts(company)
    assert (found["id"], found["surplus"]) == (f"{new}/1/over_picked", [{"line_no": 1, "qty": 3}])


def test_pieces_kept_for_a_version_that_has_shipped_go_back(company, device, order):
    no = order()
    device.push(device.pick(no, 1, 3))
    new = do(company, no, "amend", {"changes": {"note": "换个说法"}})["order_no"]
    device.push(device.pick(new, 1, 4))
    ship(company, new)
    company.supervisor.post(f"/api/conflicts/{no}/-/amended/settle", {"choice": "keep"})
    assert (picked(company, new), conflicts(company)) == (4, [])
    assert [(row[1], row[3]) for row in todos(company)] == [("BP-1023", 3)]
    no_drift(company)
