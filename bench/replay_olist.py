"""Replays real orders over HTTP in time order, the hub's clock set to each moment.

    python bench/replay_olist.py DIR

Serves `create_app(settings, clock=…)` in a thread of this process. A company is set up from the data (sellers' states
are warehouses with stock enough, products are SKUs, customers), then every life of `bench.olist` is lived: created,
paid, cancelled and refunded by signed webhooks, picked by an enrolled device's `/sync/push`, packed, shipped and
delivered through the API. Every tenth order's webhooks are sent twice. Afterwards nothing may be lost or doubled, every
order must stand where `bench.olist`'s table says, the journal must verify and no stock sum may drift; else it ends with 1.
"""

import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.app import create_app
from api.channels import store as channels
from api.channels.demo import POS
from api.channels.model import ChannelIn
from api.db.database import Database
from api.db.tx import Tx
from api.inventory import service as inventory
from api.kernel.actor import SYSTEM
from api.kernel.standard_webhooks import key_of, sign
from api.kernel.time import DAY
from api.people import customers
from api.people import service as people
from api.people.model import CustomerIn, UserIn
from api.settings import Settings
from api.setup import loading
from api.stock import moving
from api.stock.model import MoveIn, SkuIn, WarehouseIn
from bench import company, olist, server
from bench.olist import Folder, Life

SECRET = "whsec_c2lnbmVkIGJ5IHRoZSByZXBsYXksIG5vdCBieSBhIHRpbGw="
TWICE_EVERY = 10


class Clock:
    """The time is what the replay says."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def set_up(tx: Tx, folder: Folder, settings: Settings, now: int) -> str:
    """The company of the data; returns the supervisor's token."""
    loading.begin(tx, now)
    for state, place in folder.houses.items():
        lng, lat = place or (None, None)
        inventory.save_warehouse(tx, state, WarehouseIn(f"Armazém {state}", "", lng, lat), SYSTEM, now)
    people.save_user(tx, "lead", UserIn("Lead", "supervisor"), "", SYSTEM, now)
    _stock(tx, folder, now)
    for buyer in {(life.buyer.name, life.buyer.phone): life.buyer for life in folder.lives}.values():
        given = CustomerIn(buyer.name, buyer.phone, salesperson="lead")
        customers.save(tx, f"B{buyer.phone[1:]}", given, SYSTEM, now)
    mapping = {**POS, "address": {"text": "data.address", "lng": "data.lng", "lat": "data.lat"}}
    pos = ChannelIn("Loja", "standard_webhooks", mapping, [], {"secret": SECRET}, enabled=True, owner="lead")
    channels.save(tx, "pos", pos, channels.sealing_key(settings.secret), SYSTEM, now)
    return people.open_session(tx, "lead", "token", now, 3_650 * DAY)[0]


def _stock(tx: Tx, folder: Folder, now: int) -> None:
    """Each state that ever sends a product has as many pieces as are sold in all."""
    sold: Counter[str] = Counter()
    houses: dict[str, set[str]] = {}
    for life in folder.lives:
        for item in life.items:
            sold[item.sku] += item.qty
            houses.setdefault(item.sku, set()).add(life.house)
    for sku, states in houses.items():
        inventory.save_sku(tx, sku, SkuIn(f"Produto {sku[:8]}"), SYSTEM, now)
        for state in sorted(states):
            moving.move(tx, MoveIn("receive", state, sku, sold[sku], ""), SYSTEM, now)


