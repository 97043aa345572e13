"""A packed snapshot comes back as it was, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kernel.canonical import canonical
from api.orders.packing import packed, unpacked

texts = st.one_of(
    st.binary(max_size=9_000),
    st.dictionaries(st.text("abc_", min_size=1, max_size=5), st.text(max_size=40), max_size=60).map(
        canonical
    ),
)


@given(texts, texts)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_was_packed_comes_back(text: bytes, first: bytes) -> None:
    assert unpacked(packed(text, first), first) == text
    assert unpacked(packed(text)) == text


def test_a_later_one_is_little_more_than_what_changed() -> None:
    lines = [
        {"line_no": n, "sku": f"BP-{n:05d}", "name": "前刹车片", "qty": n, "picked": 0} for n in range(1, 4)
    ]
    order = {
        "order_no": "HD260122-00017",
        "state": "to_pick",
        "lines": lines,
        "updated_at": 1_769_000_000_000,
    }
    first = canonical(order)
    later = canonical({**order, "state": "picking", "updated_at": 1_769_000_060_000})
    assert len(packed(later, first)) < 40
    assert len(packed(first)) < len(first) / 2


@pytest.mark.parametrize("harm", ["nothing", "cut", "flip", "more", "version", "other first"])
def test_what_was_harmed_is_refused_or_gives_another_text(harm: str) -> None:
    text, first = canonical({"a": "x" * 300, "b": list(range(50))}), canonical({"a": "x" * 290})
    body = packed(text, first)
    harmed = {
        "nothing": b"",
        "cut": body[:-3],
        "flip": body[:5] + bytes((body[5] ^ 0x40,)) + body[6:],
        "more": body + b"\0",
        "version": b"\x63" + body[1:],
        "other first": body,
    }[harm]
    try:
        found = unpacked(harmed, canonical({"z": 1}) if harm == "other first" else first)
    except ValueError:
        return
    assert harm in ("flip", "other first")
    assert found != text
