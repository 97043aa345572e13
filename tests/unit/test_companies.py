"""Many companies from one set of nodes: how they are written down, what each has for itself, and how a command is told which
one it is about. `tests/journey/test_companies.py` tries to cross from one to another.
"""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from api import settings as config
from api.cli import main
from api.companies import tenant
from api.companies.door import Door
from api.companies.tenant import Tenant
from api.db.database import FILE, OneServer
from api.kernel.companies import TAKEN, host, read
from api.kernel.log import WHOSE
from api.settings import BadSetting
from tests.support.company import SECRET
from tests.support.hand import of_schema

LETTERS = "abcdefghijklmnopqrstuvwxyz"
names = st.text(LETTERS + "0123456789_", max_size=12).map(lambda tail: f"c{tail}")
labels = st.text(LETTERS + "0123456789", min_size=1, max_size=8)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)
houses = st.dictionaries(names, st.lists(hosts, min_size=1, max_size=3), min_size=1, max_size=5).filter(
    lambda all_of_them: (
        len({one for given in all_of_them.values() for one in given}) == sum(map(len, all_of_them.values()))
    )
)
TWO = {"COMPANIES": "acme=acme.example.cn,tieli=tieli.example.cn+www.tieli.cn"}


@given(houses)
def test_one_line_and_many_lines_say_the_same(written):
    line = ",".join(f"{name}={'+'.join(given)}" for name, given in written.items())
    lines = "# ours\n" + "\n\n".join(f"{name}\t{' '.join(given)}  # x" for name, given in written.items())
    assert read(line) == read(lines)
    assert {one.name: list(one.hosts) for one in read(line)} == written


@given(hosts, st.integers(1, 65_535))
def test_a_host_is_one_however_it_is_written(name, port):
    assert host(name) == name
    for same in (name.upper(), f"{name}.", f"{name}:{port}", f"{name.title()}.:{port}", f"{name}:"):
        assert host(same) == name


@given(st.text(max_size=40))
def test_what_comes_out_is_a_host_or_nothing(text):
    assert host(host(text)) == host(text)
    assert host(text).isascii()
    assert not set(host(text)) & set(":/@ \0\r\n")


def test_another_scripts_host_is_known_by_its_ascii_form():
    [one] = read("acme=货到哪.cn")
    assert one.hosts == ("xn--rcr59d874f.cn",)
    assert host("XN--RCR59D874F.CN") == one.hosts[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acme", "has no host"),
        ("acme=", "has no host"),
        ("Acme=a", "no company's name"),
        ("a-b=a", "no company's name"),
        ("../x=a", "no company's name"),
        ("pg_x=a", "no company's name"),
        *((f"{name}=a", "no company's name") for name in sorted(TAKEN)),
        ("acme=a,acme=b", "twice"),
        ("acme=a,tieli=A.", "twice"),
        ("acme=a+A:80", "twice"),
        ("acme=a..b", "no host name"),
        ("acme=https://a", "no host name"),
        ("acme=[::1]", "no host name"),
        ("acme=a:123456", "no host name"),
        ("acme=" + "a" * 64, "no host name"),
    ],
)
def test_what_is_wrong_is_said(text, said):
    with pytest.raises(ValueError, match=said):
        read(text)


def loaded(company: str = "", data: Path = Path("d"), **given: str) -> config.Settings:
    environ = {config.PREFIX + name: value for name, value in ({"SECRET": "s" * 32} | TWO | given).items()}
    return config.load(environ, data=data, company=company)


def test_each_company_has_its_own_of_everything(tmp_path):
    url = "postgresql://{company}:x@db/goods?sslmode=require"
    acme, tieli = (
        loaded(
            name, tmp_path, DATABASE_URL=url, DATABASE_OWNER_URL="postgresql://o@db/goods", CHECKPOINTS="/c"
        )
        for name in ("acme", "tieli")
    )
    assert acme.database_url == "postgresql://acme:x@db/goods?sslmode=require&schema=acme"
    assert acme.owner_url == "postgresql://o@db/goods?schema=acme"
    assert acme.public_url == "https://acme.example.cn"
    assert acme.data == tmp_path / "acme"
    assert acme.checkpoints == Path("/c/acme")
    for own in ("secret", "data", "database_url", "owner_url", "public_url", "checkpoints"):
        assert getattr(acme, own) != getattr(tieli, own)


