"""Channels in and out of the tables; secrets are sealed with a key derived from SECRET, so that a copy of the
database alone opens nothing.
"""

from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import UNSET

from api.channels.mapping import read_mapping
from api.channels.model import Body, Channel, ChannelIn, SecretIn, is_shown
from api.channels.schemes import SCHEMES
from api.channels.schemes.base import Scheme, Secret
from api.db.queries import load
from api.db.tx import Row, Tx
from api.journal import service as journal
from api.kernel import sealing
from api.kernel.actor import Actor
from api.kernel.errors import Invalid, Refused, Why, WrongField
from api.people import service as people

Q = load(__package__)
# Names that stand for a page or a call of their own where a channel's code stands.
TAKEN = ("new", "catalogue", "suggest")
LONGEST = {"text": 10_000, "list": 10_000, "map": 100_000}
_body_in = msgspec.json.Decoder(Body).decode
_body_out = msgspec.json.Encoder().encode


def sealing_key(secret: bytes) -> AESGCM:
    return sealing.key_for(secret, "channel secrets")


def channel(tx: Tx, code: str, key: AESGCM) -> Channel | None:
    known: dict[str, Channel] = tx.slow.setdefault("channels", {})
    if code not in known:
        row = tx.one(Q.channel, code=code)
        if row is None:  # not remembered: strangers may ask for endless names
            return None
        known[code] = _channel(tx, row, key)
    return known[code]


def read_body(text: str) -> Body:
    return _body_in(text)


def _channel(tx: Tx, row: Row, key: AESGCM) -> Channel:
    body = _body_in(row["body"])
    try:
        mapping = read_mapping(body.mapping) if body.mapping else None
    except Invalid:  # stored by an older version that knew other rules: its messages wait as dead, not lost
        mapping = None
    return Channel(
        row["code"], row["label"], row["scheme"], body, mapping, open_secrets(tx, row["code"], key),
        bool(row["enabled"]), row["owner"],
    )  # fmt: skip


def open_secrets(tx: Tx, code: str, key: AESGCM) -> dict[str, str]:
    found = {}
    for row in tx.all(Q.secrets, channel=code):
        text = sealing.unseal(key, f"{code}/{row['name']}", row["sealed"])
        if text is not None:
            found[row["name"]] = text
    return found


class _Wanted(NamedTuple):
    """A channel as it is to be: what was given, over what stands."""

    label: str
    scheme: str
    body: Body
    enabled: bool
    owner: str


def save(tx: Tx, code: str, given: ChannelIn, key: AESGCM, actor: Actor, now: int) -> None:
    """New, or changed; refuses a name that is taken, an unknown scheme, a bad mapping, and being enabled without its secrets."""
    _is_newest(tx, code, given, now)
    wanted = _wanted(tx, code, given)
    _speaks_of(tx, code, given)
    scheme = SCHEMES.get(wanted.scheme)
    if scheme is None:
        names = ", ".join(SCHEMES)
        raise Invalid([WrongField("$.scheme", Why(f"只能是：{names}。", f"One of: {names}."))])
    if wanted.body.mapping:
        read_mapping(wanted.body.mapping)
    told = _save_secrets(tx, code, scheme, given, key, now)
    secrets = open_secrets(tx, code, key)
    missing = scheme.missing(secrets)
    if wanted.enabled and missing:
        raise Refused("secrets_missing", names=", ".join(missing))
    wrong = scheme.check(secrets)
    if wrong and (wanted.enabled or told):
        raise Invalid(wrong)
    body = _body_out(wanted.body).decode()
    tx.run(
        Q.save_channel,
        code=code, label=wanted.label, scheme=wanted.scheme, body=body,
        enabled=int(wanted.enabled), owner=wanted.owner, at=now,
    )  # fmt: skip
    version = _keep_version(tx, code, body, actor, now)
    tx.forget()
    entry = {
        "channel": code, "scheme": wanted.scheme, "enabled": wanted.enabled, "version": version,
        "secrets": sorted(told),
    }  # fmt: skip
    journal.record(tx, "system", "channel.saved", entry, actor, now)


def _is_newest(tx: Tx, code: str, given: ChannelIn, now: int) -> None:
    """Refuses `changed_meanwhile` where somebody has saved another mapping since `replaces` was read."""
    last = tx.one(Q.last_version, channel=code)
    if last is not None and given.replaces is not UNSET and given.replaces != last["version"]:
        minutes = (now - last["at"]) // 60_000
        raise Refused("changed_meanwhile", who=last["who"] or "-", version=last["version"], minutes=minutes)


def _speaks_of(tx: Tx, code: str, given: ChannelIn) -> None:
    """`for` names another channel, `owner`, where it changes, a person who is there. A channel that is still to come may be
    named: which of two is set up first is nobody's rule."""
    wrong = []
    if given.of == code:
        wrong.append(WrongField("$.for", Why("写别的渠道，不是自己。", "Another channel, not itself.")))
    row, owner = tx.one(Q.channel, code=code), given.owner
    is_new = isinstance(owner, str) and owner and owner != (row and row["owner"])
    if is_new and people.user(tx, str(owner)) is None:
        wrong.append(WrongField("$.owner", Why("没有这个人。", "There is no such person.")))
    if wrong:
        raise Invalid(wrong)


