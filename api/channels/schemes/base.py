"""What every scheme speaks: a request as it came, and one of three outcomes.

A scheme proves where a request comes from, opens it, and knows the answer that its platform expects. It is
pure: bytes, secrets and `now` go in, a value comes out; it raises nothing, whatever the bytes are. Proof
comes before parsing, comparisons take constant time, and no reason ever carries a secret.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from api.channels.payload import Message
from api.kernel.errors import Why, WrongField

Secrets = Mapping[str, str]


class Incoming(msgspec.Struct, frozen=True):
    """One HTTP request. `headers` has lower-cased names, `path_key` is the part after `/in/{channel}/` or
    empty."""

    method: str
    body: bytes
    received_at_ms: int
    path_key: str = ""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    ip: str = ""


class Received(msgspec.Struct, frozen=True):
    """A proven push. `timestamp` (seconds) and `nonce` are what the sender signed, where its scheme has
    them."""

    messages: tuple[Message, ...]
    timestamp: int | None = None
    nonce: str = ""


class Rejected(msgspec.Struct, frozen=True):
    """A push that is not taken. `is_proven`: the origin was right, only the content cannot be read. `is_quiet`: a
    platform's own trial, refused and kept, and nobody's worry."""

    code: str
    why: Why
    status: int
    is_proven: bool = False
    is_quiet: bool = False


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    content_type: str


class Secret(NamedTuple):
    """`form`: one text, a map of texts (kept as JSON), or a list of texts (kept with commas)."""

    name: str
    is_required: bool
    meaning: Why
    form: Literal["text", "map", "list"] = "text"


class Reason(NamedTuple):
    status: int
    zh: str
    en: str


REJECTIONS: dict[str, Reason] = {
    "no_handshake": Reason(405, "这个渠道没有握手请求。", "This channel has no handshake."),
    "not_configured": Reason(
        503, "渠道的密钥没填或格式不对。", "The channel's secrets are missing or malformed."
    ),
    "channel_off": Reason(503, "渠道没启用，原文已存。", "The channel is off; the message is kept."),
    "signature_missing": Reason(401, "请求里没有签名。", "The request carries no signature."),
    "signature_wrong": Reason(401, "签名不对，可能密钥填错了。", "Wrong signature; the secret may differ."),
    "timestamp_malformed": Reason(401, "时间戳不是秒数。", "The timestamp is not a number of seconds."),
    "timestamp_old": Reason(401, "时间戳太旧，可能是重放。", "The timestamp is too old, maybe a replay."),
    "timestamp_early": Reason(
        401, "时间戳在将来，两边时钟差太多。", "The timestamp lies ahead; the clocks differ."
    ),
    "nonce_used": Reason(401, "这个随机数用过了，内容却不一样。", "This nonce was used for another content."),
    "id_malformed": Reason(
        401, "消息编号不能为空，也不能含“.”。", "The message id is empty or has a dot in it."
    ),
    "signature_probe": Reason(
        401, "平台的签名探测，本来就该拒绝。", "The platform's own trial signature; meant to be refused."
    ),
    "serial_unknown": Reason(
        401, "没有这个序列号的公钥或证书，可能换过。", "No key of that serial is known; it may be new."
    ),
    "sender_unknown": Reason(401, "应用编号不是这个渠道的。", "The sender's app id is not this channel's."),
    "verify_token_wrong": Reason(403, "握手口令不对。", "The handshake's verify token is wrong."),
    "path_key_wrong": Reason(401, "地址里的口令不对。", "The key in the address is wrong."),
    "ip_refused": Reason(403, "来源地址不在允许名单里。", "The sender's address is not on the list."),
    "not_encrypted": Reason(
        400, "渠道设了加密密钥，来的却是明文。", "An encryption key is set, yet this came plain."
    ),
    "encrypted_body": Reason(
        400, "来的是密文，渠道没填加密密钥。", "This came encrypted, yet no key is set."
    ),
    "cannot_decrypt": Reason(400, "解不开密文。", "The ciphertext cannot be opened."),
    "app_id_wrong": Reason(
        401, "密文里的应用编号不是这个渠道的。", "The app id inside is not this channel's."
    ),
    "payload_unreadable": Reason(
        400, "签名对，内容看不懂。", "Rightly signed, yet the content cannot be read."
    ),
}


def rejected(code: str, *, is_proven: bool = False, is_quiet: bool = False) -> Rejected:
    reason = REJECTIONS[code]
    return Rejected(code, Why(reason.zh, reason.en), reason.status, is_proven, is_quiet)


def same(a: str, b: str) -> bool:
    """Constant-time equality of texts of any script (`compare_digest` refuses non-ASCII `str`)."""
    return hmac.compare_digest(a.encode("utf-8", "surrogatepass"), b.encode("utf-8", "surrogatepass"))


def unix_seconds(value: str) -> int | None:
    """ASCII digits only: `int()` would also take signs, blanks, underscores and other scripts' digits."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


class Fresh(NamedTuple):
    """What a reply may need beside the request: seconds, and 24 random bytes that served nothing else."""

    now_s: int
    random: bytes


OK_JSON = Answer(200, b'{"ok":true}', "application/json")


def no_handshake(_incoming: Incoming, _secrets: Secrets) -> Answer | Rejected:
    return rejected("no_handshake")


class Scheme(msgspec.Struct, frozen=True):
    """One value per platform. `check` finds what is wrong with secrets when they are saved. `reply` makes the answer
    where it is no constant, `refuse` the answer to what is not taken. `replay_window` is in seconds and says for how
    long a nonce must be remembered (0: the scheme checks its timestamp by itself, or has none). `mapping`: what a new
    channel begins with, where the platform's messages always look alike. `marks`: the names at the top of a message by
    which a pasted one is known as the platform's."""

    name: str
    label: Why
    secrets: tuple[Secret, ...]
    check: Callable[[Secrets], list[WrongField]]
    receive: Callable[[Incoming, Secrets, int], Received | Rejected]
    handshake: Callable[[Incoming, Secrets], Answer | Rejected] = no_handshake
    answer: Answer = OK_JSON
    reply: Callable[[Incoming, Secrets, Fresh], Answer] | None = None
    refuse: Callable[[Incoming, Rejected], Answer] | None = None
    replay_window: int = 0
    mapping: dict[str, Any] = {}
    marks: tuple[str, ...] = ()

    def ok(self, incoming: Incoming, secrets: Secrets, fresh: Fresh) -> Answer:
        """What the platform wants to hear for a message taken, also for a duplicate."""
        return self.answer if self.reply is None else self.reply(incoming, secrets, fresh)

    def told(self, incoming: Incoming, found: Rejected) -> Answer | Rejected:
        """A refusal in the platform's own words, where it has any."""
        return found if self.refuse is None else self.refuse(incoming, found)

    def missing(self, secrets: Secrets) -> list[str]:
        """Names of required secrets that are not set; a channel with any cannot be enabled."""
        return [s.name for s in self.secrets if s.is_required and not secrets.get(s.name)]


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value), "application/json")


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name; empty where it is none."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def wrong_secret(name: str, zh: str, en: str) -> WrongField:
    return WrongField(f"$.secrets.{name}", Why(zh, en))
