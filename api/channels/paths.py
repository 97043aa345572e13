"""Paths into a payload: JMESPath, plus the one question it cannot answer: which leaves did it use?

`compiled` reads an expression (Chinese names need no quotes here: `订单.编号`), `reach` lists the places
that it touches, `leftover` is the payload without them. Values that no path used go on into an order's
`extra`.
"""

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

Path = tuple[str | int, ...]
Node = dict[str, Any]

LONGEST = 500
_BARE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*|\[(?:\d+|\*|)\])*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPREAD = ("projection", "flatten", "filter_projection", "value_projection", "slice")
# What evaluation may raise on a payload that the expression's author did not expect.
_ODD = (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError, LookupError)

_run = TreeInterpreter()


class Expression(NamedTuple):
    """`names`: the keys of a path that only goes down (`data.customer.phone`), which needs no interpreter."""

    text: str
    node: Node
    names: tuple[str, ...] | None = None


class Reached(NamedTuple):
    """A value (None: nothing there) and the places it came from."""

    value: Any
    places: list[Path]


def column(name: str) -> str:
    """The path of a sheet's column, whatever characters its header has: `单价(元)` becomes `"单价(元)"`."""
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


@lru_cache(1024)
def compiled(text: str) -> Expression | None:
    """The expression, or None where it is not JMESPath."""
    quoted = text
    if not text.isascii() and _BARE.fullmatch(text):
        quoted = re.sub(r"[^\W\d]\w*", lambda m: column(m[0]), text)
    if not text or len(text) > LONGEST:
        return None
    try:
        parsed = jmespath.compile(quoted).parsed
    except (*_ODD, Warning):
        return None
    return Expression(text, parsed, _names(parsed))


def _names(node: Node) -> tuple[str, ...] | None:
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return None
    parts = [_names(child) for child in node["children"]]
    return tuple(name for part in parts for name in part or ()) if all(parts) else None


def evaluate(expression: Expression, root: Any, base: Path) -> Reached | None:
    """What stands at `expression`, seen from `base`; None where evaluation itself fails (a function's
    argument)."""
    if expression.names is not None:
        place = (*base, *expression.names)
        value = below(root, place)
        return Reached(None, []) if value is ABSENT else Reached(value, [place])
    try:
        return Reached(_run.visit(expression.node, _at(root, base)), reach(expression.node, root, [base]))
    except _ODD:
        return None


ABSENT: Any = object()


def below(root: Any, place: Path) -> Any:
    """What stands at a place, ABSENT where nothing does. A list is entered by numbers, an object by names."""
    try:
        for key in place:
            root = root[key]
    except (KeyError, IndexError, TypeError):
        return ABSENT
    return root


def items(expression: Expression, root: Any) -> list[tuple[Any, Path | None]] | None:
    """The elements of a list, each with its place where it has one; a single object is a list of one."""
    found = evaluate(expression, root, ())
    if found is None:
        return None
    if found.value is None:
        # `items[]` on one object: XML cannot write a list of one otherwise.
        bare = compiled(re.sub(r"\[\*?\]$", "", expression.text))
        return items(bare, root) if bare and bare.text != expression.text else []
    if isinstance(found.value, str) and not found.value.strip():
        return []  # an empty element in XML
    if not isinstance(found.value, list):
        return [(found.value, found.places[0] if len(found.places) == 1 else None)]
    places = found.places
    if len(places) == 1 and _at(root, places[0]) is found.value:
        places = [(*places[0], i) for i in range(len(found.value))]
    places = [p for p in places if _at(root, p) is not None] if len(places) != len(found.value) else places
    if len(places) == len(found.value):
        return list(zip(found.value, places, strict=True))
    return [(value, None) for value in found.value]


