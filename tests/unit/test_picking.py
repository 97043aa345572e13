"""Picking over HTTP: enrolment, push and its one answer per op, carry, what is parked."""

import base64
import gzip
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.orders import picks
from sync.project import project
from tests.support.company import draft
from tests.support.floor import Device, spki


@pytest.fixture
def device(company):
    return Device(company)


@pytest.fixture
def order(company):
    """`order()` is a new order number in `to_pick`, of SH: 4 pieces of BP-1023."""

    def made(**change):
        answer = company.supervisor.post("/api/orders", draft(**change))
        assert answer.status_code == 201, answer.text
        return answer.json()["order_no"]

    return made


def read(company, order_no):
    return company.supervisor.get(f"/api/orders/{order_no}").json()


def parked(company):
    return company.supervisor.get("/api/parked?limit=200").json()["items"]


def verdicts(results):
    return [one["verdict"] for one in results]


def stored_ops(company):
    return company.db.reader.now(lambda tx: tx.connection.execute("SELECT COUNT(*) FROM ops").fetchone()[0])


# --- enrolment --------------------------------------------------------------------------------------------


def test_a_card_enrols_once_and_lapses(company):
    card = company.supervisor.post("/api/devices", {"label": "PDA", "warehouse": "SH"})
    assert card.status_code == 201
    code = card.json()["code"]
    assert len(card.json()["device"]) == 8
    first = company.client.post("/api/devices/enrol", json={"code": code.lower()})
    assert (first.status_code, first.json()["device"], first.json()["warehouse"]) == (
        200,
        card.json()["device"],
        "SH",
    )
    again = company.client.post("/api/devices/enrol", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "code_gone")
    late = company.supervisor.post("/api/devices", {"label": "PDA", "warehouse": "SH"}).json()
    company.clock.forward(7 * 86_400_000)
    assert company.client.post("/api/devices/enrol", json={"code": late["code"]}).status_code == 409
    assert company.supervisor.post("/api/devices", {"label": "x", "warehouse": "XX"}).status_code == 422
    assert company.picker.post("/api/devices", {"label": "x", "warehouse": "SH"}).status_code == 403


def test_only_a_p256_key_is_taken_and_a_bad_one_spends_no_card(company):
    card = company.supervisor.post("/api/devices", {"label": "PDA", "warehouse": "SH"}).json()
    other = rsa.generate_private_key(65537, 2048).public_key()
    der = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for key in ("AAAA", "%", base64.b64encode(der).decode(), spki(ec.generate_private_key(ec.SECP384R1()))):
        refused = company.client.post("/api/devices/enrol", json={"code": card["code"], "public_key": key})
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "$.public_key")
    good = {"code": card["code"], "public_key": spki(ec.generate_private_key(ec.SECP256R1()))}
    assert company.client.post("/api/devices/enrol", json=good).status_code == 200


def test_guesses_of_a_code_are_limited(company):
    tries = [company.client.post("/api/devices/enrol", json={"code": f"A{n}"}).status_code for n in range(12)]
    assert (tries[0], tries[-1]) == (409, 429)


# --- push -------------------------------------------------------------------------------------------------


def test_results_come_in_order_and_again_word_for_word(company, device, order):
    no = order()
    ops = [
        device.pick(no, 1, 1),
        device.pick("HD-none", 1, 1),
        {"id": "x"},
        device.pick(no, 9, 1),
        device.pick(no, 1, 3),
    ]
    first = device.push(*ops)
    assert verdicts(first) == ["applied", "refused", "refused", "refused", "applied"]
    assert [one["id"] for one in first] == [ops[0]["id"], ops[1]["id"], "", ops[3]["id"], ops[4]["id"]]
    assert not any(one["again"] for one in first)
    before = read(company, no)
    assert (before["state"], before["lines"][0]["picked"]) == ("picking", 4)
    again = device.push(*reversed(ops))
    assert again == [{**one, "again": True} for one in reversed(first)]
    reordered = [dict(reversed(op.items())) for op in ops]
    assert device.push(*reordered) == [{**one, "again": True} for one in first]
    assert read(company, no) == before
    assert len(parked(company)) == 3


def test_an_op_twice_in_one_push_counts_once(company, device, order):
    no = order()
    one, bad = device.pick(no, 1, 2), {"id": "rubbish"}
    results = device.push(one, bad, one, bad, one)
    assert [(r["verdict"], r["again"]) for r in results] == [
        ("applied", False),
        ("refused", False),
        ("applied", True),
        ("refused", True),
        ("applied", True),
    ]
    assert read(company, no)["lines"][0]["picked"] == 2
    assert len(parked(company)) == 1


