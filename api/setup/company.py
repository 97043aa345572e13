"""The demo company as values: an auto-parts distributor with three warehouses.

Pure and reproducible: the same seed gives the same company on every machine. Names, phones and house numbers are
invented, districts are real, so that addresses can be read. Nothing here touches a database; whoever loads it
does so through the features' own services.
"""

import msgspec

from api.setup.catalogue import Sku, catalogue
from api.setup.people import Customer, Staff, customers, staff
from api.setup.shelves import Bin, Stock, Warehouse, shelves, warehouses

SEED = 20260115


class Company(msgspec.Struct, frozen=True):
    """Everything the demo needs before its first order; `stock` is what is put on the shelves at opening."""

    warehouses: tuple[Warehouse, ...]
    skus: tuple[Sku, ...]
    bins: tuple[Bin, ...]
    stock: tuple[Stock, ...]
    staff: tuple[Staff, ...]
    customers: tuple[Customer, ...]


def demo_company(seed: int = SEED) -> Company:
    sites = warehouses()
    skus = catalogue()
    bins, stock = shelves(sites, skus, seed)
    team = staff()
    sellers = tuple(s.name for s in team if s.role == "sales")
    return Company(sites, skus, bins, stock, team, customers(sellers, seed))
