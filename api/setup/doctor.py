"""What would bite, found before it does: `huodaona doctor`.

`CHECKS` are the functions that look; `troubles.FINDINGS` is what they can find. A check reads and never mends; one
that cannot look (a missing file, a fault of its own) says so as a finding rather than stopping the others.
"""

import ipaddress
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from api.channels import store as channels
from api.channels.schemes import SCHEMES
from api.db import migrate
from api.db.database import Database
from api.db.steps import may_serve
from api.db.tx import Q as Db
from api.db.tx import Tx
from api.journal import chain, checkpoint
from api.journal.service import Q as J
from api.kernel import time as times
from api.kernel.time import DAY, MINUTE
from api.orders import auditing, workdays
from api.outbound import guard
from api.outbound.guard import Allowed
from api.promise.dates import spot
from api.promise.days import LAST_YEAR
from api.settings import Settings, unknown
from api.setup.loading import Q
from api.setup.troubles import Finding, found
from api.stock import service as stock
from api.wms import store as wms
from api.wms.store import Q as W
from qr import codes, font

LATEST_ENTRIES = 1_000
LATE_CALL = 10 * MINUTE
MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.s3fs"}
)
# How long before its first day a year's holidays should be known.
SOON = 30 * DAY
MOST_NAMED = 20
LONG_LOG = 256 * 1024 * 1024
# What stands in a table's answer as a number, and what its absence is called.
LACKING = {
    "priced": ("有价格的商品", "goods with a price"),
    "bins": ("库位", "bins"),
    "lying": ("库存", "stock"),
    "customers": ("客户", "customers"),
    "sellers": ("业务员", "salespeople"),
    "pickers": ("拣货员", "pickers"),
}
TOO_FULL, NEARLY_FULL = 200 * 1024 * 1024, 1024 * 1024 * 1024


class Case(NamedTuple):
    settings: Settings
    db: Database
    now: int
    environ: Mapping[str, str]


def public_url(case: Case) -> Iterator[Finding]:
    """Who comes over a proxy, and with what."""
    url = case.settings.public_url
    try:
        codes.address(url, "LA0103V")
    except codes.LabelError:
        yield found("D019", url=url)
    if is_loopback(url):
        if not _is_demo(case):
            yield found("D002", url=url)
        return
    if urlsplit(url).scheme != "https":
        yield found("D001", url=url)
    if _is_demo(case):
        yield found("D011", url=url)
    if not case.settings.trusted_proxies:
        yield found("D012")
    if case.settings.checkpoints.resolve().is_relative_to(case.settings.data.resolve()):
        yield found("D014")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_demo(case: Case) -> bool:
    return case.db.reader.now(lambda tx: tx.value(Db.fact, name="demo")) is not None


def secret_file(case: Case) -> Iterator[Finding]:
    file = case.settings.data / "secret"
    if file.exists():
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield found("D003", file=file, mode=f"{mode:04o}")


def clock(case: Case) -> Iterator[Finding]:
    newest = case.db.reader.now(lambda tx: tx.one(Q.newest_entry))
    if newest is not None and case.now < newest["at"] - MINUTE:
        tz = case.settings.timezone
        yield found("D004", at=times.text(newest["at"], tz), now=times.text(case.now, tz))


def disk(case: Case) -> Iterator[Finding]:
    if not case.db.is_file:
        return  # the server's disk is not seen from here
    free, size = shutil.disk_usage(case.db.folder).free, case.db.path.stat().st_size
    told = {"free": free >> 20, "size": size >> 20}
    if free < TOO_FULL:
        yield found("D005", **told)
    elif free < max(NEARLY_FULL, 2 * size):
        yield found("D006", **told)


def log_file(case: Case) -> Iterator[Finding]:
    """It is cut back to 64 MB each time it has been folded in; what reads for hours keeps that from happening."""
    log = case.db.path.with_name(f"{case.db.path.name}-wal")
    if log.exists() and log.stat().st_size > LONG_LOG:
        yield found("D021", size=log.stat().st_size >> 20)


def pages(case: Case) -> Iterator[Finding]:
    if not case.db.is_file:
        return
    for row in case.db.reader.now(lambda tx: tx.connection.execute("PRAGMA quick_check(1)").fetchall()):
        if row[0] != "ok":
            yield found("D022", fault=str(row[0]).replace("\n", "; "))


