"""Settings, read from the environment once (`HUODAONA_*`, secrets also as `…_FILE`). Only the edges that wire
(app, worker, cli) see them; everybody else is handed values.

`TABLE` is the registry: docs/settings.md is checked against it. An unknown or ill-formed value stops the start
with the setting's name and what it takes, rather than being guessed at.
"""

import contextlib
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from api.kernel import companies
from api.kernel.companies import Company
from api.outbound import guard
from api.outbound.guard import PUBLIC_ONLY, Allowed
from api.robots import kinds
from api.robots.model import Robot

PREFIX = "HUODAONA_"
# A century: beyond it lie days that no calendar names.
LONGEST_DAYS = 36_500


class Setting(NamedTuple):
    default: str
    meaning: str


TABLE: dict[str, Setting] = {
    "DATA": Setting("./data", "the data folder; holds the database, the secret and the checkpoints"),
    "DATABASE_URL": Setting(
        "", "empty: SQLite in DATA; else postgresql://USER:PASSWORD@HOST/DATABASE?schema=COMPANY"
    ),
    "DATABASE_OWNER_URL": Setting("", "the same for the role that owns the tables; empty: DATABASE_URL's"),
    "REPLICA_URL": Setting("", "a standby of DATABASE_URL's server, for lists: postgresql://…; empty: none"),
    "COMPANIES": Setting(
        "", "many companies from one set of nodes: NAME=HOST, more hosts with +, companies parted by commas"
    ),
    "COMPANY": Setting("", "which one of COMPANIES a command is about, as --company"),
    "SECRET": Setting("", "at least 32 characters; empty: made once into DATA/secret, mode 0600"),
    "PUBLIC_URL": Setting("", "the address that customers and labels see; empty: http://127.0.0.1:PORT"),
    "TIMEZONE": Setting("Asia/Shanghai", "an IANA zone; order numbers and working days follow it"),
    "TRUSTED_PROXIES": Setting("", "comma-separated networks whose X-Forwarded-For is believed"),
    "CHECKPOINTS": Setting("", "folder for signed checkpoints; empty: DATA/checkpoints"),
    "ROBOTS": Setting(
        "", "chats that keep the checkpoints: KIND ADDRESS [SECRET], several parted by ; (holds credentials)"
    ),
    "SLA_MINUTES": Setting("120", "minutes without a move, from paid to packed, until an order is stalled"),
    "BODY_LIMIT": Setting(
        "1048576", "bytes of a request's body (uploads and pushes have limits of their own)"
    ),
    "LINK_DAYS": Setting("180", "days that a customer's tracking link opens"),
    "PROMISE_HOURS": Setting("24", "hours that a promise keeps its pieces for who has not paid"),
    "INBOX_DAYS": Setting(
        "180", "days that a channel's raw message is kept once it is understood; what waits or is dead stays"
    ),
    "ASK_MINUTES": Setting(
        "10",
        "minutes that an order may be unpaid until its platform is asked; needs the channel's secrets for that",
    ),
    "PRIVATE_OUTBOUND": Setting(
        "",
        "private places that the hub may send requests to (a WMS in the house): hosts and networks, parted by commas",
    ),
    "SHELL_OFFLINE": Setting(
        "on", "on; off takes the service worker back from every device: the app opens with the server only"
    ),
}


# Where a company's database is; with COMPANIES each names the company's own schema.
URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL")


class Settings(msgspec.Struct, frozen=True):
    data: Path
    secret: bytes
    public_url: str
    timezone: str
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    checkpoints: Path
    robots: tuple[Robot, ...]
    sla_ms: int
    body_limit: int
    link_ms: int
    inbox_ms: int
    ask_ms: int
    shell_offline: bool
    private_outbound: Allowed = PUBLIC_ONLY
    promise_ms: int = 24 * 3_600_000
    database_url: str = ""
    owner_url: str = ""
    replica_url: str = ""


class BadSetting(ValueError):
    """Names the setting and what it takes."""


