"""The hub described from its own registries, as text: what `huodaona describe` prints.

Each part of `PARTS` is a piece of Markdown that the docs carry word for word (`docs/tables.py` fills them in, a
test holds them equal). Pure and deterministic; nothing here is typed by hand that a registry knows.
"""

from collections.abc import Callable, Iterable

from api.kernel.conditions import FACTS, OPS
from api.orders import machine
from api.orders.colour import BY_STATE
from api.orders.commands import COMMANDS
from api.orders.model import ENDS, STATES
from api.people.rights import RIGHTS
from api.settings import PREFIX, TABLE

ROLES = ("owner", "supervisor", "sales", "finance", "picker", "device", "channel", "system")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    names = list(head)
    lines = [_row(names), _row("---" for _ in names)]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def states() -> str:
    rows = []
    for state, (zh, en) in STATES.items():
        code, shape, why = BY_STATE[state]
        rows.append((f"`{state}`", zh, en, "end" if state in ENDS else "", code, shape, why.zh, why.en))
    return table(("state", "中文", "English", "", "colour", "shape", "为什么", "why"), rows)


def commands() -> str:
    rows = []
    for move in machine.MOVES:
        right = COMMANDS[move.command].right if move.command in COMMANDS else ""
        origins = "always" if move.origins == machine.ANY else _code(s for s in STATES if s in move.origins)
        rows.append(
            (
                f"`{move.command}`",
                f"{move.zh} / {move.en}",
                origins,
                f"`{move.to}`" if move.to else "stays",
                _code(guard.__name__ for guard in move.guards),
                _code(effect.value for effect in move.effects),
                f"`{right}`" if right else "the hub itself",
            )
        )
    return table(("command", "means", "from", "to", "guards", "effects", "right"), rows)


def diagram() -> str:
    return f"```mermaid\n{machine.mermaid()}\n```"


def facts() -> str:
    rows = [
        (f"`{name}`", fact.type, fact.zh, fact.en, fact.unit, _code(fact.choices), _code(OPS[fact.type]))
        for name, fact in FACTS.items()
    ]
    return table(("fact", "type", "中文", "English", "unit", "one of", "asked with"), rows)


def settings() -> str:
    rows = [
        (f"`{PREFIX}{name}`", f"`{one.default}`" if one.default else "empty", one.meaning)
        for name, one in TABLE.items()
    ]
    return table(("setting", "default", "meaning"), rows)


def rights() -> str:
    rows = [
        (f"`{name}`", right.zh, right.en, *("yes" if role in right.roles else "" for role in ROLES))
        for name, right in RIGHTS.items()
    ]
    return table(("right", "中文", "English", *ROLES), rows)


# Title and text, in the order of printing.
PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "diagram": ("The state machine", diagram),
    "states": ("States and colours", states),
    "commands": ("Commands", commands),
    "facts": ("Facts", facts),
    "settings": ("Settings", settings),
    "rights": ("Rights", rights),
}


def description() -> str:
    return "\n\n".join(f"## {title}\n\n{write()}" for title, write in PARTS.values())
