"""No body is a fault: hypothesis's JSON, and the contract's own bodies with one thing wrong, to every POST and PUT."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.company import draft
from tests.support.desk import Device, place

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "\0", "BP-1023", "SH", "sales", "2026-01-22T10:05:00+08:00", "9" * 400, "\ud800", "../..", "‮"]),
)  # fmt: skip
numbers = st.one_of(
    st.integers(-5, 5), st.integers(), st.sampled_from([2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**30]),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
leaves = st.one_of(st.none(), st.booleans(), numbers, words)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)

# A body of each route that would be taken as it stands.
BODIES = {
    "POST /api/orders": draft(options=["需加装防震泡沫"], note="避周一", address={"text": "上海", "lng": 121.5, "lat": 31.2}),
    "POST /api/orders/batch": {"orders": [draft()]},
    "POST /api/orders/{no}/pay": {"method": "transfer", "amount_fen": 1, "at": "2026-01-22T10:05:00+08:00"},
    "POST /api/orders/{no}/start_picking": {},
    "POST /api/orders/{no}/pack": {},
    "POST /api/orders/{no}/check": {"item": "x", "done": True},
    "POST /api/orders/{no}/ship": {"carrier": "顺丰", "waybill": "SF1"},
    "POST /api/orders/{no}/deliver": {"evidence": {"who": "前台", "n": 1}},
    "POST /api/orders/{no}/cancel": {"reason": "不要"},
    "POST /api/orders/{no}/hold": {"reason": "等"},
    "POST /api/orders/{no}/lift": {},
    "POST /api/orders/{no}/tag": {"add": ["加急"], "remove": ["x"]},
    "POST /api/orders/{no}/comment": {"text": "x"},
    "POST /api/orders/{no}/amend": {"changes": {"note": "x", "lines": [{"sku": "BP-1023", "qty": 1}], "customer": {"id": "C0042"}}},
    "POST /api/orders/{no}/restore": {"snapshot": "sha256:00000000"},
    "POST /api/orders/{no}/split": {
        "parts": [
            {"warehouse": "SH", "lines": [{"line_no": 1, "qty": 1}]},
            {"warehouse": "", "lines": [{"line_no": 1, "qty": 1}]},
        ]
    },
    "POST /api/orders/{no}/move": {"warehouse": "SZ"},
    "POST /api/orders/{no}/backorder": {},
    "POST /api/orders/{no}/return": {"lines": [{"line_no": 1, "qty": 1}], "reason": "x"},
    "POST /api/orders/{no}/resolve": {"exception": "differs", "choice": "keep", "why": "x"},
    "POST /api/orders/{no}/tracking-link": {},
    "POST /api/promises": {"customer": {"id": "C0042"}, "address": "上海市浦东新区张江路1号", "lines": [{"sku": "BP-1023", "qty": 1}], "want_by": "2026-02-01", "note": "避周一"},
    "POST /api/stock/moves": {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "qty": 1, "bin": "A-01-01", "why": "x"},
    "POST /api/todos/1/finish": {"good": 1, "bad": 1, "bin": "A-01-01", "lot": "L1", "why": "x"},
    "POST /api/counts/plan": {"warehouse": "SH", "bins": ["A-01-01"], "days": 30, "most": 20},
    "PUT /api/skus/BP-1023/substitutes": {"others": ["BD-2001"]},
    "PUT /api/skus/S-1": {"name": "x", "gtin": "96385074", "active": True, "uom": "件", "weight_g": 1, "price_fen": 1},
    "PUT /api/bins/B-1": {"warehouse": "SH", "sku": "BP-1023"},
    "PUT /api/warehouses/SH/wms": {"url": "https://wms.example.cn", "key": "k", "enabled": False, "calls": {"lock": {"path": "/l", "body": {"n": "{qty}"}}}, "read": {"sku": "sku"}, "prefix": "hd", "timeout_s": 5, "wait_for_lock": True},
    "POST /api/warehouses/SH/wms/try": {"url": "http://127.0.0.1:9", "key": "k"},
    "POST /api/warehouses/SH/wms/reconcile": {},
    "POST /api/wms/calls/1/retry": {},
    "PUT /api/warehouses/W1": {"name": "x", "adcode": "310115", "lng": 121.5, "lat": 31.2, "cutoff": "17:00"},
    "PUT /api/days/2027-02-06": {"works": False, "name": "春节"},
    "PUT /api/customers/K1": {"name": "x", "phone": "1", "tier": "vip", "terms": "monthly", "credit_fen": 1, "salesperson": "sales", "addresses": [{"text": "x", "label": "y", "default": True}]},
    "PUT /api/users/u1": {"display": "x", "role": "sales", "phone": "1", "warehouse": "SH"},
    "POST /api/lines/price": {"lines": [{"sku": "BP-1023", "unit": {"uom": "吨", "qty": "1.5", "per": "件", "round": "near"}}]},
    "POST /api/me/password": {"current": "x", "password": "long enough"},
    "POST /api/places/read": {"text": "上海市浦东新区张江路1号"},
    "POST /api/login": {"user": "x", "password": "y"},
    "POST /api/devices": {"label": "x", "warehouse": "SH"},
    "POST /api/devices/enrol": {"code": "x", "public_key": ""},
    "PUT /api/channels/shop": {"label": "x", "scheme": "none", "mapping": {"external_no": "id"}, "keywords": [], "secrets": {"path_key": "x"}},
    "POST /api/channels/pos/try": {"payload": {"type": "order.paid", "data": {"order_id": "1"}}},
    "POST /api/channels/pos/rehearse": {"mapping": {"external_no": "id"}, "keywords": [{"words": ["ASAP"], "tag": "加急"}]},
    "POST /api/channels/suggest": {"payload": {"a": [{"sku": "x", "qty": 1}]}},
    "POST /api/conflicts/{no}/-/amended/settle": {"choice": "keep"},
    "POST /api/inbox/1/replay": {},
    "POST /api/inbox/replay": {"channel": "pos", "after": "1"},
    "POST /sync/push": {"device": "DEVTEST1", "ops": [{"id": "DEVTEST1:1", "kind": "pick", "qty": 1}]},
    "POST /sync/carry": {"bundle": "e30=", "sig": "AA=="},
    "POST /sync/counts": {"device": "DEVTEST1", "now": "2026-01-22T10:06:40+08:00", "counts": [{"id": "DEVTEST1:c1", "bin": "A-01-01", "qty": 1, "at": "2026-01-22T10:06:40+08:00", "sku": "", "actor": "picker", "after": 0}]},
    "POST /sync/settle": {"id": "{no}/-/amended", "choice": "keep", "actor": "picker"},
    "POST /in/pos": {"type": "order.paid", "data": {"order_id": "1"}},
    "POST /in/pos/key": {"type": "order.paid"},
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(house):
    no, device = place(house), Device(house)

    def send(route: str, body: bytes, accept: str = "en"):
        method, _, path = route.partition(" ")
        headers = {"content-type": "application/json", "accept-language": accept}
        if path.startswith("/sync"):
            headers |= device.headers
            return house.client.request(method, path, content=body, headers=headers)
        return house.call("owner", method, path.replace("{no}", no), content=body, headers=headers)

    return send


def holds(answer) -> None:
    """A no is a problem document with a code, never a fault, never a trace."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        found = answer.json()
        assert found["code"]
        assert found["detail"]
    assert "Traceback" not in answer.text


