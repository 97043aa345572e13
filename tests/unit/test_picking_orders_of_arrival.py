"""Whatever the order of arrival, batching, repetition and carrier of the ops, the server comes to the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from api.app import create_app
from tests.conftest import Company
from tests.support.company import MovedClock, build, draft
from tests.support.company import settings as company_settings
from tests.support.floor import Device

LINES = [{"sku": "BP-1023", "qty": 3, "price_fen": 1}, {"sku": "BD-2001", "qty": 2, "price_fen": 1}]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    clock = MovedClock()
    app = create_app(
        company_settings(tmp_path_factory.mktemp("any") / "data"), clock=clock, with_worker=False
    )
    app.state.hub.db.writer.now(lambda tx: build(tx, clock(), stock=100_000))
    with TestClient(app) as client:
        company = Company(client, app, clock)
        company.devices = [Device(company), Device(company)]
        yield company


def prepare(company, scene):
    """An order with the facts that the ops will meet."""
    boss = company.supervisor
    no = boss.post("/api/orders", draft(lines=LINES)).json()["order_no"]

    def do(name, body=None):
        return boss.post(f"/api/orders/{no}/{name}", body or {})

    if scene == "shipped":
        device = company.devices[0]
        device.push(device.pick(no, 1, 3), device.pick(no, 2, 2))
        assert do("pack").status_code == 200
        assert do("ship", {"carrier": "顺丰"}).status_code == 200
    elif scene != "open":
        body = {"hold": {"reason": "x"}, "cancel": {"reason": "x"}, "amend": {"changes": {"note": "x"}}}[
            scene
        ]
        assert do(scene, body).status_code == 200
    return no


OP = st.tuples(
    st.sampled_from(["pick"] * 4 + ["short", "void", "wrong"]),
    st.integers(1, 3),  # line 3 does not exist
    st.integers(1, 4),
    st.sampled_from(["", "", "A-01-01", "A-01-02", "F-01-01", "Z-9"]),
    st.integers(0, 1),  # device
    st.integers(0, 9),  # which op a void names
)


def written(company, no, rows):
    """The ops of these rows for one order, and what each id is called in every world."""
    ids, ops = [], []
    for kind, line, qty, bin_code, which, target in rows:
        device = company.devices[which]
        change = {"bin": bin_code} if kind in ("pick", "wrong") else {}
        if kind == "void":
            # A void may name an op that is written after it: the number is known, the op is not yet there.
            change["target"] = f"{device.id}:{device.n + 1 + target}" if not ids else ids[target % len(ids)]
        ops.append(device.op(no, line, kind, 0 if kind in ("void", "wrong") else qty, **change))
        ids.append(ops[-1]["id"])
    return ops


def told(company, no, ops):
    """State, counts, conflicts and tasks, with ids called by their place."""
    names = {op["id"]: n for n, op in enumerate(ops)}
    order = company.supervisor.get(f"/api/orders/{no}").json()
    found, cursor = [], ""
    while cursor is not None:
        page = company.supervisor.get(
            "/api/conflicts", params={"status": "all", "cursor": cursor or f"{no}/", "limit": 200}
        ).json()
        found += [one for one in page["items"] if one["order_no"] == no]
        cursor = page["next"] if page["items"] and page["items"][-1]["order_no"] == no else None
    sql = "SELECT sku, bin, qty FROM todos WHERE order_no = ? AND kind = 'put_away' AND done_at IS NULL"
    todos = company.db.reader.now(lambda tx: tx.connection.execute(sql, (no,)).fetchall())
    conflicts = [
        {
            "kind": one["kind"],
            "line_no": one["line_no"],
            "ops": sorted(str(names.get(op, "before")) for op in one["ops"]),
            "surplus": one["surplus"],
            "settled": one["settled"] and one["settled"]["choice"],
        }
        for one in found
    ]
    return {
        "state": order["state"],
        "lines": [(line["picked"], line["short"]) for line in order["lines"]],
        "conflicts": sorted(conflicts, key=lambda one: (one["kind"], str(one["line_no"]))),
        "todos": sorted(tuple(row) for row in todos),
    }


def push(company, ops, cuts, carried):
    """In batches cut at `cuts`; a batch goes by each op's own device, or carried by the other one."""
    batches, waiting = [], []
    for n, op in enumerate(ops):
        waiting.append(op)
        if n in cuts:
            batches.append(waiting)
            waiting = []
    for n, batch in enumerate([*batches, waiting]):
        for which, device in enumerate(company.devices):
            own = [op for op in batch if op["id"].startswith(device.id)]
            if not own:
                continue
            if n in carried:
                other = company.devices[1 - which]
                assert other.post("/sync/carry", device.bundle(*own)).status_code == 200
            else:
                device.push(*own)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(
    st.sampled_from(["open", "hold", "cancel", "amend", "shipped"]),
    st.lists(OP, min_size=2, max_size=9),
    st.data(),
)
def test_every_order_of_arrival_comes_to_the_same(house, scene, rows, data):
    worlds = []
    for _ in range(3):
        no = prepare(house, scene)
        ops = written(house, no, rows)
        if not worlds:
            push(house, ops, set(), set())  # all at once, in the order of writing
        else:
            repeated = data.draw(st.lists(st.sampled_from(ops), max_size=4))
            mixed = data.draw(st.permutations([*ops, *repeated]))
            cuts = data.draw(st.sets(st.integers(0, 12), max_size=5))
            push(house, mixed, cuts, data.draw(st.sets(st.integers(0, 5), max_size=3)))
        worlds.append((no, ops))
    first, *others = [told(house, no, ops) for no, ops in worlds]
    for other in others:
        assert other == first
    pieces = sum(op["qty"] for op in worlds[0][1] if op["kind"] == "pick" and op["line_no"] < 3)
    assert sum(line[0] for line in first["lines"]) <= pieces + (5 if scene == "shipped" else 0)
    choice = data.draw(st.sampled_from(["keep", "undo"]))
    for no, _ in worlds:
        for kind in (
            "-/held",
            "-/cancelled",
            "-/already_shipped",
            "1/over_picked",
            "2/over_picked",
            "1/wrong_bin",
        ):
            answer = house.supervisor.post(f"/api/conflicts/{no}/{kind}/settle", {"choice": choice})
            assert answer.status_code in (200, 404, 409), answer.text
    first, *others = [told(house, no, ops) for no, ops in worlds]
    for other in others:
        assert other == first
    assert not [one for one in first["conflicts"] if one["kind"] == "held" and one["settled"] is None]


def test_the_property_sees_something(house):
    """The law above would hold for a server that counts nothing."""
    no = prepare(house, "hold")
    ops = written(house, no, [("pick", 1, 5, "A-01-02", 0, 0), ("short", 2, 1, "", 1, 0)])
    push(house, ops, set(), set())
    found = told(house, no, ops)
    assert found["lines"] == [(5, 0), (0, 1)]
    assert [one["kind"] for one in found["conflicts"]] == ["held", "over_picked", "wrong_bin"]
    assert found["state"] == "to_pick"
