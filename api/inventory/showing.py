"""Master data as it is shown: rows of the tables to answers, without what a role does not see."""

from typing import Any

from api.db.tx import Row, Tx
from api.kernel.actor import Actor
from api.kernel.errors import Refused
from api.people import rights
from api.stock import service as stock
from api.stock.service import Q
from api.stock.units import Unit

PICTURES = "/api/pictures/"


def skus(rows: list[Row], units: dict[str, tuple[Unit, ...]], actor: Actor) -> list[dict[str, Any]]:
    """Prices for who sees them; `picture` is where it lies, or empty."""
    hidden = () if actor.role in rights.SEES_PRICES else ("price_fen", "price_uom")
    return [
        {name: value for name, value in dict(row).items() if name not in hidden}
        | {
            "units": units.get(row["code"], ()),
            "picture": row["picture"] and PICTURES + row["picture"],
            "active": bool(row["active"]),
            "lots": bool(row["lots"]),
        }
        for row in rows
    ]


def sku(tx: Tx, code: str, actor: Actor) -> dict[str, Any]:
    """Refuses `not_found`."""
    row = tx.one(Q.sku, code=code)
    if row is None:
        raise Refused("not_found", what=code)
    return skus([row], {code: stock.units_of(tx, code)}, actor)[0]


def bin_(tx: Tx, code: str) -> dict[str, Any]:
    row = tx.one(Q.bin, code=code)
    if row is None:
        raise Refused("not_found", what=code)
    return a_bin(row)


def a_bin(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("code", "warehouse", "sku")}


def warehouse(tx: Tx, code: str) -> dict[str, Any]:
    found = [row for row in tx.all(Q.warehouses) if row["code"] == code]
    if not found:
        raise Refused("not_found", what=code)
    return a_warehouse(found[0])


def a_warehouse(row: Row) -> dict[str, Any]:
    shown = {name: row[name] for name in ("code", "name", "adcode", "cutoff")}
    return {**shown, "lng": degrees(row["lng_e6"]), "lat": degrees(row["lat_e6"])}


def degrees(e6: int | None) -> float | None:
    return None if e6 is None else e6 / 1e6
