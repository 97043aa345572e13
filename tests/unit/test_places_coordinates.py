"""Datums and distances: published vectors, and the laws that hold anywhere in China."""

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.places import convert, distance_m, nearest, read_address
from tests.support.vectors import FILES

INSIDE = st.tuples(st.integers(75_000_000, 134_000_000), st.integers(4_000_000, 53_000_000))


def e6(point: dict[str, float]) -> tuple[int, int]:
    return round(point["lng"] * 1e6), round(point["lat"] * 1e6)


@pytest.mark.parametrize("vector", FILES["coordinates.json"], ids=lambda v: v["id"])
def test_published_vectors(vector):
    expected = vector["expected"]
    tolerance = expected["tolerance_deg"]
    start = e6(vector["inputs"]["wgs84"])
    checked = 0
    for datum in ("gcj02", "bd09"):
        if datum not in expected:
            continue
        within = 1e6 * (tolerance if isinstance(tolerance, float) else tolerance[datum]) + 1
        if datum == "bd09":  # the fixture's BD-09 was made from its GCJ-02
            got = convert(*e6(expected["gcj02"]), "gcj02", "bd09")
        else:
            got = convert(*start, "wgs84", datum)
            back = convert(*e6(expected[datum]), datum, "wgs84")
            assert max(abs(a - b) for a, b in zip(back, start, strict=True)) <= within
        assert max(abs(a - b) for a, b in zip(got, e6(expected[datum]), strict=True)) <= within
        checked += 1
    assert checked


@settings(max_examples=150, derandomize=True)
@given(INSIDE, st.sampled_from(["gcj02", "wgs84", "bd09"]), st.sampled_from(["gcj02", "wgs84", "bd09"]))
def test_there_and_back_is_the_same_spot(point, frm, to):
    moved = convert(*point, frm, to)
    back = convert(*moved, to, frm)
    assert max(abs(a - b) for a, b in zip(point, back, strict=True)) <= 2
    if frm != to:
        assert moved != point
        assert distance_m(*point, *moved) < 2_500


def test_abroad_nothing_is_shifted():
    paris = (2_350_000, 48_850_000)
    assert convert(*paris, "wgs84", "gcj02") == paris == convert(*paris, "bd09", "wgs84")


def test_an_unknown_datum_is_an_error():
    with pytest.raises(KeyError):
        convert(121_000_000, 31_000_000, "wgs84", "mars")  # type: ignore[arg-type]


def test_known_distances():
    shanghai, suzhou = read_address("上海市"), read_address("苏州市")
    assert shanghai is not None
    assert suzhou is not None
    assert 80_000 < distance_m(shanghai.lng_e6, shanghai.lat_e6, suzhou.lng_e6, suzhou.lat_e6) < 90_000
    assert distance_m(0, 0, 180_000_000, 0) == 20_015_114  # half the equator on the mean sphere
    assert distance_m(121_000_000, 31_000_000, 121_000_000, 32_000_000) == 111_195


@settings(max_examples=100, derandomize=True)
@given(INSIDE, INSIDE)
def test_distance_is_symmetric_and_zero_only_on_the_spot(a, b):
    assert distance_m(*a, *b) == distance_m(*b, *a)
    assert distance_m(*a, *a) == 0


class Site(NamedTuple):
    code: str
    lng_e6: int
    lat_e6: int


def site(code: str, text: str) -> Site:
    place = read_address(text)
    assert place is not None
    return Site(code, place.lng_e6, place.lat_e6)


SITES = [site("SH", "上海市松江区"), site("SZ", "苏州市吴中区"), site("HZ", "杭州市余杭区")]


@pytest.mark.parametrize(
    ("text", "order"),
    [("上海市浦东新区", ["SH", "SZ", "HZ"]), ("昆山市", ["SZ", "SH", "HZ"]), ("绍兴市", ["HZ", "SH", "SZ"])],
)
def test_the_nearest_warehouse_comes_first(text, order):
    place = read_address(text)
    assert [s.code for s in nearest(place, SITES)] == order
    assert place is not None
    assert [s.code for s in nearest((place.lng_e6, place.lat_e6), reversed(SITES))] == order


def test_an_unknown_address_keeps_the_companys_order():
    assert [s.code for s in nearest(None, SITES)] == ["SH", "SZ", "HZ"]
    assert [s.code for s in nearest(None, SITES[::-1])] == ["HZ", "SZ", "SH"]


def test_equal_distance_falls_back_to_the_code():
    twins = [site("B", "上海市松江区"), site("A", "上海市松江区")]
    assert [s.code for s in nearest((121_000_000, 31_000_000), twins)] == ["A", "B"]
