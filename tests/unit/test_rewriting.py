"""What migrations call: the texts of an old schema come out as the program's own structs would write them now."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from api.db.rewriting import op_listed, rest_listed
from api.kernel.bounded import Bounded, held
from api.orders import picks
from api.orders.model import Check, Held, LineBins, Parcel, Rest, Trouble
from api.tags.model import Tag
from sync.ops import Op, canonical

words = st.text(max_size=6)
times = st.integers(0, 2**40)
counts = st.dictionaries(words, st.integers(0, 99), max_size=2)
rests = st.builds(
    Rest,
    held=st.none() | st.builds(Held, words, words, times),
    exceptions=st.lists(
        st.builds(Trouble, words, words, words, times, st.dictionaries(words, st.lists(words, max_size=2), max_size=2)),
        max_size=2,
    ).map(tuple),
    tags=st.lists(st.builds(Tag, words, st.sampled_from(["rule", "person"]), words), max_size=3).map(tuple),
    options=st.lists(words, max_size=2).map(tuple),
    checklist=st.lists(st.builds(Check, words, st.booleans(), words, st.none() | times), max_size=2).map(tuple),
    parcels=st.lists(st.builds(Parcel, words, words, times), max_size=2).map(tuple),
    evidence=words,
    bins=st.lists(st.builds(LineBins, st.integers(1, 9), counts, words, counts, words), max_size=2).map(tuple),
    pinned=st.booleans(),
)  # fmt: skip


def as_schema_2_wrote_it(rest: Rest, is_sparse: bool) -> str:
    """Objects by name; what was plain could be left out."""

    def named(one: object) -> dict[str, object]:
        return {
            ("from" if name == "source" else name): value
            for name, value in msgspec.structs.asdict(one).items()
        }

    whole = {
        "held": rest.held and named(rest.held),
        "exceptions": [named(one) for one in rest.exceptions],
        "tags": [named(one) for one in rest.tags],
        "options": list(rest.options),
        "checklist": [named(one) for one in rest.checklist],
        "parcels": [named(one) for one in rest.parcels],
        "evidence": rest.evidence,
        "bins": [{k: v for k, v in named(one).items() if v or not is_sparse} for one in rest.bins],
        "pinned": rest.pinned,
    }
    return msgspec.json.encode({k: v for k, v in whole.items() if v or not is_sparse}).decode()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rests, st.booleans())
def test_what_hung_on_an_order_is_what_the_program_reads_now(rest: Rest, is_sparse: bool) -> None:
    text = rest_listed(as_schema_2_wrote_it(rest, is_sparse))
    assert isinstance(msgspec.json.decode(text), list)
    assert (
        msgspec.json.decode(text, type=Rest) == rest
    )  # without the fields that came later: each has a default


ops = st.builds(
    Op, words, words, words, words, words, st.integers(1, 99), words, st.integers(0, 99), words, words, words,
    st.just(1),
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(ops)
def test_an_op_comes_back_word_for_word(op: Op) -> None:
    """Also with a NUL or a quote in what was scanned, where the engine's own JSON functions would cut it."""
    assert op_listed(canonical(op)) == picks.said(op)
    row = {"id": op.id, "order_no": op.order_no, "line_no": op.line_no, "actor": op.actor}
    assert canonical(picks.op_of({**row, "said": op_listed(canonical(op))})) == canonical(op)


def test_what_is_held_is_bounded_and_the_oldest_goes_first() -> None:
    home: dict[str, object] = {}
    for n in range(5):
        held(home, "x", 3)[n] = n
    held(home, "x", 3)[4] = "again"
    assert held(home, "x") == {2: 2, 3: 3, 4: "again"}
    assert isinstance(home["x"], Bounded)