def network_disk(case: Case) -> Iterator[Finding]:
    """WAL shares memory between processes, which no network disk does."""
    if not MOUNTS.exists() or not case.db.is_file:
        return
    at = case.settings.data.resolve()
    best, kind = Path("/"), ""
    for line in MOUNTS.read_text("utf-8", "replace").splitlines():
        _, place, name, *_ = [*line.split(), "", "", ""]
        mount = Path(place.replace("\\040", " "))
        if place and at.is_relative_to(mount) and len(mount.parts) >= len(best.parts):
            best, kind = mount, name
    if kind in NETWORK:
        yield found("D020", kind=kind)


def folders(case: Case) -> Iterator[Finding]:
    """By writing: rights alone do not tell of a read-only disk, and root passes every check of rights."""
    for folder in dict.fromkeys((case.settings.data, case.settings.checkpoints)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"1")
        except OSError as error:
            yield found("D007", folder=folder, error=error.strerror or error)


def replica(case: Case) -> Iterator[Finding]:
    fault = case.db.replica.fault() if case.db.replica is not None else ""
    if fault:
        yield found("D023", fault=fault)


def schema(case: Case) -> Iterator[Finding]:
    known, wanted = migrate.steps(), case.db.engine.program
    at, oldest = case.db.reader.now(
        lambda tx: (case.db.engine.version(tx.connection), tx.must(Db.changes)["oldest"])
    )
    if at != wanted:
        yield found("D024" if may_serve(at, oldest, known) else "D008", found=at, wanted=wanted)


def stock_sums(case: Case) -> Iterator[Finding]:
    for place in case.db.reader.now(stock.drift):
        yield found("D009", place=place)
    for hold in case.db.reader.now(auditing.leaks):
        yield found("D028", hold=hold)
    expired = case.db.reader.now(lambda tx: stock.expired(tx, case.now))
    if expired:
        more = ", …" if len(expired) > MOST_NAMED else ""
        yield found("D032", skus=", ".join(expired[:MOST_NAMED]) + more)


def beginnings(case: Case) -> Iterator[Finding]:
    """What a company needs before its first order, as long as it has none."""
    row = case.db.reader.now(lambda tx: tx.must(Q.beginnings))
    if row["orders"]:
        return
    lacks = [words for name, words in LACKING.items() if not row[name]]
    if lacks:
        yield found("D031", zh="、".join(zh for zh, _ in lacks), en=", ".join(en for _, en in lacks))


def letters(_: Case) -> Iterator[Finding]:
    lost = "".join(sorted(font.missing("货到哪库位")))
    if lost:
        yield found("D010", error=lost)


def journal(case: Case) -> Iterator[Finding]:
    """Quick: the newest entries, the counts and the newest checkpoint; `verify` reads all of it."""
    fault = case.db.reader.now(
        lambda tx: (
            ", ".join(case.db.engine.unguarded(tx.connection))
            or _journal_fault(tx, case.settings.secret)
            or _outlived(tx, case.settings.checkpoints)
        )
    )
    if fault:
        yield found("D013", fault=fault)


def _journal_fault(tx: Tx, secret: bytes) -> str:
    size, counted = tx.must(Q.chained_entries)
    if size != counted:
        return f"{size} entries, the chains count {counted}"
    for row in tx.all(Q.newest_entries, count=LATEST_ENTRIES):
        entry = chain.Entry(*row[:8])
        fault = chain.check_entry(entry, entry.seq, chain.START if entry.seq == 1 else row["before"] or b"")
        if fault is not None:
            return str(fault)
    last = tx.one(J.last_checkpoint)
    if last is None:
        return ""
    point, key = checkpoint.read(last["text"]), checkpoint.signing_key(secret)
    if not checkpoint.is_genuine(point) or point.key != key.public_key().public_bytes_raw():
        return f"checkpoint {point.size}: its signature is not ours"
    return f"checkpoint {point.size} saw more entries than the {size} here" if point.size > size else ""


def _outlived(tx: Tx, folder: Path) -> str:
    """Has this life's newest checkpoint outside seen more than there is? A log that was torn loses its end in silence."""
    seen = [int(one.name.partition("-")[0]) for one in folder.glob(f"*-{tx.value(J.life)}.txt")]
    size = tx.must(Q.chained_entries)["entries"]
    return (
        f"checkpoint {max(seen)} saw more entries than the {size} here" if seen and max(seen) > size else ""
    )