def load(
    environ: Mapping[str, str] | None = None, data: Path | None = None, port: int = 8000, company: str = ""
) -> Settings:
    """From the environment; `data`, `port` and `company` are the command line's words, which win."""
    given = texts(environ, data, company)
    folder = Path(given["DATA"])
    return Settings(
        data=folder,
        secret=_secret(given["SECRET"], folder),
        public_url=_address(given["PUBLIC_URL"] or f"http://127.0.0.1:{port}"),
        timezone=_zone(given["TIMEZONE"]),
        trusted_proxies=_networks(given["TRUSTED_PROXIES"]),
        checkpoints=Path(given["CHECKPOINTS"]) if given["CHECKPOINTS"] else folder / "checkpoints",
        robots=_robots(given["ROBOTS"]),
        sla_ms=_whole("SLA_MINUTES", given["SLA_MINUTES"]) * 60_000,
        body_limit=_whole("BODY_LIMIT", given["BODY_LIMIT"]),
        link_ms=_whole("LINK_DAYS", given["LINK_DAYS"], LONGEST_DAYS) * 86_400_000,
        inbox_ms=_whole("INBOX_DAYS", given["INBOX_DAYS"], LONGEST_DAYS) * 86_400_000,
        ask_ms=_whole("ASK_MINUTES", given["ASK_MINUTES"]) * 60_000,
        promise_ms=_whole("PROMISE_HOURS", given["PROMISE_HOURS"], 24 * LONGEST_DAYS) * 3_600_000,
        shell_offline=_switch("SHELL_OFFLINE", given["SHELL_OFFLINE"]),
        private_outbound=_private(given["PRIVATE_OUTBOUND"]),
        database_url=_database("DATABASE_URL", given["DATABASE_URL"]),
        owner_url=_database("DATABASE_OWNER_URL", given["DATABASE_OWNER_URL"]),
        replica_url=_replica(given["REPLICA_URL"], given["DATABASE_URL"]),
    )


def texts(
    environ: Mapping[str, str] | None = None, data: Path | None = None, company: str = ""
) -> dict[str, str]:
    """Each setting as text. Where COMPANIES names several, those of the one that is meant."""
    given = {name: read(name, environ) for name in TABLE}
    if data is not None:
        given["DATA"] = str(data)
    known, name = several(environ), company or given["COMPANY"]
    one = next((one for one in known if one.name == name), None)
    if one is not None:
        return given | _own(one, given)
    names = ", ".join(one.name for one in known)
    if name:
        raise BadSetting(f"{PREFIX}COMPANIES does not name {name}" + (f", only {names}" if known else ""))
    if known:
        raise BadSetting(f"{PREFIX}COMPANIES names several: say which one by --company, {names}")
    return given


def several(environ: Mapping[str, str] | None = None) -> tuple[Company, ...]:
    """Those of COMPANIES; none: the settings are one company's own."""
    try:
        return companies.read(read("COMPANIES", environ))
    except ValueError as error:
        raise BadSetting(f"{PREFIX}COMPANIES: {error}") from None


def _own(company: Company, given: Mapping[str, str]) -> dict[str, str]:
    """What a company has for itself: folder, schema, secret, address. A secret that lies in its folder (brought along
    by a restore, or made there) stays its own."""
    folder = Path(given["DATA"]) / company.name
    if given["PUBLIC_URL"]:
        raise BadSetting(f"{PREFIX}PUBLIC_URL: leave it out, with COMPANIES each has its own (https://HOST)")
    is_derived = given["SECRET"] and not (folder / "secret").exists()
    return {
        "DATA": str(folder),
        "CHECKPOINTS": str(Path(given["CHECKPOINTS"]) / company.name) if given["CHECKPOINTS"] else "",
        "PUBLIC_URL": company.address,
        **{name: _in_schema(name, given, company.name) for name in URLS},
        "SECRET": _derived(given["SECRET"], company.name) if is_derived else "",
    }


def _in_schema(name: str, given: Mapping[str, str], company: str) -> str:
    """`{company}` stands for the name: in the role's, where each company has its own, or in the database's."""
    url = given[name].replace("{company}", company)
    if re.search(r"[?&]schema=", url):
        raise BadSetting(f"{PREFIX}{name}: leave out schema=, with COMPANIES it is the company's name")
    return url and f"{url}{'&' if '?' in url else '?'}schema={company}"


def _derived(secret: str, company: str) -> str:
    """From the nodes' one secret, so that no node needs a file; nobody gets from one company's to another's."""
    _long_enough(secret)
    return hmac.digest(secret.encode(), f"huodaona company {company}".encode(), hashlib.sha256).hex()


