"""Which companies one set of nodes serves, and by which host names. Pure: the text of `HUODAONA_COMPANIES` in, values out.

A company's name is a schema's on PostgreSQL and a folder's on SQLite, so it keeps to what both take. A host name is compared as
DNS does: without port, final dot or capitals, another script's letters in their ASCII form. Refused are names and hosts that
are none, and whatever stands twice.
"""

import re

import msgspec

NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,39}")
# A schema of PostgreSQL's own; what a data folder has anyway.
TAKEN = frozenset({"public", "information_schema", "checkpoints", "secret"})
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
_PORT = re.compile(r"(.*?)\.?(:[0-9]{0,5})?", re.DOTALL)


class Company(msgspec.Struct, frozen=True):
    """`hosts` as DNS compares them; `address`: where its customers find it, by the first host as it was given."""

    name: str
    hosts: tuple[str, ...]
    address: str


def read(text: str) -> tuple[Company, ...]:
    """`acme=acme.example.cn,tieli=tieli.example.cn+www.tieli.cn`, or a line `name host [host…]` each, with # comments.
    ValueError tells a person what is wrong."""
    found: dict[str, Company] = {}
    owners: dict[str, str] = {}
    lines = [line.partition("#")[0] for line in text.splitlines()]
    for entry in filter(str.strip, ",".join(lines).split(",")):
        name, *given = re.split(r"[\s=+]+", entry.strip())
        if not NAME.fullmatch(name) or name in TAKEN:
            raise ValueError(
                f"{name!r} is no company's name: small letters, digits and _, at most 40, beginning with a letter,"
                f" not with pg_, and none of {', '.join(sorted(TAKEN))}"
            )
        if name in found:
            raise ValueError(f"{name} stands there twice: give it all of its hosts at once, NAME=HOST+HOST")
        if not any(given):
            raise ValueError(f"{name} has no host name: {name}=HOST")
        hosts = tuple(_owned(one, name, owners) for one in given if one)
        found[name] = Company(name, hosts, f"https://{hosts[0]}{_port(given[0])}")
    return tuple(found.values())


def _owned(given: str, name: str, owners: dict[str, str]) -> str:
    known = host(given)
    if not known:
        raise ValueError(f"{name}: {given!r} is no host name")
    if known in owners:
        raise ValueError(f"the host {known} stands there twice: for {owners[known]} and for {name}")
    owners[known] = name
    return known


def host(given: str) -> str:
    """As DNS compares it; empty: it is no host name."""
    match = _PORT.fullmatch(given)
    plain = match[1].lower() if match else ""
    if not plain.isascii():
        try:
            plain = plain.encode("idna").decode()
        except UnicodeError:
            return ""
    return plain if _HOST.fullmatch(plain) else ""


def _port(given: str) -> str:
    match = _PORT.fullmatch(given)
    return match[2] if match and len(match[2] or "") > 1 else ""
