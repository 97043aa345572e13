"""An op that no reader can take is parked as its bytes; the others of its push go on."""

from tests.support.company import draft


def test_half_a_character_stops_nobody(company):
    no = company.supervisor.post("/api/orders", draft()).json()["order_no"]
    made = company.supervisor.post("/api/devices", {"label": "PDA 1", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": made["code"]}).json()
    dev, head = enrolled["device"], {"Authorization": f"Bearer {enrolled['token']}"}

    def op(n, code):
        return (
            f'{{"id":"{dev}:{n}","hlc":"{1769047600000 + n:015d}-0000-{dev}","at":"2026-01-22T10:06:40+08:00",'
            f'"actor":"picker","order_no":"{no}","line_no":1,"kind":"pick","qty":1,"bin":"A-01-01","code":"{code}","v":1}}'
        )

    body = f'{{"device":"{dev}","ops":[{op(1, "a")},{op(2, chr(92) + "ud83d")},{op(3, "c")}]}}'
    for again in (False, True):
        answer = company.client.post("/sync/push", content=body.encode(), headers=head)
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"]
        assert [one["verdict"] for one in results] == ["applied", "refused", "applied"]
        assert [one["again"] for one in results] == [again] * 3
    parked = company.supervisor.get("/api/parked").json()["items"]
    assert len(parked) == 1
    assert "ud83d" in parked[0]["raw"]
    assert company.sales.get(f"/api/orders/{no}").json()["lines"][0]["picked"] == 2
