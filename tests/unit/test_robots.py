"""Checkpoints reach a chat over real HTTP on loopback: signed as each platform wants it, again when they surely were not
taken, and never twice, whoever dies, hangs or loses an answer; no credential is told to anybody.
"""

import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from api import settings as config
from api import worker as working
from api.db.database import Database
from api.journal import anchor, checkpoint, service
from api.journal.anchor import Anchor
from api.journal.signing import Signer
from api.kernel import standard_webhooks
from api.kernel.actor import SYSTEM
from api.kernel.time import DAY, MINUTE, SECOND
from api.robots import kinds
from api.robots.model import Message, Robot, Undelivered, Unheard
from api.robots.sending import send
from api.setup import loading
from api.worker import Worker
from tests.support import engines
from tests.support.chat import KEY, OK, Chat, How
from tests.support.company import SECRET, START, MovedClock
from tests.support.vectors import KNOWN
from tests.unit.test_worker import until


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.stop()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = engines.opened(tmp_path / "data")
    db.writer.now(lambda tx: loading.begin(tx, START))
    yield db
    db.stop()


def entry(db: Database) -> None:
    db.writer.now(lambda tx: service.record(tx, "order:1", "order.placed", {}, SYSTEM, START))


def signed(db: Database, signer: Signer, now: int = START) -> str:
    entry(db)
    text = signer.sign(now)
    assert text is not None
    return text


@pytest.fixture
def signer(db: Database, tmp_path: Path) -> Signer:
    return Signer(db, SECRET, tmp_path / "points")


MESSAGE = Message("checkpoint-X-1", "journal.checkpoint", "货到哪\n\nsize: 1")


def test_wecom_gets_a_text_and_its_key_in_the_address(chat: Chat):
    send(chat.robot(), MESSAGE, START)
    path, headers, body = chat.posts[0]
    assert (path, headers["content-type"]) == (
        f"/cgi-bin/webhook/send?key={KEY}", "application/json; charset=utf-8",
    )  # fmt: skip
    assert json.loads(body) == {"msgtype": "text", "text": {"content": MESSAGE.text}}


def test_dingtalks_address_is_signed_as_published(chat: Chat):
    vector = KNOWN["dingtalk-robot-sign"]
    given, wanted = vector["inputs"], vector["expected"]
    assert kinds.dingtalk_sign(given["secret"], given["timestamp_ms"]) == wanted["sign_b64"]
    send(chat.robot("dingtalk", given["secret"]), MESSAGE, int(given["timestamp_ms"]))
    path = chat.posts[0][0]
    assert wanted["sign_urlencoded"] in path
    assert parse_qs(urlsplit(path).query) == {
        "key": [KEY], "timestamp": [given["timestamp_ms"]], "sign": [wanted["sign_b64"]],
    }  # fmt: skip
    send(chat.robot("dingtalk"), MESSAGE, START)
    assert "sign" not in chat.posts[1][0]


def test_a_login_at_dingtalk_is_signed_as_published():
    vector = KNOWN["dingtalk-login-free-sign"]
    secret, at = vector["inputs"]["app_secret"], vector["inputs"]["timestamp_ms"]
    assert quote(kinds.dingtalk_mark(secret, at), safe="") == vector["expected"]["sign_urlencoded"]
    # A robot's form is another, so that the one is never taken for the other.
    assert (
        len(
            {
                kinds.dingtalk_mark(secret, at),
                kinds.dingtalk_sign(secret, at),
                kinds.dingtalk_mark(at, secret),
            }
        )
        == 3
    )


