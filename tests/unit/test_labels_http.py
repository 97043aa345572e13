"""Labels over HTTP: every code on the printed sheet leads to a bin that exists, and a scan opens the shell."""

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from qr.codes import read
from qr.papers import PAPERS
from tests.support.company import draft
from tests.support.floor import Device

PREFIX = "HTTPS://HUB.EXAMPLE.CN/S/"


@pytest.fixture
def boss(company):
    return company.supervisor


def codes_on(pdf):
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=200 / 72).to_pil().convert("L")
        found += [one.text for one in zxingcpp.read_barcodes(image)]
    return found


def words_on(pdf):
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def all_bins(company):
    return {row["code"]: row for row in company.supervisor.get("/api/bins?limit=200").json()["items"]}


def what_is(company, text):
    answer = company.picker.get(f"/api/codes/{text}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_bins_pdf_alone_is_all_bins_on_a4(company, boss):
    for n in range(1, 31):
        assert boss.put(f"/api/bins/B-01-{n:02d}", {"warehouse": "SH", "sku": ""}).status_code == 200
    answer = boss.get("/qr/bins.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 2
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    found = codes_on(answer.content)
    assert len(found) == len(set(found)) == 42
    assert all(text.startswith(PREFIX) for text in found)
    bins = all_bins(company)
    seen = [what_is(company, text.removeprefix(PREFIX)) for text in found]
    assert {one["bin"] for one in seen} == set(bins)
    assert {(one["bin"], one["warehouse"], one["sku"]) for one in seen} == {
        (row["code"], row["warehouse"], row["sku"]) for row in bins.values()
    }
    words = words_on(answer.content)
    assert all(name in words for name in ("上海仓", "苏州仓", "杭州仓", "A-01-03"))


def test_chosen_bins_skipped_cells_copies_and_bare_codes(company, boss):
    query = {"ids": "F-01-02, A-01-01", "skip": 23, "copies": 2, "content": "code"}
    pdf = boss.get("/qr/bins.pdf", params=query).content
    assert len(pypdfium2.PdfDocument(pdf)) == 2
    seen = [what_is(company, text)["bin"] for text in codes_on(pdf)]
    assert sorted(seen) == ["A-01-01"] * 2 + ["F-01-02"] * 2
    only = boss.get("/qr/bins.pdf?warehouse=SZ").content
    assert {what_is(company, text.removeprefix(PREFIX))["warehouse"] for text in codes_on(only)} == {"SZ"}
    for paper in ("60x40", "a4-21"):
        drawn = boss.get(f"/qr/bins.png?ids=A-01-01&paper={paper}")
        assert drawn.headers["content-type"] == "image/png"
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawn.content)))
        assert what_is(company, code.text.removeprefix(PREFIX))["bin"] == "A-01-01"


def test_orders_cartons_devices_and_the_register(company, boss):
    no = boss.post("/api/orders", draft(note="加急")).json()["order_no"]
    device = Device(company)
    for kind, query, letter, words in (
        ("orders", {"ids": no}, "D", "浦东宝诚4S店"),
        ("cartons", {"ids": no}, "C", "浦东宝诚4S店"),
        ("devices", {}, "V", "PDA"),
        ("register", {}, "R", ""),
    ):
        answer = boss.get(f"/qr/{kind}.pdf", params=query)
        assert answer.status_code == 200, answer.text
        (text,) = codes_on(answer.content)
        assert read(text).kind == letter
        assert words in words_on(answer.content)
    assert what_is(company, f"V{device.id}" + check_of(device.id))["body"] == device.id


def check_of(body):
    from qr.codes import check

    return check(body)


def test_papers_are_listed(boss):
    items = boss.get("/qr/papers").json()["items"]
    assert {one["code"] for one in items} == set(PAPERS)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/qr/bins.docx", 415, "unsupported_media"),
        ("/qr/bins", 415, "unsupported_media"),
        ("/qr/ghosts.pdf", 404, "not_found"),
        ("/qr/bins.pdf?paper=a0", 400, "invalid"),
        ("/qr/bins.pdf?skip=-1", 400, "invalid"),
        ("/qr/bins.pdf?skip=24", 400, "invalid"),
        ("/qr/bins.pdf?skip=x", 400, "invalid"),
        ("/qr/bins.pdf?copies=0", 400, "invalid"),
        ("/qr/bins.pdf?copies=1000000", 400, "invalid"),
        ("/qr/bins.pdf?content=poem", 400, "invalid"),
        ("/qr/bins.pdf?ids=A-99-99", 404, "not_found"),
        ("/qr/bins.pdf?warehouse=XX", 422, "unknown_warehouse"),
        ("/qr/orders.pdf", 400, "invalid"),
        ("/qr/orders.pdf?ids=HD-none", 404, "not_found"),
        ("/qr/devices.pdf?ids=NOBODY", 404, "not_found"),
        ("/qr/devices.pdf", 400, "invalid"),
        ("/api/codes/LA0103W", 400, "invalid"),
        ("/api/codes/hello", 400, "invalid"),
        ("/api/codes/LZZ99W", 404, ""),
    ],
)
def test_what_cannot_be_printed_or_read_is_refused(company, path, status, code):
    if path == "/api/codes/LZZ99W":
        path = f"/api/codes/LZZ99{check_of('ZZ99')}"
    answer = company.supervisor.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code or "not_found"), answer.text
    assert answer.json()["detail"]


def test_only_leads_print(company):
    for path in ("/qr/bins.pdf", "/qr/papers"):
        assert company.picker.get(path).status_code == 403
        assert company.client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/s/LA0103V", "/S/LA0103V", "/s/nonsense", "/s/LA0103V?x=1"])
def test_a_scanned_label_opens_the_shell(company, path):
    answer = company.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.content == company.client.get("/").content
