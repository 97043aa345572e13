"""A small real company in a server's data folder: made by `huodaona init` and the API alone, no demo. What a journey
needs on the floor: three parts on three shelves, people of each role, a till with its secret."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx

from api.channels.demo import POS
from api.kernel.standard_webhooks import key_of, sign
from tests.support.company import POS_SECRET
from tests.support.server import command, serve

PASSWORD = "a long password of tests"
PARTS = (
    ("BP-1023", "前刹车片", "A-01-03", 12800),
    ("BP-1032", "后刹车片", "A-01-04", 11200),
    ("OF-2001", "机油滤清器", "A-02-01", 3600),
)
PEOPLE = (
    ("lead", "刘建国", "supervisor"),
    ("seller", "陈静", "sales"),
    ("wang", "王强", "picker"),
    ("sun", "孙磊", "picker"),
)


class Plant:
    """`plant.server` can be stopped and started again on the same port; `plant.api` is the owner's client."""

    def __init__(self, folder: Path, stock: int = 40, workers: int | None = None) -> None:
        self.folder, self._words = folder, ("--workers", str(workers)) if workers else ()
        secret = folder.parent / "password"
        secret.write_text(PASSWORD)
        command(
            "init",
            "--data",
            str(folder),
            "--owner",
            "boss",
            "--warehouse",
            "SH",
            "--password-file",
            str(secret),
        )
        self.server = serve(folder, *self._words).ready()
        self.url, self.port = self.server.url, self.server.port
        self.api = self._client("boss")
        for user, name, role in PEOPLE:
            self._put(
                f"users/{user}", {"display": name, "role": role, "password": PASSWORD, "warehouse": "SH"}
            )
        for sku, name, place, price in PARTS:
            self._put(f"skus/{sku}", {"name": name, "uom": "件", "price_fen": price})
            self._put(f"bins/{place}", {"warehouse": "SH", "sku": sku})
            move = {
                "kind": "receive",
                "warehouse": "SH",
                "sku": sku,
                "qty": stock,
                "bin": place,
                "why": "opening",
            }
            self.api.post("/api/stock/moves", json=move).raise_for_status()
        till = {
            "label": "POS",
            "scheme": "standard_webhooks",
            "secrets": {"secret": POS_SECRET},
            "mapping": POS,
        }
        self._put("channels/pos", {**till, "keywords": [], "enabled": True})

    def _client(self, user: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=20, verify=False)
        token = (
            client.post("/api/login", json={"user": user, "password": PASSWORD})
            .raise_for_status()
            .json()["token"]
        )
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.clear()
        return client

    def _put(self, path: str, body: dict[str, Any]) -> None:
        answer = self.api.put(f"/api/{path}", json=body)
        assert answer.is_success, (path, answer.text)

    def sends(self, number: str, *lines: tuple[str, int], **change: Any) -> str:
        """The till's signed webhook of a paid order; the order's number."""
        data = {
            "order_id": number,
            "pay_time": int(time.time()),
            "customer": {"name": "浦东宝诚4S店", "phone": "13800000000"},
            "address": "上海市浦东新区张江路1号",
            "remark": "请避开周一送货",
            "options": ["需加装防震泡沫"],
            "items": [{"sku": sku, "qty": qty, "price_fen": 12800} for sku, qty in lines],
            **change,
        }
        raw = json.dumps({"type": "order.paid", "data": data}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        signed = sign(key_of(POS_SECRET) or b"", f"msg_{number}", at, raw)
        head = {"webhook-id": f"msg_{number}", "webhook-timestamp": at, "webhook-signature": signed}
        answer = httpx.post(f"{self.url}/in/pos", content=raw, headers=head, timeout=20, verify=False)
        assert answer.is_success, answer.text
        found = self.api.get("/api/orders", params={"q": number}).json()["items"]
        assert len(found) == 1, found
        no: str = found[0]["order_no"]
        return no

    def order(self, no: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/api/orders/{no}").raise_for_status().json()
        return found

    def card(self, label: str = "PDA 7") -> str:
        """The one-time code of a new device's card."""
        made = (
            self.api.post("/api/devices", json={"label": label, "warehouse": "SH"}).raise_for_status().json()
        )
        code: str = made["code"]
        return code

    def stop(self) -> None:
        self.server.stop()

    def close(self) -> None:
        self.api.close()
        self.stop()

    def start(self) -> Self:
        self.server = serve(self.folder, *self._words, port=self.port).ready()
        return self

    def until(self, holds: Callable[[], bool], what: str, within: float = 30) -> None:
        """Asks again and again; who waits for a server has nothing better to wait for."""
        end = time.monotonic() + within
        while not holds():
            assert time.monotonic() < end, what
            time.sleep(0.05)
