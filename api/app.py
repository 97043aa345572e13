"""The one place where everything is wired: settings in, an ASGI application out.

Routes are listed by hand, in floor order. Tests and benches pass their own clock.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import OpenAPIMediaType
from litestar.openapi import OpenAPIConfig

from api.board import routes as board
from api.board.feed import Feed
from api.channels import desk, gate, sheets
from api.channels import routes as channels
from api.db.database import Database
from api.db.siblings import LIVES, PEOPLE, Siblings
from api.inventory import days, floor_routes, pictures, substitutes, uploads
from api.inventory import routes as inventory
from api.kernel.actor import Actor
from api.kernel.log import thread
from api.kernel.time import Clock, wall_clock
from api.labels import routes as labels
from api.orders import drafting, promises
from api.orders import routes as orders
from api.people import routes as people
from api.people.guards import Sessions, actor_of
from api.picking import routes as picking
from api.settings import Settings, load
from api.shell import assets
from api.shell import routes as shell
from api.shell.openapi import TrueDocument
from api.tracking import routes as tracking
from api.versions import routes as versions
from api.web import edge
from api.web.head import Head
from api.web.hub import Hub
from api.web.outer import Outer
from api.wms import routes as wms
from api.worker import Worker

HANDLERS = [
    *board.HANDLERS,
    *channels.HANDLERS,
    *desk.HANDLERS,
    *sheets.HANDLERS,
    *picking.HANDLERS,
    *inventory.HANDLERS,
    *floor_routes.HANDLERS,
    *days.HANDLERS,
    *pictures.HANDLERS,
    *substitutes.HANDLERS,
    *uploads.HANDLERS,
    *wms.HANDLERS,
    *labels.HANDLERS,
    *tracking.HANDLERS,
    *versions.HANDLERS,
    *shell.HANDLERS,
    *orders.HANDLERS,
    *drafting.HANDLERS,
    *promises.HANDLERS,
    *people.HANDLERS,
]
LANES = {**orders.FAST, **picking.FAST, **channels.FAST}


def _hub(settings: Settings, db: Database, clock: Clock, files: str) -> Hub:
    hub = Hub(
        db=db,
        clock=clock,
        secret=settings.secret,
        timezone=settings.timezone,
        public_url=settings.public_url,
        sla_ms=settings.sla_ms,
        link_ms=settings.link_ms,
        promise_ms=settings.promise_ms,
        body_limit=settings.body_limit,
        trusted_proxies=settings.trusted_proxies,
        files=files,
        private=settings.private_outbound,
    )
    hub.arrived = gate.arrivals(hub)
    return hub


def _life(
    db: Database, worker: Worker, feed: Feed, build: assets.Build, with_worker: bool
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """From the first request to the last: a process of several signs nothing then, its parent does. What the first
    request need not wait for is done beside it."""

    def beside() -> None:
        if db.siblings.is_alone:
            worker.checkpoint()
        build.make_ready()

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        begun = thread(beside, "begun")
        begun.start()
        if with_worker:
            worker.start()
        feed.start()
        db.hear()
        db.siblings.add(LIVES)
        yield
        await feed.stop()
        begun.join()
        worker.stop()
        if db.siblings.is_alone:
            worker.checkpoint()
        db.stop()

    return life


def loops(settings: Settings, db: Database, clock: Clock) -> Worker:
    """The worker that these settings ask for, not yet started."""
    return Worker(
        db,
        clock,
        settings.secret,
        settings.checkpoints,
        settings.timezone,
        settings.robots,
        settings.inbox_ms,
        settings.ask_ms,
        settings.private_outbound,
    )


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = wall_clock,
    with_worker: bool = True,
    pwa: Path = assets.ROOT,
    build: assets.Build | None = None,
    siblings: Siblings | None = None,
    db: Database | None = None,
) -> Outer:
    """Opens (and migrates) the database; its threads stop with the application. Without settings: the
    environment's, for servers that take a factory. `pwa` is the folder of the app's files, `build` those files where
    they are read already, `db` its database where it is open. With `siblings` it is one process of several, whose parent
    signs at start and stop."""
    settings = settings or load()
    build = build or assets.read_build(pwa, offline=settings.shell_offline)
    db = db or Database(
        settings.data, siblings, settings.database_url, settings.owner_url, settings.replica_url
    )
    hub = _hub(settings, db, clock, build.base)
    sessions = Sessions(lambda: db.siblings.total(PEOPLE))
    worker = loops(settings, db, clock)
    feed = Feed(hub)
    db.listeners.append(worker.heard)
    app = Outer(
        route_handlers=HANDLERS,
        dependencies={
            "hub": Provide(edge.provide_hub),
            "head": Provide(edge.provide_head),
            "actor": Provide(people.provide_actor),
        },
        exception_handlers={Exception: edge.refused},
        lifespan=[_life(db, worker, feed, build, with_worker)],
        state=State({"hub": hub, "sessions": sessions, "build": build, "worker": worker, "board": feed}),
        openapi_config=OpenAPIConfig(
            title="货到哪 Huodaona",
            version="0.1.0",
            path="/openapi",
            render_plugins=[TrueDocument(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)],
        ),
        request_max_body_size=settings.body_limit,
        debug=False,
        logging_config=None,
    )

    async def who(head: Head) -> Actor:
        return await actor_of(head, hub, sessions)

    app.open_lanes(LANES, who)
    return app