def strays(tx: Tx) -> dict[str, str]:
    """Channels that are on and speak of another's orders (`for`), which nobody knows: what they bring waits."""
    named = {row["code"]: _body_in(row["body"]).of for row in tx.all(Q.channels_all) if row["enabled"]}
    return {code: of for code, of in named.items() if of and not _is_source(tx, of)}


def _is_source(tx: Tx, code: str) -> bool:
    """A channel that is set up, or one whose orders came over the API."""
    return tx.one(Q.channel, code=code) is not None or tx.one(Q.has_orders, channel=code) is not None


def _keep_version(tx: Tx, code: str, body: str, actor: Actor, now: int) -> int:
    """The number of the version that holds; a new one only where something differs."""
    last = tx.one(Q.last_version, channel=code)
    if last is not None and last["body"] == body:
        return int(last["version"])
    version = 1 if last is None else int(last["version"]) + 1
    tx.run(Q.keep_version, channel=code, version=version, body=body, who=actor.name, at=now)
    return version


def _wanted(tx: Tx, code: str, given: ChannelIn) -> _Wanted:
    row = tx.one(Q.channel, code=code)
    if row is None and code in TAKEN:
        why = Why("这个名字页面自己要用，换一个。", "The pages use this name themselves; choose another.")
        raise Invalid([WrongField("path.code", why)])
    lacks = [name for name in ("label", "scheme") if row is None and getattr(given, name) is UNSET]
    if lacks:
        raise Invalid(
            [WrongField(f"$.{n}", Why(f"新渠道要有 {n}。", f"A new channel needs {n}.")) for n in lacks]
        )
    body = Body({}, []) if row is None else _body_in(row["body"])
    scheme = SCHEMES.get(given.scheme) if isinstance(given.scheme, str) else None
    if row is None and scheme is not None:
        body = Body(scheme.mapping, [])

    def chosen(value: Any, before: Any) -> Any:
        return before if value is UNSET else value

    return _Wanted(
        chosen(given.label, row and row["label"]),
        chosen(given.scheme, row and row["scheme"]),
        Body(
            chosen(given.mapping, body.mapping),
            chosen(given.keywords, body.keywords),
            chosen(given.of, body.of),
        ),
        chosen(given.enabled, bool(row and row["enabled"])),
        chosen(given.owner, row["owner"] if row else ""),
    )


def _save_secrets(tx: Tx, code: str, scheme: Scheme, given: ChannelIn, key: AESGCM, now: int) -> list[str]:
    """A scheme's own names only: what another scheme left goes, its places in GET's form are passed over. Returns the
    names that were given."""
    names = {secret.name: secret for secret in scheme.secrets}
    for row in tx.all(Q.secrets, channel=code):
        if row["name"] not in names:
            tx.run(Q.drop_secret, channel=code, name=row["name"])
    told = []
    for name, value in given.secrets.items():
        if is_shown(value):
            continue
        if name not in names:
            raise _no_such_secret(name, scheme)
        text = _secret_text(names[name], value)
        if not text:  # an empty text would be shown as set
            tx.run(Q.drop_secret, channel=code, name=name)
            continue
        told.append(name)
        sealed = sealing.seal(key, f"{code}/{name}", text)
        tx.run(Q.save_secret, channel=code, name=name, sealed=sealed, at=now)
    return told


def _no_such_secret(name: str, scheme: Scheme) -> Invalid:
    told = ", ".join(sorted(secret.name for secret in scheme.secrets))
    why = Why(
        f"{scheme.name} 没有这个密钥，只有：{told}。",
        f"{scheme.name} has no such secret; it has: {told}.",
    )
    return Invalid([WrongField(f"$.secrets.{name}", why)])


def _secret_text(secret: Secret, value: SecretIn) -> str:
    """As it is kept: a map as JSON, a list with commas."""
    text = ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict) and secret.form == "map":
        text = (
            _body_out({k: v for k, v in value.items() if isinstance(v, str) and v}).decode() if value else ""
        )
    elif isinstance(value, list) and secret.form == "list":
        text = ", ".join(value)
    elif value is not None:
        raise Invalid([WrongField(f"$.secrets.{secret.name}", Why("这里要写文字。", "This is a text."))])
    if len(text) > LONGEST[secret.form]:
        raise Invalid([WrongField(f"$.secrets.{secret.name}", Why("太长。", "Too long."))])
    return text


def shown(tx: Tx, code: str, show_at: Any) -> dict[str, Any]:
    """As GET gives it and PUT takes it back; refuses `no_such_channel`."""
    row = tx.one(Q.channel, code=code)
    if row is None:
        raise Refused("no_such_channel")
    body = _body_in(row["body"])
    found: dict[str, Any] = {
        "code": row["code"],
        "label": row["label"],
        "scheme": row["scheme"],
        "secrets": {
            one["name"]: {"set": True, "at": show_at(one["at"])} for one in tx.all(Q.secrets, channel=code)
        },
        "mapping": body.mapping,
        "keywords": body.keywords,
        "enabled": bool(row["enabled"]),
        "owner": row["owner"],
        "path": f"/in/{row['code']}",
        "version": tx.must(Q.last_version, channel=code)["version"],
    }
    if body.of is not None:
        found["for"] = body.of
    return found
