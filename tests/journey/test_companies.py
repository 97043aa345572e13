"""Twenty companies in one PostgreSQL database behind one server, each with a role of its own: whatever opens one of them is
tried at another, and nothing of one is seen, changed or heard there. The same door with two folders of SQLite.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from psycopg import sql

from api import settings as config
from api.channels import store as channels
from api.channels.demo import POS
from api.channels.model import ChannelIn
from api.db.database import FILE, Database
from api.journal import checkpoint
from api.kernel.actor import SYSTEM
from api.kernel.standard_webhooks import key_of, sign
from api.kernel.time import DAY, wall_clock
from api.people import service
from tests.support.company import SECRET, draft, furnish
from tests.support.floor import Device
from tests.support.hand import of_schema
from tests.support.postgres import OWNER, server
from tests.support.senders import order_data
from tests.support.server import Server, command

pytestmark = pytest.mark.journey
COUNT = 20
NAMES = [f"c{n:02d}" for n in range(1, COUNT + 1)]
TILL = {"c01": "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAx", "c02": "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAy"}


class Tokens(NamedTuple):
    supervisor: str
    owner: str


class Node(Server):
    def __init__(self, folder: Path, environ: Mapping[str, str], *words: str) -> None:
        self.environ = environ
        super().__init__(folder, *words)


class Town:
    """`call("c01", "GET", "/api/me", token)` is a request with that company's host name."""

    def __init__(
        self,
        folder: Path,
        names: list[str],
        database: str = "",
        processes: int = 1,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self.names, self.database = names, database
        self.environ = {"HUODAONA_COMPANIES": ",".join(f"{name}={name}.example.cn" for name in names)}
        if database:
            url = f"postgresql://{{company}}@/{database}?host={server().folder}"
            self.environ["HUODAONA_DATABASE_URL"] = url
            self.environ["HUODAONA_DATABASE_OWNER_URL"] = server().url(database, OWNER)
        self.folder = folder / "town"
        self.settings = {name: self.load(name) for name in names}
        self.tokens = {name: self.found(name) for name in names}
        before()
        self.server = Node(self.folder, self.environ, "--workers", str(processes))
        self.client = httpx.Client(base_url=self.server.url, timeout=60, verify=False)

    def load(self, name: str) -> config.Settings:
        environ = {**self.environ, "HUODAONA_SECRET": SECRET.decode()}
        return config.load(environ, data=self.folder, company=name)

    def opened(self, name: str) -> Database:
        own = self.settings[name]
        return Database(own.data, url=own.database_url, owner=own.owner_url)

    def found(self, name: str) -> Tokens:
        """A company of its own, with the same people, goods and channel as all the others."""
        db, now = self.opened(name), wall_clock()

        def work(tx: Any) -> Tokens:
            furnish(tx, now, 100 if name in NAMES[:3] else 0)
            if name in TILL:
                pos = ChannelIn(
                    "POS", "standard_webhooks", POS, [], {"secret": TILL[name]}, enabled=True, owner="sales"
                )
                channels.save(tx, "pos", pos, channels.sealing_key(self.settings[name].secret), SYSTEM, now)
            return Tokens(
                *(service.open_session(tx, role, "token", now, DAY)[0] for role in ("supervisor", "owner"))
            )

        made: Tokens = db.writer.now(work)
        db.stop()
        return made

    def call(
        self, name: str, method: str, path: str, token: str | None = None, **given: Any
    ) -> httpx.Response:
        """As the company's own supervisor, where no token is given."""
        token = self.tokens[name].supervisor if token is None else token
        headers = {"Host": f"{name}.example.cn", **given.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.request(method, path, headers=headers, **given)

    def place(self, name: str, **change: Any) -> Any:
        marked = draft(customer={"name": f"客户{name}", "phone": "13800000000"}, **change)
        answer = self.call(name, "POST", "/api/orders", json=marked)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def orders(self, name: str) -> list[Any]:
        found: list[Any] = self.call(name, "GET", "/api/orders?limit=200").json()["items"]
        return found

    def device(self, name: str) -> Device:
        def post(path: str, body: Any) -> httpx.Response:
            return self.call(name, "POST", path, json=body)

        client = SimpleNamespace(post=lambda path, **given: self.call(name, "POST", path, "", **given))
        return Device(SimpleNamespace(client=client, supervisor=SimpleNamespace(post=post)))

    def raw(self, *lines: str) -> tuple[int, Any]:
        """A request written by hand: its status and its body."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as line:
            line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
            told = b"".join(iter(lambda: line.recv(65_536), b""))
        head, _, body = told.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def close(self) -> None:
        self.client.close()
        assert self.server.stop() == 0, self.server.log.read_text()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    database = server().database()
    for name in NAMES:
        server().admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    made = Town(tmp_path_factory.mktemp("companies"), NAMES, database)
    made.server.ready()
    yield made
    made.close()
    server().drop(database)
    for name in NAMES:
        server().admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_all_of_them_work_at_once_and_none_has_anothers_orders(town: Town):
    """The same Idempotency-Key everywhere, so that one company's would do for another if anything were shared."""

    def day(name: str) -> None:
        for n in range(3):
            marked = draft(customer={"name": f"客户{name}", "phone": "13800000000"})
            answer = town.call(
                name, "POST", "/api/orders", json=marked, headers={"Idempotency-Key": f"same-{n}"}
            )
            assert answer.status_code == 201, answer.text
            assert "idempotency-replayed" not in answer.headers

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(day, town.names))
    for name in town.names:
        assert [one["customer"]["name"] for one in town.orders(name)] == [f"客户{name}"] * 3
    assert len({town.call(name, "GET", "/api/board").text.count("客户") for name in town.names}) == 1


def test_a_token_and_a_cookie_of_one_are_nobodys_at_another(town: Town):
    mine = town.tokens["c01"].supervisor
    assert town.call("c01", "GET", "/api/me", mine).status_code == 200
    signed = town.call("c01", "POST", "/api/login", "", json={"user": "sales", "password": "demo"})
    assert signed.status_code == 200, signed.text
    cookie = {"Cookie": f"session={signed.cookies.get('session') or signed.json()['token']}"}
    assert "domain" not in signed.headers["set-cookie"].lower()
    assert town.call("c01", "GET", "/api/me", "", headers=cookie).json()["user"]["name"] == "sales"
    for name in town.names[1:]:
        for refused in (
            town.call(name, "GET", "/api/me", mine),
            town.call(name, "GET", "/api/me", "", headers=cookie),
        ):
            assert (refused.status_code, refused.json()["code"]) == (401, "signed_out")
    before = len(town.orders("c02"))
    assert town.call("c02", "POST", "/api/orders", mine, json=draft()).status_code == 401
    assert len(town.orders("c02")) == before


def test_a_device_its_code_and_its_cursor_belong_to_one(town: Town):
    no = town.place("c01")["order_no"]
    card = town.call("c01", "POST", "/api/devices", json={"label": "PDA", "warehouse": "SH"}).json()
    elsewhere = town.call("c02", "POST", "/api/devices/enrol", "", json={"code": card["code"]})
    assert elsewhere.status_code == 409
    assert town.call("c01", "POST", "/api/devices/enrol", "", json={"code": card["code"]}).status_code == 200
    device, other = town.device("c01"), town.device("c02")
    mine = town.call("c01", "GET", "/sync/pull?warehouse=SH", "", headers=device.head).json()
    assert no in {task["order_no"] for task in mine["tasks"]}
    assert town.call("c02", "GET", "/sync/pull?warehouse=SH", "", headers=device.head).status_code == 401
    body = {"device": device.id, "ops": [device.pick(no, 1, 4)]}
    assert town.call("c02", "POST", "/sync/push", "", headers=device.head, json=body).status_code == 401
    theirs = town.call(
        "c02", "GET", f"/sync/pull?warehouse=SH&cursor={mine['cursor']}", "", headers=other.head
    ).json()
    assert theirs["epoch"] != mine["epoch"]
    fresh = town.call("c02", "GET", "/sync/pull?warehouse=SH", "", headers=other.head).json()
    assert "客户c01" not in json.dumps([theirs, fresh], ensure_ascii=False)
    assert theirs["hash"] == fresh["hash"] != mine["hash"]


def test_a_customers_link_opens_at_its_company_alone(town: Town):
    no = town.place("c01")["order_no"]
    url = town.call("c01", "POST", f"/api/orders/{no}/tracking-link").json()["url"]
    assert url.startswith("https://c01.example.cn/t/")
    path = url.removeprefix("https://c01.example.cn")
    assert town.call("c01", "GET", path, "").status_code == 200
    for name in town.names[1:]:
        gone = town.call(name, "GET", path, "")
        assert gone.status_code == 404
        assert no not in gone.text


def test_a_channels_signature_counts_at_its_company_alone(town: Town):
    body = json.dumps({"type": "order.paid", "data": order_data(order_id="X-1")}).encode()

    def sent(name: str, by: str) -> int:
        at = str(int(time.time()))
        signature = sign(key_of(TILL[by]) or b"", f"msg_{name}_{by}", at, body)
        headers = {
            "webhook-id": f"msg_{name}_{by}", "webhook-timestamp": at, "webhook-signature": signature,
        }  # fmt: skip
        return town.call(name, "POST", "/in/pos", "", content=body, headers=headers).status_code

    before = len(town.orders("c02"))
    assert sent("c01", by="c01") == 200
    assert sent("c02", by="c01") == 401
    assert sent("c03", by="c01") == 404
    assert len(town.orders("c02")) == before
    assert sent("c02", by="c02") == 200
    assert town.call("c02", "GET", "/api/orders?q=X-1").json()["items"][0]["channel"] == "pos"


def test_an_order_number_of_one_is_another_order_or_none_at_another(town: Town):
    for order in town.orders("c01"):
        for path in ("", "/journal", "/history"):
            found = town.call("c02", "GET", f"/api/orders/{order['order_no']}{path}")
            assert found.status_code in (200, 404)
            assert "客户c01" not in found.text


def test_a_board_hears_of_its_own_company_alone(town: Town):
    heard: list[str] = []
    ready, done = threading.Event(), threading.Event()

    def watch() -> None:
        headers = {"Host": "c02.example.cn", "Authorization": f"Bearer {town.tokens['c02'].supervisor}"}
        with httpx.stream(
            "GET", f"{town.server.url}/api/board/events", headers=headers, timeout=30, verify=False
        ) as told:
            for line in told.iter_lines():
                heard.append(line)
                if line == "event: ready":
                    ready.set()
                if "客户c02" in line:
                    done.set()
                    return

    at = town.call("c02", "GET", "/api/board/events", town.tokens["c01"].supervisor)
    assert at.status_code == 401
    watching = threading.Thread(target=watch)
    watching.start()
    assert ready.wait(20)
    for name in ("c01", "c03", "c02"):
        town.place(name)
    assert done.wait(20)
    watching.join()
    assert sum("客户" in line for line in heard) == 1


def test_a_word_between_nodes_wakes_its_company_alone(town: Town):
    with psycopg.connect(server().url(town.database, "c02"), autocommit=True) as line:
        line.execute("LISTEN huodaona_c02")
        line.execute("LISTEN huodaona_c03")
        town.place("c01")
        town.place("c03")
        told = [note.channel for note in line.notifies(timeout=10, stop_after=1)]
        assert told == ["huodaona_c03"]
        line.execute("NOTIFY huodaona_c01, 'people writer:x'")  # anybody may call; nothing comes of it
    assert town.call("c01", "GET", "/api/me").status_code == 200


def test_a_role_reads_its_own_schema_alone(town: Town):
    with psycopg.connect(server().url(town.database, "c01"), autocommit=True) as line:
        count = line.execute("SELECT count(*) FROM c01.orders").fetchone()
        assert count is not None
        assert count[0] > 0
        for words in (
            "SELECT count(*) FROM c02.orders",
            "SELECT count(*) FROM c02.private",
            "INSERT INTO c02.meta (name, value) VALUES ('x', 'x')",
            "SET ROLE c02",
            "CREATE TABLE c02.x (a int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(words)
        line.execute("SET search_path = c02")
        with pytest.raises(psycopg.errors.UndefinedTable):
            line.execute("SELECT count(*) FROM orders")


def test_whose_a_request_is_cannot_be_talked_about(town: Town):
    """Two spellings of one host, two hosts, a whole address in the first line, a proxy's word by who is none."""
    mine = f"Authorization: Bearer {town.tokens['c01'].supervisor}"
    here, there = "Host: c01.example.cn", "Host: c02.example.cn"
    for same in ("c01.example.cn:443", "C01.EXAMPLE.CN", "c01.example.cn.", "C01.example.cn.:8000"):
        assert town.raw("GET /api/me HTTP/1.1", f"Host: {same}", mine)[0] == 200
    for lines in ([here, there], [there, here], [here, here], ["Host: ", here], ["Host: c01.example.cn,c02.example.cn"],
                  ["Host: c01.example.cn.evil.cn"], ["Host: example.cn"], ["Host: c01"], ["Host: c02@c01.example.cn"]):  # fmt: skip
        status, told = town.raw("GET /api/me HTTP/1.1", *lines, mine)
        assert status in (400, 421), lines
        assert "name" not in told
        if status == 421:
            assert told["code"] == "unknown_host"
    assert town.raw("GET http://c02.example.cn/api/me HTTP/1.1", here, mine)[0] == 200
    assert town.raw("GET http://c01.example.cn/api/me HTTP/1.1", there, mine)[0] == 401
    for word in ("X-Forwarded-Host", "X-Host", "X-Original-Host"):
        assert town.raw("GET /api/me HTTP/1.1", here, f"{word}: c02.example.cn", mine)[0] == 200
        assert town.raw("GET /api/me HTTP/1.1", there, f"{word}: c01.example.cn", mine)[0] == 401
        assert town.raw("GET /api/me HTTP/1.1", "Host: node", f"{word}: c01.example.cn", mine)[0] == 421


def test_the_node_answers_who_watches_it(town: Town):
    node = {"Host": "10.0.0.7"}
    assert town.client.get("/healthz", headers=node).json() == {"ok": True}
    assert town.client.get("/readyz", headers=node).json() == {
        "ok": True,
        "companies": COUNT,
        "serving": COUNT,
    }
    told = town.client.get("/metrics", headers=node).text
    assert told.count("huodaona_company_open{") == COUNT
    assert 'huodaona_company_open{company="c20"} 1.0' in told.splitlines()
    refused = town.client.get("/", headers={**node, "Accept-Language": "en"})
    assert (refused.status_code, refused.json()["detail"]) == (421, "No company here has this host name.")
    assert town.call("c01", "GET", "/readyz", "").json() == {"ok": True}


def test_each_journal_is_whole_and_none_proves_anothers(town: Town, tmp_path: Path):
    """Verified in one go by the command; an export of one is refused under the key of another."""
    told = command("verify", "--data", str(town.folder), **town.environ)
    assert told.stdout.count("whole: ") == COUNT
    bundle = tmp_path / "c01.bundle"
    command("export", str(bundle), "--company", "c01", "--data", str(town.folder), **town.environ)
    assert "客户c02" not in bundle.read_bytes().decode("utf-8", "replace")
    for name, code in (("c01", 0), ("c02", 1)):
        key = checkpoint.public(checkpoint.signing_key(town.settings[name].secret)).hex()
        assert command("verify", "--export", str(bundle), "--key", key, check=False).returncode == code


def test_folders_of_sqlite_and_one_that_is_broken(tmp_path: Path):
    """By two processes: who cannot be opened is told and tried again, and keeps nobody else from being served."""
    file, schema = tmp_path / "town" / "c02" / FILE, list[int]()
    town = Town(tmp_path, ["c01", "c02"], processes=2, before=lambda: schema.append(of_schema(file, 999)))
    town.server.ready()
    assert town.place("c01")["customer"]["name"] == "客户c01"
    away = town.call("c02", "GET", "/api/me")
    assert (away.status_code, away.json()["code"]) == (503, "company_away")
    assert int(away.headers["retry-after"]) >= 1
    node = {"Host": "node"}
    assert town.client.get("/readyz", headers=node).json() == {"ok": True, "companies": 2, "serving": 1}
    of_schema(file, schema[0])
    until = time.monotonic() + 60
    while town.call("c02", "GET", "/api/me").status_code == 503:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert town.call("c02", "GET", "/api/me", town.tokens["c01"].supervisor).status_code == 401
    assert town.orders("c02") == []
    assert town.place("c02")["customer"]["name"] == "客户c02"
    town.close()
    lines = [json.loads(line) for line in town.server.log.read_text().splitlines() if line[0] == "{"]
    assert [one["company"] for one in lines if one["event"] == "company.away"] == ["c02", "c02"]
    told = command("verify", "--data", str(town.folder), **town.environ)
    assert told.stdout.count("whole: ") == 2
