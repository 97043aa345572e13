"""A real server on loopback, in a thread of the test's process: sockets, parser and event loop as in production.

`with serving(app) as server:` gives `server.url`; the port is free, the stop is clean, and a start that fails raises
what the server said. The app's clock stays the test's.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Server:
    """`start()` returns once the port answers; `stop()` once every thread is gone."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, loop="uvloop", http="httptools", ws="none", access_log=False,
            log_level="critical", server_header=False, proxy_headers=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        self._server = _Told(config)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._error: BaseException | None = None

    def _run(self) -> None:
        try:
            self._server.run()
        except BaseException as error:
            self._error = error
        finally:
            self._server.is_up.set()

    def start(self) -> "Server":
        self._thread.start()
        if not self._server.is_up.wait(20) or not self._server.started:
            raise RuntimeError("the server did not start") from self._error
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        if self._thread.is_alive():
            raise RuntimeError("the server did not stop")

    @property
    def port(self) -> int:
        found: int = self._server.servers[0].sockets[0].getsockname()[1]
        return found

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Told(uvicorn.Server):
    """Says when it listens, so that nobody sleeps."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@contextmanager
def serving(app: Any) -> Iterator[Server]:
    server = Server(app)
    try:
        yield server.start()
    finally:
        server.stop()