def test_a_webhook_is_signed_as_published(chat: Chat):
    vector = KNOWN["stdwh-sign-1"]
    given = vector["inputs"]
    key = standard_webhooks.key_of(given["secret"])
    made = standard_webhooks.sign(
        key, given["webhook_id"], given["webhook_timestamp"], given["raw_body"].encode()
    )
    assert made == vector["expected"]["webhook_signature"]
    chat.now = How(204, b"")  # any 2xx will do
    send(chat.robot("webhook", given["secret"]), MESSAGE, START)
    _, headers, body = chat.posts[0]
    wanted = standard_webhooks.sign(key, MESSAGE.id, str(START // 1000), body)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (MESSAGE.id, str(START // 1000))
    assert headers["webhook-signature"] == wanted
    said = json.loads(body)
    assert (said["type"], said["data"], said["timestamp"]) == (
        "journal.checkpoint", {"text": MESSAGE.text}, "2026-01-22T02:05:00+00:00",
    )  # fmt: skip


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.text(max_size=1500))
def test_a_text_is_cut_between_two_letters(text: str):
    text = text.encode("utf-8", "ignore").decode()
    made = kinds.cut(text, 2_048)
    assert text.startswith(made)
    assert len(made.encode()) <= 2_048
    assert made == text or len(made.encode()) > 2_044


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [
        (
            200,
            b'{"errcode":45009,"errmsg":"too fast, key=SECRET-KEY-OF-THE-CHAT"}',
            "refused by the platform",
        ),
        (200, b"<html>", "no answer of the platform"),
        (200, b"\xff", "no answer of the platform"),
        (200, b"{}", "no answer of the platform"),
        (504, OK, "status 504"),
        (500, OK, "status 500"),
        (302, OK, "status 302"),
    ],
)
def test_what_is_not_taken_is_said_without_a_credential(chat: Chat, status: int, answer: bytes, why: str):
    chat.now = How(status, answer)
    with pytest.raises(Undelivered) as error:
        send(chat.robot(), MESSAGE, START)
    assert str(error.value) == why
    assert isinstance(error.value, Unheard) == (why in ("no answer of the platform", "status 504"))
    assert len(chat.posts) == 1  # no redirect is followed


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/x", "http://[::1", "http://127.0.0.1:99999/", "http://h\u2024x/"]
)
def test_nobody_there_is_undelivered_too(address: str):
    with pytest.raises(Undelivered) as error:
        send(Robot("wecom", f"{address}?key={KEY}"), MESSAGE, START, timeout=2)
    assert KEY not in str(error.value)


def test_the_chat_keeps_the_checkpoint_word_for_word(db: Database, signer: Signer, chat: Chat):
    text = signed(db, signer)
    assert Anchor(db, (chat.robot(),), MovedClock()).post() == 1
    (said,) = chat.texts()
    assert text in said
    assert len(said.encode()) < kinds.WECOM_BYTES
    found = checkpoint.found_in(said)
    assert (found, checkpoint.is_genuine(checkpoint.read(found))) == (text, True)


def test_the_newest_alone_and_at_most_once_a_minute(db: Database, signer: Signer, chat: Chat):
    clock = MovedClock()
    robots = Anchor(db, (chat.robot(),), clock)
    assert robots.post() == 0  # nothing signed yet
    signed(db, signer)
    newest = signed(db, signer)
    assert [robots.post() for _ in range(3)] == [1, 0, 0]
    later = [signed(db, signer) for _ in range(3)]
    assert robots.post() == 0
    clock.forward(MINUTE)
    assert [robots.post() for _ in range(3)] == [1, 0, 0]
    clock.forward(DAY)
    assert robots.post() == 0
    assert [checkpoint.found_in(said) for said in chat.texts()] == [newest, later[-1]]


def test_two_processes_tell_it_once(db: Database, signer: Signer, chat: Chat):
    signed(db, signer)
    other = engines.opened(db.folder)
    both = [Anchor(one, (chat.robot(),), MovedClock()) for one in (db, other)]
    chat.held.clear()
    threads = [threading.Thread(target=one.post) for one in both]
    for thread in threads:
        thread.start()
    until(lambda: len(chat.posts) == 1)
    until(lambda: sum(thread.is_alive() for thread in threads) == 1)
    chat.held.set()
    for thread in threads:
        thread.join()
    other.stop()
    assert len(chat.posts) == 1