def test_a_secret_is_every_nodes_same_and_no_other_companys(tmp_path):
    here, there = loaded("acme", tmp_path / "1"), loaded("acme", tmp_path / "2")
    assert here.secret == there.secret
    assert here.secret not in (b"s" * 32, loaded("tieli", tmp_path / "1").secret)
    assert loaded("acme", tmp_path / "1", SECRET="t" * 32).secret != here.secret
    with pytest.raises(BadSetting, match="at least 32"):
        loaded("acme", tmp_path, SECRET="short")


def test_a_secret_that_was_brought_along_stays(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "secret").write_text("o" * 40)
    assert loaded("acme", tmp_path).secret == b"o" * 40
    assert loaded("tieli", tmp_path, SECRET="").secret == (tmp_path / "tieli" / "secret").read_bytes()


@pytest.mark.parametrize(
    ("company", "given", "said"),
    [
        ("", {}, "say which one by --company, acme, tieli"),
        ("other", {}, "does not name other, only acme, tieli"),
        ("acme", {"COMPANIES": ""}, "does not name acme"),
        ("acme", {"COMPANIES": "acme=a,acme=b"}, "COMPANIES: acme stands there twice"),
        ("acme", {"PUBLIC_URL": "https://hub.cn"}, "PUBLIC_URL: leave it out"),
        ("acme", {"DATABASE_URL": "postgresql://h/d?schema=x"}, "DATABASE_URL: leave out schema="),
    ],
)
def test_settings_that_do_not_go_together_are_refused(tmp_path, company, given, said):
    with pytest.raises(BadSetting, match=said):
        loaded(company, tmp_path, **given)


def test_a_company_may_be_named_by_the_environment(tmp_path):
    assert loaded(data=tmp_path, COMPANY="tieli").data == tmp_path / "tieli"
    assert loaded("acme", tmp_path, COMPANY="tieli").data == tmp_path / "acme"


# the door -----------------------------------------------------------------------------------------------------


class Stub:
    """Stands for a company's app: what came to it."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.lives = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.came.append(scope)

    @asynccontextmanager
    async def lifespan(self):
        self.lives += 1
        yield


def asked(*headers: tuple[str, str], ip: str = "9.9.9.9", path: str = "/api/me") -> tuple[str, Any]:
    """(whose app got it, as what) or the refusal's code."""
    tenants = [Tenant(one, Stub) for one in read(TWO["COMPANIES"])]
    for one in tenants[:1]:
        one.app = Stub()
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "client": (ip, 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }  # fmt: skip
    asyncio.run(Door(tenants, (ip_network("10.0.0.0/8"),))(scope, None, send))
    came = [(one.company.name, scope) for one in tenants if one.app for scope in one.app.came]
    return came[0] if came else (msgspec.json.decode(said[1]["body"])["code"], said[0])


ACME, FORWARDED = ("host", "Acme.example.cn.:443"), ("x-forwarded-host", "acme.example.cn")
PROXY = "10.1.2.3"


def test_a_proxys_word_counts_where_the_host_names_nobody():
    whose, scope = asked(("host", "hub:8000"), FORWARDED, ("x", "y"), ip=PROXY)
    assert whose == "acme"
    assert scope["headers"] == [
        (b"host", b"acme.example.cn"),
        (b"x-forwarded-host", b"acme.example.cn"),
        (b"x", b"y"),
    ]
    assert asked(ACME, ("x-forwarded-host", "tieli.example.cn"), ip=PROXY)[0] == "acme"
    assert asked(("host", "tieli.example.cn"), FORWARDED, ip=PROXY)[0] == "company_away"


@pytest.mark.parametrize(
    ("headers", "ip"),
    [
        ([("host", "hub"), FORWARDED], "9.9.9.9"),
        ([("host", "hub"), FORWARDED], "not an address"),
        ([("host", "hub"), FORWARDED, FORWARDED], PROXY),
        ([("host", "hub"), ("x-forwarded-host", "acme.example.cn, acme.example.cn")], PROXY),
        ([FORWARDED], PROXY),
        ([ACME, ACME], PROXY),
        ([], PROXY),
    ],
)
def test_any_other_word_counts_nothing(headers, ip):
    code, start = asked(*headers, ip=ip)
    assert (code, start["status"]) == ("unknown_host", 421)
    assert (b"x-content-type-options", b"nosniff") in start["headers"]


def test_figures_of_all_are_for_this_machine_alone():
    assert asked(("host", "node"), path="/metrics")[0] == "unknown_host"


