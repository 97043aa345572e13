"""The inbox over time: dead messages judged again all at once, what was understood swept, what people see masked, and one
truth whatever the order of arrival."""

from itertools import count, permutations

import pytest

from api.channels import service
from api.channels.masking import masked
from api.channels.schemes import SCHEMES
from api.kernel.time import DAY
from api.worker import Worker
from bench.platforms import PLATFORMS, Event
from tests.support.company import SECRET
from tests.support.senders import MiniProgram, Till, inbox, only, order_data, orders, put_channel, raws, send

MAPPING = PLATFORMS["standard_webhooks"].mapping()


def judged(company, **body):
    answer = company.supervisor.post("/api/inbox/replay", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_mended_mapping_and_all_dead_messages_become_orders(company, clock, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", 3)
    till = PLATFORMS["standard_webhooks"]
    put_channel(
        company, "standard_webhooks", till.secrets(), mapping={**MAPPING, "external_no": "data.no_such"}
    )
    for n in range(7):
        event = Event("pay", order_data(order_id=f"D-{n}"), f"m{n}")
        assert send(company, till.push("mine", event, clock.now // 1000)).status_code == 200
    assert len(inbox(company, status="dead")) == 7
    assert judged(company)["became"] == {"dead": 3}
    assert company.supervisor.put("/api/channels/mine", {"mapping": MAPPING}).status_code == 200
    assert judged(company, channel="pos") == {"replayed": 0, "became": {}, "next": None}
    seen, after = [], ""
    while after is not None:
        found = judged(company, channel="mine", after=after)
        seen.append(found["became"])
        after = found["next"]
    assert seen == [{"done": 3}, {"done": 3}, {"done": 1}]
    assert (len(orders(company)), inbox(company, status="dead")) == (7, [])
    assert judged(company)["replayed"] == 0


def test_what_cannot_be_proven_or_is_off_stays_dead(company):
    assert company.client.post("/in/pos", content=b"{}").status_code == 401
    company.supervisor.put("/api/channels/pos", {"enabled": False})
    assert Till(company)("order.paid").status_code == 503
    assert judged(company)["became"] == {"dead": 2}
    company.supervisor.put("/api/channels/pos", {"enabled": True})
    assert judged(company)["became"] == {"dead": 1, "done": 1}
    assert company.sales.post("/api/inbox/replay", {}).status_code == 403
    for body in ({"after": "x"}, {"channel": "\0"}, {"nothing": 1}):
        assert company.supervisor.post("/api/inbox/replay", body).status_code == 400


def swept(company, clock, tmp_path, days):
    worker = Worker(company.db, clock, SECRET, tmp_path / "points", inbox_ms=days * DAY)
    worker.sweep()
    return [one["status"] for one in inbox(company, limit=200)]


def test_what_was_understood_is_swept_and_nothing_else(company, clock, tmp_path, monkeypatch):
    monkeypatch.setattr(service, "AT_ONCE", 2)
    till = Till(company)
    for n in range(5):
        assert till("order.created", f"c{n}", order_id=f"S-{n}").status_code == 200
    till("order.created", "c0", order_id="S-0")
    till("weather", "w")
    till("order.cancelled", "early", order_id="not here yet")
    till("order.paid", "bad", order_id="S-0", amount_fen="much")
    assert swept(company, clock, tmp_path, 30) == ["dead", "waiting", "ignored", "duplicate"] + ["done"] * 5
    clock.forward(30 * DAY)
    assert till("order.created", "young", order_id="S-9").status_code == 200
    clock.forward(1)
    assert swept(company, clock, tmp_path, 30) == ["done", "dead", "waiting"]
    # What waits still comes to its order, and a message of then is still one message.
    assert till("order.created", "late", order_id="not here yet").status_code == 200
    assert only(company, q="not here yet")["state"] == "cancelled"
    assert till("order.created", "c1", order_id="S-1").status_code == 200
    assert inbox(company)[0]["status"] == "duplicate"
    assert len(orders(company)) == 7


def test_old_nonces_go_and_young_ones_stay(company, clock, tmp_path):
    mini = MiniProgram(company, is_secure=False, is_xml=False)
    mini.set_up()
    for nonce in ("old", "young"):
        assert mini("channels_ec_order_new", nonce=nonce, order_id=nonce).text == "success"
        clock.forward(SCHEMES["wechat_push"].replay_window * 1000 + 301_000 if nonce == "old" else 0)
    sql = "SELECT message_id FROM inbox_seen WHERE message_id LIKE 'nonce:%'"

    def marks():
        return [
            row[0][-5:] for row in company.db.reader.now(lambda tx: tx.connection.execute(sql).fetchall())
        ]

    assert len(marks()) == 2
    swept(company, clock, tmp_path, 30)
    assert marks() == ["young"]
    assert mini("channels_ec_order_new", nonce="young", order_id="other").status_code == 401


@pytest.mark.parametrize(
    ("raw", "hidden", "kept"),
    [
        ('{"phone":"13812345678","order":"4867612908000345678"}', "12345678", "4867612908000345678"),
        ('{"access_token":"abc123","app_secret":"xyz"}', "abc123", "access_token"),
        ('{"data":"{\\"token\\":\\"abc123\\"}","tag":"101"}', "abc123", '"tag":"101"'),
        ("<xml><Token><![CDATA[abc123]]></Token><Event>pay</Event></xml>", "abc123", "<Event>pay</Event>"),
        ("sign=1&api_key=abc123&param=2", "abc123", "param=2"),
        ('{"Password" : "abc123", "note": "the password is in the book"}', "abc123", "is in the book"),
        ("电话 138 0000 0000，座机 021-58888888", "0000 0000", "电话 138"),
    ],
)
def test_secrets_and_phones_are_masked_in_views(company, raw, hidden, kept):
    shown = masked(raw.encode())
    assert hidden not in shown
    assert kept in shown
    assert company.client.post("/in/pos", content=raw.encode()).status_code == 401
    assert (inbox(company)[0]["raw"], raws(company)) == (shown, [raw.encode()])


# --- one truth ----------------------------------------------------------------------------------------------

STORIES = {
    "paid": ("create", "pay"),
    "paid and refunded": ("create", "pay", "refund"),
    "cancelled": ("create", "cancel"),
    "paid, then cancelled": ("create", "pay", "cancel"),
}


@pytest.mark.parametrize("story", STORIES)
def test_whatever_the_order_of_arrival_the_order_ends_the_same(house, story):
    """Each event twice under ids of its own: every way of arrival tells one story."""
    till, numbers, ends = PLATFORMS["standard_webhooks"], count(), set()
    code = f"way-{list(STORIES).index(story)}"
    put_channel(house, "standard_webhooks", till.secrets(), code=code, mapping=MAPPING)
    for way in sorted(set(permutations(STORIES[story] + STORIES[story][:2]))):
        no = f"{code}-{next(numbers)}"
        for n, kind in enumerate(way):
            data = order_data(order_id=no, **({"pay_time": None} if kind == "create" else {}))
            if kind != "create":
                data.pop("items")
            push = till.push(code, Event(kind, data, f"{no}-{n}"), house.clock.now // 1000)
            assert send(house, push).status_code == 200
        (order,) = [one for one in orders(house, q=no) if one["external_no"] == no]
        ends.add((order["state"], order["paid_fen"]))
    expected = {"paid": ("to_pick", 51200), "paid and refunded": ("cancelled", 0), "cancelled": ("cancelled", 0),
                "paid, then cancelled": ("cancelled", 51200)}  # fmt: skip
    assert ends == {expected[story]}
    assert not [one for one in inbox(house, status="dead", limit=200) if one["channel"] == code]
