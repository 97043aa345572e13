"""A warehouse that a WMS keeps, over real HTTP: locks, refusals, lost answers, a line that fails, both ledgers compared."""

import pytest

from api import worker as working
from api.kernel.time import DAY, HOUR, MINUTE, SECOND
from api.outbound.guard import ANYWHERE, PUBLIC_ONLY
from api.picking import pulling
from api.stock import service as stock
from api.wms import lanes as lane
from api.wms import store
from api.wms.lanes import Lanes
from tests.support.bad_wms import KEY, Ledger, Wms
from tests.support.company import SECRET, START, draft

SKU, OTHER = "BP-1023", "BD-2001"
TZ = "Asia/Shanghai"


@pytest.fixture
def ledger():
    return Ledger({SKU: 100, OTHER: 100, "OF-3001": 100, "WP-4001": 100})


@pytest.fixture
def wms(ledger):
    server = Wms(ledger)
    yield server
    server.stop()


@pytest.fixture
def lanes(company, clock, wms):
    company.app.state.hub.private = ANYWHERE
    connect(company, wms)
    return Lanes(company.db, clock, store.sealing_key(SECRET), ANYWHERE, TZ, roll=lambda: 0.5)


@pytest.fixture(autouse=True)
def no_fault_of_ours(monkeypatch):
    """A lane that breaks goes on the next round; here it is told."""
    broken = []
    monkeypatch.setattr(lane.log, "error", lambda *said, **values: broken.append((said, values)))
    yield
    assert broken == []