def reach(node: Node, root: Any, bases: list[Path]) -> list[Path]:
    """The places that a node touches, seen from each base. Functions touch all that their arguments touch."""
    kind, children = node["type"], node["children"]
    if kind in ("current", "identity"):
        return bases
    if kind == "literal":
        return []
    if kind == "field":
        name = node["value"]
        return [(*b, name) for b in bases if isinstance(v := _at(root, b), dict) and name in v]
    if kind == "index":
        return [p for b in bases for p in _elements(root, b, node["value"])]
    if kind == "slice":
        return [p for b in bases for p in _elements(root, b, slice(*children))]
    if kind == "pipe" and _is_spread(children[0]):
        return _piped(children[1], root, reach(children[0], root, bases))
    if kind in ("subexpression", "index_expression", "pipe"):
        for child in children:
            bases = reach(child, root, bases)
        return bases
    if kind in _SPREAD:
        return _spread(node, root, bases)
    if kind == "or_expression":
        return [
            p for b in bases for p in reach(children[1 if _is_false(children[0], root, b) else 0], root, [b])
        ]
    return [p for child in children for p in reach(child, root, bases)]


def _piped(node: Node, root: Any, elements: list[Path]) -> list[Path]:
    """The right side of a pipe after a projection: `[0]` chooses among the elements. What is cleverer than
    an index touches them all."""
    kind, children = node["type"], node["children"]
    if kind == "index":
        there = [p for p in elements if _at(root, p) is not None]
        return there[node["value"] :][:1] if node["value"] != -1 else there[-1:]
    if kind == "index_expression" or (kind == "subexpression" and children[0]["type"] == "index_expression"):
        first = children[1] if children[0]["type"] in ("identity", "current") else children[0]
        chosen = _piped(first, root, elements)
        if first is children[0]:
            for child in children[1:]:
                chosen = reach(child, root, chosen)
        return chosen
    return elements


def _is_false(node: Node, root: Any, base: Path) -> bool:
    # The one helper of jmespath for its own notion of truth; 0 is true there.
    return bool(_run._is_false(_run.visit(node, _at(root, base))))


def _spread(node: Node, root: Any, bases: list[Path]) -> list[Path]:
    """Projections: from each list (or object) to its elements, then on through the right side."""
    kind, children = node["type"], node["children"]
    left = reach(children[0], root, bases)
    if kind == "value_projection":
        into = [(*p, k) for p in left if isinstance(v := _at(root, p), dict) for k in v]
        return reach(children[1], root, into)
    if not _is_spread(children[0]):
        left = [p for b in left for p in _elements(root, b, slice(None))]
    if kind == "flatten":
        return [
            q
            for p in left
            for q in (_elements(root, p, slice(None)) if isinstance(_at(root, p), list) else [p])
        ]
    if kind == "filter_projection":
        left = [p for p in left if not _is_false(children[2], root, p)]
    return reach(children[1], root, left)


def _is_spread(node: Node) -> bool:
    """True where `reach` of this node already stands on elements, not on the list."""
    last = node["children"][-1] if node["type"] in ("index_expression", "pipe") else node
    return last["type"] in _SPREAD


def _elements(root: Any, base: Path, which: int | slice) -> list[Path]:
    value = _at(root, base)
    if not isinstance(value, list):
        return []
    every = range(len(value))
    try:
        chosen = every[which]
    except IndexError:
        return []
    return [(*base, i) for i in ([chosen] if isinstance(chosen, int) else chosen)]


def _at(root: Any, path: Path) -> Any:
    for key in path:
        root = root[key]
    return root


@lru_cache(8192)
def written(path: Path) -> str:
    """A place as people read it: `data.items[0].sku`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f"{'.' if text else ''}{column(key)}"
    return text or "@"


_GONE = object()


def leftover(root: dict[str, Any], used: set[Path]) -> dict[str, Any]:
    """The payload without the used places, nested as it was. In a list that keeps anything, positions stay:
    a used object leaves `{}`, a used scalar null."""
    rest = _GONE if () in used else _without(root, (), used)
    return rest if isinstance(rest, dict) else {}


def _without(value: dict[str, Any] | list[Any], place: Path, used: set[Path]) -> Any:
    """_GONE where nothing is left of it."""
    kept: dict[Any, Any] = {}
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        below_it = (*place, key)
        if below_it in used:
            continue
        rest = _without(inner, below_it, used) if isinstance(inner, dict | list) else inner
        if rest is not _GONE:
            kept[key] = rest
    if value and not kept:
        return _GONE
    if isinstance(value, dict):
        return kept
    return [kept[i] if i in kept else _hole(inner) for i, inner in enumerate(value)]


def _hole(value: Any) -> dict[str, Any] | None:
    return {} if isinstance(value, dict) else None
