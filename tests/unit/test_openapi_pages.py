"""The API's description is one document, wherever it is asked for; no page of it comes from an outside host."""


def test_every_way_gives_the_true_document(company):
    true = company.client.get("/openapi.json").json()
    assert "Problem" in true["components"]["schemas"]
    for path in ("/openapi", "/openapi/openapi.json"):
        answer = company.client.get(path)
        assert answer.status_code == 200
        assert answer.json() == true


def test_no_page_loads_from_elsewhere(company):
    for path in (
        "/openapi",
        "/openapi/swagger",
        "/openapi/redoc",
        "/openapi/elements",
        "/openapi/scalar",
        "/docs",
        "/",
    ):
        text = company.client.get(path).text
        assert "cdn." not in text, path
        assert '<script src="http' not in text
