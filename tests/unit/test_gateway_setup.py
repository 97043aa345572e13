"""How a supervisor sets a channel up: health, a pasted sample as rows, drafts tried unsaved, what a change would differ
on the last messages, what the mapping was, and sheets that are looked at before they are taken."""

import base64
import json

import pytest

from api.channels import importing
from api.web import imports
from tests.support.company import draft
from tests.support.senders import WHATSAPP, Till, inbox


@pytest.fixture
def boss(company):
    return company.supervisor


# --- a sample ---------------------------------------------------------------------------------------------


def test_a_pasted_text_becomes_a_mapping_and_rows_to_point_at(boss):
    found = boss.post("/api/channels/suggest", {"text": json.dumps(WHATSAPP)}).json()
    rows = {row["path"]: row for row in found["tree"]}
    items = "entry[0].changes[0].value.messages[0].order.product_items"
    assert (rows[items]["kind"], rows[items]["n"]) == ("list", 2)
    assert rows[f"{items}[0].quantity"]["text"] == "4"
    tried = boss.post("/api/channels/new/try", {"payload": WHATSAPP, "mapping": found["mapping"]}).json()
    assert (tried["event"], tried["problems"], tried["amount_fen"]) == ("create", [], 97_300)
    assert [(line["sku"], line["qty"], line["price_fen"]) for line in tried["draft"]["lines"]] == [
        ("BP-1023", 4, 12_800),
        ("BP-1023", 2, 23_050),
    ]
    assert tried["sources"]["lines[1].qty"] == f"{items}[1].quantity"
    status = {**WHATSAPP, "entry": [{"id": "WABA1", "changes": [{"value": {"statuses": [{"id": "x"}]}}]}]}
    ignored = boss.post("/api/channels/new/try", {"payload": status, "mapping": found["mapping"]}).json()
    assert ignored["event"] is None


def test_numbers_keep_their_digits_and_xml_is_read_too(boss):
    big = boss.post("/api/channels/suggest", {"text": '{"order_id": 3705115058471208928, "no": 1.50}'}).json()
    assert [row["text"] for row in big["tree"]] == ["3705115058471208928", "1.50"]
    xml = "<xml><订单编号>A-1</订单编号><items><sku>X</sku><qty>2</qty></items></xml>"
    found = boss.post("/api/channels/suggest", {"text": xml}).json()
    assert found["mapping"]["external_no"] == '"订单编号"'
    assert found["payload"]["items"] == {"sku": "X", "qty": "2"}


