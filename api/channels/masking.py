"""A raw message as a person may see it: phones and whatever is named like a secret are masked, the rest stays word for word.

For views only; what is stored stays as it came.
"""

import re

LONGEST = 20_000
# Mobile numbers, also as 138-0000-0000, 138 0000 0000 and +86 138…; and lines such as 021-58888888.
_PHONE = re.compile(r"(?<!\d)((?:86)?1[3-9]\d)([ -]?)\d{4}([ -]?)(\d{4})(?!\d)")
_LINE = re.compile(r"(?<![\d-])(0\d{2,3}-)\d{3,4}(\d{4})(?![\d-])")
_NAME = r"[\w.-]*(?:secret|token|passw(?:or)?d|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credential)[\w.-]*"
# "name": "value" (also inside a JSON text), <name>value</name>, name=value.
_JSON = re.compile(rf'(\\*"{_NAME}\\*"\s*:\s*\\*")[^"\\]+', re.IGNORECASE)
_XML = re.compile(rf"(<({_NAME})>(?:<!\[CDATA\[)?)[^<\]]+", re.IGNORECASE)
_FORM = re.compile(rf"((?:^|&){_NAME}=)[^&\s]+", re.IGNORECASE)


def masked(raw: bytes) -> str:
    text = raw[:LONGEST].decode("utf-8", "replace")
    text = _LINE.sub(r"\1****\2", _PHONE.sub(r"\1\2****\3\4", text))
    for pattern in (_JSON, _XML, _FORM):
        text = pattern.sub(r"\1****", text)
    return text
