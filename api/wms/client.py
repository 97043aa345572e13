"""Speaks to one WMS: four calls as its configuration words them, bounded, through the house's one way out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from api.outbound import sending
from api.outbound.guard import Allowed
from api.outbound.model import Answered
from api.stock.outside import Call
from api.wms import protocol
from api.wms.model import CallAs, Held, House, Lying, Outcome, Unwell

PAGE_BYTES, ANSWER_BYTES = 4_000_000, 65_536
PAGES = 2_000
SHORT = 6


class Look(NamedTuple):
    """`mark`: from where the next one may go on."""

    items: list[Lying]
    mark: str


class Client:
    def __init__(self, house: House, allowed: Allowed) -> None:
        self._house, self._wms, self._allowed = house, house.wms, allowed

    def tell(self, number: int, call: Call, once: str) -> Outcome:
        """One of lock, release, confirm, under a key of its own."""
        name = f"{self._wms.prefix}-{call.lock_id}"
        values: dict[str, str | int] = {
            "lock": name,
            "sku": call.sku,
            "qty": call.qty,
            "order": call.order_no,
            "call": number,
        }
        try:
            answer = self._send(getattr(self._wms.calls, call.kind), values, f"{name}-{call.kind}-{once}")
        except sending.Failed as error:
            return Unwell(str(error))
        return protocol.outcome(self._wms, call.kind, answer)

    def stock(self, since: str = "") -> Look:
        """Everything, or what changed since a mark. Raises Unreadable."""
        items, mark = [], ""
        for page in self._pages(self._wms.calls.stock, {"since": since}):
            items += protocol.lying(self._wms, page.items)
            mark = page.mark or mark
        return Look(items, mark)

    def locks(self) -> list[Held]:
        found = []
        for page in self._pages(self._wms.calls.locks, {}):
            found += protocol.held(self._wms, page.items)
        return found

    def first(self) -> Answered:
        """One page of the stock as it came, for somebody who sets this up. Raises Failed."""
        return self._send(self._wms.calls.stock, {"after": "", "limit": protocol.LIMIT, "since": ""})

    def _pages(self, call: CallAs, values: Mapping[str, str]) -> Iterator[protocol.Page]:
        after, seen = "", set()
        for _ in range(PAGES):
            given: dict[str, str | int] = {
                **values,
                "after": after,
                "limit": protocol.LIMIT,
                "prefix": f"{self._wms.prefix}-",
            }
            try:
                page = protocol.page(self._wms, self._send(call, given))
            except sending.Failed as error:
                raise protocol.Unreadable(str(error)) from None
            yield page
            after = page.next
            if not after:
                return
            if after in seen:
                raise protocol.Unreadable("its pages go round in a circle")
            seen.add(after)
        raise protocol.Unreadable("too many pages")

    def _send(self, call: CallAs, values: Mapping[str, str | int], once: str = "") -> Answered:
        ask = protocol.request(self._wms, self._house.key, call, values, once)
        most = ANSWER_BYTES if once else PAGE_BYTES
        answer = sending.send(ask, self._allowed, self._wms.timeout_s, most)
        key = self._house.key.encode()
        # Some systems say which key they do not know.
        return answer._replace(body=answer.body.replace(key, b"...")) if len(key) >= SHORT else answer
