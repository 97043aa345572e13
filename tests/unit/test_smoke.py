from tests.support.company import draft


def test_an_order_goes_its_whole_way(company):
    made = company.finance.post("/api/orders", draft())
    assert made.status_code == 403  # finance takes no orders
    made = company.supervisor.post("/api/orders", draft(note="请避开周一送货", options=["需加装防震泡沫"]))
    assert made.status_code == 201, made.text
    order = made.json()
    assert (order["state"], order["warehouse"], order["lines"][0]["reserved"]) == ("to_pick", "SH", 4)
    no = order["order_no"]
    assert company.sales.post(f"/api/orders/{no}/pack").status_code == 403
    device = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": device["code"]}).json()
    dev = enrolled["device"]
    head = {"Authorization": f"Bearer {enrolled['token']}"}
    pulled = company.client.get("/sync/pull", params={"warehouse": "SH"}, headers=head).json()
    assert [task["order_no"] for task in pulled["tasks"]] == [no]
    op = {
        "id": f"{dev}:1",
        "hlc": f"001769047600000-0000-{dev}",
        "at": "2026-01-22T10:06:40+08:00",
        "actor": "picker",
        "order_no": no,
        "line_no": 1,
        "kind": "pick",
        "qty": 4,
        "bin": "A-01-01",
        "code": "BP-1023",
        "v": 1,
    }
    pushed = company.client.post("/sync/push", json={"device": dev, "ops": [op]}, headers=head).json()
    assert pushed["results"][0]["verdict"] == "applied", pushed
    assert pushed["have"] == {dev: 1}
    for name, body, state in (
        ("pack", {}, "packed"),
        ("ship", {"carrier": "顺丰", "waybill": "SF1"}, "shipped"),
        ("deliver", {"evidence": "前台代收"}, "delivered"),
    ):
        done = company.supervisor.post(f"/api/orders/{no}/{name}", body)
        assert (done.status_code, done.json()["state"]) == (200, state), done.text
    link = company.sales.post(f"/api/orders/{no}/tracking-link").json()["url"]
    page = company.client.get("/t/" + link.rpartition("/")[2])
    assert page.status_code == 200
    states = [one["state"] for one in company.sales.get(f"/api/orders/{no}/history").json()["items"]]
    assert states == ["to_pick", "picking", "packed", "shipped", "delivered"]
    assert company.sales.get(f"/api/orders/{no}/journal").status_code == 200
