"""The demo company's last two days as stories: a draft, and the commands that people then gave.

Every state is told, in quantities that a distributor would see. The stories hold arguments only; whoever loads
them replays them through the real services with the clock set to each moment, so that the demo's journal, stock
and snapshots are as true as any. An open order moved within the last 55 minutes, except those meant to be red.
"""

from collections.abc import Callable

import msgspec

from api.setup.basket import Basket, Baskets
from api.setup.company import SEED, Company
from api.setup.draw import Draw
from api.setup.hours import ago, day_of, rfc3339
from api.setup.people import Customer
from api.setup.plots import FIXED, PACE, SHARES, Plot
from api.setup.story import OrderStory, Step

ORDERS = 400
WORKING_MINUTES = 22 * 60  # two days of eleven hours

CARRIERS = {"顺丰": "SF", "德邦": "DPK", "京东": "JD", "中通": "ZT", "跨越": "KY"}
CHANNELS = {"miniprogram": "MP", "pos": "P-", "doudian": "DD", "whatsapp": "WA-", "wecom": "WC-"}
_CHANNEL_WHEEL = ("miniprogram",) * 9 + ("pos",) * 4 + ("doudian",) * 3 + ("wecom",) * 3 + ("whatsapp",)
REPORT, CERTIFICATE = "附检验报告", "附合格证"

_NOTES = (
    "请避开周一送货", "周末不收货", "上午送到，师傅等着装车", "下午送，上午没人", "送货前打电话", "加急，客户等着提车",
    "发顺丰", "走德邦物流", "运费到付", "开增值税专用发票", "不要附价格单", "注意防潮", "大灯易碎，多垫点泡沫",
    "放门卫处，联系李师傅", "和上一单一起发", "不急，月底前到就行",
)  # fmt: skip
_REPORT_NOTES = ("附检验报告", "需附出厂检验报告", "请避开周一送货，需附出厂检验报告")
_OPTIONS = ("需加装防震泡沫", "需加装防震泡沫", "打木架", CERTIFICATE)
_ASKED_FOR = {"发顺丰": "顺丰", "走德邦物流": "德邦"}
_HOLDS = ("客户税号有误，待核对", "收款户名与客户不符，待确认", "开票抬头待客户书面确认")
_CANCELS = ("客户重复下单", "客户改买其他型号", "车主取消维修")
_RETURNS = ("型号不符，客户退回", "外箱破损，客户拒收", "客户多订")
_PROMISES = ("客户答应今天下午付款", "财务在走流程，明天付", "已催款，客户说周五前到账")


def demo_history(
    company: Company, loaded_at_ms: int, orders: int = ORDERS, seed: int = SEED
) -> tuple[OrderStory, ...]:
    """`orders` stories (at least 40, so that every state is told), oldest first."""
    if orders < 40:
        raise ValueError("a demo history has at least 40 orders")
    draw = Draw(seed, "history")
    baskets = Baskets(company, draw)
    plots = [plot for count, plot in FIXED for _ in range(count)]
    wheel = [plot for share, plot in SHARES for _ in range(share)]
    ring = draw.shuffled(wheel)
    plots += [ring[i % len(ring)] for i in range(orders - len(plots))]
    buyers = draw.shuffled(company.customers)
    told = [
        _Teller(company, baskets, draw, loaded_at_ms, plot, buyers[i % len(buyers)]).tell()
        for i, plot in enumerate(plots)
    ]
    told.sort(key=lambda s: (s.at_ms, str(s.draft["customer"])))
    return tuple(_numbered(story, number) for number, story in enumerate(told, start=1))


def _numbered(story: OrderStory, number: int) -> OrderStory:
    """The channel's own number, given in the order in which the orders came."""
    channel = str(story.draft["channel"])
    external = f"{CHANNELS[channel]}{day_of(story.at_ms)}{number:06d}"
    return msgspec.structs.replace(story, draft={**story.draft, "external_no": external})


