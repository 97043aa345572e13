"""Fixtures: the app of a small company behind a test client, with a clock that the test moves."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.db.database import FILE, Database
from api.web.outer import Outer
from tests.support import engines
from tests.support.company import MovedClock, build, settings

pytest_plugins = ["tests.support.second_try", "tests.support.one_engine"]
# A crowded machine is slow at any line: what takes how long is measured in bench/, never judged by a law.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = engines.asked(metafunc.module.__name__)
    if len(asked) > 1:
        metafunc.parametrize("engine", asked, indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """What the companies of this module's tests lie on."""
    used: str = getattr(request, "param", engines.DEFAULT)
    engines.use(used)
    yield used
    engines.use(engines.DEFAULT)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def app(engine: str, tmp_path: Path, clock: MovedClock) -> Outer:
    return small(tmp_path / "data", clock, 100)


def small(folder: Path, clock: MovedClock, stock: int) -> Outer:
    """The small company behind an app; on PostgreSQL it is there from the start."""
    given = settings(folder, stock)
    if not engines.is_postgres():
        folder.mkdir(mode=0o700)
        (folder / FILE).touch(mode=0o600)
        (folder / FILE).write_bytes(first_day(clock(), stock))
    return create_app(given, clock=clock, with_worker=False)


@cache
def first_day(now: int, stock: int) -> bytes:
    """The small company's file: making it takes longer than most tests."""
    with TemporaryDirectory() as place:
        db = Database(Path(place))
        db.writer.now(lambda tx: build(tx, now, stock))
        db.stop()
        return (Path(place) / FILE).read_bytes()


class Company:
    """The HTTP API by role: `company.sales.post("/api/orders", json=…)`; sessions are opened once a role."""

    def __init__(self, client: TestClient[Outer], app: Outer, clock: MovedClock) -> None:
        self.client, self.app, self.clock = client, app, clock
        self.db = app.state.hub.db
        self._tokens: dict[str, str] = {}

    def token(self, role: str) -> str:
        from api.people import service

        if role not in self._tokens:
            work = lambda tx: service.open_session(tx, role, "token", self.clock(), 365 * 86_400_000)  # noqa: E731
            self._tokens[role] = self.db.writer.now(work)[0]
        return self._tokens[role]

    def call(self, role: str, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token(role)}", **given.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **given)

    def __getattr__(self, role: str) -> "As":
        return As(self, role)


class As:
    def __init__(self, company: Company, role: str) -> None:
        self._company, self._role = company, role

    def get(self, path: str, **given: Any) -> Any:
        return self._company.call(self._role, "GET", path, **given)

    def post(self, path: str, json: Any = None, **given: Any) -> Any:
        return self._company.call(
            self._role, "POST", path, **({"json": json} if json is not None else {}), **given
        )

    def put(self, path: str, json: Any = None, **given: Any) -> Any:
        return self._company.call(self._role, "PUT", path, json=json, **given)

    def delete(self, path: str, **given: Any) -> Any:
        return self._company.call(self._role, "DELETE", path, **given)


@pytest.fixture
def company(app: Outer, clock: MovedClock) -> Iterator[Company]:
    with TestClient(app) as client:
        yield Company(client, app, clock)


@pytest.fixture(scope="module")
def house(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """One company for a whole module, with plenty of stock: each test brings its own orders."""
    clock = MovedClock()
    made = small(tmp_path_factory.mktemp("house") / "data", clock, 100_000)
    with TestClient(made) as client:
        yield Company(client, made, clock)
