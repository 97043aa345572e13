"""The grammar of every printed code: one type letter, a body, one check character.

`LA0103V` is the bin with the body `A0103`. Body and check character are written in Crockford's base32 (no I, L, O, U);
the check covers the body alone, so the type letter only says where to look. Pure and without dependencies, because the
same grammar runs in the browser (`pwa/src/scan/code.js`); `qr/vectors/codes.json` is the specification of both. Refuses
everything that it cannot prove to be ours; it never guesses.
"""

import hashlib
import re
import unicodedata
from typing import Final, NamedTuple

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS: Final = {
    "L": "bin",
    "D": "order",
    "C": "carton",
    "T": "tote",
    "V": "device",
    "P": "person",
    "R": "register",
}
MAX_BODY: Final = 24
MAX_TEXT: Final = 300

_BASE: Final = len(ALPHABET)
_VALUE: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_ASCII_UPPER: Final = {ord(c): ord(c) - 32 for c in "abcdefghijklmnopqrstuvwxyz"}
# A wedge scanner types through the input method: in full-width mode LA0103V arrives as ＬＡ０１０３Ｖ.
_HALF_WIDTH: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ALIASES: Final = str.maketrans("OIL", "011")
_EDGE: Final = "".join(map(chr, range(0x21))) + "\x7f\u00a0\u200b\ufeff"
_ADDRESS: Final = re.compile(r"(?:HTTPS?://[^/?#]+)?/S/([^/?#]+)/*(?:[?#].*)?", re.ASCII | re.DOTALL)
_ORIGIN: Final = re.compile(r"(HTTPS?)://([0-9A-Z.-]+(?::[0-9]+)?)/*", re.ASCII)


class Code(NamedTuple):
    """A proven code; `kind` is the type letter, a key of KINDS."""

    kind: str
    body: str

    @property
    def text(self) -> str:
        """What is printed and encoded."""
        return make(self.kind, self.body)


class Refused(NamedTuple):
    """Why a text is no code of ours; `code` is a key of REFUSALS."""

    code: str
    zh: str
    en: str


REFUSALS: Final = {
    r.code: r
    for r in (
        Refused("empty", "没有扫到内容，再扫一次。", "Nothing was read. Scan again."),
        Refused("too_long", "内容太长，不是货架码这类短码。", "Too long to be one of our codes."),
        Refused("not_ours", "这不是我们印的码。", "This is not one of our codes."),
        Refused(
            "unknown_kind",
            "是我们的码，但这一类还不认识，先更新。",
            "Our code, but of a kind unknown here. Update first.",
        ),
        Refused(
            "bad_check",
            "校验字符对不上，再扫，或重新输入。",
            "The check character does not match. Scan or type it again.",
        ),
    )
}


class LabelError(ValueError):
    """A label that cannot be made: a stable `code`, and the reason in Chinese and English."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.zh, self.en = code, zh, en


def check(body: str) -> str:
    """The check character of a body: ISO 7064's hybrid scheme with M = 32 (MOD 33,32).

    Finds every substitution of one character, and all adjacent transpositions but those listed in docs/labels.md.
    Raises KeyError on a letter outside ALPHABET.
    """
    product = _BASE
    for letter in body:
        product = ((product + _VALUE[letter]) % _BASE or _BASE) * 2 % (_BASE + 1)
    return ALPHABET[(_BASE + 1 - product) % _BASE]


def make(kind: str, body: str) -> str:
    """The code's text. `body` must already be in ALPHABET, 1 to MAX_BODY letters: raises LabelError otherwise."""
    if kind not in KINDS:
        raise LabelError("unknown_kind", f"没有“{kind}”这一类码。", f"There is no kind of code {kind!r}.")
    if not 1 <= len(body) <= MAX_BODY or not set(body) <= _VALUE.keys():
        raise LabelError(
            "bad_body",
            f"码体“{body}”不合规：1 到 {MAX_BODY} 位，数字和大写字母，不用 I L O U。",
            f"Body {body!r} is not 1 to {MAX_BODY} digits and capitals without I L O U.",
        )
    return kind + body + check(body)


def read(text: str, *, typed: bool = False) -> Code | Refused:
    """What a scanner, a camera or a hand gave: a bare code, or its address on any host.

    Upper and lower case, full-width forms, surrounding blanks, Enter and line feeds are all the same. `typed=True`
    also reads O as 0 and I, L as 1 after the type letter; scanned text is taken as it is, because a scanner never
    mistakes an O, and a foreign barcode should get no second chance to look like ours.
    """
    if len(text) > MAX_TEXT:
        return REFUSALS["too_long"]
    plain = text.translate(_HALF_WIDTH).strip(_EDGE).translate(_ASCII_UPPER)
    if not plain:
        return REFUSALS["empty"]
    if at := _ADDRESS.fullmatch(plain):
        plain = at[1]
    kind, rest = plain[0], plain[1:]
    if typed:
        rest = rest.translate(_ALIASES)
    if not "A" <= kind <= "Z" or len(rest) < 2 or not set(rest) <= _VALUE.keys():
        return REFUSALS["not_ours"]
    if len(rest) - 1 > MAX_BODY:
        return REFUSALS["too_long"]
    body, is_proven = rest[:-1], check(rest[:-1]) == rest[-1]
    if kind not in KINDS:
        return REFUSALS["unknown_kind" if is_proven else "not_ours"]
    return Code(kind, body) if is_proven else REFUSALS["bad_check"]


def opaque_body(*names: str) -> str:
    """A body that says nothing: `Z` and 9 letters (45 bits) of a SHA-256 over the names; the same names, the same body."""
    joined = "\x1f".join(unicodedata.normalize("NFKC", name) for name in names)
    number = int.from_bytes(hashlib.sha256(joined.encode()).digest()[:8]) >> 19
    return "Z" + "".join(ALPHABET[number >> shift & 31] for shift in range(40, -1, -5))


def bin_body(name: str) -> str:
    """`A-01-03` → `A0103`: hyphens and blanks left out, for bins and any other name (an order number, say). A name with
    other letters (`U-01`, `一区-2`) gets an opaque body.

    Not one to one: `A-1-23` and `A-12-3` meet, and so do equal names of two warehouses. Whoever stores codes keeps them
    unique and gives the later one `opaque_body(warehouse, name)`.
    """
    body = re.sub(r"[-\s]", "", unicodedata.normalize("NFKC", name)).translate(_ASCII_UPPER)
    return body if 1 <= len(body) <= MAX_BODY and set(body) <= _VALUE.keys() else opaque_body(name)


def address(public_url: str, code: str) -> str:
    """The code's address in upper case, so that a QR keeps its alphanumeric mode (45 letters, 5.5 bits each).

    `public_url` is scheme and host, with a port where needed: names ignore case, a path would not; a host
    in other scripts is written as punycode. Raises LabelError `bad_public_url`.
    """
    origin = _ORIGIN.fullmatch(public_url.strip().translate(_ASCII_UPPER))
    if origin is None:
        raise LabelError(
            "bad_public_url",
            f"公开地址“{public_url}”要写成 https://主机名，不带路径。",
            f"The public address {public_url!r} must be https://host, without a path.",
        )
    return f"{origin[1]}://{origin[2]}/S/{code}"