def read(name: str, environ: Mapping[str, str] | None = None) -> str:
    """One setting's text; the `_FILE` form wins."""
    environ = os.environ if environ is None else environ
    file = environ.get(f"{PREFIX}{name}_FILE")
    if file:
        try:
            return Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{PREFIX}{name}_FILE: cannot be read ({error.strerror})") from None
    return environ.get(PREFIX + name, TABLE[name].default).strip()


def unknown(environ: Mapping[str, str] | None = None) -> list[str]:
    """Names that begin as a setting does and are none."""
    known = {f"{PREFIX}{name}{end}" for name in TABLE for end in ("", "_FILE")}
    return sorted(
        name
        for name in (os.environ if environ is None else environ)
        if name.startswith(PREFIX) and name not in known
    )


def _whole(name: str, value: str, most: int = 10**12) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) <= most:
        raise BadSetting(f"{PREFIX}{name}: a whole number from 1 to {most}, not {value!r}")
    return int(value)


def _database(name: str, value: str) -> str:
    """The fault never repeats the text: it holds a password."""
    if value and not value.startswith(("postgresql://", "postgres://")):
        raise BadSetting(f"{PREFIX}{name}: postgresql://…, or empty for SQLite in DATA")
    return value


def _replica(value: str, primary: str) -> str:
    if value and not primary:
        raise BadSetting(f"{PREFIX}REPLICA_URL: only beside {PREFIX}DATABASE_URL; SQLite has no replica")
    return _database("REPLICA_URL", value)


def _private(value: str) -> Allowed:
    try:
        return guard.read(value)
    except ValueError as error:
        raise BadSetting(f"{PREFIX}PRIVATE_OUTBOUND: {error}") from None


def _switch(name: str, value: str) -> bool:
    if value not in ("on", "off"):
        raise BadSetting(f"{PREFIX}{name}: on or off, not {value!r}")
    return value == "on"


def _address(value: str) -> str:
    """Scheme and host: a path would not survive the upper-case letters of a printed code."""
    if not re.fullmatch(r"https?://[^\s/?#@]+/*", value, re.IGNORECASE):
        raise BadSetting(f"{PREFIX}PUBLIC_URL: https://host without a path, not {value!r}")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(f"{PREFIX}TIMEZONE: an IANA zone such as Asia/Shanghai, not {value!r}") from None
    return value


def _networks(value: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise BadSetting(f"{PREFIX}TRUSTED_PROXIES: {error}") from None


def _robots(value: str) -> tuple[Robot, ...]:
    """The fault names the place, never the text: it holds credentials."""
    found: list[Robot] = []
    for n, line in enumerate(filter(str.strip, re.split(r"[;\n]", value)), 1):
        try:
            found.append(kinds.read(line))
        except ValueError as error:
            raise BadSetting(f"{PREFIX}ROBOTS: number {n} {error}") from None
    return tuple(found)


def _secret(value: str, folder: Path) -> bytes:
    if value:
        _long_enough(value)
        return value.encode()
    file, has_company = folder / "secret", any(one.stat().st_size for one in folder.glob("*.db"))
    if not file.exists():
        if has_company:  # another one would sign, seal and link anew, and say nothing
            raise BadSetting(
                f"{file} is gone, and a company lies beside it: put it back from a backup, or set {PREFIX}SECRET"
                " to what it was (a new one ends customers' links, channels' secrets and what checkpoints prove)"
            )
        _make_secret(file)
    found = file.read_text("utf-8").strip()
    if len(found) < 32:  # never go on with a guessable one
        raise BadSetting(
            f"{file}: not a secret of at least 32 characters; put the right one back from a backup"
        )
    return found.encode()


def _long_enough(secret: str) -> None:
    if len(secret) < 32:
        raise BadSetting(f"{PREFIX}SECRET: at least 32 characters")


def _make_secret(file: Path) -> None:
    """Whole or not there, also when the machine stops in between; of two that begin at once, the first one's."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".secret.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as made:
        made.write(secrets.token_urlsafe(48))
        made.flush()
        os.fsync(made.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    except OSError:  # a filesystem without links
        draft.rename(file)
    draft.unlink(missing_ok=True)
