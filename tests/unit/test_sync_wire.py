"""The push body and its results; what only the server's side of `sync/` needs."""

import json

import msgspec
import pytest
from sync_kit import Case, full_op

from sync.canon import NotCanonical, canonical_json
from sync.ops import Op, canonical, fingerprint, read_op
from sync.reasons import REASONS, Malformed, malformed
from sync.wire import MAX_OPS, Push, Result, read_push, tasks_hash

OP = full_op(["AAAAAAAA:1", "pick", 1, 2])


def body(**changes: object) -> bytes:
    return json.dumps({"device": "AAAAAAAA", "ops": [OP], **changes}, ensure_ascii=False).encode()


def test_a_push_keeps_each_op_as_it_came() -> None:
    raw = '{"device":"AAAAAAAA","ops":[{"id": 7,  "名":"前"},"junk",null,1.50]}'.encode()
    push = read_push(raw)
    assert push == Push("AAAAAAAA", ('{"id": 7,  "名":"前"}'.encode(), b'"junk"', b"null", b"1.50"))
    assert [type(read_op(op)) for op in push.ops] == [Malformed] * 4


def test_a_push_of_good_ops_reads() -> None:
    push = read_push(body())
    assert isinstance(push, Push)
    op = read_op(push.ops[0])
    assert isinstance(op, Op)
    assert json.loads(canonical(op)) == OP
    assert read_push(body(ops=[])) == Push("AAAAAAAA", ())
    assert isinstance(read_push(body(ops=[OP] * MAX_OPS)), Push)


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (b"", "not_json", ""),
        (b"{", "not_json", ""),
        (b'{"device":"AAAAAAAA","ops":[{]}', "not_json", ""),
        (b"[]", "not_object", ""),
        (b"7", "not_object", ""),
        (b"{}", "missing_field", "device"),
        (b'{"device":"AAAAAAAA"}', "missing_field", "ops"),
        (body(device=None), "missing_field", "device"),
        (body(device="aaaaaaaa"), "bad_device", "device"),
        (body(device=5), "bad_device", "device"),
        (body(ops={}), "bad_ops", "ops"),
        (body(ops=None), "bad_ops", "ops"),
        (body(ops=[OP] * (MAX_OPS + 1)), "too_many_ops", "ops"),
        (body(token="x"), "unknown_field", "token"),
    ],
)
def test_a_push_that_cannot_be_read_decides_nothing(raw: bytes, code: str, path: str) -> None:
    found = read_push(raw)
    assert isinstance(found, Malformed)
    assert (found.code, found.path) == (code, path)


def test_a_result_leaves_out_what_it_has_not() -> None:
    assert msgspec.json.encode(Result("AAAAAAAA:1", "applied", again=False)) == (
        b'{"id":"AAAAAAAA:1","verdict":"applied","again":false}'
    )
    full = Result("AAAAAAAA:1", "conflict", True, why="挂起", conflict="HD/-/held")
    assert msgspec.json.decode(msgspec.json.encode(full), type=Result) == full


@pytest.mark.parametrize("value", [2.0, 1.5, 1e0, float("inf")])
def test_a_float_is_no_quantity(value: float) -> None:
    """2.0 too: only the server's reader can see it, JavaScript cannot."""
    found = read_op({**OP, "qty": value})
    assert isinstance(found, Malformed)
    assert found.code == "bad_qty"


def test_a_body_has_one_fingerprint_however_it_is_written() -> None:
    spaced = json.dumps(OP, indent=3).encode()
    slim: Case = {name: value for name, value in reversed(OP.items()) if value != ""}
    same = {fingerprint(OP), fingerprint(spaced), fingerprint(json.dumps(slim)), fingerprint(slim)}
    assert len(same) == 1
    others = [{**OP, "qty": 3}, {**OP, "v": 2}, {**OP, "v": 2, "x": 1}, {**OP, "qty": 1.5}, {"a": "\ud800"}]
    junk: list[bytes | str] = [b"", b"{", b"\xff", b"[1.5]", b"[" * 5000, "half \ud800"]
    found = [*map(fingerprint, others), *map(fingerprint, junk)]
    assert len({*found, *same}) == len(found) + 1
    assert all(len(text) == 64 for text in found)
    assert fingerprint(b'{"v":2, "id":1}') == fingerprint(b'{"id":1,"v":2}')


def test_every_reason_speaks_both_languages() -> None:
    assert len(REASONS) >= 20
    for code, (zh, en) in REASONS.items():
        assert code.islower()
        assert code.isidentifier()
        assert any("\u4e00" <= char <= "\u9fff" for char in zh)
        assert en.isascii()
        assert "!" not in en
        assert malformed(code).zh == zh


def test_tasks_with_floats_have_no_hash() -> None:
    with pytest.raises(NotCanonical):
        tasks_hash([{"order_no": "A", "weight": 1.5}])
    nested: object = 1
    for _ in range(70):
        nested = [nested]
    with pytest.raises(NotCanonical):
        canonical_json(nested)