def connect(company, wms, **change):
    body = {"url": wms.url, "key": KEY, "enabled": True, "timeout_s": 2, **change}
    answer = company.supervisor.put("/api/warehouses/SH/wms", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def place(company, qty=4, **change):
    change = {"lines": [{"sku": SKU, "qty": qty}], "warehouse": "SH", **change}
    answer = company.supervisor.post("/api/orders", draft(**change))
    assert answer.status_code == 201, answer.text
    return answer.json()


def order(company, number):
    return company.supervisor.get(f"/api/orders/{number}").json()


def give(company, number, name, body=None):
    return company.supervisor.post(f"/api/orders/{number}/{name}", body or {})


def has(company, sku=SKU):
    row = company.db.reader.now(lambda tx: tx.one(stock.Q.stock, warehouse="SH", sku=sku))
    return row["on_hand"], row["reserved"]


def state(company):
    return company.supervisor.get("/api/wms").json()["items"][0]


def calls(company, **query):
    return company.supervisor.get("/api/wms/calls", params=query).json()["items"]


def settle(lanes, clock, rounds=12):
    """Whatever failed is tried again until nothing moves."""
    for _ in range(rounds):
        lanes.round()
        clock.forward(11 * MINUTE)
    lanes.round()


def sums_agree(company):
    assert company.db.reader.now(stock.drift) == []


def test_an_order_is_locked_there_and_only_then_picked(company, clock, wms, lanes, ledger):
    made = place(company)
    assert (made["state"], made["wms"]["state"], ledger.locks) == ("to_pick", "asked", {})
    assert "WMS" in made["colour"]["why"]
    refused = give(company, made["order_no"], "start_picking")
    assert (refused.status_code, refused.json()["code"]) == (409, "waits_for_wms")
    lanes.round()
    assert list(ledger.locks.values()) == [(SKU, 4)]
    assert order(company, made["order_no"])["wms"]["state"] == "locked"
    assert give(company, made["order_no"], "start_picking").status_code == 200
    assert (lanes.round(), len(ledger.answers)) == (0, 1)


def test_what_is_cancelled_is_freed_and_what_nobody_was_told_of_costs_no_call(
    company, clock, wms, lanes, ledger
):
    told, untold = place(company)["order_no"], None
    lanes.round()
    untold = place(company)["order_no"]
    assert give(company, untold, "cancel", {"reason": "x"}).status_code == 200
    assert give(company, told, "cancel", {"reason": "x"}).status_code == 200
    lanes.round()
    assert (ledger.locks, len(ledger.answers), has(company)) == ({}, 2, (100, 0))


def test_what_ships_is_confirmed_and_both_ledgers_agree(company, clock, wms, lanes, ledger, pick_all):
    number = place(company)["order_no"]
    lanes.round()
    pick_all(number)
    assert give(company, number, "pack").status_code == 200
    assert give(company, number, "ship", {"carrier": "顺丰", "waybill": "SF1"}).status_code == 200
    assert has(company) == (96, 0)
    settle(lanes, clock, 2)
    assert (ledger.on_hand[SKU], ledger.locks, has(company)) == (96, {}, (96, 0))
    sums_agree(company)


@pytest.fixture
def pick_all(company):
    from tests.support.walk import op_of

    def run_picks(number):
        device = {"device": "DEVTEST1", "ops": []}
        made = order(company, number)
        for n, line in enumerate(made["lines"], 1):
            device["ops"].append(op_of(n, number, line["line_no"], "pick", line["qty"]))
        import json

        from api.kernel.actor import Actor
        from api.picking import pushing

        raw = json.dumps(device).encode()
        actor = Actor("DEVTEST1", "device", "PDA", warehouse="SH")
        company.db.writer.now(lambda tx: pushing.push(tx, raw, actor, company.clock()))

    return run_picks


def test_a_refused_lock_gives_the_pieces_back_and_says_whose_words(company, clock, wms, lanes, ledger):
    lanes.round()
    ledger.others[SKU] = 98  # somebody else was quicker
    made = place(company)
    lanes.round()
    found = order(company, made["order_no"])
    assert (found["state"], found["exceptions"][0]["code"], found["wms"]) == ("paid", "short_stock", None)
    assert "库位不足" in found["exceptions"][0]["why"]
    assert has(company) == (2, 0)
    sums_agree(company)
    ledger.others[SKU] = 0
    clock.forward(2 * MINUTE)
    lanes.round()  # the mirror sees them, the order is tried again
    lanes.round()
    found = order(company, made["order_no"])
    assert (found["state"], found["wms"]["state"], found["exceptions"]) == ("to_pick", "locked", [])


def test_a_refused_lock_tries_the_next_warehouse(company, clock, wms, lanes, ledger):
    ledger.others[SKU] = 100
    made = place(company, warehouse=None)
    assert made["warehouse"] == "SH"
    lanes.round()
    found = order(company, made["order_no"])
    assert (found["state"], found["wms"], found["exceptions"]) == ("to_pick", None, [])
    assert found["warehouse"] in ("SZ", "HZ")


def test_a_wms_that_says_it_has_them_and_refuses_is_not_asked_in_circles(
    company, clock, wms, lanes, ledger, monkeypatch
):
    monkeypatch.setattr(ledger, "lock", lambda *_: (409, {"why": "冻结"}))
    numbers = [place(company)["order_no"] for _ in range(3)]
    for _ in range(5):
        lanes.round()
        clock.forward(MINUTE + SECOND)
    assert len(ledger.answers) <= 4
    assert {order(company, number)["state"] for number in numbers} == {"paid"}
    sums_agree(company)


@pytest.mark.parametrize(
    "fault",
    ["500_before", "500_after", "lost", "cut_before", "garbage", "huge", "redirect", "twice", "status_429"],
)
def test_each_fault_ends_in_one_lock(company, clock, wms, lanes, ledger, fault):
    made = place(company)
    faults = [fault]
    wms.fault = lambda: faults.pop() if faults else "ok"
    settle(lanes, clock, 3)
    assert list(ledger.locks.values()) == [(SKU, 4)]
    assert order(company, made["order_no"])["wms"]["state"] == "locked"
    assert has(company) == (100, 4)
    assert all(where.startswith(("/locks", "/stock")) for _, where, _ in wms.seen)


def test_a_breaker_opens_is_shown_and_closes_after_one_good_call(company, clock, wms, lanes, ledger):
    for _ in range(7):
        place(company)
    wms.fault = lambda: "500_before"
    lanes.round()
    shown = state(company)
    assert (shown["breaker"]["state"], shown["breaker"]["why"], shown["waiting"]) == ("open", "status 500", 7)
    before = len(wms.seen)
    lanes.round()
    assert len(wms.seen) == before  # it is left alone
    assert "huodaona_wms_left_alone 1.0" in company.owner.get("/metrics").text
    clock.forward(MINUTE)
    lanes.round()
    assert len(wms.seen) == before + 1  # half open: one
    wms.fault = lambda: "ok"
    clock.forward(5 * MINUTE)
    lanes.round()
    shown = state(company)
    assert (shown["breaker"]["state"], shown["waiting"], len(ledger.locks)) == ("closed", 0, 7)


def test_a_promise_is_locked_too_and_its_order_takes_the_lock_over(company, clock, wms, lanes, ledger):
    ask = {"lines": [{"sku": SKU, "qty": 4}], "address": "上海市浦东新区张江路1号"}
    made = company.sales.post("/api/promises", ask).json()
    assert (made["warehouse"], made["because"][-1]) == ("SH", "仓库的 WMS 还要确认锁货")
    lanes.round()
    [name] = ledger.locks
    taken = place(company, warehouse=None, promise_id=made["id"])
    assert (taken["state"], taken["wms"]["state"]) == ("to_pick", "locked")
    settle(lanes, clock, 2)
    assert list(ledger.locks) == [name]
    assert len(ledger.answers) == 1


def test_a_promise_that_the_wms_refuses_is_lost_and_says_why(company, clock, wms, lanes, ledger):
    ledger.others[SKU] = 100
    ask = {"lines": [{"sku": SKU, "qty": 4}], "address": "上海市浦东新区张江路1号"}
    made = company.sales.post("/api/promises", ask).json()
    lanes.round()
    found = company.sales.get(f"/api/promises/{made['id']}").json()
    assert found["state"] == "lost"
    assert "库位不足" in str(found)
    sums_agree(company)


def test_what_is_not_confirmed_is_on_no_picker_s_list(company, clock, wms, lanes):
    number = place(company)["order_no"]

    def tasks():
        found = company.db.reader.now(lambda tx: pulling.pull(tx, "SH", "", clock(), TZ))
        return [task["order_no"] for task in found["tasks"]]

    assert tasks() == []
    cursor = company.db.reader.now(lambda tx: pulling.pull(tx, "SH", "", clock(), TZ))["cursor"]
    lanes.round()
    assert tasks() == [number]
    found = company.db.reader.now(lambda tx: pulling.pull(tx, "SH", cursor, clock(), TZ))
    assert [task["order_no"] for task in found["tasks"]] == [number]
    connect(company, wms, wait_for_lock=False)
    place(company)
    assert len(tasks()) == 2


def test_the_servers_own_worker_sends_what_is_due(company, clock, wms, lanes, ledger, monkeypatch):
    monkeypatch.setattr(working, "LOOK_AT_WMS", 0.01)
    folder = company.db.folder / "checkpoints"
    worker = working.Worker(company.db, clock, SECRET, folder, private=ANYWHERE)
    number = place(company)["order_no"]
    worker.start()
    try:
        assert wms.acted.wait(10)
    finally:
        worker.stop()
    assert list(ledger.locks.values()) == [(SKU, 4)]
    assert order(company, number)["wms"]["state"] == "locked"


def test_a_slow_one_ends_in_time_and_an_order_waits_for_nothing(company, clock, wms, lanes, ledger):
    connect(company, wms, timeout_s=1)
    wms.held.clear()
    place(company)
    lanes.round()
    assert [one["said"] for one in calls(company)] == ["TimeoutError"]
    assert place(company)["state"] == "to_pick"
    wms.held.set()
    settle(lanes, clock, 2)
    assert sorted(ledger.locks.values()) == [(SKU, 4), (SKU, 4)]


def test_a_call_that_no_try_will_mend_is_shown_and_a_person_settles_it(
    company, clock, wms, lanes, ledger, monkeypatch
):
    real = ledger.lock
    monkeypatch.setattr(ledger, "do", lambda *_: (400, {"why": "no such SKU"}))
    number = place(company)["order_no"]
    settle(lanes, clock, 4)
    [stuck] = calls(company, call_state="stuck")
    assert (stuck["order_no"], stuck["said"], state(company)["stuck"]) == (
        number,
        "status 400 no such SKU",
        1,
    )
    assert order(company, number)["wms"]["state"] == "asked"
    monkeypatch.undo()
    assert real
    assert company.supervisor.post(f"/api/wms/calls/{stuck['id']}/retry", {}).json()["state"] == "waiting"
    lanes.round()
    assert order(company, number)["wms"]["state"] == "locked"
    again = company.supervisor.post(f"/api/wms/calls/{stuck['id']}/retry", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_stuck")


def test_a_lock_that_is_given_up_counts_as_refused(company, clock, wms, lanes, ledger, monkeypatch):
    monkeypatch.setattr(ledger, "do", lambda *_: (400, {}))
    number = place(company)["order_no"]
    settle(lanes, clock, 4)
    [stuck] = calls(company, call_state="stuck")
    assert company.supervisor.post(f"/api/wms/calls/{stuck['id']}/give_up", {}).json()["state"] == "refused"
    assert order(company, number)["exceptions"][0]["code"] == "short_stock"
    assert calls(company, call_state="stuck") == []


def test_a_release_that_overtakes_its_lock_on_the_way_is_not_lost(company, clock, wms, lanes, ledger):
    number = place(company)["order_no"]
    faults = ["late"]
    wms.fault = lambda: faults.pop() if faults else "ok"
    lanes.round()
    assert give(company, number, "cancel", {"reason": "x"}).status_code == 200
    settle(lanes, clock, 4)
    assert (ledger.locks, has(company)) == ({}, (100, 0))


def test_a_worker_that_is_gone_in_the_middle_of_a_call_leaves_no_second_lock(
    company, clock, wms, lanes, ledger
):
    """Killed between sending and noting: what it had marked goes out again under the same key."""
    number = place(company)["order_no"]
    from api.wms import service

    sent = company.db.writer.now(lambda tx: service.next_call(tx, "SH", clock()))
    body = {"lock": f"hd-{sent.call.lock_id}", "sku": SKU, "qty": 4}
    ledger.do("/locks", body, f"hd-{sent.call.lock_id}-lock-{sent.once}")
    anew = Lanes(company.db, clock, store.sealing_key(SECRET), ANYWHERE, TZ)
    anew.round()
    assert (list(ledger.locks.values()), len(ledger.answers)) == ([(SKU, 4)], 1)
    assert order(company, number)["wms"]["state"] == "locked"


def test_the_mirror_follows_their_count_but_not_over_what_they_were_not_told(
    company, clock, wms, lanes, ledger
):
    ledger.on_hand |= {SKU: 80, OTHER: 130}
    place(company)
    wms.fault = lambda: "ok" if wms.seen[-1][0] == "GET" else "500_before"
    clock.forward(MINUTE)
    lanes.round()
    assert (has(company), has(company, OTHER)) == ((100, 4), (130, 0))  # one lock is in doubt: its SKU waits
    wms.fault = lambda: "ok"
    settle(lanes, clock, 2)
    assert has(company) == (80, 4)
    moves = company.supervisor.get("/api/stock", params={"sku": OTHER, "warehouse": "SH"}).json()["items"]
    assert moves[0]["on_hand"] == 130
    sums_agree(company)


def test_an_empty_stock_is_a_fault_and_takes_nothing(company, clock, wms, lanes, ledger):
    ledger.on_hand.clear()
    lanes.round()
    assert has(company) == (100, 0)
    assert state(company)["mirrored_at"] is None
    assert state(company)["breaker"]["why"] == "its stock is empty, ours is not"


def test_what_leaked_is_freed_and_what_they_lost_is_locked_anew(company, clock, wms, lanes, ledger):
    number = place(company)["order_no"]
    lanes.round()
    ledger.locks = {
        "hd-elsewhere-7": (SKU, 9),
        "zz-other-1": (OTHER, 1),
    }  # a life before ours, and another hub's
    assert company.supervisor.post("/api/warehouses/SH/wms/reconcile", {}).status_code == 202
    lanes.round()
    report = state(company)["report"]
    found = {
        (one["what"], one["ours"], one["theirs"]) for one in report["differences"] if one["what"] != "stock"
    }
    assert found == {("leaked", 0, 9), ("lost", 4, 0)}
    settle(lanes, clock, 3)
    assert sorted(ledger.locks.values()) == [(OTHER, 1), (SKU, 4)]
    assert order(company, number)["state"] == "to_pick"
    clock.forward(DAY)
    lanes.round()  # the night's own
    assert [one["what"] for one in state(company)["report"]["differences"]] == []
    sums_agree(company)


def test_a_wms_that_takes_over_learns_of_what_is_reserved_already(company, clock, wms, ledger):
    company.app.state.hub.private = ANYWHERE
    number = place(company)["order_no"]
    connect(company, wms)
    Lanes(company.db, clock, store.sealing_key(SECRET), ANYWHERE, TZ).round()
    assert list(ledger.locks.values()) == [(SKU, 4)]
    assert order(company, number)["state"] == "to_pick"


def test_what_it_counts_is_not_changed_by_hand(company, clock, wms, lanes):
    body = {"kind": "receive", "warehouse": "SH", "sku": SKU, "qty": 5}
    refused = company.supervisor.post("/api/stock/moves", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "kept_by_wms")
    assert company.supervisor.post("/api/stock/moves", {**body, "warehouse": "SZ"}).status_code == 201


def test_the_key_is_shown_to_nobody_and_what_get_gave_is_taken_back(company, clock, wms, lanes):
    shown = company.supervisor.get("/api/warehouses/SH/wms").json()
    assert shown["key"]["set"] is True
    assert KEY not in str(shown)
    assert company.supervisor.put("/api/warehouses/SH/wms", shown).json() == shown
    tried = company.supervisor.post("/api/warehouses/SH/wms/try", {}).json()
    assert (tried["ok"], tried["status"], tried["items"][0]) == (
        True, 200, {"sku": OTHER, "on_hand": 100, "available": 100},
    )  # fmt: skip
    wrong = company.supervisor.post("/api/warehouses/SH/wms/try", {"key": "another-key"}).json()
    assert (wrong["ok"], wrong["why"]) == (False, "status 401")
    assert "another-key" not in str(wrong)
    dump = "\n".join(company.db.reader.now(lambda tx: [str(tuple(row)) for row in tx.all(store.Q.houses)]))
    assert KEY not in dump
    assert company.sales.get("/api/warehouses/SH/wms").status_code == 403


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"url": "ftp://x"}, "$.url"),
        ({"url": "https://u:p@x.cn"}, "$.url"),
        ({"url": "https://x.cn", "calls": {"lock": {"path": "/l/{secret}"}}}, "$.calls.lock"),
        ({"url": "https://x.cn", "read": {"sku": "a["}}, "$.read.sku"),
        ({"url": "https://x.cn", "key": "键"}, "$.key"),
        ({"url": "https://x.cn", "key": {"text": "x"}}, "$.key"),
    ],
)
def test_what_cannot_be_spoken_is_refused_by_its_path(company, body, path):
    answer = company.supervisor.put("/api/warehouses/SH/wms", body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, path)


