"""Cutting a JSON text at its outer commas, without understanding what stands between them.

For bodies that a strict reader refuses as a whole because of one part. Only brackets, strings and their escapes are
seen. Refuses (ValueError) where even these do not come out.
"""

import msgspec

_OPEN, _CLOSE, _BLANK = b"[{", b"]}", b" \t\r\n"


def split_list(raw: bytes) -> list[bytes]:
    """The elements of a list, each as its bytes."""
    return _parts(raw, b"[", b"]")


def split_object(raw: bytes) -> dict[str, bytes]:
    """The members of an object: names decoded, values as bytes; a name that comes twice counts the last time."""
    found = {}
    for part in _parts(raw, b"{", b"}"):
        at = _end_of_text(part, 0)
        name, rest = part[:at], part[at:].lstrip(_BLANK)
        if rest[:1] != b":":
            raise ValueError("a member without a colon")
        found[msgspec.json.decode(name, type=str)] = rest[1:].strip(_BLANK)
    return found


def _parts(raw: bytes, first: bytes, last: bytes) -> list[bytes]:
    text = raw.strip(_BLANK)
    if text[:1] != first or text[-1:] != last:
        raise ValueError("the brackets do not come out")
    parts, depth, start, at, end = [], 0, 1, 1, len(text) - 1
    while at < end:
        mark = text[at]
        if mark == 0x22:
            at = _end_of_text(text, at)
            continue
        if mark in _OPEN:
            depth += 1
        elif mark in _CLOSE:
            depth -= 1
            if depth < 0:
                raise ValueError("the brackets do not come out")
        elif mark == 0x2C and depth == 0:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    if depth:
        raise ValueError("the brackets do not come out")
    if parts or text[start:end].strip(_BLANK):
        parts.append(text[start:end])
    parts = [part.strip(_BLANK) for part in parts]
    if any(not part for part in parts):
        raise ValueError("nothing stands between two commas")
    return parts


def _end_of_text(text: bytes, at: int) -> int:
    """The place after a string that begins here."""
    if text[at : at + 1] != b'"':
        raise ValueError("not a string")
    at += 1
    while at < len(text):
        if text[at] == 0x5C:
            at += 2
        elif text[at] == 0x22:
            return at + 1
        else:
            at += 1
    raise ValueError("a string without its end")
