"""Customers: matched by phone and name, else new. Names and phones lie outside the hashed texts."""

import re
import unicodedata
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from api.db.counting import take
from api.db.lookups import Lookup, Wanted
from api.db.queries import LAST, like
from api.db.tx import Row, Tx
from api.journal import service as journal
from api.journal.service import Ref
from api.kernel.actor import Actor
from api.kernel.errors import Refused, Why, wrong_field
from api.people.model import Customer, CustomerAddress, CustomerIn
from api.people.service import Q, user

MANY = 20_000
SAID = ("name", "phone", "tier", "terms", "credit_fen", "salesperson")
CALLED, TAKEN = Lookup(Q.called), Lookup(Q.taken)
AT_ONCE = 50


def by_id(tx: Tx, customer: str) -> Customer:
    """Refuses `unknown_customer`."""
    row = tx.one(Q.customer, id=customer)
    if row is None:
        raise Refused("unknown_customer", customer=customer)
    return _customer(tx, row)


_ID = re.compile(r"^[A-Za-z0-9_-]{1,40}$")
_BETWEEN = re.compile(r"[\s().-]")
_CODE_OF_CHINA = re.compile(r"^(?:\+|00)86")
_ABROAD = re.compile(r"(?:\+|00)?86(?=1[3-9]\d{9}$)")


def plain_phone(phone: str) -> str:
    """However it is written, a phone is one: `+86 138-0000-0000` is 13800000000."""
    return _ABROAD.sub("", _BETWEEN.sub("", unicodedata.normalize("NFKC", phone)))


def found(tx: Tx, text: str, *, with_phones: bool, most: int) -> list[Row]:
    """At most `most` customers, best first: whose name begins so, whose phone begins so, who hold it in their name.

    The beginnings are found by index. A part of a name (from two characters on) walks the index of names until
    enough are found: 18 ms at worst, measured with 100 000 customers and no hit. `with_phones` False: for people
    who see masked phones, and could guess them digit by digit.
    """
    rows = {row["id"]: row for row in tx.all(Q.customers_named, text=text, beyond=text + LAST, count=most)}
    phone = _CODE_OF_CHINA.sub("", plain_phone(text))
    if with_phones and len(rows) < most and phone[:1].isdigit():
        called = tx.all(Q.customers_called, text=phone, beyond=phone + LAST, count=most)
        rows.update((row["id"], row) for row in called if row["id"] not in rows)
    if len(rows) < most and len(text) > 1:
        partly = tx.all(Q.customers_partly, part=like(text), count=most)
        rows.update((row["id"], row) for row in partly if row["id"] not in rows)
    return list(rows.values())[:most]


def matched(tx: Tx, name: str, phone: str, actor: Actor, now: int) -> Customer:
    """The customer with this phone and name; a new one where there is none."""
    key = phone, name = _key(name, phone)
    known: dict[tuple[str, str], Customer] = tx.slow.setdefault("customers", {})
    found = known.get(key)
    if found is None:
        customer = CALLED.get(tx, *key)
        found = _new(tx, name, phone, actor, now) if customer is None else by_id(tx, customer)
        if len(known) > MANY:
            known.clear()
        known[key] = found
    return found


def ahead(tx: Tx, name: str, phone: str) -> Wanted:
    """What `matched` will look up."""
    key = _key(name, phone)
    if key not in tx.slow.get("customers", ()):
        yield CALLED, key


def _key(name: str, phone: str) -> tuple[str, str]:
    return plain_phone(phone), name.strip()


def save(tx: Tx, customer: str, given: CustomerIn, actor: Actor, now: int) -> Customer:
    """One customer, new or changed; refuses a phone and name that another one has."""
    given = replace(given, phone=plain_phone(given.phone), name=given.name.strip())
    if not given.name:
        raise wrong_field("$.name", "没写。", "Missing.")
    if given.salesperson and user(tx, given.salesperson) is None:
        raise Refused("unknown_user", user=given.salesperson)
    other = tx.one(Q.customer_by_phone, phone=given.phone, name=given.name)
    if other is not None and other["id"] != customer:
        why = Why(
            f"这个电话和名称是客户 {other['id']} 的。", f"This phone and name are customer {other['id']}'s."
        )
        raise Refused("duplicate", why, order_no=other["id"])
    tx.forget()
    return _save(tx, customer, given, actor, now)


def checked_id(customer: str) -> str:
    if not _ID.match(customer):
        raise wrong_field("path.id", "编号只能有字母、数字和 _ -。", "An id has letters, digits and _ -")
    return customer


def called(tx: Tx, name: str, phone: str) -> str:
    """The id of the customer with this phone and name; empty where there is none."""
    return CALLED.get(tx, *_key(name, phone)) or ""


def standing(tx: Tx, customer: str) -> dict[str, Any] | None:
    """What a PUT of this customer would say to change nothing; None where there is none."""
    if tx.one(Q.customer, id=customer) is None:
        return None
    known = by_id(tx, customer)
    return {**{name: getattr(known, name) for name in SAID}, "addresses": addresses(tx, customer)}