def channel_secrets(case: Case) -> Iterator[Finding]:
    key = channels.sealing_key(case.settings.secret)

    def work(tx: Tx) -> dict[str, list[str]]:
        lost = {}
        for row in tx.all(channels.Q.channels_all):
            code = row["code"]
            opened = channels.open_secrets(tx, code, key)
            lost[code] = [
                one["name"] for one in tx.all(channels.Q.secrets, channel=code) if one["name"] not in opened
            ]
            if row["enabled"] and not lost[code]:
                lost[code] = SCHEMES[row["scheme"]].missing(opened)
        return {code: names for code, names in lost.items() if names}

    for code, names in case.db.reader.now(work).items():
        yield found("D015", channel=code, names=", ".join(names))


def outside_warehouses(case: Case) -> Iterator[Finding]:
    """Warehouses that a WMS keeps: is it left alone, do calls stick, does its key go over the open net?"""
    late = case.now - LATE_CALL
    rows = case.db.reader.now(lambda tx: (tx.all(W.houses), tx.all(W.counts)))
    for row in rows[0]:
        code, state = row["warehouse"], wms.state_of(row)
        mine = [one for one in rows[1] if one["warehouse"] == code]
        stuck = sum(one["n"] for one in mine if one["state"] == "stuck")
        is_late = any(one["state"] == "waiting" and one["oldest"] < late for one in mine)
        if row["enabled"] and (state.breaker.state == "open" or stuck or is_late):
            waiting = sum(one["n"] for one in mine if one["state"] == "waiting")
            yield found("D029", warehouse=code, waiting=waiting, stuck=stuck, why=state.breaker.why or "-")
        host = wms.plain_host(row["body"])
        if host and not _is_inside(host, case.settings.private_outbound):
            yield found("D030", warehouse=code, host=host)


def _is_inside(host: str, allowed: Allowed) -> bool:
    """Without asking anybody for the name: what the operator has named, or an address that is no public one."""
    try:
        return not guard.is_public(ipaddress.ip_address(host))
    except ValueError:
        return host in allowed.names or is_loopback(f"http://{host}")


def channel_names(case: Case) -> Iterator[Finding]:
    for code, of in case.db.reader.now(channels.strays).items():
        yield found("D025", channel=code, of=of)


def calendar(case: Case) -> Iterator[Finding]:
    """Soon enough to enter the days by hand; who has entered some knows."""
    year = times.local(case.now + SOON, case.settings.timezone).year
    said = case.db.reader.now(workdays.known).said
    if year > LAST_YEAR and not any(day.startswith(f"{year}-") for day in said):
        yield found("D026", year=year)


def places(case: Case) -> Iterator[Finding]:
    houses = case.db.reader.now(stock.warehouses)
    lost = [one.code for one in houses if spot(one.adcode, one.lng_e6, one.lat_e6).lng_e6 is None]
    if lost:
        yield found("D027", names=", ".join(lost))


def dead_messages(case: Case) -> Iterator[Finding]:
    count = case.db.reader.now(lambda tx: tx.value(Q.dead_messages))
    if count:
        yield found("D016", count=count)


def names(case: Case) -> Iterator[Finding]:
    for name in unknown(case.environ):
        yield found("D017", name=name)


CHECKS: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "public address": public_url,
    "secret": secret_file,
    "clock": clock,
    "disk": disk,
    "log file": log_file,
    "pages": pages,
    "folders": folders,
    "network disk": network_disk,
    "schema": schema,
    "replica": replica,
    "stock": stock_sums,
    "beginnings": beginnings,
    "letters": letters,
    "journal": journal,
    "channel secrets": channel_secrets,
    "channel names": channel_names,
    "inbox": dead_messages,
    "outside warehouses": outside_warehouses,
    "calendar": calendar,
    "places": places,
    "settings": names,
}


def findings(
    settings: Settings, db: Database, now: int | None = None, environ: Mapping[str, str] | None = None
) -> list[Finding]:
    """Everything that is found, what is wrong before what only warns."""
    case = Case(
        settings, db, times.wall_clock() if now is None else now, os.environ if environ is None else environ
    )
    told: list[Finding] = []
    for name, check in CHECKS.items():
        try:
            told += check(case)
        except Exception as error:  # a doctor that falls over helps nobody
            told.append(found("D018", check=name, error=f"{type(error).__name__}: {error}"))
    return sorted(told, key=lambda one: (one.level != "wrong", one.id))
