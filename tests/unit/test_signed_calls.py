"""Signatures of calls that go out, for 高德 and for a page inside WeChat: as published, and never for anything else."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.places import amap
from api.tracking import wechat_page
from tests.support.vectors import KNOWN

NAMES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.text(max_size=5), max_size=5)


def test_the_published_call_of_amap():
    vector = KNOWN["amap-sig-doc-inputs"]
    params, key = vector["inputs"]["params"], vector["inputs"]["private_key"]
    assert amap.signed_text(params, key) == vector["expected"]["string_to_hash"]
    assert amap.sig(params, key) == vector["expected"]["sig"]
    changes = [(params | {name: value + "0"}, key) for name, value in params.items()]
    for wrong in [*changes, ({"a": "23"}, key), (params | {"e": ""}, key), (params, key + "b")]:
        assert amap.sig(*wrong) != vector["expected"]["sig"]


def test_amap_signs_what_is_not_escaped_yet():
    assert amap.signed_text({"output": "JSON", "address": "浦东 1+1&2", "key": "k"}, "p") == (
        "address=浦东 1+1&2&key=k&output=JSONp"
    )


@settings(max_examples=60, derandomize=True)
@given(NAMES, st.text(max_size=5))
def test_the_order_of_amaps_parameters_does_not_count(params: dict[str, str], key: str):
    backwards = dict(sorted(params.items(), reverse=True))
    assert amap.sig(backwards, key) == amap.sig(params, key)


def test_the_published_page_of_wechat():
    vector = KNOWN["wx-jssdk-doc"]
    inputs, good = vector["inputs"], vector["expected"]["signature"]
    given = [inputs["jsapi_ticket"], inputs["noncestr"], int(inputs["timestamp"]), inputs["url"]]
    assert wechat_page.signed_text(*given) == vector["expected"]["string1"]
    assert wechat_page.signature(*given) == good
    assert wechat_page.signature(*given[:3], inputs["url"] + "#fragment") == good
    for n, wrong in enumerate(["ticket", "nonce", given[2] + 1, inputs["url"] + "&from=groupmessage"]):
        assert wechat_page.signature(*given[:n], wrong, *given[n + 1 :]) != good


@settings(max_examples=60, derandomize=True)
@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_stands_behind_the_first_hash_never_counts(page: str, one: str, other: str):
    assume("#" not in page)

    def signed(address: str) -> str:
        return wechat_page.signature("T", "N", 1, address)

    assert signed(page) == signed(f"{page}#{one}#{other}")
    assert (signed(page + other.partition("#")[0]) == signed(page)) == (not other.partition("#")[0])
