"""A WMS over real HTTP on loopback: a faithful ledger behind a line that misbehaves as it is told to.

`Ledger` is what it knows, kept when the server restarts: pieces, locks, names that were freed and never mean anything
again, the first answer to each key. `Wms` serves it; `fault` says what goes wrong with the next request.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "THE-KEY-OF-THE-WMS"
# before: nothing was done; after: it was done, and nobody hears of it; late: it is done once more, some requests later.
FAULTS = (
    "ok", "500_before", "500_after", "lost", "cut_before", "garbage", "huge", "redirect", "twice", "late", "status_429",
)  # fmt: skip


class Ledger:
    def __init__(self, on_hand: dict[str, int]) -> None:
        self.on_hand, self.locks = dict(on_hand), dict[str, tuple[str, int]]()
        self.freed: set[str] = set()
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}
        self.others: dict[str, int] = {}
        self.mutex = threading.RLock()

    def locked(self, sku: str) -> int:
        return sum(qty for code, qty in self.locks.values() if code == sku) + self.others.get(sku, 0)

    def available(self, sku: str) -> int:
        return self.on_hand.get(sku, 0) - self.locked(sku)

    def do(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Once a key: the same key gets the first answer again."""
        with self.mutex:
            if key not in self.answers:
                run = {"/locks": self.lock, "/releases": self.release, "/confirms": self.confirm}[path]
                found = run(body["lock"], body["sku"], body["qty"])
                assert all(self.available(sku) >= 0 for sku in self.on_hand), (path, body, self.locks)
                self.answers[key] = found
            return self.answers[key]

    def lock(self, name: str, sku: str, qty: int) -> tuple[int, dict[str, Any]]:
        if name in self.freed:
            return 200, {"lock": name, "qty": 0}
        assert name not in self.locks, f"locked twice: {name}"
        if self.available(sku) < qty:
            return 409, {"why": "库位不足", "available": max(0, self.available(sku))}
        self.locks[name] = (sku, qty)
        return 201, {"lock": name, "qty": qty}

    def release(self, name: str, sku: str, qty: int) -> tuple[int, dict[str, Any]]:
        self._take(name, qty)
        return 200, {}

    def _take(self, name: str, qty: int) -> int:
        """Out of the lock, as far as it goes."""
        if name not in self.locks:
            self.freed.add(name)
            return 0
        sku, had = self.locks.pop(name)
        if had > qty:
            self.locks[name] = (sku, had - qty)
        else:
            self.freed.add(name)
        return min(had, qty)

    def confirm(self, name: str, sku: str, qty: int) -> tuple[int, dict[str, Any]]:
        held = self._take(name, qty)
        if self.available(sku) < qty:
            self.locks |= {name: (sku, held)} if held else {}
            return 409, {"why": "没有这么多"}
        self.on_hand[sku] -= qty
        return 200, {}


class Wms:
    def __init__(self, ledger: Ledger, fault: Callable[[], str] = lambda: "ok", port: int = 0) -> None:
        self.ledger, self.fault = ledger, fault
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self._late: list[tuple[int, str, dict[str, Any], str]] = []
        self.page = 2
        self.held = threading.Event()
        self.held.set()
        self.acted = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.handle(self, b"")

            def do_POST(self) -> None:
                outer.handle(self, self.rfile.read(int(self.headers["content-length"])))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.held.set()
        self._server.shutdown()
        self._server.server_close()

    def handle(self, to: Any, raw: bytes) -> None:
        where = urlsplit(to.path)
        headers = {name.lower(): value for name, value in to.headers.items()}
        self.seen.append((to.command, to.path, headers))
        self._ripen()
        fault = self.fault()
        if headers.get("authorization") != f"Bearer {KEY}":
            self.say(to, 401, {"why": f"who is {headers.get('authorization')}"})
        elif fault in ("500_before", "cut_before"):
            self.fail(to, fault)
        elif fault == "redirect":
            self.say(to, 307, {}, {"location": "http://127.0.0.1:9/elsewhere"})
        elif fault == "status_429":
            self.say(to, 429, {"why": "slowly"})
        elif to.command == "GET":
            given = {name: values[0] for name, values in parse_qs(where.query).items()}
            self.finish(to, fault, 200, self.listed(where.path, given))
        else:
            self.act(to, fault, where.path, json.loads(raw), headers["idempotency-key"])

    def act(self, to: Any, fault: str, path: str, body: dict[str, Any], key: str) -> None:
        if fault == "late":
            self._late.append((len(self.seen) + 4, path, body, key))
            self.fail(to, "cut_before")
            return
        found = self.ledger.do(path, body, key)
        if fault == "twice":
            found = self.ledger.do(path, body, key)
        self.acted.set()
        self.held.wait(10)
        self.finish(to, fault, *found)

    def _ripen(self) -> None:
        """What a gateway kept back arrives at last, when others have overtaken it."""
        due = [one for one in self._late if one[0] <= len(self.seen)]
        self._late = [one for one in self._late if one not in due]
        for _, path, body, key in due:
            self.ledger.do(path, body, key)

    def listed(self, path: str, given: dict[str, str]) -> dict[str, Any]:
        ledger, after = self.ledger, given.get("after", "")
        with ledger.mutex:
            if path == "/stock":
                rows = {
                    sku: {"sku": sku, "on_hand": n, "available": ledger.available(sku)}
                    for sku, n in ledger.on_hand.items()
                }
            else:
                rows = {
                    name: {"lock": name, "sku": sku, "qty": qty}
                    for name, (sku, qty) in ledger.locks.items()
                    if name.startswith(given["prefix"])
                }
        names = sorted(name for name in rows if name > after)
        more = names[self.page - 1] if len(names) > self.page else None
        return {"items": [rows[name] for name in names[: self.page]], "next": more}

    def finish(self, to: Any, fault: str, status: int, body: dict[str, Any]) -> None:
        if fault in ("500_after", "lost"):
            self.fail(to, fault)
        elif fault == "garbage":
            self.raw(to, 200, b'{"items": [{]')
        elif fault == "huge":
            self.raw(to, 200, b" " * 5_000_000)
        else:
            self.say(to, status, body)

    def fail(self, to: Any, fault: str) -> None:
        if fault.startswith("500"):
            self.say(to, 500, {})
        else:
            to.close_connection = True

    def say(self, to: Any, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self.raw(to, status, json.dumps(body).encode(), headers)

    def raw(self, to: Any, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        to.send_response(status)
        for name, value in (headers or {}).items():
            to.send_header(name, value)
        to.send_header("content-length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)
