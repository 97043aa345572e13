"""Whose request is it? One ASGI application before all companies' own: it reads the host name and hands on.

The `Host` header counts, once and only once; where it names no company and a trusted proxy says by `X-Forwarded-Host`
what it was asked for, that. Nothing else of a request is looked at, and nothing of one company is known here to another.
Whoever watches the node itself asks without a company's name: `/healthz`, `/readyz`, and from this machine `/metrics`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from api.companies.tenant import Tenant
from api.kernel.companies import host
from api.kernel.errors import Refused
from api.kernel.log import WHOSE, log
from api.shell.routes import Figures, exposition, figures, must_be_ready
from api.web.answer import Answer, ok, problem
from api.web.head import Head, Networks, head_of, is_trusted
from api.web.outer import Outer, reply

# How long a start waits for companies that do not come up, and who watches for one that does not answer.
START_S = 10.0
READY_S = 2.0


class Door:
    """`apps`: those of the companies that are open."""

    def __init__(
        self, tenants: Sequence[Tenant], trusted_proxies: Networks, begun: Callable[[], None] = lambda: None
    ) -> None:
        """`begun` is called when the first request may come."""
        self.tenants, self.trusted_proxies, self._begun = tenants, trusted_proxies, begun
        self._by_host = {name: tenant for tenant in tenants for name in tenant.company.hosts}
        self._own = {"/healthz": self._alive, "/readyz": self._ready, "/metrics": self._metrics}

    @property
    def apps(self) -> list[Outer]:
        return [tenant.app for tenant in self.tenants if tenant.app is not None]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        tenant, scope = self._whose(scope)
        if tenant is not None and tenant.app is not None:
            WHOSE.set(tenant.company.name)  # for this request's own task
            await tenant.app(scope, receive, send)
            return
        head = head_of(scope, self)
        try:
            if tenant is not None:
                raise Refused("company_away", seconds=round(tenant.pause))
            answer = await self._own.get(head.path, self._nobody)(head)
        except Refused as refused:
            answer = problem(refused, head)
        await reply(send, answer)

    def _whose(self, scope: Any) -> tuple[Tenant | None, Any]:
        """Also the request as that company's app is to see it."""
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1:
            return None, scope
        tenant = self._by_host.get(host(named[0]))
        if tenant is not None or not is_trusted((scope.get("client") or ("",))[0], self):
            return tenant, scope
        asked = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
        tenant = self._by_host.get(host(asked[0].decode("latin-1"))) if len(asked) == 1 else None
        if tenant is None:
            return None, scope
        rest = [(name, value) for name, value in scope["headers"] if name != b"host"]
        return tenant, {**scope, "headers": [(b"host", asked[0]), *rest]}

    async def _live(self, receive: Any, send: Any) -> None:
        """Every company's app from its start to its end."""
        ending = asyncio.Event()
        await receive()
        lives = [
            asyncio.create_task(tenant.live(ending), name=tenant.company.name) for tenant in self.tenants
        ]
        tries = [asyncio.create_task(tenant.tried.wait()) for tenant in self.tenants]
        await asyncio.wait(tries, timeout=START_S)
        self._begun()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ending.set()
        for life in (await asyncio.wait(lives))[0]:
            if (error := life.exception()) is not None:
                log.error("company.failed", company=life.get_name(), error=repr(error))
        await send({"type": "lifespan.shutdown.complete"})

    # what the node itself answers ---------------------------------------------------------------------------

    async def _nobody(self, _: Head) -> Answer:
        raise Refused("unknown_host")

    async def _alive(self, _: Head) -> Answer:
        return ok({"ok": True})

    async def _ready(self, _: Head) -> Answer:
        """While one company can be served, the node is not to be taken away from it."""
        asked = [asyncio.create_task(must_be_ready(app.state.hub)) for app in self.apps]
        done, late = await asyncio.wait(asked, timeout=READY_S) if asked else (set(), set())
        for one in late:
            one.cancel()
        serving = sum(one.exception() is None for one in done)
        if not serving:
            raise Refused("not_ready")
        return ok({"ok": True, "companies": len(self.tenants), "serving": serving})

    async def _metrics(self, head: Head) -> Answer:
        if not head.is_loopback:
            raise Refused("unknown_host")
        told: dict[str, Figures] = {}
        for tenant in self.tenants:
            told[tenant.company.name] = {}
            if tenant.app is not None:
                try:
                    told[tenant.company.name] = await figures(tenant.app.state.hub)
                except Refused as refused:
                    log.error("metrics.failed", company=tenant.company.name, error=refused.code)
        text, media = await asyncio.to_thread(exposition, told)
        return Answer(200, text, media)
