"""The house rules, held by machine: sizes, SQL in its place, state changed by the machine alone, no stray reads."""

import ast
import re
import sqlite3
from pathlib import Path

import pytest

import api.app
import api.setup.loading
from api.db.migrate import migrate
from api.db.queries import LOADED, differing

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    file
    for folder in ("api", "sync", "qr", "bench")
    for file in (ROOT / folder).rglob("*.py")
    if "migrations" not in file.parts
)
SQL = re.compile(r"^\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE)\b", re.IGNORECASE)


def functions(file: Path):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_hold():
    assert len(SOURCES) > 100
    assert len(LOADED) >= 8


def test_no_room_holds_two_ideas():
    long_files = {
        str(f.relative_to(ROOT)): n for f in SOURCES if (n := len(f.read_text("utf-8").splitlines())) > 400
    }
    assert long_files == {}


def test_no_function_holds_two_ideas():
    long = {
        f"{file.relative_to(ROOT)}:{node.name}": size
        for file in SOURCES
        for node in functions(file)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert long == {}


def test_every_module_says_what_it_is_for():
    silent = [
        str(f.relative_to(ROOT)) for f in SOURCES if not ast.get_docstring(ast.parse(f.read_text("utf-8")))
    ]
    assert silent == []


def test_sql_stands_in_queries_alone():
    """Only the ground (`api/db`), and tools that look at a bare file, may speak SQL in Python."""
    exempt = ("api/db/", "api/setup/backup.py", "bench/")
    found = []
    for file in SOURCES:
        name = file.relative_to(ROOT).as_posix()
        if name.startswith(exempt):
            continue
        found += [
            f"{name}:{node.lineno}"
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        ]
    assert found == []


def test_state_changes_only_through_the_machine():
    """A new order begins as `awaiting_payment`; nobody else names a state to set."""
    found = []
    for file in SOURCES:
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith("api/") or name in ("api/orders/machine.py", "api/orders/store.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            for word in node.keywords:
                if word.arg == "state" and called in ("Order", "replace", "msgspec.structs.replace"):
                    is_birth = isinstance(word.value, ast.Constant) and word.value.value == "awaiting_payment"
                    if not is_birth:
                        found.append(f"{name}:{node.lineno}")
    assert found == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("schema") / "x.db"
    migrate(path)
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_every_query_is_prepared_on_the_schema(empty: sqlite3.Connection):
    count = 0
    for room in LOADED.values():
        for query in room.named.values():
            names = set(re.findall(r"(?<!:):([a-z_]\w*)", query.sql))
            empty.execute(f"EXPLAIN {query.sql}", dict.fromkeys(names))
            count += 1
    assert count > 150


def test_every_query_is_said_and_used():
    text = "\n".join(f.read_text("utf-8") for f in SOURCES)
    for room in LOADED.values():
        for name, query in room.named.items():
            assert query.meaning, f"{query.name} has no sentence"
            assert re.search(rf"\b[A-Za-z_]+\.{name}\b", text), f"{query.name} is used nowhere"


def test_queries_that_differ_between_engines(capsys: pytest.CaptureFixture[str]):
    print(f"queries that differ between engines: {len(differing())}")
    assert differing() == []


def test_routes_need_a_session_unless_they_say_so():
    open_routes = {
        path
        for handler in api.app.HANDLERS
        for path in handler.paths
        if "actor" not in handler.fn.__annotations__
    }
    said = {path for handler in api.app.HANDLERS for path in handler.paths if handler.opt.get("public")}
    assert open_routes == said
    assert {"/", "/healthz", "/readyz", "/api/login", "/in/{code:str}", "/t/{token:str}"} <= said
    assert not any(path.startswith("/api/orders") for path in said)
