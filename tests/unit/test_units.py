"""Goods sold and bought in other units than pieces: the sum is exact to the fen, the count follows a stated rule."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.stock.units import GRAMS, Price, Settled, Unit, amount, decimal, settle, size
from tests.conftest import Company
from tests.support.company import draft

sizes = st.builds(Fraction, st.integers(1, 10**7), st.integers(1, 10**7))
quantities = st.builds(Fraction, st.integers(1, 10**9), st.sampled_from([1, 10, 1000, 10**6]))
WAYS = st.sampled_from(["even", "up", "down", "near"])


@settings(max_examples=300, derandomize=True)
@given(quantities, sizes, st.integers(0, 10**8), WAYS, st.sampled_from(["ordered", "pieces"]))
def test_nothing_is_lost_between_what_is_asked_and_what_is_given(qty, step, fen, way, charge):
    asked = qty * step
    found = settle(asked, way, Price(fen / step, charge))
    if isinstance(found, str):
        assert found in ("not_exact", "no_piece", "out_of_range")
        assert found != "not_exact" or asked.denominator > 1
        return
    assert found.qty + found.rest == asked
    assert abs(found.rest) < 1
    assert sum(part.qty for part in found.parts) == found.qty
    assert sum(part.qty * (part.price_fen or 0) for part in found.parts) == found.sum_fen
    owed = (asked if charge == "ordered" else found.qty) * fen / step
    assert owed == (found.sum_fen or 0) + found.rest_fen
    assert -Fraction(1, 2) <= found.rest_fen < Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "is_"),
    [("12.5", Fraction(25, 2)), ("１２", 12), (" 1,200 ", 1200), (3, 3), ("0", None), ("-1", None)],
)
def test_quantities_as_people_write_them(text: str | int, is_: Fraction | None):
    assert amount(text) == is_


@pytest.mark.parametrize("text", ["", "x", "1e3", "NaN", "1/3", "12.", ".5", "1" * 10, "0." + "1" * 10])
def test_what_is_no_quantity(text: str):
    assert amount(text) is None


def test_a_weight_is_pieces_by_what_one_weighs():
    assert size(Unit("吨"), 3_270) == Fraction(1_000_000, 3_270)
    assert size(Unit("箱", 12), 0) == 12
    assert size(Unit("吨"), 0) is None
    assert size(Unit("托"), 3_270) is None


def put(company: Company, code: str = "BP-1023", **change: Any) -> Any:
    body = {"name": "前刹车片", "uom": "件", "weight_g": 3_270, "price_fen": 12_800, **change}
    return company.supervisor.put(f"/api/skus/{code}", body)


def sold(company: Company, unit: dict[str, Any], **change: Any) -> Any:
    line = {"sku": "BP-1023", "unit": unit, **change}
    return company.supervisor.post("/api/orders", draft(lines=[line], paid_at=None))


def test_twelve_and_a_half_tons(company: Company):
    """4,380 yuan a ton, 3.27 kg a piece: 3,823 pieces (3,822.63), 54,750.00 yuan."""
    put(company)
    found = sold(company, {"uom": "吨", "qty": "12.5", "price_fen": 438_000, "round": "near"}).json()
    assert found["amount_fen"] == 5_475_000
    assert sum(line["qty"] for line in found["lines"]) == 3_823
    assert sum(line["qty"] * line["price_fen"] for line in found["lines"]) == 5_475_000
    assert found["lines"][0]["sold"] == {
        "line_no": 1, "qty": "12.5", "uom": "吨", "price_fen": 438_000, "per": "吨", "round": "near", "taken": 3_823,
        "rest": "-0.370030581", "sum_fen": 5_475_000, "rest_fen": "0",
    }  # fmt: skip
    assert "sold" not in found["lines"][1]
    again = company.supervisor.get(f"/api/orders/{found['order_no']}").json()
    assert again["lines"] == found["lines"]


def exact(qty: Decimal, grams: int, fen: int, way: str, is_by_piece: bool) -> tuple[int, int]:
    """By another road than the product's: whole numbers of 1e-9 tons, and the schoolbook's half up."""
    nano = int(qty * 10**9) * grams
    over, rest = divmod(nano, 3_270 * 10**9)
    more = rest > 0 if way == "up" else 2 * rest >= 3_270 * 10**9 if way == "near" else False
    pieces = over + more
    weight = Decimal(pieces * 3_270) / grams if is_by_piece else qty
    return pieces, int((weight * fen).quantize(Decimal(1), ROUND_HALF_UP))


def test_two_hundred_lines_by_weight_settle_to_the_fen(company: Company):
    put(company)
    rnd, wanted, told = Random(7), [], []
    for _ in range(200):
        uom = rnd.choice(["吨", "kg", "斤"])
        qty = Decimal(rnd.randrange(1, 10**7)) / 1000
        while not 4 <= qty * GRAMS[uom] / 3_270 < 10**6:
            qty = Decimal(rnd.randrange(1, 10**7)) / 1000
        fen, way, charge = (
            rnd.randrange(1, 10**6),
            rnd.choice(["up", "down", "near"]),
            rnd.choice(["ordered", "pieces"]),
        )
        wanted.append({"uom": uom, "qty": str(qty), "price_fen": fen, "round": way, "charge": charge})
        told.append(exact(qty, GRAMS[uom], fen, way, charge == "pieces"))
    drafts = [draft(lines=[{"sku": "BP-1023", "unit": unit}], paid_at=None) for unit in wanted]
    batch = company.supervisor.post("/api/orders/batch", {"orders": drafts}).json()["results"]
    assert [one["status"] for one in batch] == [201] * 200
    for one, (pieces, fen) in zip(batch, told, strict=True):
        order = company.supervisor.get(f"/api/orders/{one['order_no']}").json()
        assert (sum(line["qty"] for line in order["lines"]), order["amount_fen"]) == (pieces, fen)
        assert order["amount_fen"] == sum(line["qty"] * line["price_fen"] for line in order["lines"])


def test_a_box_and_a_price_for_a_hundred(company: Company):
    boxes = [{"uom": "箱", "pieces": 12}, {"uom": "百件", "pieces": 100}]
    assert put(company, units=boxes, price_uom="百件", price_fen=99_999).json()["units"] == [
        {"uom": "百件", "pieces": 100, "per": 1, "round": "even"}, {"uom": "箱", "pieces": 12, "per": 1, "round": "even"},
    ]  # fmt: skip
    found = sold(company, {"uom": "箱", "qty": 3}).json()
    assert found["amount_fen"] == 36_000  # 35,999.64
    assert sum(line["qty"] for line in found["lines"]) == 36
    plain = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 36}])).json()
    assert plain["amount_fen"] == 36_000
    listed = company.supervisor.get("/api/skus?limit=200").json()["items"]
    assert {len(one["units"]) for one in listed if one["code"] == "BP-1023"} == {2}
    put(company, price_uom="")  # units that are not named stay
    assert len(company.supervisor.get("/api/skus?q=BP-1023").json()["items"][0]["units"]) == 2


@pytest.mark.parametrize(
    ("unit", "path"),
    [
        ({"uom": "吨", "qty": "12.5", "price_fen": 1}, "$.lines[0].unit.qty"),
        ({"uom": "吨", "qty": "0.001", "price_fen": 1, "round": "down"}, "$.lines[0].unit.qty"),
        ({"uom": "吨", "qty": "99999", "price_fen": 1, "round": "down"}, "$.lines[0].unit.qty"),
        ({"uom": "吨", "qty": "zwölf", "price_fen": 1}, "$.lines[0].unit.qty"),
        ({"uom": "托", "qty": 1, "price_fen": 1}, "$.lines[0].unit.uom"),
        ({"uom": "件", "qty": 1, "price_fen": 1, "per": "托"}, "$.lines[0].unit.per"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_its_field(company: Company, unit: dict[str, Any], path: str):
    put(company)
    answer = sold(company, unit)
    assert answer.status_code in (400, 422)
    assert [one["path"] for one in answer.json()["errors"]] == [path]


def test_a_line_says_pieces_or_a_unit(company: Company):
    put(company)
    both = sold(company, {"uom": "件", "qty": 1}, qty=2).json()
    none = company.supervisor.post("/api/orders", draft(lines=[{"sku": "BP-1023"}])).json()
    assert both["errors"][0]["path"] == none["errors"][0]["path"] == "$.lines[0].qty"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"units": [{"uom": "箱"}]}, "$.units[0].pieces"),
        ({"units": [{"uom": "吨"}], "weight_g": 0}, "$.units[0].pieces"),
        ({"units": [{"uom": "箱", "pieces": 1}, {"uom": "箱", "pieces": 2}]}, "$.units[1].uom"),
        ({"units": [{"uom": "件", "pieces": 1}]}, "$.units[0].uom"),
        ({"price_uom": "托"}, "$.price_uom"),
    ],
)
def test_units_that_nobody_can_count_by(company: Company, change: dict[str, Any], path: str):
    assert [one["path"] for one in put(company, **change).json()["errors"]] == [path]


def test_boxes_are_received_as_pieces(company: Company):
    put(company, units=[{"uom": "箱", "pieces": 12}])
    move = {"kind": "receive", "warehouse": "SH", "sku": "BP-1023", "bin": "A-01-01", "uom": "箱"}
    before = company.supervisor.get("/api/stock?sku=BP-1023&warehouse=SH").json()["items"][0]["on_hand"]
    assert company.supervisor.post("/api/stock/moves", {**move, "qty": 3}).json()["on_hand"] == before + 36
    tons = company.supervisor.post("/api/stock/moves", {**move, "qty": 1, "uom": "吨"}).json()
    assert tons["errors"][0]["path"] == "$.qty"


def test_an_amendment_keeps_the_price_a_ton(company: Company):
    put(company)
    no = sold(company, {"uom": "吨", "qty": "1", "price_fen": 438_000, "round": "near"}).json()["order_no"]
    changes = {"lines": [{"sku": "BP-1023", "qty": 100}]}
    new = company.supervisor.post(f"/api/orders/{no}/amend", {"changes": changes}).json()
    assert new["amount_fen"] == 143_226  # 0.327 t
    assert new["lines"][0]["sold"]["per"] == "吨"


def test_a_picker_sees_no_price_of_a_unit(company: Company):
    put(company)
    no = sold(company, {"uom": "吨", "qty": "1", "price_fen": 438_000, "round": "near"}).json()["order_no"]
    seen = company.picker.get(f"/api/orders/{no}").json()
    assert "438000" not in json.dumps(seen)


def test_an_uneven_count_says_both_neighbours():
    found = settle(Fraction(25, 2), "even", None)
    assert found == "not_exact"
    both = [settle(Fraction(25, 2), way, None) for way in ("down", "up")]
    assert [one.qty for one in both if isinstance(one, Settled)] == [12, 13]
    assert decimal(Fraction(25, 2)) == "12.5"
