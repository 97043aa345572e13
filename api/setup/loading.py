"""A company put into the database through the features' own services: the real one by `init`, the demo by replaying
two days of stories with the clock set to each moment. Everything is journalled like any other work.
"""

from collections.abc import Callable

import msgspec

from api.channels import store as channels
from api.channels.demo import KEYWORDS, MINIPROGRAM, POS
from api.channels.keywords import Keyword
from api.channels.model import ChannelIn
from api.db.queries import load
from api.db.tx import Q as Db
from api.db.tx import Tx
from api.inventory import service as inventory
from api.journal import service as journal
from api.journal.chain import START
from api.kernel import ids
from api.kernel.actor import SYSTEM, Actor, channel_actor
from api.kernel.time import DAY, text
from api.orders import commands, placing, promising, store
from api.orders.commands import COMMANDS
from api.orders.model import CustomerIn as DraftCustomer
from api.orders.model import Draft, LineIn
from api.orders.promising import PromiseIn
from api.people import customers, service
from api.people.model import CustomerIn, UserIn
from api.picking import pushing
from api.setup.company import Company, demo_company
from api.setup.history import demo_history
from api.setup.story import Moment, OrderStory, Step, chronicle
from api.stock import moving
from api.stock.model import BinIn, MoveIn, SkuIn, WarehouseIn

Q = load(__package__)
DEMO_PASSWORD = "demo"  # noqa: S105  works on this machine only, see people.routes.login
DEVICE = "DEMV0001"
CUSTOMER = ("name", "phone", "tier", "terms", "credit_fen", "salesperson")


def begin(tx: Tx, now: int) -> None:
    """The database's life gets its name once."""
    tx.run(Q.set_once, name="epoch", value=ids.device_id())
    tx.run(Q.set_once, name="created_at", value=str(now))


def is_empty(tx: Tx) -> bool:
    return tx.one(Q.any_user) is None


def init(tx: Tx, owner: str, password_hash: str, warehouse: str, now: int) -> None:
    """A real company: its owner and first warehouse, nothing invented."""
    begin(tx, now)
    inventory.save_warehouse(tx, warehouse, WarehouseIn(warehouse), SYSTEM, now)
    service.save_user(tx, owner, UserIn(owner, "owner"), password_hash, SYSTEM, now)


def load_demo(run: Callable[[Callable[[Tx], None]], None], now: int, tz: str, secret: bytes) -> int:
    """The demo company and its two days; returns how many orders. `run` carries out one unit of work: all or
    nothing, so that a start cut off leaves a folder that the next one can fill.
    """
    company = demo_company()
    stories = demo_history(company, now)
    opened = min(story.at_ms for story in stories) - DAY
    mark = service.hash_password(DEMO_PASSWORD)
    teller, moments = _Teller(company, stories, tz), chronicle(stories)

    def work(tx: Tx) -> None:
        _company(tx, company, mark, opened, secret)
        for moment in moments:
            teller.tell(tx, moment)
        _promise(tx, company, now, tz)
        tx.run(Q.set_once, name="demo", value="1")

    run(work)
    return len(stories)


def _company(tx: Tx, company: Company, mark: str, now: int, secret: bytes) -> None:
    begin(tx, now)
    for house in company.warehouses:
        given = WarehouseIn(house.name, house.adcode, house.lng_e6 / 1e6, house.lat_e6 / 1e6, house.cutoff)
        inventory.save_warehouse(tx, house.code, given, SYSTEM, now)
    for person in company.staff:
        words = {
            "display": person.display,
            "role": person.role,
            "phone": person.phone,
            "warehouse": person.warehouse,
        }
        service.save_user(tx, person.name, msgspec.convert(words, UserIn), mark, SYSTEM, now, is_demo=True)
    for sku in company.skus:
        inventory.save_sku(
            tx, sku.code, SkuIn(sku.name, sku.gtin, sku.uom, sku.weight_g, sku.price_fen), SYSTEM, now
        )
    for place in company.bins:
        inventory.save_bin(tx, place.code, BinIn(place.warehouse, place.sku), SYSTEM, now)
    for one in company.stock:
        moving.move(tx, MoveIn("receive", one.warehouse, one.sku, one.qty, one.bin, "期初"), SYSTEM, now)
    for buyer in company.customers:
        words = msgspec.structs.asdict(buyer)
        given_customer = msgspec.convert({name: words[name] for name in CUSTOMER}, CustomerIn)
        customers.save(tx, buyer.id, given_customer, SYSTEM, now)
    _channels(tx, secret, now)
    _device(tx, company.warehouses[0].code, now)


