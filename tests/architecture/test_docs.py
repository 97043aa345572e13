"""The docs are tested: whatever a registry knows stands on its page, and what a page names exists."""

import ast
import re
import tomllib
import typing
from collections.abc import Iterable
from pathlib import Path

import pytest

from api.app import HANDLERS, create_app
from api.channels.mapping import EVENTS, FIELDS, LINE_FIELDS
from api.channels.schemes import SCHEMES
from api.channels.schemes.base import REJECTIONS
from api.cli import main
from api.kernel.conditions import FACTS
from api.kernel.errors import REASONS
from api.orders import machine
from api.orders.colour import BY_STATE
from api.orders.commands import COMMANDS
from api.orders.model import STATES
from api.people.model import Role
from api.people.rights import RIGHTS
from api.picking.pushing import CONFLICTS
from api.settings import PREFIX, TABLE
from api.setup.description import PARTS, ROLES, description
from api.setup.troubles import FINDINGS
from api.sheets.convert import CONVERSIONS, FAULTS
from api.sheets.grid import REFUSALS as SHEETS
from api.stock.moving import _PAST
from api.tags.rules import KNOWN_TAGS
from docs import tables
from qr.codes import KINDS as CODE_KINDS
from qr.codes import REFUSALS as CODES
from qr.papers import PAPERS
from qr.sheet import KINDS as LABELS
from sync.ops import KINDS as OP_KINDS
from sync.reasons import REASONS as OPS
from tests.support.company import settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
ALL = [
    *PAGES,
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "sync" / "README.md",
]


def missing(names: Iterable[str], text: str) -> list[str]:
    """The names that the page does not say as code (`name`, or within a longer piece of code)."""
    said = set(re.findall(r"`([^`\n]+)`", text)) | set(re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S))
    words = {word for piece in said for word in (piece, *re.split(r"[\s,|]+", piece))}
    return sorted(name for name in names if name not in words)


def raised(source: Path, call: str, rooms: str) -> set[str]:
    """The first argument of every `call("code", …)` below a folder."""
    found = set()
    for file in (source / rooms).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name == call and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