def addresses(tx: Tx, customer: str) -> list[dict[str, Any]]:
    """The default first."""
    return [
        {"text": row["text"], "label": row["label"], "default": row["n"] == 1}
        for row in tx.all(Q.addresses, customer=customer)
    ]


def default_address(tx: Tx, customer: str) -> str:
    """Where an order goes that names no other place; empty where nothing is known."""
    return tx.value(Q.default_address, customer=customer) or ""


def with_default(known: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The same addresses with this one as the default."""
    mine = next((one for one in known if one["text"] == text), {"text": text, "label": ""})
    others = [{**one, "default": False} for one in known if one["text"] != text]
    return [{**mine, "default": True}, *others]


def phones(tx: Tx, customer: str) -> list[str]:
    """Every phone that this customer has or had, plain; what is too short to be one is left out."""
    kept = {plain_phone(row["value"]) for row in tx.all(journal.Q.kept_by, owner=customer)}
    return sorted(found for found in kept if re.fullmatch(r"\+?\d{7,15}", found))


def forget(tx: Tx, customer: str, actor: Actor, now: int) -> int:
    """Erase the person's values; returns how many. Refuses `unknown_customer`; a second time erases nothing.

    The customer's row, its terms and its orders stay; every hash stays valid. The copies that other rooms keep
    are theirs to erase: `setup.forgetting` is the whole of it.
    """
    if tx.one(Q.customer, id=customer) is None:
        raise Refused("unknown_customer", customer=customer)
    tx.run(Q.forget_customer, id=customer, name=journal.ERASED)
    tx.run(Q.drop_addresses, customer=customer)
    return journal.forget(tx, customer, actor, now)


def _new(tx: Tx, name: str, phone: str, actor: Actor, now: int) -> Customer:
    fresh_id = fresh(tx)
    made, row = _made(tx, fresh_id, CustomerIn(name, phone), actor, now, is_new=True)
    tx.later(Q.save_customer, **row)
    CALLED.put(tx, (phone, name), fresh_id)
    return made


def fresh(tx: Tx) -> str:
    """An id that nobody has; those that people gave are passed over, never overwritten."""
    while True:
        number = take(tx, "customer")
        found = _id(number)
        if number % AT_ONCE == 0:  # the next ones too, on one way
            TAKEN.fetch(tx, [(_id(number + n),) for n in range(AT_ONCE)])
        if TAKEN.get(tx, found) is None:
            return found


def _id(number: int) -> str:
    return f"C{number:04d}"


def _save(tx: Tx, customer: str, given: CustomerIn, actor: Actor, now: int) -> Customer:
    made, row = _made(tx, customer, given, actor, now)
    tx.run(Q.save_customer, **row)
    return made


def _made(
    tx: Tx, customer: str, given: CustomerIn, actor: Actor, now: int, *, is_new: bool = False
) -> tuple[Customer, dict[str, Any]]:
    """With its row; in the journal already."""
    name, phone = journal.keep(tx, customer, given.name), journal.keep(tx, customer, given.phone)
    body: dict[str, Any] = {
        "name": name.plain, "phone": phone.plain, "tier": given.tier, "terms": given.terms,
        "credit_fen": given.credit_fen, "salesperson": given.salesperson,
    }  # fmt: skip
    if given.addresses is not UNSET:
        body["addresses"] = [ref.plain for ref in _keep_addresses(tx, customer, given.addresses)]
    journal.record(tx, f"customer:{customer}", "customer.saved", body, actor, now, is_first=is_new)
    said = {name: getattr(given, name) for name in SAID} | {"id": customer}
    row = {**said, "name_ref": name.id, "phone_ref": phone.id, "at": now}
    return Customer(**said, name_ref=name, phone_ref=phone), row


def _keep_addresses(tx: Tx, customer: str, given: list[CustomerAddress]) -> list[Ref]:
    """Each text once, the default first; a text that was there keeps its value."""
    texts: dict[str, CustomerAddress] = {}
    for one in given:
        texts.setdefault(one.text.strip(), one)
    ordered = sorted(
        ((text, one) for text, one in texts.items() if text), key=lambda item: not item[1].default
    )
    tx.run(Q.drop_addresses, customer=customer)
    refs = [journal.keep_once(tx, customer, text) for text, _ in ordered]
    for n, ((_, one), ref) in enumerate(zip(ordered, refs, strict=True), start=1):
        tx.run(Q.add_address, customer=customer, n=n, label=one.label, ref=ref.id)
    return refs


def _customer(tx: Tx, row: Row) -> Customer:
    name, phone = journal.kept(tx, row["name_ref"]), journal.kept(tx, row["phone_ref"])
    if name is None or phone is None:  # forgotten: an order by the same id is a new beginning
        raise Refused("unknown_customer", customer=row["id"])
    return Customer(
        row["id"], row["name"], row["phone"], row["tier"], row["terms"], row["credit_fen"], row["salesperson"],
        name[0], phone[0],
    )  # fmt: skip