def test_a_private_address_is_not_asked_unless_the_operator_named_it(company, clock, wms):
    company.app.state.hub.private = ANYWHERE
    connect(company, wms)
    company.app.state.hub.private = PUBLIC_ONLY
    tried = company.supervisor.post("/api/warehouses/SH/wms/try", {}).json()
    assert (tried["ok"], tried["why"], wms.seen) == (False, "private address", [])
    Lanes(company.db, clock, store.sealing_key(SECRET), PUBLIC_ONLY, TZ).round()
    assert wms.seen == []


def test_another_machine_leaves_the_lane_alone_while_somebody_is_on_it(company, clock, wms, lanes, ledger):
    place(company)
    lanes.round()
    place(company)
    other = Lanes(company.db, clock, store.sealing_key(SECRET), ANYWHERE, TZ, "elsewhere")
    assert (other.round(), len(ledger.locks)) == (0, 1)
    clock.forward(HOUR)
    assert (other.round(), len(ledger.locks)) == (1, 2)


def test_the_days_night_is_three_in_the_morning(clock):
    from api.wms.lanes import last_night

    assert START - last_night(START, TZ) == 7 * HOUR + 5 * MINUTE


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "[::1]", "[::ffff:10.0.0.1]"])
def test_an_address_behind_the_hub_is_refused_where_it_is_typed(company, host):
    body = {"url": f"http://{host}:9/", "key": "k", "enabled": True}
    answer = company.owner.put("/api/warehouses/HZ/wms", body)
    assert [one["path"] for one in answer.json()["errors"]] == ["$.url"]
    assert "HUODAONA_PRIVATE_OUTBOUND" in answer.text
