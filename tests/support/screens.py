"""The table of screens that people see: where each is, who sees it, in which sizes and states, and what it is drawn after.

A row is added when a room lands; the test of screens opens every row in both languages, by day and by night.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.support.floor_page import Floor, label
from tests.support.plant import PASSWORD
from tests.support.windows import DESK, PDA, PHONE, WALL

SIZES = {"pda": PDA, "phone": PHONE, "desk": DESK, "wall": WALL}
Step = Callable[[Page], None]


def nothing(page: Page) -> None:
    """Nobody presses anything."""


def presses(selector: str) -> Step:
    return lambda page: page.locator(selector).first.click()


def stops(page: Page) -> None:
    expect(Floor(page).stop).to_be_visible()


def promise_opens(page: Page) -> None:
    presses(".promise-row")(page)
    expect(page.locator(".promise-window")).to_be_visible()


def one_by_one(*steps: Step) -> Step:
    def all_of_them(page: Page) -> None:
        for step in steps:
            step(page)

    return all_of_them


def scans(*codes: str) -> Step:
    def scan(page: Page) -> None:
        for code in codes:
            Floor(page).scan(code)

    return scan


def stands(page: Page) -> None:
    """At the first bin of the plant's walk."""
    Floor(page).scan(label("A-01-03"))
    expect(page.locator(".pick-number")).to_be_visible()


def takes_offline(page: Page) -> None:
    """What stands there, with no network: it stays on the device."""
    page.context.set_offline(True)
    presses(".pick-foot .primary")(page)
    expect(page.locator(".chip-saved")).to_be_visible()


def is_held_meanwhile(page: Page) -> None:
    """The order in hand is held while the device is away; it comes back and hears of it."""
    stands(page)
    found = re.search(r"\b\d{5}\b", page.locator("main").inner_text())
    assert found
    takes_offline(page)
    with httpx.Client(base_url="/".join(page.url.split("/")[:3]), timeout=20) as client:
        token = client.post("/api/login", json={"user": "boss", "password": PASSWORD}).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.clear()
        orders = client.get("/api/orders", params={"limit": 200}).json()["items"]
        number = next(one["order_no"] for one in orders if one["order_no"].endswith(found[0]))
        client.post(f"/api/orders/{number}/hold", json={"reason": "税号有误"}).raise_for_status()
    page.context.set_offline(False)
    expect(page.locator(".chip-care")).to_be_visible()
    presses(".pick-back")(page)  # another order is in hand now: it is asked about between the lines
    expect(page.locator(".pick-conflict")).to_be_visible()


def pastes(page: Page) -> None:
    """A till's order is read, beside the fields that nobody joined yet."""
    page.locator(".gate-paste input").fill("Till")
    goods = '[{"code": "BP-1023", "num": 4, "price": "128.00"}]'
    page.locator("textarea").fill('{"bill": {"no_9": "T-1"}, "remark": "加急", "goods": ' + goods + "}")
    presses(".gate-paste .primary")(page)
    expect(page.locator(".gate-value.is-wrong")).to_have_count(1)


@dataclass(frozen=True)
class Screen:
    """`path` and `design` may name facts: {shipped}, {stuck}, {link}, {link_done}. `state` is what the server says:
    `full` is the demo company, `empty` one without orders, `error` refuses every question, `away` answers none."""

    name: str
    path: str
    ready: str  # what is seen when it is there
    sizes: tuple[str, ...]
    role: str = ""  # nobody, a role, or "device"
    state: str = "full"
    design: str = ""
    then: Step = nothing
    init: str = ""  # runs in the page before anything else

    def floors(self, size: str) -> dict[str, float]:
        """px: picker screens are read at arm's length and pressed in gloves (design/language.md 4 and 5)."""
        if self.role.endswith("device"):
            return {"text": 18, "target": 56, "link": 56}
        is_phone = SIZES[size]["width"] <= PHONE["width"]
        return {"text": 12, "target": 44 if is_phone else 28, "link": 44 if is_phone else 20}


def views() -> list[tuple[Screen, str, str]]:
    """Screen, size, language: English once a screen, at its first size."""
    return [
        (one, size, lang)
        for one in SCREENS
        for size in one.sizes
        for lang in ("zh-CN", "en-GB")
        if lang == "zh-CN" or (size == one.sizes[0] and one.state in ("full", "empty"))
    ]


def id_of(view: Any) -> str:
    one, size, lang = view
    return f"{one.name}-{size}-{lang[:2]}" + ("" if one.state == "full" else f"-{one.state}")