@contextmanager
def served(settings: Settings, clock: Clock) -> Iterator[int]:
    """The hub in a thread; yields its port."""
    port = server.free_port()
    app = create_app(settings, clock=clock)
    config = uvicorn.Config(
        app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    hub = uvicorn.Server(config)
    thread = threading.Thread(target=hub.run, name="hub", daemon=True)
    thread.start()
    try:
        while not hub.started:
            if not thread.is_alive():
                raise RuntimeError("the hub did not start")
            time.sleep(0.02)
        yield port
    finally:
        hub.should_exit = True
        thread.join(30)


class Hands:
    """What the shop, the floor and the carrier do over HTTP, and what they were told."""

    def __init__(self, port: int, token: str, clock: Clock) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.clock, self.key = clock, key_of(SECRET) or b""
        self.as_lead = {"Authorization": f"Bearer {token}"}
        self.numbers: dict[str, str] = {}  # by the data's order id
        self.devices: dict[str, tuple[str, dict[str, str]]] = {}
        self.pushed: Counter[str] = Counter()
        self.early: Counter[str] = Counter()
        self.faults: list[str] = []
        self.calls = self.messages = 0

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        raw = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        self.http.request(
            method, path, raw, {"Content-Type": "application/json", **(headers or self.as_lead)}
        )
        answer = self.http.getresponse()
        text = answer.read()
        self.calls += 1
        return answer.status, msgspec.json.decode(text) if text[:1] in b"{[" else text

    def must(self, status: int, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        got, answer = self.call(method, path, body, headers)
        if got != status:
            self.faults.append(f"{method} {path}: {got} {answer}")
        return answer

    def tell(self, life: Life, kind: str, data: dict[str, Any], times: int) -> None:
        """A signed webhook, `times` times."""
        body = msgspec.json.encode({"type": f"order.{kind}", "data": {"order_id": life.order_id, **data}})
        stamp, number = str(self.clock.now // 1000), f"msg_{kind}_{life.order_id}"
        headers = {
            "webhook-id": number,
            "webhook-timestamp": stamp,
            "webhook-signature": sign(self.key, number, stamp, body),
        }
        for _ in range(times):
            self.must(200, "POST", "/in/pos", body, headers)
            self.messages += 1

    def command(self, life: Life, name: str, body: dict[str, Any]) -> Any:
        return self.must(200, "POST", f"/api/orders/{self.number(life)}/{name}", body)

    def number(self, life: Life) -> str:
        """The order number, found as a person would: by the shop's number."""
        known = self.numbers.get(life.order_id)
        if known is None:
            found = self.must(200, "GET", f"/api/orders?q={life.order_id}&limit=50")["items"]
            mine = [order["order_no"] for order in found if order["external_no"] == life.order_id]
            known = self.numbers[life.order_id] = mine[0] if mine else "none"
        return known

    def pick(self, life: Life) -> None:
        """Every line whole, by the device of the warehouse that has the order."""
        order = self.must(200, "GET", f"/api/orders/{self.number(life)}")
        device, head = self.device(order["warehouse"])
        ops = []
        for line in order["lines"]:
            self.pushed[device] += 1
            n = self.pushed[device]
            ops.append(
                {
                    "id": f"{device}:{n}", "hlc": f"{self.clock.now:015d}-0000-{device}",
                    "at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(self.clock.now // 1000))}+00:00",
                    "actor": "lead", "order_no": order["order_no"], "line_no": line["line_no"], "kind": "pick",
                    "qty": line["qty"], "bin": "", "code": line["sku"], "v": 1,
                }
            )  # fmt: skip
        answer = self.must(200, "POST", "/sync/push", {"device": device, "ops": ops}, head)
        verdicts = {result["verdict"] for result in answer.get("results", [])}
        if verdicts != {"applied"}:
            self.faults.append(f"{life.order_id}: ops were {verdicts}")

    def device(self, house: str) -> tuple[str, dict[str, str]]:
        if house not in self.devices:
            made = self.must(201, "POST", "/api/devices", {"label": f"PDA {house}", "warehouse": house})
            given = self.must(200, "POST", "/api/devices/enrol", {"code": made["code"]})
            self.devices[house] = (given["device"], {"Authorization": f"Bearer {given['token']}"})
        return self.devices[house]

    def live(self, life: Life, kind: str, times: int) -> None:
        """One moment of a life, as the outside brings it about."""
        buyer = life.buyer
        whole: dict[str, Any] = {
            "customer": {"name": buyer.name, "phone": buyer.phone}, "address": buyer.address, "remark": "",
            "options": [], "items": [item._asdict() for item in life.items],
        }  # fmt: skip
        if buyer.lng is not None:
            whole |= {"lng": buyer.lng, "lat": buyer.lat}
        if kind == "created":
            self.tell(life, kind, whole, times)
        elif kind == "paid":
            whole |= {"pay_time": self.clock.now // 1000, "amount_fen": life.amount_fen}
            self.tell(life, kind, whole, times)
        elif kind in ("cancelled", "refunded"):
            self.tell(life, kind, {"amount_fen": life.amount_fen} if kind == "refunded" else {}, times)
        elif kind == "started":
            self.command(life, "start_picking", {})
        elif kind == "early":
            body = {"carrier": "Correios", "waybill": life.order_id[:12]}
            status, answer = self.call("POST", f"/api/orders/{self.number(life)}/ship", body)
            self.early[f"{status} {answer.get('code', '')}"] += 1
        elif kind == "parcel":
            self.pick(life)
            self.command(life, "pack", {})
            self.command(life, "ship", {"carrier": "Correios", "waybill": life.order_id[:12]})
        else:
            self.command(life, "deliver", {"evidence": ""})

    def pages(self, path: str) -> Iterator[Any]:
        cursor = ""
        while True:
            found = self.must(200, "GET", f"{path}limit=200{f'&cursor={cursor}' if cursor else ''}")
            yield from found["items"]
            cursor = found["next"]
            if not cursor:
                return


def replay(hands: Hands, folder: Folder) -> float:
    """Everything in time order; returns the seconds it took."""
    moments = sorted(
        (moment.at, n, k) for n, life in enumerate(folder.lives) for k, moment in enumerate(life.moments)
    )
    begun = time.perf_counter()
    for at, n, k in moments:
        hands.clock.now = max(hands.clock.now, at)
        life = folder.lives[n]
        hands.live(life, life.moments[k].kind, 2 if n % TWICE_EVERY == 0 else 1)
    return time.perf_counter() - begun


def judge(hands: Hands, folder: Folder) -> list[str]:
    """Prints the tables; returns what is wrong."""
    stored: dict[str, list[Any]] = {}
    for order in hands.pages("/api/orders?"):
        stored.setdefault(order["external_no"], []).append(order)
    inbox: Counter[str] = Counter()
    refused: dict[str, str] = {}
    for message in hands.pages("/api/inbox?"):
        inbox[f"{message['status']} {message['code']}".strip()] += 1
        if message["status"] == "dead":
            refused[message["external_no"]] = message["code"]
    wrong = list(hands.faults)
    table: dict[tuple[str, str], list[int]] = {}
    for life in folder.lives:
        found = stored.get(life.order_id, [])
        reached = _where(found[0]) if found else f"refused: {refused.get(life.order_id, 'LOST')}"
        should = (
            f"refused: {life.end.refused}"
            if life.end.refused
            else _named(life.end.state, life.end.exceptions)
        )
        row = table.setdefault((life.status, should), [0, 0])
        row[0] += 1
        row[1] += reached == should
        if reached != should:
            wrong.append(f"{life.order_id} ({life.status}) is {reached}, must be {should}")
    sent, doubled = len(folder.lives), sum(len(found) - 1 for found in stored.values())
    lost = sent - len(stored) - len(refused.keys() - stored.keys())
    print(f"{'order_status':<13} {'must end as':<26} {'orders':>6} {'reached':>8}")
    for (status, should), (count, right) in sorted(table.items()):
        print(f"{status:<13} {should:<26} {count:>6} {right:>8}")
    print(
        f"sent {sent} − stored {len(stored)} − refused with a reason {sent - len(stored) - lost} = {lost}; doubled {doubled}"
    )
    print("messages: " + ", ".join(f"{count} {name}" for name, count in sorted(inbox.items())))
    tried = ", ".join(f"{count} × {answer}" for answer, count in hands.early.items()) or "none tried"
    print(f"carrier before approval: {folder.early} in the data, shipping at that moment: {tried}")
    print(f"orders of several sellers: {folder.two_sellers}, taken as their first item's")
    away = sum(
        1
        for life in folder.lives
        for order in stored.get(life.order_id, [])
        if order["warehouse"] != life.house
    )
    print(f"served by the seller's state {len(stored) - away}, by a nearer one with the same product {away}")
    return [*wrong, *([f"{lost} lost"] if lost else []), *([f"{doubled} doubled"] if doubled else [])]


def _where(order: Any) -> str:
    return _named(order["state"], tuple(one["code"] for one in order["exceptions"]))


def _named(state: str, exceptions: tuple[str, ...]) -> str:
    return " ".join([state, *exceptions])


def run(source: Path, place: Path) -> list[str]:
    """The whole bench on an empty folder; returns what is wrong."""
    folder, settings = olist.read(source), company.settings(place)
    clock = Clock(min(life.moments[0].at for life in folder.lives) - DAY)
    db = Database(place)
    token = db.writer.now(lambda tx: set_up(tx, folder, settings, clock()))
    db.stop()
    with served(settings, clock) as port:
        hands = Hands(port, token, clock)
        try:
            seconds = replay(hands, folder)
            wrong = judge(hands, folder)
        finally:
            hands.http.close()
    count = sum(1 for life in folder.lives if not life.end.refused)
    print(
        f"{count} orders, {hands.messages} webhooks, {hands.calls} requests in {seconds:.1f} s one after another: "
        f"{count / seconds:.0f} orders/s, {hands.calls / seconds:.0f} requests/s"
    )
    found = company.check(place)
    print(
        f"journal: {found.fault or 'whole'}, {found.entries} entries, {found.checkpoints} checkpoints; stock drift: {found.drift or 'none'}"
    )
    return [*wrong, *([found.fault] if found.fault else []), *found.drift]


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python bench/replay_olist.py DIR")
    print(server.machine())
    with tempfile.TemporaryDirectory() as place:
        wrong = run(Path(sys.argv[1]), Path(place))
    print(f"{len(wrong)} wrong" if wrong else "all as stated")
    server.ended(wrong[:20])


if __name__ == "__main__":
    main()
