"""The API's description is true: schemathesis calls every operation as described and holds every answer against it.

A few examples each, from a fixed seed; with an owner's bearer on a small company. Answers must not be faults, must be
of a described status and media type, and must fit their schema.
"""

from collections import Counter

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.orders.commands import COMMANDS
from api.people import service
from api.shell.answers import JSON, OTHER
from tests.support.company import MovedClock, build, draft, settings
from tests.support.loopback import serving

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# A stream without end; and what would end the caller's own session.
LEFT_OUT = ("/api/board/events", "/api/logout")


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The description of a running hub, and an owner's bearer for it."""
    clock = MovedClock()
    app = create_app(settings(tmp_path_factory.mktemp("hub") / "data"), clock=clock, with_worker=False)
    db = app.state.hub.db
    db.writer.now(lambda tx: build(tx, clock()))
    token = db.writer.now(lambda tx: service.open_session(tx, "owner", "token", clock(), 86_400_000))[0]
    with serving(app) as server:
        found = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
        found.bearer = {"Authorization": f"Bearer {token}"}
        found.known = known(server.url, found.bearer)
        yield found


def known(url: str, bearer: dict[str, str]) -> dict[str, str]:
    """What a path may name so that there is something to answer."""
    with httpx.Client(base_url=url, headers=bearer, trust_env=False) as client:
        orders = [client.post("/api/orders", json=draft(note=str(n))).json() for n in range(3)]
    return {"order_no": orders[0]["order_no"], "which": orders[0]["snapshot"], "sku": "BP-1023", "code": "pos",
            "customer": "C0042", "name": "bins.pdf", "number": "1"}  # fmt: skip


def examples(operation, check) -> None:
    """`check` on a few generated requests, the same ones each time."""

    @hypothesis.seed(7)
    @hypothesis.settings(
        max_examples=8,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def run(case) -> None:
        check(case)

    run()


@pytest.mark.journey
def test_every_operation_answers_as_described(described):
    wrong, count, good = [], 0, Counter()

    def check(case) -> None:
        """Every other request names what exists."""
        if sum(map(len, (case.path, str(case.body), str(case.query)))) % 2:
            case.path_parameters = {
                k: described.known.get(k, v) for k, v in (case.path_parameters or {}).items()
            }
        good[case.operation.label] += (
            case.call_and_validate(headers=described.bearer, checks=list(CHECKS)).status_code < 300
        )

    for found in described.get_all_operations():
        operation = found.ok()
        if operation.path in LEFT_OUT:
            continue
        count += 1
        try:
            examples(operation, check)
        except (Exception, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label}: {error}")
    assert wrong == [], "\n\n".join(wrong)
    assert count > 60
    assert sum(1 for took in good.values() if took) > 35  # refusals alone would prove little


@pytest.mark.journey
def test_strangers_are_turned_away_everywhere_but_at_the_doors(described):
    """Without a session: 401 wherever the description asks for one, and no fault elsewhere."""
    count = 0
    for found in described.get_all_operations():
        operation = found.ok()
        guarded = "security" in operation.definition.raw
        statuses = []
        examples(
            operation, lambda case, statuses=statuses: statuses.append(case.call(headers={}).status_code)
        )
        assert statuses
        assert all(status < 500 for status in statuses), operation.label
        if guarded:
            count += 1
            assert set(statuses) == {401}, (operation.label, statuses)
    assert count > 50


def test_the_description_names_what_the_contract_names(described):
    paths = described.raw_schema["paths"]
    for name in COMMANDS:
        operation = paths[f"/api/orders/{{order_no}}/{name}"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert described.raw_schema["components"]["schemas"][body]["additionalProperties"] is False
        assert {"200", "400", "401", "403", "404", "409", "422"} <= operation["responses"].keys()
        assert "Idempotency-Key" in {one["name"] for one in operation["parameters"]}
    limit = next(one for one in paths["/api/orders"]["get"]["parameters"] if one["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 200}
    assert "Idempotency-Key" not in {one["name"] for one in paths["/api/login"]["post"].get("parameters", [])}
    assert "security" not in paths["/api/login"]["post"]


def test_every_reference_leads_somewhere(described):
    schemas, seen = described.raw_schema["components"]["schemas"], []

    def walk(value) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                seen.append(value["$ref"].removeprefix("#/components/schemas/"))
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(described.raw_schema)
    assert len(seen) > 100
    assert set(seen) <= schemas.keys()


def test_every_body_is_strict(described):
    loose = [
        name
        for name, found in described.raw_schema["components"]["schemas"].items()
        if found.get("type") == "object"
        and "title" in found
        and found.get("additionalProperties") is not False
    ]
    assert loose == []


def test_every_described_answer_belongs_to_a_route(described):
    paths = described.raw_schema["paths"]
    commands = {("POST", "/api/orders/{order_no}/{name}")}
    routes = {(method.upper(), path) for path, found in paths.items() for method in found}
    assert {*JSON, *OTHER} - routes == commands
