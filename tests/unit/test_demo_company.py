"""The demo company: reproducible, whole, plausible, and nobody real in it."""

import re
from collections import Counter

import pytest

from api.places import distance_m, nearest, place_of, read_address
from api.setup.catalogue import gtin13
from api.setup.company import demo_company
from api.setup.draw import Draw

COMPANY = demo_company()
SKUS = {s.code: s for s in COMPANY.skus}


def test_the_same_seed_gives_the_same_company():
    assert demo_company() == COMPANY
    assert demo_company(1) == demo_company(1)
    assert demo_company(1) != COMPANY


def test_the_sample_sku_is_first_however_the_list_is_sorted():
    first = COMPANY.skus[0]
    assert (first.code, first.name, first.price_fen, first.uom) == ("BP-1023", "前刹车片", 12800, "件")
    assert [s.code for s in COMPANY.skus] == sorted(SKUS)
    held = {s.warehouse: s.qty for s in COMPANY.stock if s.sku == "BP-1023"}
    assert set(held) == {"SH", "SZ", "HZ"}
    assert 300 <= sum(held.values()) <= 900
    assert next(b for b in COMPANY.bins if b.code == "A-01-03").sku == "BP-1023"


def test_the_catalogue_is_about_four_hundred_different_parts():
    assert 380 <= len(COMPANY.skus) <= 430
    assert len(SKUS) == len({s.name for s in COMPANY.skus}) == len({s.gtin for s in COMPANY.skus})
    assert len({code.split("-")[0] for code in SKUS}) >= 15
    for sku in COMPANY.skus:
        assert re.fullmatch(r"[A-Z]{2}-\d{4}", sku.code)
        assert sku.name == sku.name.strip()
        assert 1_000 <= sku.price_fen <= 200_000, sku
        assert sku.price_fen % 100 == 0
        assert 50 <= sku.weight_g <= 25_000


def test_gtins_are_internal_and_check():
    assert gtin13(1023) == "2000000010236"
    for sku in COMPANY.skus:
        assert re.fullmatch(r"20\d{11}", sku.gtin)
        odd, even = sum(map(int, sku.gtin[0::2])), sum(map(int, sku.gtin[1::2]))
        assert (odd + 3 * even) % 10 == 0
    known = "4006381333931"  # the rule itself, on a GTIN printed in many a textbook
    assert (sum(map(int, known[0::2])) + 3 * sum(map(int, known[1::2]))) % 10 == 0


def test_three_warehouses_stand_where_their_adcode_says():
    assert [w.code for w in COMPANY.warehouses] == ["SH", "SZ", "HZ"]
    for site in COMPANY.warehouses:
        seat = place_of(site.adcode)
        assert seat is not None
        assert 0 < distance_m(seat.lng_e6, seat.lat_e6, site.lng_e6, site.lat_e6) < 8_000
        assert re.fullmatch(r"1[0-9]:[0-5]0", site.cutoff)


def test_a_bin_stands_once_and_its_code_fits_crockford():
    codes = Counter(b.code for b in COMPANY.bins)
    assert len(codes) > 800
    assert max(codes.values()) == 1
    areas: dict[str, set[str]] = {}
    for entry in COMPANY.bins:
        assert re.fullmatch(r"[A-HJKMNP-TV-Z]-\d\d-\d\d", entry.code)
        assert entry.sku in SKUS
        areas.setdefault(entry.code[0], set()).add(entry.warehouse)
    assert all(len(houses) == 1 for houses in areas.values())
    assert {"A", "F", "M"} <= set(areas)


def test_every_sku_lies_in_one_to_three_warehouses_and_is_in_stock():
    bins = {(b.warehouse, b.sku): b.code for b in COMPANY.bins}
    assert len(bins) == len(COMPANY.bins)
    assert {(s.warehouse, s.sku): s.bin for s in COMPANY.stock} == bins
    assert all(s.qty >= 1 for s in COMPANY.stock)
    assert {Counter(b.sku for b in COMPANY.bins)[code] for code in SKUS} == {1, 2, 3}


def test_customers_are_invented_and_their_districts_real():
    assert len(COMPANY.customers) == 217
    assert len({c.name for c in COMPANY.customers}) == len({c.phone for c in COMPANY.customers}) == 217
    for customer in COMPANY.customers:
        place = read_address(customer.address)
        assert place is not None
        assert (place.adcode, place.level) == (customer.adcode, "district")
        assert re.fullmatch(r"13800000\d{3}", customer.phone)
        assert customer.tier in ("vip", "normal")
        assert (customer.terms == "monthly") == (customer.credit_fen > 0)
    houses = Counter(nearest(place_of(c.adcode), COMPANY.warehouses)[0].code for c in COMPANY.customers)
    assert min(houses[w.code] for w in COMPANY.warehouses) >= 30


def test_the_sample_customer():
    known = next(c for c in COMPANY.customers if c.id == "C0042")
    assert (known.name, known.phone, known.tier, known.terms) == (
        "浦东宝诚4S店", "13800000000", "vip", "prepaid",
    )  # fmt: skip
    assert (known.adcode, known.salesperson) == ("310115", "sales")
    assert [c.id for c in COMPANY.customers] == [f"C{n:04d}" for n in range(1, 218)]


def test_staff_has_one_named_as_each_role_and_more():
    names = {s.name: s for s in COMPANY.staff}
    assert len(names) == len(COMPANY.staff) == len({s.phone for s in COMPANY.staff})
    for role in ("owner", "supervisor", "sales", "finance", "picker"):
        assert names[role].role == role
    assert names["sales"].display == "陈静"
    roles = Counter(s.role for s in COMPANY.staff)
    assert roles["sales"] >= 3
    assert "device" not in roles
    pickers = Counter(s.warehouse for s in COMPANY.staff if s.role == "picker")
    assert all(pickers[w.code] >= 2 for w in COMPANY.warehouses)
    sellers = {s.name for s in COMPANY.staff if s.role == "sales"}
    assert {c.salesperson for c in COMPANY.customers} == sellers


def test_draws_are_the_same_everywhere():
    draw = Draw(7, "vector")
    assert [draw.between(0, 999) for _ in range(6)] == [723, 309, 838, 246, 467, 735]
    assert sorted(Draw(7, "x").shuffled(range(50))) == list(range(50))
    assert Draw(7, "x").shuffled(range(50)) != list(range(50))


@pytest.mark.parametrize("label", ["a", "b"])
def test_draws_cover_their_range(label):
    draw = Draw(3, label)
    seen = Counter(draw.between(1, 6) for _ in range(6_000))
    assert set(seen) == {1, 2, 3, 4, 5, 6}
    assert max(seen.values()) < 1.2 * min(seen.values())