def test_what_cannot_be_taken_is_parked_as_it_came_and_blocks_nobody(company, device, order):
    no = order()
    good, later, version = device.pick(no, 1, 1), device.pick(no, 1, 1), device.pick(no, 1, 1, v=2)
    dance, half = device.op(no, 1, "dance", 1), device.pick(no, 1, 0)
    other = {**good, "qty": 3}
    foreign = {**device.pick(no, 1, 1), "id": "ABCDEFGH:1"}
    strange = [7, None, "text", [], {"id": f"{device.id}:99"}]
    results = device.push(good, other, foreign, version, dance, half, *strange, later)
    assert verdicts(results) == ["applied", *["refused"] * 10, "applied"]
    rows = {row["op_id"] + row["code"]: row for row in parked(company)}
    assert {row["code"] for row in rows.values()} >= {
        "same_id_other_body",
        "foreign_id",
        "unknown_kind",
        "bad_qty",
        "not_object",
    }
    assert json.loads(rows[good["id"] + "same_id_other_body"]["raw"]) == other
    assert all(row["why"] and row["carrier"] == device.id for row in rows.values())
    assert read(company, no)["lines"][0]["picked"] == 2
    assert company.sales.get("/api/parked").status_code == 403
    assert stored_ops(company) == 2


def test_gzip_and_the_limits(company, device, order):
    no = order(lines=[{"sku": "BP-1023", "qty": 60, "price_fen": 1}])
    body = json.dumps({"device": device.id, "ops": [device.pick(no, 1, 1)]}).encode()
    zipped = device.post("/sync/push", gzip.compress(body), **{"content-encoding": "gzip"})
    assert verdicts(zipped.json()["results"]) == ["applied"]
    for raw, coding, status in (
        (b"not gzip", "gzip", 400),
        (gzip.compress(body)[:-9], "gzip", 400),
        (body, "br", 415),
        (gzip.compress(b" " * (8 * 1024 * 1024 + 1)), "gzip", 413),
        (b" " * (8 * 1024 * 1024 + 1), "identity", 413),
    ):
        assert device.post("/sync/push", raw, **{"content-encoding": coding}).status_code == status, coding
    big = {"device": device.id, "ops": [device.pick(no, 1, 1, code="位" * 512) for _ in range(500)]}
    raw = json.dumps(big).encode()
    assert len(raw) > 1_600_000
    assert device.post("/sync/push", raw).status_code == 200
    many = [device.pick(no, 1, 1) for _ in range(501)]
    before = stored_ops(company)
    refused = device.send(*many)
    assert (refused.status_code, stored_ops(company)) == (400, before)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"device":"x","ops":[]}',
        b'{"device":"AAAAAAAA"}',
        b'{"device":"AAAAAAAA","ops":{}}',
        b'{"device":"AAAAAAAA","ops":[],"more":1}',
        b"[" * 100_000,
    ],
)
def test_a_push_that_cannot_be_read_decides_nothing(company, device, body):
    answer = device.post("/sync/push", body)
    assert answer.status_code == 400
    assert (stored_ops(company), parked(company)) == (0, [])


def test_have_and_holes(company, device, order):
    no = order(lines=[{"sku": "BP-1023", "qty": 20, "price_fen": 1}])
    ops = [device.pick(no, 1, 1) for _ in range(9)]
    answer = device.send(ops[0], ops[4], ops[2]).json()
    assert (answer["have"], answer["holes"]) == ({device.id: 1}, {device.id: [2, 4]})
    answer = device.send(ops[1], {**ops[3], "kind": "dance"}, ops[8]).json()
    assert (answer["have"], answer["holes"]) == ({device.id: 5}, {device.id: [6, 7, 8]})
    answer = device.send(*ops).json()
    assert (answer["have"], answer["holes"]) == ({device.id: 9}, {})
    assert set(answer) == {"results", "server_time", "epoch", "have", "holes"}