def _channels(tx: Tx, secret: bytes, now: int) -> None:
    """`pos` and `miniprogram` are mapped and wait for their secrets; the others are names on orders."""
    key = channels.sealing_key(secret)
    words = msgspec.convert(KEYWORDS, list[Keyword])
    pos = ChannelIn("门店 POS", "standard_webhooks", POS, words, owner="sales")
    mini = ChannelIn("微信小程序", "wechat_push", MINIPROGRAM, words, owner="sales")
    channels.save(tx, "pos", pos, key, SYSTEM, now)
    channels.save(tx, "miniprogram", mini, key, SYSTEM, now)


def _device(tx: Tx, warehouse: str, now: int) -> None:
    tx.run(Q.demo_device, device=DEVICE, warehouse=warehouse, code_hash=ids.hashed(ids.bearer()), at=now)


def _promise(tx: Tx, company: Company, now: int, tz: str) -> None:
    """Of what there is most of, to a customer of the salesperson's, made just now."""
    seller = next(one for one in company.staff if one.name == "sales")
    buyer = next(one for one in company.customers if one.salesperson == seller.name)
    most = max(company.stock, key=lambda one: one.qty)
    given = PromiseIn([LineIn(most.sku, 2)], DraftCustomer(id=buyer.id))
    actor = Actor(seller.name, seller.role, seller.display)
    promising.create(tx, given, actor, now, promising.Terms(tz))


class _Teller:
    """Replays stories moment by moment."""

    def __init__(self, company: Company, stories: tuple[OrderStory, ...], tz: str) -> None:
        self.stories, self.tz = stories, tz
        self.people = {person.name: person for person in company.staff}
        self.numbers: dict[int, str] = {}
        self.ops = 0

    def tell(self, tx: Tx, moment: Moment) -> None:
        story = self.stories[moment.story]
        if moment.step is None:
            draft = msgspec.convert(story.draft, Draft)
            actor = self._actor(story.by, draft.channel)
            owner = "sales" if not story.by else story.by
            order = placing.place(tx, draft, actor, moment.at_ms, placing.From(self.tz, owner=owner))
            self.numbers[moment.story] = order.order_no
            return
        step, order_no = moment.step, self.numbers[moment.story]
        if step.command in ("pick", "short"):
            self._op(tx, order_no, step)
            return
        spec = COMMANDS[step.command]
        body = msgspec.convert(step.args, spec.body)
        channel = str(story.draft["channel"])
        actor = self._actor(step.by, channel)
        if step.command == "pay" and not step.by:
            at = step.at_ms
            commands.receive(tx, store.get(tx, order_no), body.amount_fen, at, actor, at)
        else:
            spec.run(tx, store.get(tx, order_no), body, actor, step.at_ms)

    def _actor(self, name: str, channel: str) -> Actor:
        if not name:
            return channel_actor(channel)
        person = self.people[name]
        return Actor(name, person.role, person.display, warehouse=person.warehouse)

    def _op(self, tx: Tx, order_no: str, step: Step) -> None:
        self.ops += 1
        op = {
            "id": f"{DEVICE}:{self.ops}",
            "hlc": f"{step.at_ms:015d}-0000-{DEVICE}",
            "at": text(step.at_ms, self.tz),
            "actor": step.by,
            "order_no": order_no,
            "kind": step.command,
            "v": 1,
            **step.args,
        }
        raw = msgspec.json.encode({"device": DEVICE, "ops": [op]})
        carrier = Actor(DEVICE, "device", "演示 PDA")
        found = pushing.push(tx, raw, carrier, step.at_ms)
        if found["results"][0]["verdict"] == "refused":
            raise ValueError(f"the demo's op was refused: {found['results'][0]}")


def restored(tx: Tx, now: int, made_at: int | None, by: str) -> int:
    """After a restore the database begins another life, and says where it was cut: the last entry kept (its position is
    returned) and its hash, when that state was kept (None: with that entry), and which user of the machine took it
    back."""
    tx.run(Db.set_fact, name="epoch", value=ids.device_id())
    last = tx.one(Q.newest_entry)
    pos, at, head = (0, now, START) if last is None else last
    body = {"backup_at": at if made_at is None else made_at, "by": by, "cut_at": pos, "head": head.hex()}
    journal.record(tx, "system", "backup.restored", body, SYSTEM, now)
    return int(pos)
