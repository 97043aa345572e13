"""One unreadable op is its own trouble: the others of its push are read as ever."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.ops import read_op
from sync.reasons import Malformed
from sync.splitting import split_list, split_object
from sync.wire import Push, read_push

GOOD = '{"id":"AAAAAAAA:1"}'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, derandomize=True)
@given(st.lists(VALUES, max_size=6), st.booleans())
def test_a_list_is_cut_where_json_would_cut_it(values, is_spaced):
    text = json.dumps(values, ensure_ascii=False, indent=1 if is_spaced else None)
    assert [json.loads(part) for part in split_list(text.encode())] == values


@settings(max_examples=200, derandomize=True)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=6))
def test_an_object_is_cut_where_json_would_cut_it(value):
    text = json.dumps(value)
    assert {name: json.loads(part) for name, part in split_object(text.encode()).items()} == value


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=40))
def test_any_bytes_are_cut_or_refused(raw):
    for cut in (split_list, split_object):
        try:
            cut(raw)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"]", b"[1,]", b"[,1]", b"[1,,2]", b"[[1]", b'["a]', b"[1}]", b"{}", b"1"]
)
def test_what_does_not_come_out_is_refused(raw):
    with pytest.raises(ValueError):
        split_list(raw)


@pytest.mark.parametrize(
    "bad",
    [
        '{"code":"\\ud83d"}',
        '{"qty":NaN}',
        '{"x":' + "[" * 2_000 + "]" * 2_000 + "}",
        '{"qty":1e999}',
        "{'a':1}",
        "nonsense",
    ],
)
def test_one_unreadable_op_leaves_its_neighbours_alone(bad):
    raw = f'{{"device":"AAAAAAAA","ops":[{GOOD},{bad},{GOOD}]}}'.encode()
    read = read_push(raw)
    assert isinstance(read, Push)
    assert read.ops == (GOOD.encode(), bad.encode(), GOOD.encode())
    assert isinstance(read_op(read.ops[1]), Malformed)


@pytest.mark.parametrize(
    "raw", [b'{"device":"AAAAAAAA","ops":[', b'{"device":"AAAAAAAA","ops":[}]}', b"\xff"]
)
def test_a_cut_off_body_is_refused_whole(raw):
    assert isinstance(read_push(raw), Malformed)
