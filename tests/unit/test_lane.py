"""The fast lane is a shorter way to the same answer: status, body and headers as through the router."""

import pytest

from tests.support.company import draft
from tests.support.senders import Till, inbox


@pytest.fixture
def both(company):
    """Sends a request through the lane, then through Litestar's router."""

    def send(role, path, **given):
        lanes, by_lane = company.app._lanes, company.call(role, "POST", path, **given)
        company.app._lanes = {}
        try:
            by_router = company.call(role, "POST", path, **given)
        finally:
            company.app._lanes = lanes
        return by_lane, by_router

    return send


@pytest.mark.parametrize(
    ("role", "path", "given", "status"),
    [
        ("supervisor", "/api/orders", {"json": draft()}, 201),
        ("supervisor", "/api/orders", {"json": draft(lines=[])}, 422),
        ("supervisor", "/api/orders", {"json": {**draft(), "colour": "red"}}, 400),
        ("supervisor", "/api/orders", {"content": b"{"}, 400),
        ("picker", "/api/orders", {"json": draft()}, 403),
        ("supervisor", "/sync/push", {"json": {"device": "nobody", "ops": []}}, 400),
        ("supervisor", "/sync/push", {"content": b""}, 400),
        ("supervisor", "/api/orders", {"content": b"x" * 1_048_577}, 413),
    ],
)
def test_both_ways_give_the_same(both, role, path, given, status):
    by_lane, by_router = both(role, path, **given)
    assert by_lane.status_code == by_router.status_code == status, (by_lane.text, by_router.text)
    assert by_lane.headers["content-type"] == by_router.headers["content-type"]
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control"):
        assert by_lane.headers[name] == by_router.headers[name]
    a, b = by_lane.json(), by_router.json()
    if status == 201:
        assert a.keys() == b.keys()
        for name in ("order_no", "snapshot"):
            assert a.pop(name) != b.pop(name)
    assert a == b


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/in/pos", b"{}", 401),
        ("/in/pos/", b"{}", 401),
        ("/in/pos/key", b"{}", 401),
        ("/in/nowhere", b"{}", 404),
        ("/in/a/b/c", b"{}", 404),
        ("/in/", b"{}", 404),
        ("/in/pos", b"x" * 1_048_577, 413),
    ],
)
def test_a_message_is_refused_alike_and_needs_no_session(company, path, body, status):
    lanes, answers = company.app._lanes, []
    for now in (lanes, {}):
        company.app._lanes = now
        answers.append(company.client.post(path, content=body))
    company.app._lanes = lanes
    assert [one.status_code for one in answers] == [status, status], [one.text for one in answers]
    assert answers[0].json()["code"] == answers[1].json()["code"]
    assert answers[0].headers["cache-control"] == answers[1].headers["cache-control"]


def test_a_message_is_taken_alike(company):
    lanes = company.app._lanes
    for now, number in ((lanes, "A"), ({}, "B")):
        company.app._lanes = now
        answer = Till(company)("order.paid", order_id=number)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    company.app._lanes = lanes
    assert [one["status"] for one in inbox(company)] == ["done", "done"]


def test_without_a_session_both_refuse(company):
    lanes = company.app._lanes
    for now in (lanes, {}):
        company.app._lanes = now
        answer = company.client.post("/api/orders", json=draft())
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
