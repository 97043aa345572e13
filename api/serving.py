"""Starting a server: one a data folder, the demo loaded first where asked, the addresses printed for a person.

With several processes the parent prepares the folder, opens the port, reads the app's files and signs at start and
stop; the processes share the rest by way of the database.
"""

import asyncio
import contextlib
import gc
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import uvicorn

from api import settings as config
from api.app import create_app
from api.companies.door import Door
from api.companies.tenant import Tenant
from api.db import storage
from api.db.database import Database, OneServer
from api.db.siblings import LIVES, Siblings
from api.db.tx import Q
from api.journal.signing import Signer
from api.kernel.actor import SYSTEM
from api.kernel.errors import Refused
from api.kernel.log import log
from api.kernel.time import wall_clock
from api.processes import Child, Family
from api.settings import Settings
from api.setup import loading, opening
from api.setup.opening import NotOpen, Where
from api.shell import assets
from api.tracking import service as tracking
from api.web.outer import Outer
from api.worker import Worker

LATE_S = 2.0  # between the end of a server's hold on its folder and that of its hold on the port


class Server(uvicorn.Server):
    """uvicorn that ends the board's streams before it waits for its connections: a stream ends by nothing else."""

    def __init__(self, app: Outer | Door, lifeline: int | None = None, **given: Any) -> None:
        """`lifeline`: when this pipe ends, the server does."""
        self._app, self._lifeline = app, lifeline
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                **given,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._lifeline is not None:
            asyncio.get_running_loop().add_reader(self._lifeline, self._orphaned)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % 10 == 0:
            for app in self._apps():
                app.state.hub.db.publish()
        return await super().on_tick(counter)

    def _apps(self) -> Sequence[Outer]:
        return self._app.apps if isinstance(self._app, Door) else (self._app,)

    def _orphaned(self) -> None:
        if self._lifeline is not None:
            asyncio.get_running_loop().remove_reader(self._lifeline)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for app in self._apps():
            await app.state.board.stop()
        closing = asyncio.create_task(self._close_late())
        try:
            await super().shutdown(sockets)
        finally:
            closing.cancel()

    async def _close_late(self) -> None:
        """A connection that was being opened when the others were told to close would be served until the time is up."""
        while True:
            for connection in list(self.server_state.connections):
                connection.shutdown()
            await asyncio.sleep(0.02)


def raise_file_limit() -> None:
    """Every board is an open connection, and the soft limit is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # as it was, then
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))


def run(settings: Settings, host: str, port: int, demo: bool, with_worker: bool, processes: int = 1) -> None:
    with _held([settings.data], host, port):
        prepare(settings, demo)
        if processes == 1:
            _alone(create_app(settings, with_worker=with_worker), host, port)
            return
        siblings, build = Siblings(processes), assets.read_build(offline=settings.shell_offline)

        def made(n: int) -> Outer:
            siblings.mine = n
            return create_app(settings, with_worker=with_worker, build=build, siblings=siblings)

        _several(made, siblings, host, port, begun=lambda: _sign(settings), ended=lambda: _sign(settings))


def run_many(everyone: list[Where], host: str, port: int, with_worker: bool, processes: int = 1) -> None:
    """Each company by its host name. One that cannot be opened is tried again and keeps no other from being served;
    settings that are nobody's stop the start."""
    companies = {one.name: one for one in config.several()}
    settings = _any_settings(everyone)
    build = assets.read_build(offline=settings.shell_offline)
    with _held([opening.folder(one) for one in everyone], host, port):
        for name, company in companies.items():
            click.echo(f"货到哪 {name} {company.address}")
        process = Siblings(processes)
        # A process that is alone makes its own at each try: its database takes them with it when it closes.
        kin = {name: Siblings(processes) for name in companies if processes > 1}

        def made(n: int) -> Door:
            for siblings in (process, *kin.values()):
                siblings.mine = n
            tenants = [
                Tenant(companies[one.company], _opener(one, kin.get(one.company), build, with_worker))
                for one in everyone
            ]
            return Door(tenants, settings.trusted_proxies, lambda: process.add(LIVES))

        if processes == 1:
            _alone(made(0), host, port)
        else:
            _several(made, process, host, port, begun=lambda: None, ended=lambda: _sign_all(everyone))


def _any_settings(everyone: list[Where]) -> Settings:
    """What all have alike, from the first whose own are whole."""
    for one in everyone[:-1]:
        with contextlib.suppress(NotOpen):
            return opening.settings(one)
    return opening.settings(everyone[-1])


def _opener(
    one: Where, siblings: Siblings | None, build: assets.Build, with_worker: bool
) -> Callable[[], Callable[[], Outer]]:
    def opened() -> Callable[[], Outer]:
        settings = opening.settings(one)
        if not opening.is_there(one):
            raise NotOpen(f"not made yet: huodaona init --company {one.company}")
        db = opening.database(settings, siblings)
        try:
            opening.must_be_at_home(db)
            opening.same_secret(db, settings.secret, may_begin=True)
        except BaseException:
            db.stop()
            raise
        return lambda: create_app(settings, with_worker=with_worker, build=build, db=db)

    return opened


