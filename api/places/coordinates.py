"""Positions on the ground: great-circle distance, and the three datums a Chinese map may use.

Positions are integer micro-degrees (about 0.11 m). WGS-84 is GPS, GCJ-02 is what Amap and Tencent
draw, BD-09 is Baidu's. GCJ-02 has no closed inverse, so it is found by iteration to below a
micro-degree; outside China's box the datums are one and nothing is shifted. Formulas are the publicly
known ones; checked against published vectors in tests/vectors/coordinates.json.
"""

from collections.abc import Callable
from math import asin, atan2, cos, pi, radians, sin, sqrt
from typing import Literal

Datum = Literal["gcj02", "wgs84", "bd09"]

MEAN_RADIUS_M = 6_371_008.8
_SEMI_MAJOR_M = 6_378_245.0  # Krasovsky 1940, as GCJ-02 uses it
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_TURN = pi * 3000.0 / 180.0


def distance_m(a_lng_e6: int, a_lat_e6: int, b_lng_e6: int, b_lat_e6: int) -> int:
    """Great-circle metres (haversine, mean earth radius); both positions in the same datum."""
    lat_a, lat_b = radians(a_lat_e6 / 1e6), radians(b_lat_e6 / 1e6)
    half_lat = sin((lat_b - lat_a) / 2)
    half_lng = sin(radians((b_lng_e6 - a_lng_e6) / 1e6) / 2)
    chord = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lng * half_lng
    return round(2 * MEAN_RADIUS_M * asin(min(1.0, sqrt(chord))))


def convert(lng_e6: int, lat_e6: int, frm: Datum, to: Datum) -> tuple[int, int]:
    """The same spot in another datum, as (lng_e6, lat_e6). Raises KeyError for an unknown datum."""
    into, out_of = _TO_GCJ[frm], _FROM_GCJ[to]
    if frm == to:
        return lng_e6, lat_e6
    lng, lat = out_of(*into(lng_e6 / 1e6, lat_e6 / 1e6))
    return round(lng * 1e6), round(lat * 1e6)


def _is_abroad(lng: float, lat: float) -> bool:
    return not (72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _shift(lng: float, lat: float) -> tuple[float, float]:
    """What GCJ-02 adds to a WGS-84 position, in degrees."""
    x, y = lng - 105.0, lat - 35.0
    wave = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    d_lat += (wave + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lng = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    d_lng += (wave + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lng += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    magic = 1 - _ECCENTRICITY_2 * sin(radians(lat)) ** 2
    meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / (magic * sqrt(magic))
    parallel = _SEMI_MAJOR_M / sqrt(magic) * cos(radians(lat))
    return d_lng * 180.0 / (parallel * pi), d_lat * 180.0 / (meridian * pi)


def _wgs_to_gcj(lng: float, lat: float) -> tuple[float, float]:
    if _is_abroad(lng, lat):
        return lng, lat
    d_lng, d_lat = _shift(lng, lat)
    return lng + d_lng, lat + d_lat


def _gcj_to_wgs(lng: float, lat: float) -> tuple[float, float]:
    if _is_abroad(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng, lat
    for _ in range(6):  # each round shrinks the error about a thousandfold
        d_lng, d_lat = _shift(guess_lng, guess_lat)
        guess_lng, guess_lat = lng - d_lng, lat - d_lat
    return guess_lng, guess_lat


def _gcj_to_bd(lng: float, lat: float) -> tuple[float, float]:
    if _is_abroad(lng, lat):
        return lng, lat
    radius = sqrt(lng * lng + lat * lat) + 0.00002 * sin(lat * _BD_TURN)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * _BD_TURN)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def _bd_to_gcj(lng: float, lat: float) -> tuple[float, float]:
    if _is_abroad(lng, lat):
        return lng, lat
    guess_lng, guess_lat = lng - 0.0065, lat - 0.006
    for _ in range(6):
        bd_lng, bd_lat = _gcj_to_bd(guess_lng, guess_lat)
        guess_lng, guess_lat = guess_lng + lng - bd_lng, guess_lat + lat - bd_lat
    return guess_lng, guess_lat


def _same(lng: float, lat: float) -> tuple[float, float]:
    return lng, lat


_Way = Callable[[float, float], tuple[float, float]]
_TO_GCJ: dict[Datum, _Way] = {"gcj02": _same, "wgs84": _wgs_to_gcj, "bd09": _bd_to_gcj}
_FROM_GCJ: dict[Datum, _Way] = {"gcj02": _same, "wgs84": _gcj_to_wgs, "bd09": _gcj_to_bd}
