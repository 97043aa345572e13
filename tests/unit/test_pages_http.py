"""The customer's page over HTTP: headers, languages, gone links, and that it needs no script and little weight."""

import gzip
import re

import pytest

from tests.support.company import draft

PAGE_LIMIT = 15_000
DAY = 86_400_000


@pytest.fixture
def order_no(company):
    body = draft(note="别告诉客户", options=["内部选项"], address="上海市浦东新区张江路1号")
    return company.supervisor.post("/api/orders", body).json()["order_no"]


def link(company, order_no):
    return (
        "/t/" + company.sales.post(f"/api/orders/{order_no}/tracking-link").json()["url"].rpartition("/")[2]
    )


def pick_all(company, order_no, actor="picker"):
    device = company.supervisor.post("/api/devices", {"label": "PDA", "warehouse": "SH"}).json()
    enrolled = company.client.post("/api/devices/enrol", json={"code": device["code"]}).json()
    dev = enrolled["device"]
    op = {
        "id": f"{dev}:1", "hlc": f"001769047600000-0000-{dev}", "at": "2026-01-22T10:06:40+08:00",
        "actor": actor, "order_no": order_no, "line_no": 1, "kind": "pick", "qty": 4, "bin": "A-01-01",
        "code": "BP-1023", "v": 1,
    }  # fmt: skip
    head = {"Authorization": f"Bearer {enrolled['token']}"}
    pushed = company.client.post("/sync/push", json={"device": dev, "ops": [op]}, headers=head).json()
    assert pushed["results"][0]["verdict"] == "applied"


def test_the_page_is_private_and_plain(company, order_no):
    got = company.client.get(link(company, order_no))
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["x-robots-tag"] == "noindex"
    assert got.headers["referrer-policy"] == "no-referrer"
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    csp = got.headers["content-security-policy"]
    assert "default-src 'self'" in csp
    assert "unsafe" not in csp
    assert "<script" not in got.text
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", got.text)
    assert "//" not in re.sub(r"<!doctype[^>]*>", "", got.text)  # no other host is named
    for hidden in ("别告诉客户", "内部选项", "12800", "128.00", "512", "13800000000", "张江路", "C0042"):
        assert hidden not in got.text
    for shown in ("前刹车片", "4 件", "上海市浦东新区", "Sales", "付款", "签收"):
        assert shown in got.text


def test_the_whole_page_weighs_less_than_fifteen_kilobytes(company, order_no):
    got = company.client.get(link(company, order_no))
    parts = re.findall(r'(?:href|src)="(/pwa/[^"]+)"', got.text)
    assert len(parts) >= 3
    whole = len(gzip.compress(got.content))
    for part in parts:
        file = company.client.get(part)
        assert file.status_code == 200, part
        whole += len(gzip.compress(file.content))
    assert whole <= PAGE_LIMIT


