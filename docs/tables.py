"""The tables in `docs/`, written from the registries: `python docs/tables.py` fills them in, a test holds them equal.

A page carries `<!-- table: name -->` … `<!-- end -->`; what stands between is this file's, the rest is written by hand.
Nothing is invented here but the sentences for addresses whose handlers say nothing.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api.app import HANDLERS
from api.channels.mapping import FIELDS, LABELS, LINE_FIELDS
from api.channels.schemes import SCHEMES
from api.channels.schemes.base import REJECTIONS
from api.cli import main
from api.kernel.errors import REASONS
from api.picking.pushing import CONFLICTS
from api.setup import description
from api.setup.description import table
from api.setup.troubles import FINDINGS
from api.sheets.convert import CONVERSIONS, FAULTS
from api.sheets.grid import REFUSALS as SHEETS
from api.tags.rules import BY_TAG, KNOWN_TAGS
from qr.codes import REFUSALS as CODES
from sync.reasons import REASONS as OPS

FOLDER = Path(__file__).resolve().parent
_MARK = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")

# What an address does, where its handler has no docstring.
WORDS = {
    "GET /api/channels/{code}": "One channel, as PUT takes it back.",
    "GET /api/bins": "Bins by code; `?warehouse=`.",
    "GET /api/devices": "Devices with their enrolment.",
    "GET /api/me": "Who I am, and my rights.",
    "GET /api/orders/{order_no}/attachments": "An order's files, without their bytes.",
    "GET /api/users": "Users by name.",
    "GET /api/warehouses": "Warehouses, the company's default first.",
    "GET /openapi.json": "This API, machine-readable.",
    "GET /sync/pull": "A warehouse's tasks, what is gone, conflicts, bins, people; with a cursor what changed.",
    "POST /api/logout": "Ends the session.",
    "POST /sync/push": "Ops in, one result each, in order.",
    "GET /api/pictures/{digest}": "A SKU's picture, by what it holds.",
    "PUT /api/bins/{code}": "A bin, new or changed.",
    "PUT /api/customers/{customer}": "A customer, new or changed.",
    "PUT /api/skus/{code}": "A SKU, new or changed; orders that waited for it go on.",
    "PUT /api/users/{name}": "A user, new or changed; a new role or password ends the sessions.",
    "PUT /api/warehouses/{code}": "A warehouse, new or changed.",
}


class Way(NamedTuple):
    room: str
    call: str
    does: str


def ways() -> Iterator[Way]:
    """Every method and path that the app serves."""
    for handler in HANDLERS:
        said = (inspect.getdoc(handler.fn) or "").replace("\n", " ")
        for path in handler.paths:
            for method in sorted(str(m) for m in handler.http_methods):
                call = f"{method} {_plain(path)}"
                yield Way(handler.fn.__module__.split(".")[1], call, said or WORDS.get(call, ""))


def _plain(path: str) -> str:
    return _PARAMETER.sub(lambda found: "{" + found[1] + "}", path)


def api() -> str:
    rows = sorted(ways(), key=lambda way: (way.call.partition(" ")[2].lower(), way.call))
    return table(("call", "does", "room"), ((f"`{w.call}`", w.does, w.room) for w in rows))


def shell() -> str:
    rows = []
    for name, command in sorted(main.commands.items()):
        words = [p.human_readable_name for p in command.params if isinstance(p, click.Argument)]
        options = [f"`{p.opts[0]}`" for p in command.params if isinstance(p, click.Option)]
        rows.append(
            (
                f"`huodaona {' '.join((name, *words))}`",
                (command.help or "").splitlines()[0],
                " ".join(options),
            )
        )
    return table(("command", "does", "options"), rows)


def _reasons(found: Callable[[], Iterator[tuple[str, str, str, str]]]) -> str:
    return table(("code", "status", "中文", "English"), found())


def errors() -> str:
    return _reasons(lambda: ((f"`{code}`", str(r.status), r.zh, r.en) for code, r in REASONS.items()))


def rejections() -> str:
    return _reasons(lambda: ((f"`{code}`", str(r.status), r.zh, r.en) for code, r in REJECTIONS.items()))


def ops() -> str:
    return table(("code", "中文", "English"), ((f"`{code}`", zh, en) for code, (zh, en) in OPS.items()))


def codes() -> str:
    return table(("code", "中文", "English"), ((f"`{r.code}`", r.zh, r.en) for r in CODES.values()))


def sheets() -> str:
    return table(("code", "中文", "English"), ((f"`{code}`", why.zh, why.en) for code, why in SHEETS.items()))


def faults() -> str:
    return table(("code", "中文", "English"), ((f"`{code}`", why.zh, why.en) for code, why in FAULTS.items()))


def doctor() -> str:
    rows = (
        (f"`{id}`", one.level, f"{one.what.zh}<br>{one.what.en}", f"{one.hint.zh}<br>{one.hint.en}")
        for id, one in FINDINGS.items()
    )
    return table(("id", "level", "found", "what to do"), rows)


# How a secret is written that is not one text.
FORMS = {"text": "", "map": " (a map)", "list": " (text or a list)"}


def schemes() -> str:
    rows = []
    for scheme in SCHEMES.values():
        secrets = "<br>".join(
            f"`{s.name}`{FORMS[s.form]}{'' if s.is_required else ' (may be empty)'}: {s.meaning.en}"
            for s in scheme.secrets
        )
        rows.append((f"`{scheme.name}`", scheme.label.zh, scheme.label.en, secrets))
    return table(("scheme", "中文", "English", "secrets"), rows)


def fields() -> str:
    rows = []
    for prefix, known in (("", FIELDS), ("lines.", LINE_FIELDS)):
        for name, field in known.items():
            label = LABELS[name]
            stops = "stops the order" if field.blocks else "is left out, kept in `extra`"
            rows.append((f"`{prefix}{name}`", label.zh, label.en, f"`{field.default}`", stops))
    return table(("field", "中文", "English", "read as", "ill-formed: it"), rows)


def conversions() -> str:
    return " ".join(f"`{name}`" for name in CONVERSIONS)


def conflicts() -> str:
    return table(("kind", "中文", "English"), ((f"`{kind}`", w.zh, w.en) for kind, w in CONFLICTS.items()))


def tags() -> str:
    rows = []
    for tag in KNOWN_TAGS:
        rule = BY_TAG.get(tag)
        rows.append(
            (f"`{tag}`", (rule.checklist or "") if rule else "", (rule.priority or "") if rule else "")
        )
    return table(("tag", "to be ticked before packing", "priority"), rows)


TABLES: dict[str, Callable[[], str]] = {
    **{name: write for name, (_, write) in description.PARTS.items()},
    "api": api,
    "shell": shell,
    "errors": errors,
    "rejections": rejections,
    "ops": ops,
    "codes": codes,
    "sheets": sheets,
    "faults": faults,
    "doctor": doctor,
    "schemes": schemes,
    "fields": fields,
    "conversions": conversions,
    "conflicts": conflicts,
    "tags": tags,
}


def filled(text: str) -> str:
    """The page with its tables as the registries have them now."""
    return _MARK.sub(lambda found: f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->", text)


def fill(folder: Path = FOLDER) -> list[str]:
    """Write the pages anew; returns the names of those that changed."""
    changed = []
    for page in sorted(folder.glob("*.md")):
        before = page.read_text("utf-8")
        after = filled(before)
        if after != before:
            page.write_text(after, "utf-8")
            changed.append(page.name)
    return changed


if __name__ == "__main__":
    names = fill()
    print(f"written: {', '.join(names)}" if names else "nothing to write")