class _Teller:
    """Writes one story: times first, from the last act backwards, then what each act says."""

    def __init__(
        self, company: Company, baskets: Baskets, draw: Draw, loaded_at_ms: int, plot: Plot, buyer: Customer
    ) -> None:
        self.draw, self.loaded, self.plot = draw, loaded_at_ms, plot
        self.basket: Basket = baskets.scarce(buyer) if plot.red == "short_stock" else baskets.fill(buyer)
        self.buyer = buyer
        self.on_account = baskets.may_owe(buyer, self.basket.amount_fen) if "pay" in plot.acts else False
        self.pickers = [
            s.name for s in company.staff if s.role == "picker" and s.warehouse == self.basket.warehouse
        ]
        self.channel = draw.pick(_CHANNEL_WHEEL)
        self.is_reported = draw.chance(12)
        notes = _REPORT_NOTES if self.is_reported else _NOTES
        self.note = draw.pick(notes) if self.is_reported or draw.chance(45) else ""
        self.options = [draw.pick(_OPTIONS)] if draw.chance(20) else []
        self.steps: list[Step] = []

    def tell(self) -> OrderStory:
        times = self._times()
        for act, back in zip(self.plot.acts, times[1:], strict=True):
            _ACTS[act](self, back)
        if not self.plot.acts and self.draw.chance(40):
            text = self.draw.pick(_PROMISES)
            self._step(times[0] - 45, self.buyer.salesperson, "comment", text=text)
        return OrderStory(
            draft=self._draft(),
            at_ms=self._at(times[0]),
            by=self.buyer.salesperson if self.channel == "wecom" else "",
            warehouse=self.basket.warehouse,
            amount_fen=self.basket.amount_fen,
            steps=tuple(self.steps),
            ends=self.plot.ends,
            red=self.plot.red,
        )

    def _times(self) -> list[int]:
        """Seconds before loading: creation, then each act, walking back but never out of the two days."""
        minutes = [self.draw.between(*self.plot.last)]
        for act in reversed(self.plot.acts):
            minutes.append(minutes[-1] + self.draw.between(*PACE[act]))
        over = max(minutes) - WORKING_MINUTES
        if over > 0:
            minutes = [m - over for m in minutes]
        seconds = self.draw.between(0, 40)
        return [m * 60 + seconds for m in reversed(minutes)]

    def _at(self, back: int) -> int:
        return ago(self.loaded, back) // 1000 * 1000

    def _draft(self) -> dict[str, object]:
        return {
            "channel": self.channel,
            "customer": {"id": self.buyer.id},
            "address": self.buyer.address,
            "note": self.note,
            "options": self.options,
            "lines": [{"sku": i.sku, "qty": i.qty, "price_fen": i.price_fen} for i in self.basket.items],
        }

    def _step(self, back: int, by: str, command: str, **args: object) -> None:
        self.steps.append(Step(self._at(back), by, command, args))

    def pay(self, back: int) -> None:
        if self.on_account:
            method, by = "on_account", self.buyer.salesperson
        elif self.channel in ("miniprogram", "pos", "doudian"):
            method, by = "wechat" if self.channel == "miniprogram" else "card", ""
        else:
            method, by = "transfer", "finance"
        amount = self.basket.amount_fen
        self._step(back, by, "pay", amount_fen=amount, method=method, at=rfc3339(self._at(back)))

    def picks(self, back: int) -> None:
        self._pick(back, [i.qty for i in self.basket.items])

    def some_picks(self, back: int) -> None:
        quantities = [i.qty for i in self.basket.items]
        first = quantities[0] if len(quantities) > 1 else max(1, quantities[0] // 2)
        self._pick(back, [first])

    def short_pick(self, back: int) -> None:
        quantities = [i.qty for i in self.basket.items]
        self._pick(back, [quantities[0] - 1, *quantities[1:]])
        first = self.basket.items[0]
        picker = self.steps[-1].by
        self._step(back - 1, picker, "short", line_no=1, qty=1, bin=first.bin)

    def _pick(self, back: int, quantities: list[int]) -> None:
        """Op after op, eight seconds apart, ending at the act's time."""
        picker = self.draw.pick(self.pickers)
        lines = [(n, q, self.basket.items[n - 1].bin) for n, q in enumerate(quantities, start=1) if q]
        for left, (line_no, qty, code) in zip(range(len(lines) - 1, -1, -1), lines, strict=True):
            self._step(back + left * 8, picker, "pick", line_no=line_no, qty=qty, bin=code)

    def pack(self, back: int) -> None:
        picker = self.steps[-1].by
        checklist = [REPORT] * self.is_reported + [CERTIFICATE] * (CERTIFICATE in self.options)
        for left, item in enumerate(checklist, start=1):
            self._step(back + 10 * (3 - left), picker, "check", item=item)
        self._step(back, picker, "pack")

    def ship(self, back: int) -> None:
        carrier = _ASKED_FOR.get(self.note) or self.draw.pick(tuple(CARRIERS))
        waybill = f"{CARRIERS[carrier]}0000{self.draw.between(0, 99_999_999):08d}"
        self._step(back, self.steps[-1].by, "ship", carrier=carrier, waybill=waybill)

    def deliver(self, back: int) -> None:
        self._step(back, "supervisor", "deliver", evidence="承运商回传：客户本人签收")

    def hold(self, back: int) -> None:
        self._step(back, "finance", "hold", reason=self.draw.pick(_HOLDS))

    def lift(self, back: int) -> None:
        self._step(back, "finance", "lift")

    def cancel(self, back: int) -> None:
        self._step(back, self.buyer.salesperson, "cancel", reason=self.draw.pick(_CANCELS))

    def give_back(self, back: int) -> None:
        self._return(back, [(n, i.qty) for n, i in enumerate(self.basket.items, start=1)])

    def give_some_back(self, back: int) -> None:
        self._return(back, [(1, 1)])

    def _return(self, back: int, lines: list[tuple[int, int]]) -> None:
        body = [{"line_no": n, "qty": q} for n, q in lines]
        self._step(back, "supervisor", "return", lines=body, reason=self.draw.pick(_RETURNS))

    def amend(self, back: int) -> None:
        self._step(back, self.buyer.salesperson, "amend", changes={"note": "改为顺丰到付寄送"})


_ACTS: dict[str, Callable[[_Teller, int], None]] = {
    "pay": _Teller.pay,
    "picks": _Teller.picks,
    "some_picks": _Teller.some_picks,
    "short_pick": _Teller.short_pick,
    "pack": _Teller.pack,
    "ship": _Teller.ship,
    "deliver": _Teller.deliver,
    "hold": _Teller.hold,
    "lift": _Teller.lift,
    "cancel": _Teller.cancel,
    "return": _Teller.give_back,
    "return_some": _Teller.give_some_back,
    "amend": _Teller.amend,
}
