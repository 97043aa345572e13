"""Signing in and out, users, customers and devices over HTTP."""

import asyncio
import re
from base64 import b64decode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from api.db.queries import LAST
from api.db.tx import Row, Tx
from api.kernel import ids
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.people import customers, devices, rights, service, tries
from api.people.guards import COOKIE, Sessions, actor_of, mark_of
from api.people.model import CustomerIn, DeviceIn, Enrol, Login, PasswordIn, UserIn
from api.people.service import Q
from api.web.answer import Answer, ok
from api.web.body import decode
from api.web.commands import execute
from api.web.edge import Req, clean, cut, page, page_limit, ranked, shown_time, sliced
from api.web.head import Head
from api.web.hub import Hub
from qr.matrix import matrix

LOOPBACK_HOSTS = re.compile(r"^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$")


async def provide_actor(request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head]) -> Actor:
    return await actor_of(head, hub, request.app.state.sessions)


@post("/api/login", status_code=200, opt={"body": Login, "public": True})
async def login(request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head]) -> Response[bytes]:
    """Checks the password off the loop; limits the tries by user and address."""
    given, now = decode(Login, await request.body()), hub.clock()
    place = f"from {head.ip}"
    who = f"user {given.user} {place}"

    def begin(tx: Tx) -> tuple[Row | None, int]:
        tries.begin(tx, who, now)
        # A whole shop may share one address.
        return service.user_row(tx, given.user), tries.begin(tx, place, now, most=50)

    row, guess = await hub.db.writer.run(begin)
    stored = row["password"] if row is not None else ""
    if not await asyncio.to_thread(service.is_right, stored, given.password) or row is None:
        raise Refused("wrong_password")
    # A proxy that nobody declared would make the whole world look like this machine.
    is_behind = "x-forwarded-for" in head.headers or "forwarded" in head.headers
    if row["demo"] and (is_behind or not head.is_loopback):
        raise Refused("demo_loopback")

    def open_(tx: Tx) -> tuple[str, str]:
        known = service.user(tx, given.user)
        if known is None or not known.active:
            raise Refused("retired")
        tries.was_right(tx, place, guess)
        tries.forgive(tx, who)
        return service.open_session(tx, given.user, "session", now, service.SESSION)

    token, csrf = await hub.db.writer.run(open_)
    user = {
        "name": row["name"],
        "display": row["display"],
        "role": row["role"],
        "warehouse": row["warehouse"],
    }
    response = ok({"token": token, "user": user}).response()
    secure = not LOOPBACK_HOSTS.match(head.headers.get("host", ""))
    life = service.SESSION // 1000
    response.set_cookie(COOKIE, token, max_age=life, httponly=True, samesite="lax", secure=secure)
    response.set_cookie("csrf", csrf, max_age=life, httponly=False, samesite="lax", secure=secure)
    return response


