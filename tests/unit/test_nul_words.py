"""A word with U+0000 in an address: PostgreSQL keeps no such text, SQLite does. No route faults on it on either, and where it is
asked for as a value, it is refused alike."""

from urllib.parse import quote

import pytest

NUL = "a\x00b"
ASKED = (
    "/api/orders?q=",
    "/api/orders?tag=",
    "/api/customers?q=",
    "/api/skus?q=",
    "/api/stock?sku=",
    "/api/inbox?channel=",
)


def routes(house):
    """(method, path, query names) of every route that the document names."""
    found = house.client.get("/openapi.json").json()["paths"]
    for path, item in sorted(found.items()):
        for method, one in item.items():
            names = [given["name"] for given in one.get("parameters", []) if given["in"] == "query"]
            yield method.upper(), path, names


def addresses(path: str, names: list[str]):
    """The word in each place of the path at once, then in each name of the query."""
    if "{" in path:
        yield "/".join(quote(NUL) if part.startswith("{") else part for part in path.split("/"))
    else:
        yield from (f"{path}?{name}={quote(NUL)}" for name in names)


def test_no_route_faults_on_a_word_with_a_nul(house):
    asked = 0
    for method, path, names in routes(house):
        for address in addresses(path, names):
            if address.startswith("/api/board/events"):
                continue  # a stream, never at its end
            given = {"json": {}} if method in ("POST", "PUT") else {}
            answer = house.owner._company.call("owner", method, address, **given)
            assert answer.status_code < 500, (method, address, answer.text)
            asked += 1
    assert asked > 60


@pytest.mark.parametrize("address", ASKED)
def test_a_nul_asked_for_is_told_alike(house, address: str):
    answer = house.owner.get(address + quote(NUL))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.text
