"""Goods sold by weight and picked in pieces: nothing is lost in rounding, neither a gram nor a fen."""

from datetime import UTC
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.mapping import Mapped, apply, read_mapping
from api.channels.tons import CHARGES, GRAMS, ROUNDS, Piece, Pieces, in_grams, into_pieces
from api.kernel.errors import Invalid
from api.sheets.convert import Fault
from api.stock.units import laid

grams = st.integers(1, 10**10)
prices = st.integers(0, 10**8)
units = st.sampled_from(sorted(GRAMS))
pieces = st.builds(Piece, st.integers(1, 10**6), st.sampled_from(ROUNDS))
charges = st.sampled_from(CHARGES)


@settings(max_examples=400, derandomize=True)
@given(grams, prices, units, pieces, charges)
def test_not_a_gram_and_not_a_fen_is_lost(asked: int, fen: int, per: str, rule: Piece, charge: str):
    found = into_pieces(asked, fen, per, rule, charge)
    if isinstance(found, Fault):
        assert found.code in ("not_exact", "no_piece", "out_of_range")
        return
    assert found.taken_g == found.qty * rule.g
    assert found.taken_g + found.rest_g == asked
    assert found.sum_fen == sum(part.qty * (part.price_fen or 0) for part in found.parts)
    told = [part.price_fen or 0 for part in found.parts]
    assert max(told) - min(told) <= 1
    owed = Fraction((asked if charge == "ordered" else found.taken_g) * fen, GRAMS[per])
    assert owed - (found.sum_fen or 0) == Fraction(found.rest_fen)
    assert -Fraction(1, 2) <= Fraction(found.rest_fen) < Fraction(1, 2)


@settings(max_examples=300, derandomize=True)
@given(grams, st.integers(1, 10**6))
def test_which_way_it_is_rounded(asked: int, weight: int):
    found = {way: into_pieces(asked, None, "ton", Piece(weight, way), "ordered") for way in ROUNDS}
    rest = {way: one.rest_g for way, one in found.items() if isinstance(one, Pieces)}
    assert all(0 <= rest[way] < weight for way in ("down",) if way in rest)
    assert all(-weight < rest[way] <= 0 for way in ("up",) if way in rest)
    assert all(-weight <= 2 * rest[way] < weight for way in ("near",) if way in rest)
    assert rest.get("even", 0) == 0
    assert ("even" in rest) == (asked % weight == 0 and asked // weight <= 10**6)


@settings(max_examples=200, derandomize=True)
@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_a_sum_is_laid_on_pieces_to_the_fen(total: int, count: int):
    parts = laid(total, count)
    assert sum(part.qty for part in parts) == count
    assert sum(part.qty * (part.price_fen or 0) for part in parts) == total
    assert len(parts) <= 2


@settings(max_examples=200, derandomize=True)
@given(st.integers(1, 10**9), prices, pieces, charges)
def test_the_unit_makes_no_difference(asked: int, fen: int, rule: Piece, charge: str):
    """So many tons at a price a ton, or a thousand times as many kilograms at a thousandth of it."""
    by_ton = into_pieces(asked, fen * 1000, "ton", rule, charge)
    assert into_pieces(asked, fen, "kg", rule, charge) == by_ton


@pytest.mark.parametrize(
    ("text", "per", "is_grams"),
    [("5", "ton", 5_000_000), ("０．５", "ton", 500_000), ("1,200.5", "kg", 1_200_500), (2, "jin", 1_000)],
)
def test_weights_as_people_write_them(text: Any, per: str, is_grams: int):
    assert in_grams(per)(text, UTC) == is_grams


@pytest.mark.parametrize(
    ("text", "code"),
    [("0", "out_of_range"), ("-1", "out_of_range"), ("0.0000001", "not_exact"), ("x", "not_number")],
)
def test_what_is_no_weight(text: str, code: str):
    found = in_grams("ton")(text, UTC)
    assert isinstance(found, Fault)
    assert found.code == code


STEEL: dict[str, Any] = {
    "external_no": "no",
    "lines": {
        "each": "items", "sku": "sku", "qty": "count", "price_fen": {"path": "price", "as": "yuan"},
        "by_weight": {
            "weight": "tons", "price": {"path": "per_ton", "as": "yuan"}, "per": "ton",
            "pieces": {"RB-16": {"g": 23_700, "round": "up"}, "RB-12": {"g": 12_500}},
        },
    },
}  # fmt: skip


def made(*items: dict[str, Any], **change: Any) -> Mapped:
    raw = {**STEEL, "lines": {**STEEL["lines"], "by_weight": {**STEEL["lines"]["by_weight"], **change}}}
    return apply(read_mapping(raw), {"no": "S-1", "items": list(items)}, tz=UTC, received_at=0)


def test_five_tons_become_pieces_whose_prices_add_up():
    found = made({"sku": "RB-16", "tons": "5", "per_ton": "4,200.00", "grade": "HRB400"})
    assert found.problems == ()
    lines = found.draft["lines"]
    assert [(line["qty"], line["price_fen"]) for line in lines] == [(128, 9953), (83, 9952)]
    assert sum(line["qty"] * line["price_fen"] for line in lines) == 2_100_000
    told = {"sku": "RB-16", "asked_g": 5_000_000, "taken_g": 5_000_700, "rest_g": -700}
    assert found.weights == ({**told, "sum_fen": 2_100_000, "rest_fen": "0"},)
    assert found.extra == {"items": [{"grade": "HRB400"}], "by_weight": list(found.weights)}
    by_taken = made({"sku": "RB-16", "tons": 5, "per_ton": "4200"}, charge="pieces")
    assert sum(line["qty"] * line["price_fen"] for line in by_taken.draft["lines"]) == 2_100_294


def test_pieces_and_weights_stand_in_one_order():
    found = made(
        {"sku": "BOLT", "count": 40, "price": "1.20"}, {"sku": "RB-12", "tons": "0.1", "per_ton": "4100"}
    )
    assert found.problems == ()
    assert [(line["sku"], line["qty"], line["price_fen"]) for line in found.draft["lines"]] == [
        ("BOLT", 40, 120),
        ("RB-12", 8, 5125),
    ]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"sku": "RB-12", "tons": "0.11"}, "not_exact"),
        ({"sku": "RB-99", "tons": "1"}, "no_piece_rule"),
        ({"sku": "RB-16", "tons": "1e9"}, "out_of_range"),
        ({"sku": "RB-16"}, "missing"),
    ],
)
def test_what_cannot_be_counted_stops_the_order_with_its_reason(item: dict[str, Any], code: str):
    found = made(item)
    assert not found.is_ok
    assert [(p.path, p.code) for p in found.problems if p.blocks] == [("lines[0].qty", code)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"per": "pound"}, "per"),
        ({"charge": "all"}, "charge"),
        ({"pieces": {}}, "pieces"),
        ({"pieces": {"A": {"g": 0}}}, "pieces.A"),
        ({"pieces": {"A": {"g": 1, "round": "bankers"}}}, "pieces.A"),
        ({"weight": {"path": "a", "as": "text"}}, "weight.as"),
        ({"price": {"path": "a["}}, "price.path"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_place(change: dict[str, Any], path: str):
    with pytest.raises(Invalid) as refused:
        made(**change)
    assert f"$.mapping.lines.by_weight.{path}" in [one.path for one in refused.value.wrong]
