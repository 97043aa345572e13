"""What a demo customer orders: lines that the nearest warehouse has on its shelves, with room left over.

The basket keeps count of what it has given out, so that no demo order runs short by accident; the orders that are
meant to run short ask for a scarce SKU. It also keeps what each customer owes within the credit limit.
"""

import msgspec

from api.places import nearest, place_of
from api.setup.company import Company
from api.setup.draw import Draw
from api.setup.people import Customer
from api.setup.shelves import SCARCE, Stock

KEEP = 25  # pieces of every SKU that the demo's orders leave in every bin
FIRST_SKU_SHARE = 4  # in a hundred baskets, those that hold BP-1023


class Item(msgspec.Struct, frozen=True):
    sku: str
    qty: int
    price_fen: int
    bin: str


class Basket(msgspec.Struct, frozen=True):
    """`warehouse` is the nearest to the customer, which has all of it."""

    warehouse: str
    items: tuple[Item, ...]

    @property
    def amount_fen(self) -> int:
        return sum(i.qty * i.price_fen for i in self.items)


class Baskets:
    """Gives out baskets one after another; what is given out is gone."""

    def __init__(self, company: Company, draw: Draw) -> None:
        self._company, self._draw = company, draw
        self._price = {s.code: s.price_fen for s in company.skus}
        self._shelf = {(s.warehouse, s.sku): s for s in company.stock}
        self._left = {(s.warehouse, s.sku): s.qty for s in company.stock}
        self._kept: dict[str, list[str]] = {}
        for entry in company.stock:
            if entry.sku not in SCARCE and entry.sku != company.skus[0].code:
                self._kept.setdefault(entry.warehouse, []).append(entry.sku)
        self._owed = dict.fromkeys((c.id for c in company.customers), 0)
        self._scarce = 0

    def fill(self, buyer: Customer) -> Basket:
        """One to five lines of one to eight pieces. Raises LookupError when the shelves are too bare for more."""
        house = self._nearest(buyer)
        wanted = self._draw.pick((1, 1, 2, 2, 3, 3, 4, 5))
        chosen: dict[str, int] = {}
        first = self._company.skus[0].code
        if self._draw.chance(FIRST_SKU_SHARE) and self._left[house, first] > 100:
            chosen[first] = 4
        for _ in range(200):
            if len(chosen) >= wanted:
                break
            sku, qty = self._draw.pick(self._kept[house]), self._draw.pick((1, 2, 2, 2, 4, 4, 6, 8))
            if sku not in chosen and self._left[house, sku] - qty >= KEEP:
                chosen[sku] = qty
        if not chosen:
            raise LookupError(house)
        for sku, qty in chosen.items():
            self._left[house, sku] -= qty
        return Basket(house, tuple(self._item(house, sku, qty) for sku, qty in chosen.items()))

    def scarce(self, buyer: Customer) -> Basket:
        """More of a scarce SKU than there is anywhere: it stays paid, at the nearest warehouse."""
        sku = SCARCE[self._scarce % len(SCARCE)]
        self._scarce += 1
        held = next(s for s in self._company.stock if s.sku == sku)
        return Basket(self._nearest(buyer), (Item(sku, held.qty + 8, self._price[sku], held.bin),))

    def may_owe(self, buyer: Customer, amount_fen: int) -> bool:
        """Takes the amount onto the customer's account if the limit allows it."""
        if buyer.terms != "monthly" or self._owed[buyer.id] + amount_fen > buyer.credit_fen:
            return False
        self._owed[buyer.id] += amount_fen
        return True

    def _nearest(self, buyer: Customer) -> str:
        return nearest(place_of(buyer.adcode), self._company.warehouses)[0].code

    def _item(self, house: str, sku: str, qty: int) -> Item:
        shelf: Stock = self._shelf[house, sku]
        return Item(sku, qty, self._price[sku], shelf.bin)