def test_what_was_not_taken_is_tried_again_less_and_less_often(db: Database, signer: Signer, chat: Chat):
    clock = MovedClock()
    robots = Anchor(db, (chat.robot(),), clock)
    signed(db, signer)
    chat.now = How(503)
    with capture_logs() as logs:
        for tries, wait in enumerate((15, 30, 60, 120), 1):
            assert (robots.post(), len(chat.posts)) == (0, tries)
            clock.forward(wait * SECOND - 1)
            assert (robots.post(), len(chat.posts)) == (0, tries)
            clock.forward(1)
    assert [one["event"] for one in logs] == ["checkpoint.undelivered"] * 4
    assert KEY not in str(logs)
    assert str(chat.port) not in str(logs)
    chat.now = How()
    assert robots.post() == 1
    assert anchor.pause(1_000) == 30 * MINUTE


def test_a_clock_that_went_back_silences_no_chat(db: Database, signer: Signer, chat: Chat):
    clock = MovedClock()
    robots = Anchor(db, (chat.robot(),), clock)
    signed(db, signer)
    assert robots.post() == 1
    clock.forward(-DAY)
    signed(db, signer)
    assert robots.post() == 1


def test_one_that_died_with_the_message_in_hand_is_followed_by_the_next(
    db: Database, signer: Signer, chat: Chat
):
    """Perhaps it was sent: so it is not sent again, and the next one says all that it said."""
    clock = MovedClock()
    signed(db, signer)
    robot = chat.robot()
    assert db.writer.now(lambda tx: anchor._claimed(tx, robot.name, 1, clock())) == 0
    robots = Anchor(db, (robot,), clock)
    clock.forward(anchor.CLAIM)
    assert robots.post() == 0
    newest = signed(db, signer)
    assert robots.post() == 1
    assert [checkpoint.found_in(said) for said in chat.texts()] == [newest]


def _lost(chat: Chat) -> None:
    chat.now = How(answer=None)


def _gateway(chat: Chat) -> None:
    chat.now = How(504)


def _hung(chat: Chat) -> None:
    chat.held.clear()


@pytest.mark.parametrize("fault", [_lost, _gateway, _hung])
def test_a_message_whose_answer_was_lost_is_not_sent_again(
    db: Database, signer: Signer, chat: Chat, fault: Callable[[Chat], None]
):
    clock = MovedClock()
    robots = Anchor(db, (chat.robot(),), clock)
    first = signed(db, signer)
    fault(chat)
    assert robots.post(timeout=0.2) == 0
    chat.held.set()
    chat.now = How()
    clock.forward(DAY)
    assert robots.post() == 0
    second = signed(db, signer)
    assert robots.post() == 1
    assert [checkpoint.found_in(said) for said in chat.texts()] == [first, second]


@pytest.mark.parametrize("on_postgres", [False, True])
def test_workers_of_two_nodes_never_say_it_twice(tmp_path: Path, on_postgres: bool):
    """Both post without a pause, on clocks that differ, to chats that take, refuse, or lose the answer, at random."""
    url = engines.of(tmp_path) if on_postgres else ""
    nodes = [Database(tmp_path / (f"node{n}" if url else "data"), url=url) for n in range(2)]
    nodes[0].writer.now(lambda tx: loading.begin(tx, START))
    chats, draw, over = [Chat() for _ in range(3)], random.Random(5), threading.Event()
    signers = [Signer(db, SECRET, tmp_path / f"points{n}") for n, db in enumerate(nodes)]
    clocks = [MovedClock(), MovedClock()]
    clocks[1].forward(20 * SECOND)

    def speak(n: int) -> None:
        robots = Anchor(nodes[n], tuple(chat.robot() for chat in chats), clocks[n])
        while not over.is_set():
            robots.post()

    threads = [threading.Thread(target=speak, args=(n,)) for n in (0, 1)]
    for one in threads:
        one.start()
    try:
        for step in range(16):
            before = sum(len(chat.posts) for chat in chats)
            signed(nodes[step % 2], signers[step % 2])
            for chat in chats:
                chat.now = draw.choice([How(), How(), How(answer=None), How(503)])
            for clock in clocks:
                clock.forward(2 * MINUTE)
            until(lambda before=before: sum(len(chat.posts) for chat in chats) > before)
        for chat in chats:
            chat.now = How()
        newest = signed(nodes[0], signers[0])

        def has_come() -> bool:
            # A refusal that was under way is noted, and waits, from whenever it comes back.
            for clock in clocks:
                clock.forward(DAY)
            return all(newest in chat.texts()[-1] for chat in chats)

        until(has_come)
    finally:
        over.set()
        for one in threads:
            one.join()
    for chat in chats:
        chat.stop()
        assert len(chat.taken) == len({*chat.taken}) > 3
    for db in nodes:
        db.stop()


