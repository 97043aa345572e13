"""A platform's end over real HTTP on loopback: it keeps what it was posted, and answers what it is told to."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from api.robots.model import Robot

KEY = "SECRET-KEY-OF-THE-CHAT"
OK = b'{"errcode":0,"errmsg":"ok"}'


class How(NamedTuple):
    """One answer. Without `answer` it is lost, and the message is taken all the same."""

    status: int = 200
    answer: bytes | None = OK
    after_s: float = 0.0


class Chat:
    """`posts`: all that came; `taken`: the bodies that people see there. `how` is asked for each answer."""

    def __init__(self, how: Callable[[], How] | None = None) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.taken: list[bytes] = []
        self.now = How()
        self.held = threading.Event()
        self.held.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                outer.held.wait(10)
                status, answer, after = how() if how else outer.now
                if answer is None or (status, answer) == (200, OK):
                    outer.taken.append(body)
                time.sleep(after)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("location", f"http://127.0.0.1:{outer.port}/elsewhere")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        vars(self._server)["handle_error"] = lambda *_: None  # who asked has been killed meanwhile
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def robot(self, kind: str = "wecom", secret: str = "") -> Robot:
        return Robot(kind, f"http://127.0.0.1:{self.port}/cgi-bin/webhook/send?key={KEY}", secret)

    def texts(self) -> list[str]:
        return [json.loads(body)["text"]["content"] for _, _, body in self.posts]

    def stop(self) -> None:
        self.held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