def inbox_statuses() -> set[str]:
    """From the address that lists them."""
    tree = ast.parse((ROOT / "api/channels/routes.py").read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and node.elts:
            words = [one.value for one in node.elts if isinstance(one, ast.Constant)]
            if "dead" in words and "waiting" in words:
                found |= {str(word) for word in words if word}
    return found


def kinds_of_entries() -> set[str]:
    """What `record` and `save` are told, and what becomes of stock."""
    found = {f"stock.{past}" for past in _PAST.values()}
    for file in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = (
                getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            )
            if isinstance(node, ast.Call) and name in ("record", "save", "_replace"):
                words = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {str(word) for word in words if re.fullmatch(r"[a-z]+\.[a-z_]+", str(word))}
    return found


REGISTRIES: dict[str, tuple[str, Iterable[str]]] = {
    "states": ("states.md", STATES),
    "moves": ("states.md", [move.command for move in machine.MOVES]),
    "commands": ("states.md", COMMANDS),
    "guards": ("states.md", {guard.__name__ for move in machine.MOVES for guard in move.guards}),
    "effects": ("states.md", [effect.value for effect in machine.Effect]),
    "facts": ("states.md", FACTS),
    "exceptions": ("states.md", raised(ROOT, "Trouble", "api")),
    "settings": ("settings.md", [PREFIX + name for name in TABLE]),
    "refusals": ("errors.md", REASONS),
    "rejections": ("errors.md", REJECTIONS),
    "refused ops": ("errors.md", OPS),
    "refused codes": ("errors.md", CODES),
    "refused sheets": ("errors.md", SHEETS),
    "faults of values": ("errors.md", FAULTS),
    "rights": ("rights.md", RIGHTS),
    "roles": ("rights.md", typing.get_args(Role)),
    "shell": ("commands.md", [f"huodaona {_name}" for _name in main.commands]),
    "findings": ("doctor.md", FINDINGS),
    "schemes": ("channels.md", SCHEMES),
    "secrets": ("channels.md", {secret.name for scheme in SCHEMES.values() for secret in scheme.secrets}),
    "fields": ("channels.md", [*FIELDS, *(f"lines.{name}" for name in LINE_FIELDS)]),
    "conversions": ("channels.md", CONVERSIONS),
    "events": ("channels.md", EVENTS),
    "statuses of messages": ("channels.md", inbox_statuses()),
    "kinds of entries": ("journal.md", kinds_of_entries()),
    "tags": ("tags.md", KNOWN_TAGS),
    "conflicts": ("picking.md", CONFLICTS),
    "kinds of ops": ("picking.md", OP_KINDS),
    "papers": ("labels.md", PAPERS),
    "labels": ("labels.md", LABELS),
    "code letters": ("labels.md", CODE_KINDS),
    "label refusals": ("labels.md", raised(ROOT, "LabelError", "qr")),
}


@pytest.mark.parametrize("registry", sorted(REGISTRIES))
def test_every_name_of_a_registry_stands_on_its_page(registry: str) -> None:
    page, names = REGISTRIES[registry]
    text = (DOCS / page).read_text("utf-8")
    if registry == "shell":
        text = re.sub(r"`(huodaona [\w-]+)[^`]*`", r"`\1`", text)
    assert len(list(names)) > 1
    assert missing(names, text) == []


@pytest.mark.parametrize("registry", sorted(REGISTRIES))
def test_a_name_that_is_not_on_its_page_is_noticed(registry: str) -> None:
    page, names = REGISTRIES[registry]
    assert missing([*names, "not_told_of"], (DOCS / page).read_text("utf-8"))[-1:] == ["not_told_of"] or (
        registry == "shell"
    )
    gone = sorted(names)[0]
    text = (DOCS / page).read_text("utf-8").replace(gone, "…")
    assert gone in missing(names, text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_of_a_page_are_those_of_the_code(page: Path) -> None:
    assert page.read_text("utf-8") == tables.filled(page.read_text("utf-8")), "run make docs"


def test_every_table_is_on_a_page_and_a_stale_one_is_noticed(tmp_path: Path) -> None:
    used = {name for page in PAGES for name in re.findall(r"<!-- table: (\w+) -->", page.read_text("utf-8"))}
    assert used == set(tables.TABLES)
    for page in PAGES:
        (tmp_path / page.name).write_text(page.read_text("utf-8"), "utf-8")
    assert tables.fill(tmp_path) == []
    settings_page = tmp_path / "settings.md"
    settings_page.write_text(settings_page.read_text("utf-8").replace("`120`", "`90`"), "utf-8")
    assert tables.fill(tmp_path) == ["settings.md"]
    assert settings_page.read_text("utf-8") == (DOCS / "settings.md").read_text("utf-8")


def test_the_drawn_machine_is_the_one_that_describe_prints() -> None:
    drawn = re.findall(r"^```mermaid\n(.*?)\n```$", (DOCS / "states.md").read_text("utf-8"), re.M | re.S)
    printed = re.findall(r"^```mermaid\n(.*?)\n```$", description(), re.M | re.S)
    assert drawn == printed == [machine.mermaid()]
    for state in STATES:
        assert state in drawn[0]


def test_describe_tells_every_state_command_fact_setting_and_right() -> None:
    text = description()
    names = [*STATES, *COMMANDS, *FACTS, *(PREFIX + name for name in TABLE), *RIGHTS]
    assert missing(names, text) == []
    assert missing(["not_told_of"], text) == ["not_told_of"]
    assert set(BY_STATE) == set(STATES)
    assert {role for right in RIGHTS.values() for role in right.roles} <= set(ROLES)
    assert description() == text
    assert len(PARTS) == text.count("\n## ") + 1


def served(folder: Path) -> set[str]:
    """Every method and path of the app itself, but for those that the framework adds."""
    app = create_app(settings(folder), with_worker=False)
    found = {
        f"{method} {route.path_format}"
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if method != "OPTIONS" and handler.fn.__module__.startswith("api.")
    }
    app.state.hub.db.stop()
    return found


def test_every_address_that_the_app_serves_is_on_the_page(tmp_path: Path) -> None:
    ways = served(tmp_path)
    assert len(ways) > 50
    assert missing(ways, (DOCS / "api.md").read_text("utf-8").replace("\\|", "|")) == []
    assert ways == {way.call for way in tables.ways()}


def test_every_address_says_what_it_does() -> None:
    assert [way.call for way in tables.ways() if not way.does] == []
    silent = {way.call for way in tables.ways()}
    assert set(tables.WORDS) <= silent, "words for an address that is gone"


def test_what_is_open_to_everybody_is_told() -> None:
    sentence = re.search(r"Public without a session: (.*?)\n\n", (DOCS / "api.md").read_text("utf-8"), re.S)
    assert sentence is not None
    told = set(re.findall(r"`(/[^`]*)`", sentence[1])) | {"/api"}  # login and enrolment
    public = {path for one in HANDLERS if one.opt.get("public") for path in one.paths}
    assert {"/" + path.split("/")[1].lower() for path in public} == told
    assert {path for path in public if path.startswith("/api/")} == {"/api/login", "/api/devices/enrol"}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.M)
            assert anchor in {_slug(heading) for heading in headings}, target


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_setting_or_a_command_that_does_not_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    known = {PREFIX + name for name in TABLE}
    for name in re.findall(rf"{PREFIX}[A-Z_]+", text):
        assert name.removesuffix("_FILE") in known, name
    for name in re.findall(r"(?:^|`|\$\()huodaona ([a-z-]+)", text, re.M):
        assert name in main.commands, name


def floors(text: str) -> list[str]:
    """The drawn floors, top to bottom, as the contract writes them."""
    drawn = re.search(r"^```\ncli\b.*?^```$", text, re.M | re.S)
    assert drawn is not None
    rows = [re.split(r"\s{2,}", line)[0] for line in drawn[0].splitlines()[1:-1]]
    return [row for row in rows if not row.startswith("---")]


@pytest.mark.parametrize("page", ["docs/architecture.md", "README.md"])
def test_the_drawn_floors_are_those_that_are_held(page: str) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    houses = next(one["layers"] for one in contracts if one["name"].startswith("Houses"))
    layers = next(one["layers"] for one in contracts if one["name"].startswith("Floors"))
    if page == "README.md":
        layers = [" | ".join(room for room in row.split(" | ") if room[0] != "(") for row in layers]
    held = [row for row in [*layers, houses[-1]] if row]
    assert len(held) > 10
    assert floors((ROOT / page).read_text("utf-8")) == held


def test_every_room_has_its_line() -> None:
    rooms = [folder.name for folder in (ROOT / "api").iterdir() if (folder / "__init__.py").exists()]
    page = (DOCS / "architecture.md").read_text("utf-8")
    lines = re.findall(r"^\| `(\w+)` \|", page, re.M)
    assert len(rooms) > 15
    assert sorted({*rooms, "settings", "sync", "qr"} - set(lines)) == []
    assert sorted(set(lines) - {*rooms, "settings", "sync", "qr"}) == []


def test_every_make_verb_is_told_of() -> None:
    verbs = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert verbs is not None
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for verb in ("run", "test", "lint", "fix", "docs", "bench"):
        assert verb in verbs[1].split()
        assert f"`make {verb}`" in told
