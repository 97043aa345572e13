"""Idempotency-Key: one key, one answer, for a person and a path, for a day (contract §2)."""

import asyncio
import threading

import pytest

from api.kernel.time import DAY
from tests.support.company import draft
from tests.support.desk import does, look, place, problem

ONE = {"Idempotency-Key": "k-1"}


def post(company, role="supervisor", path="/api/orders", key="k-1", **given):
    return company.call(role, "POST", path, headers={"Idempotency-Key": key}, **given)


def test_the_same_key_and_body_gets_the_first_answer(company):
    first, again = post(company, json=draft()), post(company, json=draft())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (
        None,
        "true",
    )
    assert len(company.owner.get("/api/orders").json()["items"]) == 1


def test_the_answer_is_the_first_one_word_for_word_even_when_the_order_has_gone_on(company):
    first = post(company, json=draft())
    does(company, "owner", first.json()["order_no"], "cancel", reason="不要")
    assert post(company, json=draft()).content == first.content


def test_another_body_under_the_same_key_is_a_mismatch(company):
    post(company, json=draft())
    problem(post(company, json=draft(note="别的")), 422, "idempotency_mismatch")
    assert len(company.owner.get("/api/orders").json()["items"]) == 1
    assert post(company, json=draft()).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (draft(lines=[]), 422, "no_lines"),
        (draft(lines=[{"sku": "LATER", "qty": 1, "price_fen": 1}]), 422, "unknown_sku"),
        ({**draft(), "colour": "red"}, 400, "invalid"),
    ],
)
def test_a_refusal_is_an_answer_and_is_kept(company, body, status, code):
    first = post(company, json=body)
    problem(first, status, code)
    company.owner.put("/api/skus/LATER", {"name": "后来才有"})
    again = post(company, json=body)
    problem(again, status, code)
    assert again.content == first.content
    if code == "unknown_sku":
        assert post(company, key="k-2", json=body).status_code == 201


def test_a_duplicate_is_kept_as_a_refusal_too(company):
    post(company, key="a", json=draft(external_no="X"))
    first = post(company, key="b", json=draft(external_no="X"))
    assert problem(first, 409, "duplicate")
    assert post(company, key="b", json=draft(external_no="X")).content == first.content


def test_broken_json_is_an_answer_too(company):
    for _ in range(2):
        problem(post(company, content=b"{"), 400, "not_json")
    problem(post(company, json=draft()), 422, "idempotency_mismatch")


def test_a_key_counts_for_one_person_and_one_path(company):
    first = post(company, json=draft())
    assert post(company, "owner", json=draft()).json()["order_no"] != first.json()["order_no"]
    one, two = place(company), place(company)
    for no in (one, two):
        answer = post(company, path=f"/api/orders/{no}/hold", json={"reason": "等"})
        assert (answer.status_code, answer.json()["order_no"]) == (200, no)


def test_a_command_given_twice_under_one_key_is_done_once(company):
    no = place(company)
    first = post(company, path=f"/api/orders/{no}/cancel", json={"reason": "不要"})
    again = post(company, path=f"/api/orders/{no}/cancel", json={"reason": "不要"})
    assert (first.status_code, again.content) == (200, first.content)
    problem(company.owner.post(f"/api/orders/{no}/cancel", {"reason": "不要"}), 409, "wrong_state")


def test_an_amendment_given_twice_under_one_key_makes_one_version(company):
    no = place(company)
    body = {"changes": {"note": "改"}}
    first = post(company, path=f"/api/orders/{no}/amend", json=body)
    assert post(company, path=f"/api/orders/{no}/amend", json=body).content == first.content
    assert first.json()["order_no"] == f"{no}-V2"
    assert look(company, f"{no}-V2")["state"] == "to_pick"


def test_a_move_of_stock_given_twice_under_one_key_moves_once(company):
    body = {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 5, "bin": ""}
    answers = [post(company, path="/api/stock/moves", json=body).json()["on_hand"] for _ in range(3)]
    assert answers == [105, 105, 105]


def test_a_key_lapses_after_a_day(company):
    first = post(company, json=draft()).json()["order_no"]
    company.clock.forward(DAY - 1)
    assert post(company, json=draft()).json()["order_no"] == first
    company.clock.forward(1)
    second = post(company, json=draft(note="新的一天")).json()["order_no"]
    assert second != first
    assert post(company, json=draft(note="新的一天")).json()["order_no"] == second


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_1_to_200_characters(company, key):
    wrong = problem(post(company, key=key, json=draft()), 400, "invalid")
    assert wrong["errors"][0]["path"] == "Idempotency-Key"
    assert post(company, key="x" * 200, json=draft()).status_code == 201


def test_one_still_in_flight_is_told_so(company):
    """The writer is held back, so that the first is surely under way when the second comes."""
    gate, inside = threading.Event(), threading.Event()

    def wait(_) -> None:
        inside.set()
        gate.wait(10)

    blocked = threading.Thread(target=lambda: company.db.writer.now(wait))
    company.token("supervisor")
    blocked.start()
    assert inside.wait(10)
    first: list = []
    sender = threading.Thread(target=lambda: first.append(post(company, json=draft())))
    sender.start()
    try:
        while company.db.writer.waiting < 1:
            asyncio.run(asyncio.sleep(0))
        problem(post(company, json=draft()), 409, "in_progress")
    finally:
        gate.set()
        sender.join(10)
        blocked.join(10)
    assert first[0].status_code == 201
    assert post(company, json=draft()).content == first[0].content


def test_login_and_devices_make_no_use_of_a_key(company):
    body = {"user": "sales", "password": "demo"}
    tokens = {company.client.post("/api/login", json=body, headers=ONE).json()["token"] for _ in range(2)}
    assert len(tokens) == 2
    device = {"label": "PDA", "warehouse": "SH"}
    made = {post(company, path="/api/devices", json=device).json()["device"] for _ in range(2)}
    assert len(made) == 2