def test_every_chat_gets_it_and_a_dead_one_holds_back_none(db: Database, signer: Signer, chat: Chat):
    signed(db, signer)
    dead = Robot("wecom", f"http://127.0.0.1:1/?key={KEY}")
    assert Anchor(db, (dead, chat.robot(), chat.robot("dingtalk", "s")), MovedClock()).post() == 2
    assert len(chat.posts) == 2


def test_the_worker_speaks_and_a_silent_chat_delays_no_commit_checkpoint_or_stop(
    db: Database, tmp_path: Path, chat: Chat, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(working, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(working, "PATIENCE", 0.05)
    worker = Worker(db, MovedClock(), SECRET, tmp_path / "points", "Asia/Shanghai", (chat.robot(),))
    chat.held.clear()
    entry(db)
    assert worker.checkpoint() is not None
    worker.start()
    until(lambda: len(chat.posts) == 1)
    entry(db)
    assert worker.checkpoint() is not None
    assert len(list((tmp_path / "points").iterdir())) == 2
    worker.stop()
    chat.held.set()
    until(lambda: not any(one.name == "robots" for one in threading.enumerate()))
    assert db.reader.now(lambda tx: tx.value(service.Q.anchor, robot=chat.robot().name)) == 1


def test_a_credential_stands_in_no_table_and_no_word(db: Database, signer: Signer, chat: Chat):
    signed(db, signer)
    robot = chat.robot("dingtalk", "SEC-of-the-chat")
    assert Anchor(db, (robot,), MovedClock()).post() == 1
    rows = db.reader.now(lambda tx: [tuple(row) for row in tx.connection.execute("SELECT * FROM anchors")])
    assert len(rows) == 1
    for said in (str(rows), repr(robot), f"{(robot,)}"):
        assert KEY not in said
        assert "SEC-of" not in said
        assert robot.name in said


LINES = "wecom https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K ; dingtalk https://oapi.dingtalk.com/robot/send?access_token=T SECx\n webhook https://a.example/hook whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw;"


def test_the_setting_names_robots_and_its_fault_quotes_nothing(tmp_path: Path):
    given = {"HUODAONA_ROBOTS": LINES, "HUODAONA_DATA": str(tmp_path)}
    found = config.load(given).robots
    assert [(one.kind, one.secret) for one in found] == [
        ("wecom", ""), ("dingtalk", "SECx"), ("webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ]  # fmt: skip
    assert config.load({"HUODAONA_DATA": str(tmp_path)}).robots == ()
    for wrong in (f"slack https://x/{KEY}", "wecom", f"wecom ftp://{KEY}", f"wecom https:///{KEY}", f"wecom https://x/ {KEY}",
                  f"webhook https://x/ {KEY}!", f"dingtalk https://x/ a {KEY}"):  # fmt: skip
        with pytest.raises(config.BadSetting, match="ROBOTS: number 2") as error:
            config.load({**given, "HUODAONA_ROBOTS": f"wecom https://ok/ ; {wrong}"})
        assert KEY not in str(error.value)
