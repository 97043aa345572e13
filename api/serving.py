"""Starting a server: one a data folder, the demo loaded first where asked, the addresses printed for a person."""

import contextlib
import gc
import resource
import signal
import socket
import sys
from typing import Any

import click
import uvicorn

from api.app import create_app
from api.db.database import Database, OneServer
from api.journal.signing import Signer
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.settings import Settings
from api.setup import loading
from api.tracking import service as tracking
from api.web.outer import Outer


class Server(uvicorn.Server):
    """uvicorn that ends the board's streams before it waits for its connections: a stream ends by nothing else."""

    def __init__(self, app: Outer, **given: Any) -> None:
        self.app = app
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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.app.state.board.stop()
        await super().shutdown(sockets)


def raise_file_limit() -> None:
    """Every board is an open connection, and the soft limit is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # as it was, then
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))


def run(settings: Settings, host: str, port: int, demo: bool, with_worker: bool) -> None:
    # A stop while the demo loads is a clean one too; uvicorn puts its own handler over this one meanwhile.
    signal.signal(signal.SIGTERM, _leave)
    # A writer thread that shares the interpreter with the loop wants short turns.
    sys.setswitchinterval(0.0001)
    # A group's orders live until it is told: looking for garbage among them at every 700th object finds none.
    gc.set_threshold(20_000, 20, 20)
    raise_file_limit()
    try:
        lock = OneServer(settings.data)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
    try:
        _prepare(settings, demo)
        app = create_app(settings, with_worker=with_worker)
        server = Server(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=10)
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            sys.exit(3)
    finally:
        lock.release()


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _prepare(settings: Settings, demo: bool) -> None:
    try:
        db = Database(settings.data)
    except RuntimeError as error:  # of a newer program
        raise click.ClickException(str(error)) from None
    try:
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
    order_no = db.reader.now(lambda tx: tx.value(loading.Q.a_shipped_order))
    if db.reader.now(lambda tx: tx.value(loading.Q.meta, name="demo")):
        click.echo(
            "demo logins (this machine only): owner, supervisor, sales, finance, picker; password: demo"
        )
    if order_no is not None:
        now = wall_clock()
        link = db.writer.now(
            lambda tx: tracking.link(tx, order_no, settings.secret, settings.link_ms, SYSTEM, now)
        )
        click.echo(f"a customer's link: {settings.public_url}/t/{link.token}")