@contextlib.contextmanager
def _held(folders: Sequence[Path], host: str, port: int) -> Iterator[None]:
    """The process made ready to serve; the folders and the port are ours, or a ClickException."""
    # A stop while the demo loads is a clean one too; uvicorn puts its own handler over this one meanwhile.
    signal.signal(signal.SIGTERM, _leave)
    # A writer thread that shares the interpreter with the loop wants short turns.
    sys.setswitchinterval(0.0001)
    # A group's orders live until it is told: looking for garbage among them at every 700th object finds none.
    gc.set_threshold(20_000, 20, 20)
    raise_file_limit()
    with contextlib.ExitStack() as held:
        try:
            for folder in folders:
                held.callback(OneServer(folder).release)
        except RuntimeError as error:
            raise click.ClickException(str(error)) from None
        until_free(host, port)  # said before anything is loaded or any address told
        yield


def _alone(app: Outer | Door, host: str, port: int) -> None:
    _serve(Server(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=10))


def until_free(host: str, port: int) -> None:
    """A killed server's processes let go of the folder a moment before the port. ClickException: it is taken."""
    until = time.monotonic() + LATE_S
    while True:
        try:
            return _close(_listening(host, port, 1))
        except click.ClickException:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _serve(server: Server, sockets: list[socket.socket] | None = None) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(3)


def _several(
    made: Callable[[int], Outer | Door],
    siblings: Siblings,
    host: str,
    port: int,
    *,
    begun: Callable[[], None],
    ended: Callable[[], None],
) -> None:
    """`made(n)` is what the n-th process serves; the parent does the rest."""
    count = siblings.count
    sockets = _listening(host, port, count)
    gc.collect()
    gc.freeze()  # what is here now is shared with the children, as long as nobody writes to it

    def work(child: Child) -> None:
        server = Server(made(child.n), child.lifeline, log_level="warning", timeout_graceful_shutdown=10)
        _serve(server, sockets[child.n])

    family = Family(count, work, lambda n: siblings.of(n, LIVES))
    is_well = family.run(begun=begun, stopping=lambda: _close(sockets))
    ended()
    if not is_well:
        sys.exit(3)


def _listening(host: str, port: int, count: int) -> list[list[socket.socket]]:
    """Each process's own listening sockets, all at the same addresses: the kernel deals new connections out among them.

    The parent keeps them open, so that whoever has connected to a process that dies is served by its successor.
    """
    made: list[list[socket.socket]] = [[] for _ in range(count)]
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((one[0], one[4]) for one in found):
            with _bound(family, address, is_shared=False) as probe:  # a stranger's port must not be shared
                address = probe.getsockname()
            for mine in made:
                mine.append(_bound(family, address, is_shared=True))
                mine[-1].listen(2_048)
    except OSError as error:
        _close(made)
        raise click.ClickException(f"{host}:{port}: {error.strerror}") from None
    return made


def _bound(family: int, address: Any, *, is_shared: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if is_shared:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one


def _close(made: list[list[socket.socket]]) -> None:
    for mine in made:
        for one in mine:
            one.close()


def _sign(settings: Settings) -> None:
    """The checkpoint at start and at stop; storage that refuses stops no server."""
    db = Database(settings.data, url=settings.database_url, owner=settings.owner_url)
    try:
        worker = Worker(db, wall_clock, settings.secret, settings.checkpoints)
        worker.checkpoint()
        worker.stop()
    finally:
        db.stop()


def _sign_all(everyone: list[Where]) -> None:
    for one in everyone:
        try:
            if opening.is_there(one):
                _sign(opening.settings(one))
        except storage.errors(NotOpen, Refused, RuntimeError, OSError) as error:
            log.error("checkpoint.failed", company=one.company, error=str(error))


def _leave(*_: object) -> None:
    raise SystemExit(0)


def prepare(settings: Settings, demo: bool) -> None:
    """The schema, the company's beginning, the demo where asked; the addresses for a person."""
    db = opening.database(settings)
    try:
        opening.must_be_at_home(db)
        opening.same_secret(db, settings.secret, may_begin=True)
        now = wall_clock()
        db.writer.now(lambda tx: loading.begin(tx, now))
        if demo and db.reader.now(loading.is_empty):
            count = loading.load_demo(db.writer.now, now, settings.timezone, settings.secret)
            Signer(db, settings.secret, settings.checkpoints).sign(now)
            click.echo(f"demo company loaded: {count} orders")
        _greet(settings, db)
    finally:
        db.stop()


def _greet(settings: Settings, db: Database) -> None:
    click.echo(f"货到哪 {settings.public_url}   API {settings.public_url}/docs")
    order_no = db.reader.now(
        lambda tx: tx.value(loading.Q.a_shipped_order) or tx.value(loading.Q.newest_order)
    )
    if db.reader.now(lambda tx: tx.value(Q.fact, name="demo")):
        click.echo(
            "demo logins (this machine only): owner, supervisor, sales, finance, picker; password: demo"
        )
    if db.reader.now(loading.is_empty):  # a mistyped folder or schema looks like this
        click.echo("no company is here yet: huodaona init")
    if order_no is not None:
        now = wall_clock()
        link = db.writer.now(
            lambda tx: tracking.link(tx, order_no, settings.secret, settings.link_ms, SYSTEM, now)
        )
        click.echo(f"a customer's link: {settings.public_url}/t/{link.token}")