SCREENS = (
    Screen("door", "/", ".sign-in", ("phone", "desk")),
    Screen("kit", "/app/kit", "h1", ("phone", "desk"), design="00-foundations.png"),
    Screen("me", "/app/me", "h1", ("phone", "desk"), "supervisor"),
    Screen("lost", "/app/nowhere", ".nothing", ("phone",), "sales"),
    Screen("track", "{link}", "h1", ("phone", "desk"), design="14-track-transit.png"),
    Screen("track-done", "{link_done}", "h1", ("phone",), design="15-track-delivered.png"),
    Screen("track-gone", "/t/AAAAAAAAAAAAAAAAAAAAAAAAAA", "h1", ("phone",)),
    # The board and the wall
    Screen("board", "/app/board", "[data-no]", ("desk", "phone"), "supervisor", design="09-board.png"),
    Screen(
        "board",
        "/app/board",
        ".board-sentence",
        ("desk", "phone"),
        "supervisor",
        "empty",
        "18-empty-board.png",
    ),
    Screen("board", "/app/board", "[role=alert]", ("phone",), "supervisor", "error"),
    Screen("board", "/app/board", ".band:not(:empty)", ("desk",), "supervisor", "away"),
    Screen(
        "drawer",
        "/app/board/{stuck}",
        "[role=dialog] .way",
        ("desk", "phone"),
        "supervisor",
        design="10-board-drawer.png",
    ),
    Screen("wall", "/app/wall", ".wall-rows", ("wall",), "supervisor", design="09b-board-wall.png"),
    # The orders, and one of them whole
    Screen("orders", "/app/orders", ".orders-row", ("desk", "phone"), "supervisor"),
    Screen("orders", "/app/orders", "main .nothing", ("phone",), "sales", "empty"),
    Screen("orders", "/app/orders", "[role=alert]", ("phone",), "sales", "error"),
    Screen("orders", "/app/orders", ".band:not(:empty)", ("phone",), "sales", "away"),
    Screen(
        "order",
        "/app/orders/{shipped}",
        ".orders-one h2",
        ("phone", "desk"),
        "sales",
        design="08-sales-order.png",
    ),
    Screen("order-stuck", "/app/orders/{stuck}", ".orders-one h2", ("desk", "phone"), "supervisor"),
    Screen("order-done", "/app/orders/{delivered}", ".orders-one h2", ("phone",), "finance"),
    Screen("order-picker", "/app/orders/{stuck}", ".orders-one h2", ("pda",), "picker"),
    Screen("order-none", "/app/orders/HD000000-00000", "[role=alert]", ("phone",), "sales"),
    # A new order
    Screen("new", "/app/new", "h1", ("phone", "desk"), "sales", design="07-sales-promise.png"),
    Screen("new", "/app/new", "h1", ("phone",), "sales", "away"),
    Screen("promises", "/app/promises", ".promise-row", ("phone",), "sales"),
    Screen("promises", "/app/promises", "main .nothing", ("phone",), "sales", "empty"),
    Screen("promise", "/app/promises", ".promise-row", ("phone",), "sales", then=promise_opens),
    # Stock, and the dock
    Screen("stock", "/app/stock", ".stock-row", ("pda", "desk"), "supervisor"),
    Screen("stock", "/app/stock", "[role=alert]", ("pda",), "supervisor", "error"),
    Screen("sku", "/app/stock/BP-1023", ".stock-part .stock-row", ("pda", "desk"), "supervisor"),
    Screen("floor", "/app/tasks", ".floor-row, main .nothing", ("pda", "desk"), "supervisor"),
    Screen("dock", "/app/receive", ".dock-step", ("pda",), "supervisor"),
    Screen("dock", "/app/receive", ".dock-away + .dock-acts", ("pda",), "supervisor", "away"),
    # Channels
    Screen("channels", "/app/channels", ".gate-channel", ("desk", "pda"), "supervisor"),
    Screen("channels", "/app/channels", "main .nothing", ("pda", "desk"), "supervisor", "empty"),
    Screen("channels", "/app/channels", "[role=alert]", ("pda", "desk"), "supervisor", "error"),
    Screen("channels", "/app/channels", ".band:not(:empty)", ("pda", "desk"), "supervisor", "away"),
    Screen("channel-new", "/app/channels/new", ".gate-paste", ("desk", "pda"), "supervisor"),
    Screen(
        "channel-join",
        "/app/channels/new",
        ".gate-paste",
        ("desk", "pda"),
        "supervisor",
        design="11-setup-mapping.png",
        then=pastes,
    ),
    Screen("channel", "/app/channels/pos", ".gate .nothing", ("desk", "pda"), "supervisor"),
    Screen("channel", "/app/channels/pos", "[role=alert]", ("pda", "desk"), "supervisor", "error"),
    Screen(
        "channel-words", "/app/channels/pos?tab=keywords", ".gate-words li", ("desk", "pda"), "supervisor"
    ),
    Screen("channel-was", "/app/channels/pos?tab=versions", ".gate-channel", ("pda",), "supervisor"),
    Screen("channel-sheet", "/app/channels/pos?tab=sheets", ".gate-file", ("desk", "pda"), "supervisor"),
    Screen("channel-access", "/app/channels/pos?tab=access", ".gate-access", ("desk", "pda"), "supervisor"),
    # The desk
    Screen("conflicts", "/app/conflicts", "h1", ("desk", "phone"), "supervisor"),
    Screen("conflicts", "/app/conflicts", "h1", ("phone",), "supervisor", "empty"),
    Screen("devices", "/app/devices", "h1", ("desk", "phone"), "supervisor"),
    Screen(
        "labels", "/app/labels", ".desk-sheet", ("desk", "phone"), "supervisor", design="16-labels-a4.png"
    ),
    # Master data
    Screen("master", "/app/master", ".master-start", ("pda", "desk"), "owner"),
    Screen("master-skus", "/app/master/skus", ".master-rows", ("pda", "desk"), "supervisor"),
    Screen("master-skus", "/app/master/skus", "[role=alert]", ("pda",), "supervisor", "error"),
    Screen("master-skus", "/app/master/skus", ".band:not(:empty)", ("desk",), "supervisor", "away"),
    Screen("master-sku", "/app/master/skus?one=BP-1023", ".master-form", ("pda", "desk"), "supervisor"),
    Screen("master-new", "/app/master/customers?new=1", ".master-form", ("pda",), "supervisor"),
    Screen("master-import", "/app/master/users?import=1", ".master-columns", ("pda", "desk"), "owner"),
    Screen("master-days", "/app/master/days", ".master-month", ("pda", "desk"), "supervisor"),
    # A picker's device
    Screen("enrol", "/app/pick", "h1", ("pda",), "new device"),
    Screen("tasks", "/app/pick", ".pick-next", ("pda",), "device", design="01-picker-tasks.png"),
    Screen("line", "/app/pick", ".pick-next", ("pda",), "device", design="02-picker-line.png", then=stands),
    Screen(
        "wrong",
        "/app/pick",
        ".pick-next",
        ("pda",),
        "device",
        design="03-picker-wrong-item.png",
        then=one_by_one(stands, scans("BP-1032"), stops),
    ),
    Screen(
        "unknown",
        "/app/pick",
        ".pick-next",
        ("pda",),
        "device",
        then=one_by_one(scans("BP-1O23"), stops),
    ),
    Screen("menu", "/app/pick", ".pick-next", ("pda",), "device", then=presses(".pick-foot .pick-menu")),
    Screen("code", "/app/pick", ".pick-next", ("pda",), "device", then=presses(".pick-foot .primary")),
    Screen(
        "pad",
        "/app/pick",
        ".pick-next",
        ("pda",),
        "device",
        then=one_by_one(stands, presses(".pick-number button")),
    ),
    Screen(
        "conflict",
        "/app/pick",
        ".pick-next",
        ("pda",),
        "device",
        design="04-picker-conflict.png",
        then=is_held_meanwhile,
    ),
    Screen(
        "queue-saved",
        "/app/pick",
        ".pick-next",
        ("pda",),
        "device",
        design="05-picker-queue.png",
        then=one_by_one(stands, takes_offline, presses(".chip")),
    ),
    Screen(
        "broken",
        "/app/pick",
        ".pick-broken",
        ("pda",),
        "new device",
        design="19-storage-error.png",
        init="IDBFactory.prototype.open = () => { throw new DOMException('Internal error', 'UnknownError'); }",
    ),
    Screen("queue", "/app/pick/queue", "h1", ("pda",), "device"),
    Screen("handover", "/app/pick/handover", "h1", ("pda",), "device", design="06-picker-handover.png"),
    Screen("sounds", "/app/pick/sounds", "h1", ("pda",), "device"),
)