@post("/api/logout", status_code=200)
async def logout(
    hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    rights.allow(actor, "read")
    header = head.headers.get("authorization", "")
    token = header.partition(" ")[2].strip() if header else head.cookie(COOKIE)
    await hub.db.writer.run(lambda tx: service.close_session(tx, ids.hashed(token)))
    response = ok({"user": actor.name}).response()
    response.delete_cookie(COOKIE)
    response.delete_cookie("csrf")
    return response


@get("/api/me")
async def me(actor: NamedDependency[Actor]) -> Response[bytes]:
    rights.allow(actor, "read")
    may = sorted(name for name in rights.RIGHTS if rights.may(actor, name))
    user = {"name": actor.name, "display": actor.display, "role": actor.role, "warehouse": actor.warehouse}
    return ok({"user": user, "rights": may}).response()


@post("/api/me/password", status_code=200, opt={"body": PasswordIn})
async def change_password(
    request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """One's own; the other sessions end."""
    rights.allow(actor, "read")
    given, now = decode(PasswordIn, await request.body()), hub.clock()
    who = f"user {actor.name} from {head.ip}"
    _long_enough(given.password)

    def begin(tx: Tx) -> Row | None:
        tries.begin(tx, who, now)
        return service.user_row(tx, actor.name)

    row = await hub.db.writer.run(begin)
    stored = row["password"] if row is not None else ""
    if not await asyncio.to_thread(service.is_right, stored, given.current):
        raise Refused("wrong_password")
    mark, session = await asyncio.to_thread(service.hash_password, given.password), mark_of(head)

    def work(tx: Tx) -> None:
        tries.forgive(tx, who)
        service.change_password(tx, actor.name, stored, mark, session, actor, now)

    await hub.db.writer.run(work)
    return ok({"user": actor.name}).response()


def _long_enough(password: str) -> None:
    if len(password) < service.SHORTEST:
        raise wrong_field(
            "$.password", f"密码至少 {service.SHORTEST} 个字符。", f"At least {service.SHORTEST} characters."
        )


@get("/api/salespeople")
async def salespeople(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Who may look after a customer `[{name, display}]`, sales first."""
    rights.allow(actor, "master")
    rows = await hub.db.reader.run(lambda tx: tx.all(Q.sellers))
    return ok(sliced([dict(row) for row in rows], limit, cursor)).response()


@get("/api/users")
async def users(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """By name; with `q` those whose name begins so."""
    rights.allow(actor, "users")
    count, after, text = page_limit(limit), clean(cursor, "cursor"), clean(q, "q", 100).strip()
    rows = await hub.db.reader.run(
        lambda tx: tx.all(Q.users_all, after=after, text=text, beyond=text + LAST, count=count + 1)
    )
    rows, last = cut(rows, count)
    items = [{**dict(row), "active": bool(row["active"])} for row in rows]
    return ok(page(items, last and last["name"])).response()


@get("/api/users/{name:str}")
async def read_user(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], name: FromPath[str]
) -> Response[bytes]:
    """One user."""
    rights.allow(actor, "users")
    found = await hub.db.reader.run(lambda tx: service.user(tx, name))
    if found is None:
        raise Refused("not_found", what=name)
    return ok(found).response()


@put("/api/users/{name:str}", opt={"body": UserIn})
async def put_user(
    request: Req,
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    name: FromPath[str],
) -> Response[bytes]:
    """Who is new and has no `password` here gets one to start with, told in this answer alone (`start_password`)."""
    rights.allow(actor, "users")
    raw = await request.body()
    given = decode(UserIn, raw)
    if service.checked_name(name) != (given.name or name):
        raise wrong_field("$.name", f"和地址里的 {name} 不一样。", f"Differs from {name} in the path.")
    if given.password:
        _long_enough(given.password)
    is_known = await hub.db.reader.run(lambda tx: service.user(tx, name) is not None)
    start = "" if given.password or is_known else service.first_password()
    password = given.password or start
    mark = await asyncio.to_thread(service.hash_password, password) if password else ""

    def work(tx: Tx, body: UserIn) -> Answer:
        if start and service.user(tx, name) is not None:
            raise Refused("in_progress")  # somebody made this user at the same moment, with another password
        if body.warehouse and tx.one(Q.warehouse_known, code=body.warehouse) is None:
            raise Refused("unknown_warehouse", warehouse=body.warehouse)
        service.save_user(tx, name, body, mark, actor, hub.clock())
        found = msgspec.to_builtins(service.user(tx, name))
        return ok(found | {"start_password": start} if start else found)

    # Not `execute`, which keeps answers for an Idempotency-Key: a password is kept nowhere.
    return (await hub.db.writer.run(lambda tx: work(tx, given))).response()


@get("/api/customers")
async def list_customers(
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """By id; with `q` best first: whose name or phone begins so, then who have it in their name."""
    rights.allow(actor, "read")
    text = clean(q, "q", 100).strip()
    if text:
        phones = actor.role in rights.SEES_PHONES
        best = await hub.db.lists.run(
            lambda tx: ranked(
                lambda most: customers.found(tx, text, with_phones=phones, most=most), limit, cursor
            )
        )
        best["items"] = [customer_shown(dict(row), actor) for row in best["items"]]
        return ok(best).response()
    count, after = page_limit(limit), clean(cursor, "cursor")
    rows = await hub.db.lists.run(lambda tx: tx.all(Q.customers_all, after=after, count=count + 1))
    rows, last = cut(rows, count)
    items = [customer_shown(dict(row), actor) for row in rows]
    return ok(page(items, last and last["id"])).response()


def customer_shown(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    if actor.role not in rights.SEES_PHONES:
        row["phone"] = rights.masked(row["phone"])
    if actor.role not in rights.SEES_PRICES:
        row.pop("credit_fen")
        row.pop("terms")
    return row


@put("/api/customers/{customer:str}", opt={"body": CustomerIn})
async def put_customer(
    request: Req,
    hub: NamedDependency[Hub],
    head: NamedDependency[Head],
    actor: NamedDependency[Actor],
    customer: FromPath[str],
) -> Response[bytes]:
    rights.allow(actor, "master")
    customers.checked_id(customer)

    def work(tx: Tx, given: CustomerIn) -> Answer:
        if given.id not in ("", customer):
            raise wrong_field(
                "$.id", f"和地址里的 {customer} 不一样。", f"Differs from {customer} in the path."
            )
        customers.save(tx, customer, given, actor, hub.clock())
        return ok({"id": customer, **(customers.standing(tx, customer) or {})})

    return (await execute(hub, head, actor, await request.body(), CustomerIn, work)).response()


@post("/api/devices", opt={"body": DeviceIn})
async def add_device(
    request: Req, hub: NamedDependency[Hub], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """201 `{device, code, expires_at, qr}`; the code is shown once, `qr` is its symbol: rows of 0 and 1."""
    rights.allow(actor, "devices")
    given, now = decode(DeviceIn, await request.body()), hub.clock()

    def work(tx: Tx) -> tuple[str, str, int]:
        if tx.one(Q.warehouse_known, code=given.warehouse) is None:
            raise Refused("unknown_warehouse", warehouse=given.warehouse)
        return service.add_device(tx, given.label, given.warehouse, actor, now)

    device, code, lapses = await hub.db.writer.run(work)
    drawn = await asyncio.to_thread(matrix, code)
    made = {
        "device": device,
        "code": code,
        "expires_at": shown_time(lapses, hub),
        "qr": [drawn.bits[at : at + drawn.size] for at in range(0, drawn.size**2, drawn.size)],
    }
    return ok(made, 201).response()


@get("/api/devices")
async def list_devices(
    request: Req,
    hub: NamedDependency[Hub],
    actor: NamedDependency[Actor],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Response[bytes]:
    """Devices with `status`, when last heard, how many op numbers came and which are missing below them."""
    rights.allow(actor, "devices")
    count, after, now = page_limit(limit), clean(cursor, "cursor"), hub.clock()
    sessions: Sessions = request.app.state.sessions

    def work(tx: Tx) -> tuple[list[devices.Known], str | None]:
        rows, last = cut(tx.all(Q.devices_all, after=after, count=count + 1), count)
        known = [devices.known(tx, row, sessions.seen.get(row["device"]), now) for row in rows]
        return known, None if last is None else last["device"]

    found, last = await hub.db.reader.run(work)
    items = []
    for one in found:
        item = msgspec.structs.asdict(one)
        times = ("created_at", "enrolled_at", "code_expires_at", "heard_at")
        items.append({**item, **{name: shown_time(item[name], hub) for name in times}})
    return ok(page(items, last)).response()


@delete("/api/devices/{device:str}", status_code=200)
async def revoke_device(
    hub: NamedDependency[Hub], actor: NamedDependency[Actor], device: FromPath[str]
) -> Response[bytes]:
    """A lost device is out at once; what it sent stays, and its queue can still be carried by another."""
    rights.allow(actor, "devices")
    now = hub.clock()
    await hub.db.writer.run(lambda tx: service.revoke_device(tx, device, actor, now))
    return ok({"device": device, "revoked": True}).response()


@post("/api/devices/enrol", status_code=200, opt={"body": Enrol, "public": True})
async def enrol(request: Req, hub: NamedDependency[Hub], head: NamedDependency[Head]) -> Response[bytes]:
    """`{device, token, warehouse}`; guesses are limited like passwords."""
    given, now = decode(Enrol, await request.body()), hub.clock()
    if given.public_key and not is_p256(given.public_key):
        raise wrong_field(
            "$.public_key", "要 ECDSA P-256 的 SPKI，base64。", "An ECDSA P-256 key, SPKI in base64."
        )
    who = f"enrol {head.ip}"
    guess = await hub.db.writer.run(lambda tx: tries.begin(tx, who, now))

    def work(tx: Tx) -> tuple[str, str, str]:
        tries.was_right(tx, who, guess)
        return service.enrol(tx, given.code, given.public_key, now)

    device, token, warehouse = await hub.db.writer.run(work)
    return ok({"device": device, "token": token, "warehouse": warehouse}).response()


def is_p256(spki: str) -> bool:
    try:
        key = load_der_public_key(b64decode(spki, validate=True))
    except Exception:  # the library raises a different kind for each way to be wrong
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


HANDLERS = [
    login,
    logout,
    me,
    change_password,
    salespeople,
    users,
    read_user,
    put_user,
    list_customers,
    put_customer,
    add_device,
    list_devices,
    enrol,
    revoke_device,
]
