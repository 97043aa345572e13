"""What the desk reads: devices and their silence, conflicts with names, parked bytes, aisles, the first sheet."""

from io import BytesIO

import pytest
from PIL import Image

from qr.matrix import matrix
from tests.support.desk import Device, does, place


def devices(company):
    return {one["device"]: one for one in company.supervisor.get("/api/devices").json()["items"]}


def test_a_new_devices_card_can_be_drawn_from_the_answer(company):
    card = company.supervisor.post("/api/devices", {"label": "PDA 9", "warehouse": "SH"}).json()
    drawn = matrix(card["code"])
    assert "".join(card["qr"]) == drawn.bits
    assert len(card["qr"]) == drawn.size
    one = devices(company)[card["device"]]
    assert (one["status"], one["heard_at"], one["came"], one["holes"]) == ("waiting", None, 0, [])
    assert "code" not in one


def test_a_card_lapses_and_a_revoked_device_is_out(company, clock):
    waiting = company.supervisor.post("/api/devices", {"label": "PDA 9", "warehouse": "SH"}).json()["device"]
    device = Device(company)
    assert devices(company)[device.id]["status"] == "enrolled"
    company.supervisor.delete(f"/api/devices/{device.id}")
    clock.forward(8 * 86_400_000)
    found = devices(company)
    assert (found[waiting]["status"], found[device.id]["status"]) == ("lapsed", "out")


def test_a_device_is_heard_when_it_pulls_and_when_it_pushes(company, clock):
    device = Device(company)
    first = devices(company)[device.id]["heard_at"]
    assert first is not None
    clock.forward(60_000)
    company.client.get("/sync/pull", headers=device.headers)
    pulled = devices(company)[device.id]["heard_at"]
    assert pulled > first
    clock.forward(60_000)
    device.push(place(company), qty=1)
    assert devices(company)[device.id]["heard_at"] > pulled


def test_what_a_device_sees_missing_is_named(company):
    device, no = Device(company), place(company)
    device.push(no, qty=1)
    device.n = 4
    device.push(no, qty=1)
    one = devices(company)[device.id]
    assert (one["came"], one["holes"]) == (5, [2, 3, 4])


@pytest.fixture
def held(company):
    """A pick that came after finance had put the order on hold."""
    no = place(company)
    does(company, "finance", no, "hold", reason="税号有误")
    Device(company).push(no, qty=4, bin="A-01-01", at="2026-01-22T02:42:00+00:00")
    return no


def test_a_conflict_tells_names_pieces_and_who_may_settle(company, held):
    [one] = company.supervisor.get("/api/conflicts").json()["items"]
    assert (one["order_no"], one["kind"], one["n"], one["state"]) == (held, "held", 4, "to_pick")
    assert one["customer"] == company.supervisor.get(f"/api/orders/{held}").json()["customer"]["name"]
    assert one["meanwhile"]["reason"] == "税号有误"
    assert one["meanwhile"]["by_name"] == "Finance"
    [pick] = one["picks"]
    assert (pick["name"], pick["qty"], pick["bin"], pick["part"]) == ("Picker", 4, "A-01-01", "前刹车片")
    assert pick["at"] == "2026-01-22T10:42:00+08:00"  # the house's offset, whatever the device's was
    assert one["is_yours"] is True
    for role, is_theirs in (("picker", True), ("finance", False), ("sales", False), ("owner", True)):
        [seen] = company.call(role, "GET", "/api/conflicts").json()["items"]
        assert seen["is_yours"] is is_theirs, role


def test_a_settled_conflict_says_who_decided(company, held):
    company.supervisor.post(f"/api/conflicts/{held}/-/held/settle", {"choice": "undo"})
    assert company.supervisor.get("/api/conflicts").json()["items"] == []
    [one] = company.supervisor.get("/api/conflicts?status=settled").json()["items"]
    assert (one["settled"]["choice"], one["settled"]["by_name"]) == ("undo", "Supervisor")
    assert one["n"] == 4


def test_a_surplus_counts_the_surplus_only(company):
    no = place(company)
    Device(company).push(no, qty=6, bin="A-01-01")
    [one] = company.supervisor.get("/api/conflicts").json()["items"]
    assert (one["kind"], one["n"], one["meanwhile"]) == ("over_picked", 2, None)


def test_a_page_of_conflicts_ends_where_it_ends(company):
    for _ in range(3):
        Device(company).push(place(company), qty=6, bin="A-01-01")
    first = company.supervisor.get("/api/conflicts?limit=2").json()
    rest = company.supervisor.get(f"/api/conflicts?limit=2&cursor={first['next']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_what_is_parked_says_why_in_the_readers_language(company):
    device = Device(company)
    assert device.push("HD000000-00000")["verdict"] == "refused"
    zh = company.supervisor.get("/api/parked").json()["items"][0]["why"]
    en = company.supervisor.get("/api/parked", headers={"accept-language": "en"}).json()["items"][0]["why"]
    assert any("一" <= letter <= "鿿" for letter in zh)
    assert en.isascii()


def test_aisles_are_counted_and_chosen(company):
    found = company.supervisor.get("/qr/areas").json()["items"]
    bins = company.supervisor.get("/api/bins?limit=200").json()["items"]
    assert sum(one["bins"] for one in found) == len(bins)
    area = next(one for one in found if one["warehouse"] == "SH" and one["area"])
    whole = company.supervisor.get("/qr/bins.png?warehouse=SH&paper=60x40&content=code").content
    part = company.supervisor.get(
        f"/qr/bins.png?warehouse=SH&area={area['area']}&paper=60x40&content=code"
    ).content
    assert len(part) <= len(whole)
    assert company.supervisor.get("/qr/bins.png?area=NOPE&paper=60x40").status_code == 400
    assert company.picker.get("/qr/areas").status_code == 403


def test_the_first_sheet_can_be_looked_at_alone(company):
    def height(query):
        answer = company.supervisor.get(f"/qr/bins.png?paper=60x40&content=code&{query}")
        assert answer.status_code == 200, answer.text
        return Image.open(BytesIO(answer.content)).height

    one = height("pages=1")
    assert height("pages=2") == 2 * one
    assert height("pages=1&copies=2") == 2 * one  # a label's copies stay together
    assert company.supervisor.get("/qr/bins.png?paper=nope&pages=1").status_code == 400
    assert company.supervisor.get("/qr/nope.png?pages=1").status_code == 404