@pytest.mark.parametrize(
    "body", [{"text": "4 x BP-1023 asap"}, {"text": "[1]"}, {}, {"payload": {}, "colour": 1}]
)
def test_what_is_no_message_is_refused_by_name(boss, body):
    refused = boss.post("/api/channels/suggest", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_keywords_are_tried_before_they_are_saved(boss):
    words = [{"words": ["whenever"], "tag": "不急", "priority": "low"}]
    body = {
        "payload": {"no": "1", "text": "whenever you can"},
        "mapping": {"external_no": "no", "note": "text"},
    }
    tried = boss.post("/api/channels/nobody/try", {**body, "keywords": words}).json()
    assert (tried["priority"], tried["tags"][0]["tag"]) == ("low", "不急")
    assert boss.post("/api/channels/nobody/try", {"payload": {}}).status_code == 404


# --- health -----------------------------------------------------------------------------------------------


def test_health_counts_what_waits_what_is_dead_and_what_proved_nothing(company, boss):
    till = Till(company)
    till("order.paid")
    till.raw(b'{"type": "order.paid", "data": {"order_id": ""}}')
    till("order.cancelled", order_id="P-later")
    Till(company, "pos", "whsec_" + "QUJD" * 8)("order.paid", order_id="P-forged")
    health = {one["code"]: one["health"] for one in boss.get("/api/channels").json()["items"]}
    assert {**health["pos"], "last_at": ""} == {"last_at": "", "waiting": 1, "dead": 1, "unproven": 1}
    assert health["pos"]["last_at"]
    assert health["miniprogram"] == {"last_at": None, "waiting": 0, "dead": 0, "unproven": 0}


# --- what it was ------------------------------------------------------------------------------------------


def test_each_change_is_a_version_and_going_back_is_one_too(company, boss):
    first = boss.get("/api/channels/pos").json()
    assert first["version"] == 1
    company.clock.forward(60_000)
    changed = boss.put("/api/channels/pos", {"mapping": {**first["mapping"], "note": "data.other"}}).json()
    assert changed["version"] == 2
    assert boss.put("/api/channels/pos", {"label": "收银台", "enabled": True}).json()["version"] == 2
    told = boss.get("/api/channels/pos/versions").json()["items"]
    assert (told[0]["version"], told[0]["by"]) == (2, "supervisor")
    assert told[0]["at"] > told[1]["at"]
    back = boss.put(
        "/api/channels/pos", {"mapping": told[1]["mapping"], "keywords": told[1]["keywords"]}
    ).json()
    assert (back["version"], back["mapping"]) == (3, first["mapping"])
    assert boss.get("/api/channels/nowhere/versions").status_code == 404
    entry = company.db.reader.now(
        lambda tx: tx.connection.execute(
            "SELECT body FROM journal WHERE kind = 'channel.saved' ORDER BY pos DESC LIMIT 1"
        ).fetchone()[0]
    )
    assert json.loads(entry)["version"] == 3


def test_a_change_over_one_that_nobody_saw_is_refused_with_who_and_when(company, boss):
    """Two supervisors over one mapping: the second hears of the first."""
    first = boss.get("/api/channels/pos").json()
    mine, theirs = ({"mapping": {**first["mapping"], "note": f"data.{one}"}} for one in "ab")
    assert boss.put("/api/channels/pos", {**theirs, "replaces": 1}).status_code == 200
    company.clock.forward(180_000)
    refused = company.owner.put("/api/channels/pos", {**mine, "replaces": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
    assert "supervisor 在 3 分钟前存了第 2 版" in refused.json()["why"]
    assert boss.get("/api/channels/pos").json()["mapping"] == theirs["mapping"]
    assert company.owner.put("/api/channels/pos", {**mine, "replaces": 2}).json()["version"] == 3
    assert (
        company.owner.put("/api/channels/pos", first).json()["version"] == 4
    )  # as GET gave it, asked of nobody


def test_whoever_is_named_for_a_channel_stays_taken_when_he_is_put_back(company, boss):
    assert boss.put("/api/channels/pos", {"owner": "sales"}).json()["owner"] == "sales"
    company.call("supervisor", "POST", "/api/orders", json=draft(channel="shop", external_no="1"))
    for known in ("miniprogram", "shop"):
        assert boss.put("/api/channels/pos", {"for": known}).json()["for"] == known
    assert boss.put("/api/channels/pos", boss.get("/api/channels/pos").json()).status_code == 200


# --- a change, tried on what came -------------------------------------------------------------------------


def test_a_change_is_tried_on_the_last_messages_and_changes_nothing(company, boss):
    till = Till(company)
    till("order.paid", order_id="P-1")
    till("order.paid", order_id="P-2", remark="", memo="加急")
    till.raw(
        b'{"type": "order.paid", "data": {"nr": "P-3", "pay_time": 1769047500, "items": [{"sku": "BP-1023", "qty": 1}]}}'
    )
    till("order.looked_at", order_id="P-4")
    before = company.supervisor.get("/api/orders?limit=200").text, inbox(company)
    mapping = boss.get("/api/channels/pos").json()["mapping"]
    assert boss.post("/api/channels/pos/rehearse", {"mapping": mapping}).json()["same"] == 4
    wanted = {
        **mapping,
        "external_no": {"first": ["data.order_id", "data.nr"]},
        "note": {"first": ["data.remark", "data.memo"]},
    }
    told = boss.post("/api/channels/pos/rehearse", {"mapping": wanted}).json()
    assert (told["count"], told["same"], told["mended"], told["broken"]) == (4, 2, 1, 0)
    by_no = {one["external_no"]: one for one in told["items"]}
    assert {"field": "note", "was": None, "would": "加急"} in by_no["P-2"]["changes"]
    mended = by_no[""]
    assert (mended["was"], mended["would"]) == ("dead", "order")
    assert mended["changes"][0]["field"] == "external_no"
    assert mended["changes"][0]["would"] == "P-3"
    worse = boss.post("/api/channels/pos/rehearse", {"mapping": {**mapping, "external_no": "data.nr"}}).json()
    assert (worse["mended"], worse["broken"]) == (1, 2)
    assert (company.supervisor.get("/api/orders?limit=200").text, inbox(company)) == before


def test_a_new_keyword_is_tried_on_what_came(company, boss):
    Till(company)("order.paid", remark="老板等着")
    words = [{"words": ["等着"], "tag": "加急", "priority": "urgent"}]
    told = boss.post("/api/channels/pos/rehearse", {"keywords": words}).json()
    assert {"field": "priority", "was": None, "would": "urgent"} in told["items"][0]["changes"]


def test_samples_are_what_came_and_proved_its_origin(company, boss):
    Till(company)("order.paid")
    Till(company, "pos", "whsec_" + "QUJD" * 8)("order.paid")
    found = boss.get("/api/channels/pos/samples").json()["items"]
    assert [one["payload"]["data"]["order_id"] for one in found] == ["P-1001"]
    assert "data.order_id" in [row["path"] for row in found[0]["tree"]]
    tried = boss.post("/api/channels/pos/try", {"message": found[0]["id"]}).json()
    assert tried["draft"]["external_no"] == "P-1001"
    for other in ("999", inbox(company)[0]["id"]):
        assert boss.post("/api/channels/miniprogram/try", {"message": other}).status_code == 404


# --- what may be chosen -----------------------------------------------------------------------------------


def test_the_catalogue_has_both_languages_and_every_conversion_has_words(boss):
    told = boss.get("/api/channels/catalogue").json()
    names = {one["name"] for one in told["conversions"]}
    for one in (*told["fields"], *told["conversions"], *told["schemes"]):
        assert one["zh"]
        assert one["en"]
    for one in told["fields"]:
        assert set(one["fitting"]) <= names
        assert one["default"] in one["fitting"]


@pytest.mark.parametrize("code", ["new", "catalogue", "suggest"])
def test_a_name_that_the_pages_use_is_no_channels(boss, code):
    answer = boss.put(f"/api/channels/{code}", {"label": "New", "scheme": "whatsapp"})
    assert answer.status_code in (400, 405)
    assert code not in [one["code"] for one in boss.get("/api/channels").json()["items"]]


def test_only_who_may_sets_channels_up(company):
    for role in ("sales", "finance", "picker"):
        who = getattr(company, role)
        for answer in (
            who.get("/api/channels/catalogue"),
            who.get("/api/channels/pos/versions"),
            who.get("/api/channels/pos/samples"),
            who.get("/api/channels/pos/imports"),
            who.get("/api/imports/x"),
            who.post("/api/channels/pos/rehearse", {}),
            who.post("/api/channels/suggest", {"text": "{}"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


# --- sheets -----------------------------------------------------------------------------------------------

SHEET = "编号甲,货,几个,多少钱\nA-1,BP-1023,4,128.00\nA-2,BP-1023,x,128.00\nA-3,=cmd(),1,1\n".encode()
COLUMNS = {
    "external_no": "编号甲",
    "lines": {"sku": "货", "qty": "几个", "price_fen": {"path": "多少钱", "as": "yuan"}},
}


def upload(who, path, data=SHEET, **form):
    return who.post(path, data=form, files={"file": ("orders.csv", data, "text/csv")})


def test_a_sheet_is_looked_at_before_anything_is_taken(company, boss):
    seen = upload(boss, "/api/channels/pos/preview").json()
    assert (seen["header"], seen["total"], seen["from"]) == (
        ["编号甲", "货", "几个", "多少钱"],
        3,
        "suggested",
    )
    assert seen["rows"][0]["cells"] == ["A-1", "BP-1023", "4", "128.00"]
    assert [row["name"] for row in seen["tree"]] == ["编号甲", "货", "几个", "多少钱"]
    assert {one["path"] for one in seen["problems"]} == {"external_no", "lines"}
    mapped = upload(boss, "/api/channels/pos/preview", mapping=json.dumps(COLUMNS)).json()
    assert (mapped["orders"], mapped["refused"], mapped["reasons"][0]["row"]) == (2, 1, 3)
    assert (mapped["problems"], mapped["first"]["external_no"]) == ([], "A-1")
    assert boss.get("/api/orders").json()["items"] == []


def test_a_sheet_whose_count_has_an_unknown_name_is_asked_about(boss):
    sheet = "订单号,货号,箱数,单价\nA-1,BP-1023,200,5\n".encode()
    looked = upload(boss, "/api/channels/pos/preview", sheet).json()
    assert (looked["orders"], looked["problems"][0]["path"]) == (0, "lines[0].qty")


def test_a_mapping_is_remembered_for_the_shape_of_its_header(company, boss):
    done = upload(boss, "/api/channels/pos/import", mapping=json.dumps(COLUMNS), id="first").json()
    assert (done["orders"], [one["rows"] for one in done["refused"]]) == (2, [[3]])
    moved = "多少钱,几个,货,编号甲\n1.00,2,BP-1023,A-9\n".encode()
    assert upload(boss, "/api/channels/pos/preview", moved).json()["from"] == "kept"
    assert upload(boss, "/api/channels/pos/import", moved).json()["orders"] == 1
    assert (
        upload(boss, "/api/channels/pos/preview", "编号乙,货\n1,2\n".encode()).json()["from"] == "suggested"
    )
    again = upload(boss, "/api/channels/pos/import", id="again").json()
    assert (again["orders"], again["duplicates"], len(again["refused"])) == (0, 2, 1)
    told = boss.get("/api/imports/first").json()
    assert (told["status"], told["done"], told["total"], told["orders"], told["refused"]) == (
        "done",
        3,
        3,
        2,
        1,
    )
    assert {one["id"] for one in boss.get("/api/channels/pos/imports").json()["items"]} >= {"first", "again"}


def test_an_import_that_died_is_told_and_safe_to_take_again(company, boss, monkeypatch):
    taken = importing.take_in
    monkeypatch.setattr(importing, "CHUNK", 1)

    def dies(tx, channel, part, report, now, gate):
        if report.orders == 1:
            raise RuntimeError("cut off")
        taken(tx, channel, part, report, now, gate)

    monkeypatch.setattr(importing, "take_in", dies)
    columns = json.dumps(COLUMNS)
    assert upload(boss, "/api/channels/pos/import", mapping=columns, id="x").status_code == 500
    told = boss.get("/api/imports/x").json()
    assert (told["status"], told["orders"], told["total"]) == ("cut", 1, 3)
    # Killed with its server: it stays as it was, and nobody hears of it any more.
    company.db.writer.now(lambda tx: tx.connection.execute("UPDATE imports SET status = 'running'"))
    assert boss.get("/api/imports/x").json()["status"] == "running"
    company.clock.forward(imports.SILENT_MS + 1)
    assert boss.get("/api/channels/pos/imports").json()["items"][0]["status"] == "cut"
    monkeypatch.setattr(importing, "take_in", taken)
    again = upload(boss, "/api/channels/pos/import", mapping=columns, id="x").json()
    assert (again["orders"], again["duplicates"]) == (1, 1)
    assert boss.get("/api/imports/x").json()["status"] == "done"


def test_no_cell_of_the_refused_acts_as_a_formula(boss):
    data = "编号甲,货,几个,多少钱\n=1+1,@x,-x,+y\n".encode()
    done = upload(boss, "/api/channels/pos/import", data, mapping=json.dumps(COLUMNS)).json()
    rows = base64.b64decode(done["refused_csv"]).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert all(not cell.startswith(("=", "+", "-", "@")) for cell in rows[1].split(","))


@pytest.mark.parametrize(
    ("form", "path"),
    [({"mapping": "{"}, "$.mapping"), ({"mapping": '{"x": 1}'}, "$.mapping.x"), ({"id": "../x"}, "$.id")],
)
def test_a_wrong_upload_is_refused_by_its_place(boss, form, path):
    for way in ("preview", "import"):
        refused = upload(boss, f"/api/channels/pos/{way}", **form)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, path)
    assert boss.get("/api/channels/pos/imports").json()["items"] == []


def test_an_order_by_the_ton_keeps_what_rounding_left(company, boss):
    mapping = {
        "external_no": "no",
        "paid_at": "at",
        "lines": {
            "each": "items", "sku": "sku",
            "by_weight": {
                "weight": "tons", "price": {"path": "per_ton", "as": "yuan"},
                "pieces": {"BP-1023": {"g": 23_700, "round": "up"}},
            },
        },
    }  # fmt: skip
    body = {
        "label": "钢材",
        "scheme": "none",
        "secrets": {"path_key": "k"},
        "mapping": mapping,
        "enabled": True,
    }
    assert boss.put("/api/channels/steel", body).status_code == 200
    items = [{"sku": "BP-1023", "tons": "0.5", "per_ton": "4200.00"}]
    message = {"no": "ST-1", "at": "2026-01-22 10:05:00", "items": items}
    assert company.client.post("/in/steel/k", json=message).status_code == 200
    found = boss.get("/api/orders?q=ST-1").json()["items"]
    order = boss.get(f"/api/orders/{found[0]['order_no']}").json()
    assert (order["amount_fen"], order["paid_fen"], order["exceptions"]) == (210_000, 210_000, [])
    assert sum(line["qty"] for line in order["lines"]) == 22
    assert order["extra"]["by_weight"] == [
        {
            "sku": "BP-1023", "asked_g": 500_000, "taken_g": 521_400, "rest_g": -21_400, "sum_fen": 210_000,
            "rest_fen": "0",
        }
    ]  # fmt: skip