def test_one_that_cannot_be_opened_is_tried_again_and_told_once(monkeypatch):
    monkeypatch.setattr(tenant, "SHORTEST", 0.0)
    tries, stub, told = [], Stub(), []
    monkeypatch.setattr(tenant.log, "error", lambda _, **more: told.append(more["error"]), raising=False)

    def open_() -> Callable[[], Stub]:
        tries.append(WHOSE.get())
        if len(tries) < 4:
            raise RuntimeError("the data is of schema 999")
        return lambda: stub

    async def lived() -> None:
        one, ending = Tenant(read("acme=a")[0], open_), asyncio.Event()
        life = asyncio.create_task(one.live(ending))
        await one.tried.wait()
        while one.app is None:
            await asyncio.sleep(0)
        ending.set()
        await life
        assert one.app is None

    asyncio.run(lived())
    assert tries == ["acme"] * 4
    assert stub.lives == 1
    assert told == ["the data is of schema 999"]


# the shell ----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    """`run("token", "zhou", company="acme")` among two companies, both made."""
    for name in config.TABLE:
        monkeypatch.delenv(config.PREFIX + name, raising=False)

    def call(*words: str, company: str = "", **environ: str) -> Result:
        given = [*words, "--data", str(tmp_path), *(["--company", company] if company else [])]
        env = {config.PREFIX + k: v for k, v in ({"SECRET": SECRET.decode()} | TWO | environ).items()}
        return CliRunner().invoke(main, given, env=env, catch_exceptions=False)

    for name in ("acme", "tieli"):
        made = call("init", "--owner", "zhou", "--warehouse", "SH", company=name)
        assert made.exit_code == 0, made.output
    return call


@pytest.mark.parametrize(
    "words",
    [["token", "zhou"], ["init", "--owner", "z", "--warehouse", "SH"], ["export", "x"], ["forget", "C1"]],
)
def test_a_command_about_one_company_wants_to_know_which(run, words, tmp_path):
    told = run(*words)
    assert told.exit_code == 1
    assert "say which one by --company, acme, tieli" in told.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ["acme", "tieli"]


def test_a_token_of_one(run):
    assert run("token", "zhou", company="acme").exit_code == 0
    assert run("token", "zhou", COMPANY="tieli").exit_code == 0
    assert "does not name acmee" in run("token", "zhou", company="acmee").output


def test_who_looks_after_companies_goes_through_all(run, tmp_path):
    (tmp_path / "kept").mkdir()
    assert run("migrate").output.split() == ["acme:", "up", "to", "date", "tieli:", "up", "to", "date"]
    assert run("verify").output.count("whole: 2 entries") == 2
    assert run("backup", str(tmp_path / "kept")).exit_code == 0
    assert sorted(one.name for one in (tmp_path / "kept").iterdir()) == ["acme.tar", "tieli.tar"]
    assert run("backup", str(tmp_path / "one.tar"), company="acme").exit_code == 0
    assert "is no folder" in run("backup", str(tmp_path / "all.tar")).output
    assert not (tmp_path / "all.tar").exists()


def test_a_backup_of_one_is_restored_as_that_one_alone(run, tmp_path):
    secret = loaded("acme", tmp_path, SECRET=SECRET.decode()).secret
    run("backup", str(tmp_path / "acme.tar"), company="acme")
    (tmp_path / "acme").rename(tmp_path / "away")
    assert run("restore", str(tmp_path / "acme.tar"), company="acme").exit_code == 0
    assert loaded("acme", tmp_path, SECRET="another one, also long enough.....").secret == secret
    assert run("verify", company="acme").exit_code == 0


def test_what_is_wrong_at_one_keeps_no_other_from_its_turn(run, tmp_path):
    of_schema(tmp_path / "acme" / FILE, 999)
    told = run("verify")
    assert told.exit_code == 1
    assert "1 of 2: acme" in told.output
    assert told.output.count("whole: 2 entries") == 1
    (tmp_path / "tieli" / FILE).unlink()
    assert "tieli:\nnot made yet: huodaona init --company tieli" in run("migrate").output
    assert not (tmp_path / "tieli" / FILE).exists()


def test_a_server_of_many_holds_the_folder_of_each(run, tmp_path):
    held = OneServer(tmp_path / "tieli")
    for words in (("serve", "--port", "0"), ("serve", "--port", "0", "--company", "tieli")):
        told = run(*words)
        assert told.exit_code == 1
        assert f"another server is running on the data folder {tmp_path / 'tieli'}" in told.output
    held.release()
    assert "--demo is for one company" in run("serve", "--demo").output