def test_a_device_pushes_and_pulls_its_own(company, device, order):
    no, other = order(), Device(company, "SZ")
    refused = other.send(device.pick(no, 1, 1), device=device.id)
    assert (refused.status_code, stored_ops(company)) == (403, 0)
    assert other.client.get("/sync/pull?warehouse=SH", headers=other.head).status_code == 403
    assert other.client.get("/sync/pull", headers=other.head).json()["cursor"].split(".")[1] == "SZ"
    assert other.client.get("/api/orders", headers=other.head).status_code == 403
    assert device.client.get("/sync/pull", headers=device.head).status_code == 200
    assert device.client.get("/sync/pull?warehouse=SH").status_code == 401
    assert company.picker.get("/sync/pull?warehouse=XX").status_code == 422
    assert company.picker.get("/sync/pull").status_code == 400
    assert company.sales.get("/sync/pull?warehouse=SH").status_code == 403
    unborn = company.supervisor.post("/api/devices", {"label": "x", "warehouse": "SH"}).json()["device"]
    body = {"device": unborn, "ops": []}
    assert company.picker.post("/sync/push", body).status_code == 400


def test_a_fault_with_one_order_does_not_stop_the_others(company, device, order, monkeypatch):
    bad, good = order(), order()
    ops = [device.pick(bad, 1, 1), device.pick(good, 1, 1)]

    def broken(facts, *rest):
        assert facts.order_no != bad, "a bug of ours"
        return project(facts, *rest)

    monkeypatch.setattr(picks, "project", broken)
    results = device.push(*ops)
    assert verdicts(results) == ["refused", "applied"]
    assert [row["code"] for row in parked(company)] == ["fault"]
    monkeypatch.undo()
    device.push(device.pick(bad, 1, 3))
    assert read(company, bad)["lines"][0]["picked"] == 4


# --- carry ------------------------------------------------------------------------------------------------


def test_another_device_carries_a_queue(company, device, order):
    no, carrier = order(), Device(company, "SZ")
    op, stolen = device.pick(no, 1, 4), carrier.pick(no, 1, 1)
    answer = carrier.post("/sync/carry", device.bundle(op, stolen))
    assert answer.status_code == 200, answer.text
    assert verdicts(answer.json()["results"]) == ["applied", "refused"]
    assert answer.json()["have"] == {device.id: 1}
    assert read(company, no)["lines"][0]["picked"] == 4
    assert device.push(op)[0] == {**answer.json()["results"][0], "again": True}
    # Its own device is not answered for by who carried it: the op itself is good, and one too many.
    (own,) = carrier.push(stolen)
    assert (own["verdict"], own["again"]) == ("conflict", False)
    assert read(company, no)["lines"][0]["picked"] == 5


def test_a_large_queue_is_carried_too(company, device, order):
    no, carrier = order(lines=[{"sku": "BP-1023", "qty": 60, "price_fen": 1}]), Device(company)
    full = [device.pick(no, 1, 1, code="\U0001f4e6" * 512, actor="\U0001f4e6" * 64) for _ in range(500)]
    body = device.bundle(*full)
    assert len(body["bundle"]) > 4_000_000
    answer = carrier.post("/sync/carry", body)
    assert (answer.status_code, answer.json()["have"]) == (200, {device.id: 500})


def test_a_wrong_signature_is_refused_and_parked(company, device, order):
    no, carrier = order(), Device(company)
    good = device.bundle(device.pick(no, 1, 1))
    other = device.bundle(device.pick(no, 1, 2))
    keyless = company.supervisor.post("/api/devices", {"label": "x", "warehouse": "SH"}).json()
    company.client.post("/api/devices/enrol", json={"code": keyless["code"]})
    unsigned = base64.b64encode(json.dumps({"device": keyless["device"], "ops": []}).encode()).decode()
    cases = (
        {**good, "sig": other["sig"]},
        {**good, "sig": base64.b64encode(b"\0" * 64).decode()},
        {**good, "sig": base64.b64encode(b"\xff" * 64).decode()},
        {**good, "sig": base64.b64encode(b"x").decode()},
        {**good, "sig": "%%%"},
        {**good, "bundle": "%%%"},
        {**good, "bundle": base64.b64encode(b"rubbish").decode()},
        {"bundle": unsigned, "sig": good["sig"]},
        carrier.bundle(device.pick(no, 1, 1)) | {"bundle": good["bundle"]},
    )
    for n, body in enumerate(cases, 1):
        answer = carrier.post("/sync/carry", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature"), body
        rows = parked(company)
        assert (len(rows), rows[0]["code"], json.loads(rows[0]["raw"])) == (n, "bad_signature", body)
    for body in (b"", b"{}", b"rubbish", json.dumps({**good, "more": 1}).encode()):
        assert carrier.post("/sync/carry", body).status_code == 400
    assert stored_ops(company) == 0
    assert carrier.post("/sync/carry", good).status_code == 200
