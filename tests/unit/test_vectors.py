"""Every published vector is proven by a test that is named here: incoming ones over HTTP, the others by the public function.

A vector that is added, and a test that is renamed or no longer speaks of its vector, fail here.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.vectors import FILES, KNOWN

UNIT = Path(__file__).parent
WIRE, SCHEMES = "test_gateway_wire", "test_channels_schemes"
PLATFORMS, PAY = "test_gateway_platforms", "test_gateway_schemes"
# By id, or by file where one test walks the whole of it.
PROVEN = {
    "coordinates.json": ("test_places_coordinates", "test_published_vectors"),
    # Over HTTP, into an app whose clock stands at the vector's moment
    "stdwh-sign-1": (WIRE, "test_the_published_webhook_is_taken"),
    "stripe-like-header": (WIRE, "test_the_published_stripe_like_header_is_taken"),
    "wxpush-url-verify": (WIRE, "test_the_handshake_returns_echostr"),
    "wxpush-wechatpy-signature": (WIRE, "test_the_handshake_returns_echostr"),
    "wxpush-plain-post": (WIRE, "test_the_published_plain_push_is_taken"),
    "wxpush-secure-post": (WIRE, "test_the_published_secure_push_is_taken_in_both_formats"),
    "wxpay-notify-go-e2e": (PAY, "test_the_published_notification_is_taken"),
    "wxpay-refund-success-pubkey": (PAY, "test_the_published_notification_is_taken"),
    "wecom-url-verify": (PLATFORMS, "test_wecom_shakes_hands_with_what_was_sealed"),
    "wecom-decrypt-message": (PLATFORMS, "test_wecom_message"),
    "doudian-probe": (PLATFORMS, "test_the_published_shop_push_is_taken"),
    "doudian-order-created": (PLATFORMS, "test_the_published_shop_push_is_taken"),
    "dingtalk-callback-doc": (PLATFORMS, "test_the_published_event_is_answered_sealed"),
    "whatsapp-meta-sdk": (PLATFORMS, "test_the_published_hub_signature"),
    "hub256-github-doc": (PLATFORMS, "test_the_published_hub_signature"),
    "whatsapp-hub-challenge": (PLATFORMS, "test_whatsapp_challenge"),
    "kuaidi100-push": (PLATFORMS, "test_the_published_parcel_push"),
    # What is sealed and opened
    "wxpush-secure-reply": (SCHEMES, "test_wechat_encryption_vectors"),
    "wxpush-wxjava-encrypt-1": (SCHEMES, "test_wechat_encryption_vectors"),
    "wecom-encrypt-reply": (PLATFORMS, "test_wecom_reply_is_sealed_as_published"),
    "dingtalk-success-reply": (PLATFORMS, "test_the_published_answer"),
    "wxpay-certificates-download": (PAY, "test_the_published_resources_open"),
    # What goes out
    "wxpay-rsa-sha256": (PAY, "test_the_published_signature_of_a_text"),
    "doudian-api-sign": ("test_asking", "test_the_published_signature_of_a_call"),
    "kuaidi100-query": (PLATFORMS, "test_the_published_parcel_push"),
    "sf-msgdigest-doc": (PLATFORMS, "test_the_published_digest_of_a_call"),
    "amap-sig-doc-inputs": ("test_signed_calls", "test_the_published_call_of_amap"),
    "wx-jssdk-doc": ("test_signed_calls", "test_the_published_page_of_wechat"),
    "dingtalk-robot-sign": ("test_robots", "test_dingtalks_address_is_signed_as_published"),
    "dingtalk-login-free-sign": ("test_robots", "test_a_login_at_dingtalk_is_signed_as_published"),
}


def named(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            for one in (name for target in node.targets for name in ast.walk(target)):
                if isinstance(one, ast.Name):
                    yield one.id, node


def spoken(source: str, test: str) -> set[Any]:
    """The texts in a test and in all that it uses of its module, fixtures too; nothing where there is no such test."""
    known = dict(named(ast.parse(source)))
    seen, ahead, texts = set[str](), [test], set[Any]()
    while ahead:
        name = ahead.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        for node in ast.walk(known[name]):
            if isinstance(node, ast.Name):
                ahead.append(node.id)
            elif isinstance(node, ast.arg):
                ahead.append(node.arg)
            elif isinstance(node, ast.Constant):
                texts.add(node.value)
    return texts


@pytest.mark.parametrize("name", [*PROVEN])
def test_the_named_test_speaks_of_the_vector(name: str):
    file, test = PROVEN[name]
    assert name in spoken((UNIT / f"{file}.py").read_text("utf-8"), test)


def test_no_vector_is_forgotten():
    walked = {one["id"] for name, found in FILES.items() if name in PROVEN for one in found}
    assert walked | (PROVEN.keys() - FILES.keys()) == KNOWN.keys()
    assert len(KNOWN) == sum(map(len, FILES.values())) > 30
    assert all(one["source"] and one["expected"] for one in KNOWN.values())


def test_a_test_that_no_longer_speaks_of_its_vector_is_found():
    source = 'A, B = KNOWN["one"], KNOWN["two"]\ndef told(): return B\ndef test_it(told): assert told\n'
    assert spoken(source, "test_it") == {"one", "two"}
    assert spoken('C = KNOWN["three"]\n' + source, "test_it") == {"one", "two"}
    assert spoken(source, "test_that_was_renamed") == set()
