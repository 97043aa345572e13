"""Canonical text, chains, the Merkle tree and signed checkpoints: the laws, each against somebody else's word."""

import contextlib
import hashlib

import msgspec
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.journal import chain, checkpoint
from api.journal.chain import START, Entry, check_entry, link
from api.journal.merkle import Frontier, leaf, node
from api.kernel.canonical import LARGEST, canonical, check

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
FEW = settings(max_examples=300, derandomize=True, deadline=None)

# The reference implementation's inputs and roots (google/certificate-transparency, merkle_tree_test.cc).
CT_LEAVES = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@FEW
@given(VALUES)
@example({"\x7f": '\b\t\n\f\r\x0b\x1f\x00"\\/', "a": "é 😀 \u2028\ufffd", "A": [LARGEST, -LARGEST, 0]})
def test_canonical_json_is_rfc_8785_over_the_closed_domain(value):
    check(value)
    assert canonical(value) == rfc8785.dumps(value)
    assert msgspec.json.decode(canonical(value)) == value


@pytest.mark.parametrize(
    "value", [1.5, {"a": [0, 2**53]}, {"a": -(2**53)}, {"键": 1}, {1: 1}, b"x", {"a": {"b": float("nan")}}]
)
def test_what_has_no_canonical_form_is_named(value):
    with pytest.raises(ValueError, match=r"^\$"):
        check(value)


def naive(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def test_the_frontier_gives_the_root_from_scratch_at_every_size():
    leaves = [hashlib.sha256(b"%d" % n).digest() for n in range(70)]
    edge, roots = Frontier(), []
    for size in range(71):
        roots.append(edge.root())
        assert (edge.size, edge.root()) == (size, naive(leaves[:size]))
        assert len(edge.edge) == bin(size).count("1")
        # The frontier is all that a next start needs: it survives its own JSON.
        again = msgspec.json.decode(msgspec.json.encode(edge), type=Frontier)
        assert again.extended(leaves[size:]) == Frontier().extended(leaves)
        edge = edge.add(leaves[size]) if size < 70 else edge
    assert len(set(roots)) == 71


def test_the_published_roots_come_out():
    leaves = [bytes.fromhex(one) for one in CT_LEAVES]
    assert [Frontier().extended(leaves[: n + 1]).root().hex() for n in range(8)] == CT_ROOTS


def test_a_leaf_cannot_pass_for_a_node():
    a, b = leaf(b"a"), leaf(b"b")
    assert leaf(a + b) != node(a, b)
    assert Frontier().extended([b"a", b"b"]).root() == node(a, b) != Frontier().add(a + b).root()


def entry(**change) -> Entry:
    given = {"pos": 1, "subject": "order:HD1", "seq": 1, "at": 5, "kind": "order.placed", "actor": "sales"}
    given |= {"body": '{"a":1}', "prev": START} | change
    mark = link(given["prev"], *(given[name] for name in ("subject", "seq", "at", "kind", "actor", "body")))
    return Entry(**given, hash=change.get("hash", mark))


def test_an_entry_is_bound_to_every_one_of_its_fields():
    good = entry()
    assert check_entry(good, 1, START) is None
    plain = {
        "actor": "sales",
        "at": 5,
        "body": '{"a":1}',
        "kind": "order.placed",
        "seq": 1,
        "subject": "order:HD1",
    }
    assert good.hash == hashlib.sha256(START + rfc8785.dumps(plain)).digest()
    for change in (
        {"subject": "order:HD2"}, {"at": 6}, {"kind": "order.paid"}, {"actor": "owner"}, {"body": '{"a":2}'},
        {"body": '{"a":1}\udcff'}, {"body": b"\xff"}, {"at": None},
    ):  # fmt: skip
        fault = check_entry(msgspec.structs.replace(good, **change), 1, START)
        assert fault is not None, change
        assert "hash" in fault.what
    assert "out of order" in check_entry(good, 2, START).what
    assert "link" in check_entry(good, 1, b"\x01" * 32).what
    assert str(check_entry(good, 2, START)).startswith("pos 1, order:HD1 entry 2: ")


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=8), st.data())
def test_a_chain_holds_and_any_other_order_does_not(bodies, data):
    made, prev = [], START
    for n, body in enumerate(bodies, 1):
        made.append(entry(seq=n, prev=prev, body=body, pos=n))
        prev = made[-1].hash
    good = [check_entry(one, n, START if n == 1 else made[n - 2].hash) for n, one in enumerate(made, 1)]
    assert good == [None] * len(bodies)
    moved = data.draw(st.permutations(range(len(made))))
    prev, faults = START, []
    for n, i in enumerate(moved, 1):
        faults.append(check_entry(made[i], n, prev))
        prev = made[i].hash
    assert any(faults) == (moved != list(range(len(made))))


SECRET = b"a secret of the tests, long enough"


def test_a_checkpoint_says_what_was_signed_and_nothing_else():
    key = checkpoint.signing_key(SECRET)
    root = hashlib.sha256(b"root").digest()
    for cut in (None, 0, 9):
        text = checkpoint.write(key, 1_769_047_500_000, "7GQ2M4ZK", 10, 12, root, cut)
        read = checkpoint.read(text)
        assert (read.at, read.epoch, read.size, read.pos, read.root, read.cut) == (
            "2026-01-22T02:05:00+00:00", "7GQ2M4ZK", 10, 12, root, cut,
        )  # fmt: skip
        assert checkpoint.is_genuine(read)
        assert read.key == checkpoint.public(checkpoint.signing_key(SECRET))  # the same after a restart
        assert read.key != checkpoint.public(checkpoint.signing_key(SECRET + b"x"))
        for i, letter in enumerate(text[:-1]):
            other = text[:i] + ("0" if letter != "0" else "1") + text[i + 1 :]
            with contextlib.suppress(ValueError):
                assert not checkpoint.is_genuine(checkpoint.read(other)), other


@pytest.mark.parametrize(
    "text", ["", "huodaona checkpoint v2\nsignature: 00", "huodaona checkpoint v1\n", "signature: ", "\ufffd" * 40,
             "huodaona checkpoint v1\nat: x\nepoch: x\nsize: ten\npos: 1\nroot: 00\nkey: 00\nsignature: 00"]
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoint.read(text)


def test_a_fault_without_a_position_reads_well():
    assert str(chain.Fault(None, "checkpoint", 3, "its signature is not ours")).startswith(
        "checkpoint entry 3"
    )
