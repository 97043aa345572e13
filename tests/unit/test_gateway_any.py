"""Made-up bodies on the way in of every scheme, proven and not: no 5xx, the raw bytes kept, and never a fault of ours."""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.platforms import KINDS, PLATFORMS, Event, Push
from tests.support.senders import inbox, order_data, put_channel, raws, send

# A nonce serves one body only.
numbers = count()
LAWS = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8) | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ODD = dict.fromkeys(("pay_time", "amount_fen", "customer", "address", "remark", "options", "items"), VALUES)
DATA = st.builds(
    lambda number, odd: order_data(order_id=number, **odd),
    st.integers(1, 40) | st.text(min_size=1, max_size=6),
    st.fixed_dictionaries({}, optional=ODD),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["webhook-id", "webhook-signature", "stripe-signature", "wechatpay-signature", "wechatpay-serial",
         "event-sign", "x-hub-signature-256"]
    ),
    st.text("abc019=,v+/", max_size=20),
)  # fmt: skip
QUERY = st.dictionaries(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr"]), st.text(max_size=9)
)


@pytest.fixture(scope="module")
def open_house(house):
    for scheme, platform in PLATFORMS.items():
        put_channel(house, scheme, platform.secrets(), code=scheme, mapping=platform.mapping())
    return house


def stays_up(house, scheme, push):
    answer = send(house, push)
    assert answer.status_code < 500, answer.text
    assert push.body in raws(house)[-3:]
    assert [one for one in inbox(house, status="dead", channel=scheme) if one["code"] == "fault"] == []
    return answer.status_code


@pytest.mark.parametrize("scheme", sorted(PLATFORMS))
@LAWS
@given(st.binary(max_size=60) | VALUES.map(lambda v: json.dumps(v).encode()), HEADERS, QUERY)
def test_no_stranger_makes_any_scheme_fall(open_house, scheme, body, headers, query):
    assert stays_up(open_house, scheme, Push(f"/in/{scheme}", body, headers, query)) >= 400
    assert open_house.client.get(f"/in/{scheme}", params=query).status_code < 500


@pytest.mark.parametrize("scheme", sorted(PLATFORMS))
@LAWS
@given(st.sampled_from(KINDS) | st.text(max_size=6), DATA)
def test_no_proven_message_makes_any_scheme_fall(open_house, scheme, kind, data):
    push = PLATFORMS[scheme].push(
        scheme, Event(kind, data, f"m{next(numbers)}"), open_house.clock.now // 1000
    )
    assert stays_up(open_house, scheme, push) in (200, 400)
