"""A page whose only content is the device of pwa/src/device, with waits in place of sleeps and timers a hundred times
as fast (a question's patience stays as it is), and the office that it works for.
"""

from typing import Any

import httpx
from playwright.sync_api import Page

OPEN = """async (given) => {
  const main = document.querySelector('script[type=module]').src;
  const {openDevice} = await import(main.replace('main.js', 'device/device.js'));
  const slow = [10000, 20000].concat(given.slow || []);
  const fast = (fn, ms) => setTimeout(fn, slow.includes(ms) ? ms : ms / 100);
  const outside = {name: 'test', later: given.quiet ? () => 0 : fast};
  if (given.ahead) outside.now = () => Date.now() + given.ahead;
  if (given.unlocked) outside.locks = null;
  window.device = await openDevice(outside);
  window.settled = (work) => work.then((value) => ({value}), (error) => ({code: error.code}));
}"""


class DevicePage:
    """`device.record(order_no, …)` and what the signals say, from Python."""

    def __init__(self, page: Page, **given: Any) -> None:
        self.page = page
        page.evaluate(OPEN, given)

    def enrol(self, code: str, actor: str = "picker") -> str:
        self.page.evaluate(
            "([code, who]) => device.enrol(code).then(() => device.handOver(who))", [code, actor]
        )
        self.until("d.state.value.is_fresh")
        found: str = self.ask("d.state.value.device")
        return found

    def record(self, order_no: str, kind: str = "pick", qty: int = 1, line_no: int = 1, **more: Any) -> Any:
        wish = {"kind": kind, "order_no": order_no, "line_no": line_no, "qty": qty, **more}
        return self.page.evaluate("(wish) => settled(device.record(wish))", wish)

    def ask(self, expression: str, fact: Any = None) -> Any:
        """The value of a JavaScript expression over `d`, the device, and `f`, a fact."""
        return self.page.evaluate(f"(f) => {{ const d = window.device; return ({expression}); }}", fact)

    def until(self, expression: str, fact: Any = None) -> None:
        self.page.wait_for_function(f"(f) => {{ const d = window.device; return ({expression}); }}", arg=fact)

    def push(self) -> None:
        self.page.evaluate("device.pushNow()")

    def pull(self) -> None:
        self.page.evaluate("device.pullNow()")

    def empty(self) -> None:
        """Waits until nothing waits."""
        self.until("d.queue.value.unsent === 0")

    def line(self, order_no: str, line_no: int = 1) -> Any:
        said = "(d.tasks.value.find((t) => t.order_no === f[0]) || {lines: []}).lines.find((l) => l.line_no === f[1])"
        return self.ask(said, [order_no, line_no])


class Office:
    """Whom the device works for: orders, commands, cards, as a supervisor."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=20)
        body = {"user": "supervisor", "password": "demo"}
        self.client.post("/api/login", json=body).raise_for_status()
        self.client.headers["x-csrf-token"] = self.client.cookies["csrf"]

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.client.post(path, json=body or {})
        answer.raise_for_status()
        return answer.json()

    def card(self, warehouse: str = "SH") -> str:
        code: str = self.post("/api/devices", {"label": "PDA", "warehouse": warehouse})["code"]
        return code

    def order(self, qty: int = 4) -> str:
        """A paid order, ready to be picked in SH."""
        given = {
            "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"}, "address": "上海市浦东新区张江路1号",
            "lines": [{"sku": "BP-1023", "qty": qty, "price_fen": 100}], "paid_at": "2026-01-22T10:00:00+08:00",
            "warehouse": "SH",
        }  # fmt: skip
        made = self.post("/api/orders", given)
        assert made["state"] == "to_pick", made
        number: str = made["order_no"]
        return number

    def counts(self, order_no: str) -> tuple[int, int]:
        """(picked, short) of its first line."""
        line = self.client.get(f"/api/orders/{order_no}").raise_for_status().json()["lines"][0]
        return line["picked"], line["short"]

    def bin(self) -> str:
        """Where BP-1023 lies."""
        bins = self.client.get("/sync/pull?warehouse=SH").raise_for_status().json()["bins"]
        found: str = next(one["bin"] for one in bins if one["sku"] == "BP-1023")
        return found