def test_the_browser_or_the_address_chooses_the_language(company, order_no):
    path = link(company, order_no)
    zh = company.client.get(path, headers={"accept-language": "fr, zh;q=0.5"})
    en = company.client.get(path, headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.8"})
    assert 'lang="zh-CN"' in zh.text
    assert "货留好了" in zh.text
    assert zh.headers["content-language"] == "zh-CN"
    assert '<html lang="en">' in en.text
    assert "Set aside" in en.text
    assert "Who has it now" in en.text
    asked = company.client.get(f"{path}?lang=en", headers={"accept-language": "zh"})
    assert "Set aside" in asked.text
    odd = company.client.get(f"{path}?lang=de", headers={"accept-language": "zh"})
    assert "货留好了" in odd.text
    english = re.sub(r"<[^>]+>", " ", en.text).replace("前刹车片", "").replace("上海市浦东新区", "")
    assert re.findall(r"[一-鿿]+", english) == ["货到哪", "中文"]


def test_head_answers_as_get_without_the_body(company, order_no):
    path = link(company, order_no)
    got, head = company.client.get(path), company.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    kept = ("content-type", "content-length", "cache-control", "x-robots-tag", "content-security-policy")
    assert [head.headers[name] for name in kept] == [got.headers[name] for name in kept]
    assert company.client.head("/t/" + "A" * 26).status_code == 404
    assert company.client.head("/").status_code == 200


def test_unknown_revoked_and_lapsed_look_the_same(company, order_no, clock):
    revoked = link(company, order_no)
    company.sales.delete(f"/api/orders/{order_no}/tracking-link")
    fresh = link(company, order_no)
    assert fresh != revoked
    assert company.client.get(fresh).status_code == 200
    clock.forward(181 * DAY)
    odd = ("/t/" + "A" * 26, "/t/x", "/t/%00", "/t/" + "字" * 26, "/T/" + "B" * 400)
    seen = [company.client.get(path) for path in (revoked, fresh, *odd)]
    assert {one.status_code for one in seen} == {404}
    assert len({one.content for one in seen}) == 1
    assert len({tuple(sorted(one.headers.items())) for one in seen}) == 1
    assert "这个链接打不开了" in seen[0].text
    assert "Ask your salesperson" in company.client.get(odd[0], headers={"accept-language": "en"}).text


def test_capitals_open_the_same_page(company, order_no):
    path = link(company, order_no)
    assert company.client.get(path.upper()).text == company.client.get(path).text
    assert company.client.get(path.lower()).status_code == 200


def test_the_way_to_the_door_is_told(company, order_no):
    path = link(company, order_no)
    pick_all(company, order_no)
    assert "正在拣货" in company.client.get(path).text
    company.picker.post(f"/api/orders/{order_no}/pack")
    assert "打包好了" in company.client.get(path).text
    company.picker.post(f"/api/orders/{order_no}/ship", {"carrier": "顺丰<b>", "waybill": "SF<i>139"})
    out = company.client.get(path).text
    assert "<code>SF&lt;i&gt;139</code>" in out
    assert "顺丰&lt;b&gt; 正在送" in out
    company.sales.post(f"/api/orders/{order_no}/deliver", {"evidence": "前台代收，找张三 13812345678"})
    there = company.client.get(path).text
    assert "送到了" in there
    assert "前台代收" in there
    assert "张三" not in there
    assert there.count("<li><svg") == 7  # ordered, paid, set aside, picking, packed, collected, delivered


def test_a_name_that_only_a_device_claims_is_not_told(company, order_no):
    path = link(company, order_no)
    pick_all(company, order_no, actor="隔壁老王")
    text = company.client.get(path).text
    assert "正在拣货" in text
    assert "老王" not in text
    assert "您的销售" in text


def test_a_hold_shows_no_reason(company, order_no):
    path = link(company, order_no)
    company.finance.post(f"/api/orders/{order_no}/hold", {"reason": "税号有误"})
    text = company.client.get(path).text
    assert "正在核对，销售会联系您" in text
    assert "税号" not in text


def test_an_amended_order_shows_its_newest_version(company, order_no):
    path = link(company, order_no)
    changed = {"changes": {"lines": [{"sku": "OF-3001", "qty": 2, "price_fen": 2500}]}}
    newest = company.sales.post(f"/api/orders/{order_no}/amend", changed).json()["order_no"]
    assert newest == f"{order_no}-V2"
    text = company.client.get(path).text
    assert "机油滤清器" in text
    assert "前刹车片" not in text
    assert "改过一次，这是最新的" in text
    assert text.count("已下单") == 1


def test_missing_stock_and_cancellation(company):
    short = company.supervisor.post(
        "/api/orders", draft(lines=[{"sku": "BP-1023", "qty": 5000, "price_fen": 1}])
    )
    text = company.client.get(link(company, short.json()["order_no"])).text
    assert "正在调货，齐了就发" in text
    assert "可用" not in text
    gone = company.sales.post("/api/orders", draft(paid_at=None)).json()["order_no"]
    path = link(company, gone)
    assert "等您付款" in company.client.get(path).text
    company.sales.post(f"/api/orders/{gone}/cancel", {"reason": "不要了"})
    text = company.client.get(path).text
    assert "这单取消了" in text
    assert "不要了" not in text
