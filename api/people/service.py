"""Users, sessions and devices: one unit of work a function. Passwords are argon2id, tokens 256 random bits of
which only the SHA-256 is stored.
"""

import re
import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from msgspec import UNSET

from api.db.queries import load
from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel import ids
from api.kernel.actor import Actor
from api.kernel.errors import Refused, wrong_field
from api.kernel.time import DAY, HOUR
from api.people.model import User, UserIn

Q = load(__package__)

SESSION = 12 * HOUR
SHORTEST = 8  # characters of a password
DEVICE_TOKEN = 3_650 * DAY
CODE_LIFE = 7 * DAY

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another on paper

# RFC 9106's second recommendation scaled to a small server: 46 MiB, one pass, one lane.
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1, type=Type.ID)
# Of no password that anybody has; written out, since hashing at import is a twentieth of a start.
_NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$b+FiHnzwJX7X2JXVGEbB0w$tvf1ruh6osJHKNtBV71y9A7Sm7nmAqYM8IssggBLsqU"


def checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise wrong_field(
            "path.name", "用户名只能有字母、数字和 . _ -。", "A user name has letters, digits and . _ -"
        )
    return name


def first_password() -> str:
    """To start with: three groups of four, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_right(stored: str, password: str) -> bool:
    """Costs the same for users that do not exist."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def user(tx: Tx, name: str) -> User | None:
    known: dict[str, User | None] = tx.slow.setdefault("users", {})
    if name not in known:
        row = tx.one(Q.user, name=name)
        known[name] = (
            None
            if row is None
            else User(
                row["name"], row["display"], row["role"], row["phone"], row["warehouse"], bool(row["active"])
            )
        )
    return known[name]


def called(tx: Tx, display: str) -> list[str]:
    """The users that people call so."""
    return [row["name"] for row in tx.all(Q.users_called, display=display)]


def user_row(tx: Tx, name: str) -> Row | None:
    return tx.one(Q.user, name=name)


def save_user(
    tx: Tx, name: str, given: UserIn, password_hash: str, actor: Actor, now: int, *, is_demo: bool = False
) -> None:
    """New or changed; a change of role or password ends the user's sessions, and so does leaving."""
    before = tx.one(Q.user, name=name)
    active = bool(before is None or before["active"]) if given.active is UNSET else given.active
    if before is not None and before["role"] == "owner" and before["active"]:
        is_one = given.role == "owner" and active
        if not is_one and tx.value(Q.owners) == 1:
            raise Refused("last_owner")
    phone, warehouse = (
        (before[field] if before is not None else "") if value is UNSET else value
        for field, value in (("phone", given.phone), ("warehouse", given.warehouse))
    )
    tx.run(
        Q.save_user,
        name=name, display=given.display, role=given.role, phone=phone, warehouse=warehouse,
        password=password_hash, demo=int(is_demo), active=int(active), at=now,
    )  # fmt: skip
    if before is not None and (password_hash or before["role"] != given.role or not active):
        tx.run(Q.close_sessions, name=name)
    tx.forget()
    body: dict[str, Any] = {"user": name, "role": given.role, "warehouse": warehouse}
    if not active:
        body["active"] = False
    journal.record(tx, "system", "user.saved", body, actor, now)
    tx.then(("people", 0, name, "user.saved"))


def change_password(
    tx: Tx, name: str, before: str, mark: str, session: bytes, actor: Actor, now: int
) -> None:
    """By the person: the password that was checked is replaced, the other sessions end. Refuses `wrong_password` where it has
    been changed meanwhile."""
    if tx.run(Q.set_password, name=name, before=before, password=mark) != 1:
        raise Refused("wrong_password")
    tx.run(Q.close_others, name=name, but=session)
    tx.forget()
    journal.record(tx, "system", "user.password_changed", {"user": name}, actor, now)
    tx.then(("people", 0, name, "user.saved"))


def open_session(tx: Tx, name: str, kind: str, now: int, life: int) -> tuple[str, str]:
    """(token, csrf); the token is shown once and never stored."""
    token, csrf = ids.bearer(), secrets.token_urlsafe(16)
    tx.run(
        Q.open_session, hash=ids.hashed(token), name=name, kind=kind, csrf=csrf, at=now, expires_at=now + life
    )
    return token, csrf


def close_session(tx: Tx, token_hash: bytes) -> None:
    tx.run(Q.close_session, hash=token_hash)
    tx.then(("people", 0, "", "session.closed"))


def add_device(tx: Tx, label: str, warehouse: str, actor: Actor, now: int) -> tuple[str, str, int]:
    """(device, one-time code, when the code lapses)."""
    code, lapses = "-".join(ids.device_id()[:4] for _ in range(4)), now + CODE_LIFE
    while True:
        device = tx.value(
            Q.add_device,
            device=ids.device_id(), label=label, warehouse=warehouse, code_hash=ids.hashed(code),
            code_expires_at=lapses, created_by=actor.name, at=now,
        )  # fmt: skip
        if device is not None:
            break
    journal.record(tx, "system", "device.added", {"device": device, "warehouse": warehouse}, actor, now)
    return device, code, lapses


def enrol(tx: Tx, code: str, public_key: str, now: int) -> tuple[str, str, str]:
    """(device, token, warehouse); the code works once."""
    row = tx.one(Q.enrol_device, code_hash=ids.hashed(code.strip().upper()), public_key=public_key, now=now)
    if row is None:
        raise Refused("code_gone")
    token, _ = open_session(tx, row["device"], "device", now, DEVICE_TOKEN)
    actor = Actor(row["device"], "device", row["label"], warehouse=row["warehouse"])
    journal.record(tx, "system", "device.enrolled", {"device": row["device"]}, actor, now)
    return row["device"], token, row["warehouse"]


def revoke_device(tx: Tx, device: str, actor: Actor, now: int) -> None:
    """A lost device's token and code open nothing any more; what it sent stays, its queue can be carried."""
    if tx.one(Q.device, device=device) is None:
        raise Refused("not_found", what=device)
    tx.run(Q.close_sessions, name=device)
    tx.run(Q.lapse_code, device=device, now=now)
    journal.record(tx, "system", "device.revoked", {"device": device}, actor, now)
    tx.then(("people", 0, device, "device.revoked"))


def sweep(tx: Tx, now: int) -> int:
    """Drop lapsed sessions."""
    return tx.run(Q.sweep_sessions, now=now)