def paths(value, at=()):
    yield at
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths(one, (*at, key))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from paths(one, (*at, n))


def with_one_wrong(body, at, value):
    if not at:
        return value
    changed = copy.deepcopy(body)
    spot = changed
    for key in at[:-1]:
        spot = spot[key]
    spot[at[-1]] = value
    return changed


def text(value) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("route", sorted(BODIES))
def test_no_json_is_a_fault(ask, route):
    spots = list(paths(BODIES[route]))

    @settings(
        max_examples=12,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(spots), values, words)
    def run(at, value, key) -> None:
        holds(ask(route, text(with_one_wrong(BODIES[route], at, value))))
        if isinstance(BODIES[route], dict) and key not in BODIES[route]:
            holds(ask(route, text({**BODIES[route], key: value})))

    run()


@pytest.mark.parametrize("route", sorted(BODIES))
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff", b"[" * 3_000, b'{"a":' * 3_000, b"{}" + b"\0", b"-"],
)
def test_no_bytes_are_a_fault(ask, route, body):
    holds(ask(route, body))


@pytest.mark.parametrize("depth", [0, 1, 40, 400, 900, 990])
@pytest.mark.parametrize(("value", "why"), [(2**63, "2^63"), (-(2**63) - 1, "2^63"), ("a\0", "U+0000")])
def test_places_that_take_anything_take_no_nul_and_no_huge_integer(ask, depth, value, why):
    inner = b'{"a":' * depth + text(value) + b"}" * depth
    answer = ask("POST /api/orders/{no}/deliver", b'{"evidence":{"a":' + inner + b"}}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("invalid", "not_json")
    if depth <= 40:
        assert answer.json()["errors"] == [
            {"path": "$.evidence" + ".a" * (depth + 1), "why": answer.json()["errors"][0]["why"]}
        ]
        assert why in answer.json()["errors"][0]["why"]


def test_what_only_looks_so_is_taken(ask):
    body = {"evidence": {"no": "9" * 40, "path": "C:\\u0000", "most": 2**63 - 1, "least": -(2**63)}}
    answer = ask("POST /api/orders/{no}/deliver", text(body))
    assert answer.json()["code"] == "wrong_state"


def test_the_list_of_routes_is_whole(house):
    """Every POST and PUT that reads JSON is asked above."""
    doc = house.client.get("/openapi.json").json()
    known = {normal(route) for route in BODIES}
    missing = []
    for path, methods in doc["paths"].items():
        for method, operation in methods.items():
            if method not in ("post", "put"):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content or path == "/api/logout":
                continue
            if normal(f"{method.upper()} {path}") not in known:
                missing.append(f"{method.upper()} {path}")
    assert missing == []
    assert len(known) > 35


def normal(route: str) -> str:
    """Names within a path stand as `*`."""
    method, _, path = route.partition(" ")
    fixed = {"api", "orders", "batch", "stock", "moves", "skus", "bins", "warehouses", "customers", "users", "login",
             "devices", "enrol", "channels", "try", "rehearse", "suggest", "conflicts", "settle", "inbox", "replay", "sync", "push",
             "carry", "in", "tracking-link", "pay", "start_picking", "pack", "check", "ship", "deliver", "cancel", "hold",
             "lift", "tag", "comment", "amend", "restore", "return", "resolve",
             "split", "move", "backorder", "substitutes"}  # fmt: skip
    return method + " " + "/".join(part if part in fixed else "*" for part in path.strip("/").split("/"))
