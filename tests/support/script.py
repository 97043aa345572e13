"""JavaScript and CSS as bare code: comments, strings, regular expressions and template texts blanked out, so that a
search for a token finds only tokens. Not a parser; good enough to hold the browser floor without one.
"""

import re

# After these a slash begins a regular expression, after anything else it divides.
_BEFORE_REGEX = re.compile(
    r"(?:^|[(,=:\[!&|?{};+\-*%~^<>\n]|\b(?:return|typeof|case|in|of|do|else|void|delete|await))\s*$"
)


def bare_js(text: str) -> str:
    """Same length and lines as `text`; what is no code is spaces."""
    return _Scan(text).code()


class _Scan:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.out = text, 0, list(text)

    def code(self, until: str = "") -> str:
        """Scans up to an unpaired `until` (the brace that ends a template's `${`)."""
        depth = 0
        while self.at < len(self.text):
            here = self.text[self.at]
            two = self.text[self.at : self.at + 2]
            if here == until and depth == 0:
                return "".join(self.out)
            if two == "//":
                self._blank(self._find("\n"))
            elif two == "/*":
                self._blank(self._find("*/", 2))
            elif here in "\"'":
                self._quoted(here)
            elif here == "`":
                self._template()
            elif here == "/" and _BEFORE_REGEX.search("".join(self.out[max(0, self.at - 40) : self.at])):
                self._regex()
            else:
                depth += (here == "{") - (here == "}")
                self.at += 1
        return "".join(self.out)

    def _find(self, end: str, more: int = 0) -> int:
        found = self.text.find(end, self.at + more)
        return len(self.text) if found < 0 else found + more

    def _blank(self, end: int) -> None:
        for n in range(self.at, min(end, len(self.text))):
            if self.out[n] != "\n":
                self.out[n] = " "
        self.at = end

    def _quoted(self, mark: str) -> None:
        end = self.at + 1
        while end < len(self.text) and self.text[end] not in (mark, "\n"):
            end += 2 if self.text[end] == "\\" else 1
        self._blank_inside(end)

    def _regex(self) -> None:
        end, in_class = self.at + 1, False
        while end < len(self.text) and self.text[end] != "\n" and (in_class or self.text[end] != "/"):
            in_class = (in_class or self.text[end] == "[") and self.text[end] != "]"
            end += 2 if self.text[end] == "\\" else 1
        self._blank_inside(end)

    def _blank_inside(self, end: int) -> None:
        """Both marks stay, so that the value's place is seen."""
        self.at += 1
        self._blank(end)
        self.at = end + 1

    def _template(self) -> None:
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] != "`":
            if self.text[self.at : self.at + 2] == "${":
                self.at += 2
                self.code("}")
                self.at += 1
            else:
                self._blank(self.at + (2 if self.text[self.at] == "\\" else 1))
        self.at += 1


def bare_css(text: str) -> str:
    """Without comments and strings."""
    return re.sub(
        r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S
    )
