"""A sheet's rows to drafts: rows of one order joined, refused rows with their reasons.

A mapping reads each row as an object of column name to text. Rows that share an `external_no` are one
order; a row that carries lines only goes to the order above it. One bad row refuses its whole order,
because half an order is worse than none.
"""

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

import msgspec

from api.channels.mapping import LABELS, MOST_LINES, Mapped, Mapping, Problem, apply
from api.channels.paths import column
from api.kernel.errors import Why
from api.sheets.sheet import Row, Sheet


class RefusedRows(msgspec.Struct, frozen=True):
    """Why an order was not taken, by row number."""

    reasons: dict[int, tuple[Problem, ...]]


ROUNDED = Why(
    "单号被 Excel 舍入过，尾数丢了；请按文本导出。", "Excel has rounded this number; export it as text."
)
_TOO_MANY = Problem("lines", "out_of_range", Why("一单的行数太多。", "Too many rows for one order."), True)
DIFFERS = Why("同一单号的几行，这一格不一样。", "Rows of one order differ here.")


def drafts(
    sheet: Sheet, mapping: Mapping, *, tz: tzinfo, received_at: int
) -> Iterator[tuple[tuple[int, ...], Mapped | RefusedRows]]:
    """Orders in the order of their first rows, each with its row numbers. Every row is in exactly one of
    them."""
    groups: dict[str, list[tuple[int, Mapped]]] = {}
    last = ""
    for row in sheet.rows:
        mapped = _read(row, mapping, tz, received_at)
        external_no = mapped.draft.get("external_no", "")
        if external_no or not last or not _is_continuation(mapped):
            last = external_no or f"\0{row.number}"
        groups.setdefault(last, []).append((row.number, mapped))
    for members in groups.values():
        yield tuple(n for n, _ in members), _joined(members)


def _read(row: Row, mapping: Mapping, tz: tzinfo, received_at: int) -> Mapped:
    mapped = apply(mapping, row.cells, tz=tz, received_at=received_at)
    source = mapped.sources.get("external_no", "")
    if not any(column(name) == source for name in row.doubtful):
        return mapped
    problem = Problem("external_no", "rounded_number", ROUNDED, True, source)
    return msgspec.structs.replace(mapped, problems=(problem, *mapped.problems))


def _is_continuation(mapped: Mapped) -> bool:
    """Nothing but lines: what exports leave below an order's first row."""
    told = [(p.path, p.code) for p in mapped.problems if p.blocks]
    return set(mapped.draft) == {"lines"} and told == [("external_no", "missing")]


def _joined(members: list[tuple[int, Mapped]]) -> Mapped | RefusedRows:
    wrong = {n: tuple(p for p in m.problems if p.blocks and not _is_continuation(m)) for n, m in members}
    if len(members) > MOST_LINES:
        return RefusedRows({n: (_TOO_MANY,) for n, _ in members})
    wrong |= {n: (_not_an_order(),) for n, m in members if m.event is None}
    if not any(wrong.values()):
        mapped = members[0][1]
        for n, other in members[1:]:
            found = _merged(mapped, other)
            if isinstance(found, Problem):
                wrong[n] = (found,)
                break
            mapped = found
        else:
            return mapped
    first = next(n for n, problems in wrong.items() if problems)
    why = Why(f"同一订单的第 {first} 行有问题。", f"Row {first} of the same order is wrong.")
    sibling = (Problem("", "order_refused", why, True),)
    return RefusedRows({n: problems or sibling for n, problems in wrong.items()})


def _not_an_order() -> Problem:
    why = Why("这一行不建单也不改单，比如已经完成。", "It makes and changes no order; it may be over.")
    return Problem("event", "ignored", why, True)


def _merged(a: Mapped, b: Mapped) -> Mapped | Problem:
    """Lines of both; facts must agree, notes and options add up, the earlier time of ordering counts."""
    draft, other = dict(a.draft), b.draft
    if "paid_fen" in draft and "paid_fen" in other and "lines" not in draft | other:
        draft, other = _paid_together(a, b)
    shift = len(draft.get("lines", []))
    for name, value in other.items():
        mine = draft.get(name)
        if mine is None or mine == value:
            draft[name] = value if name != "lines" else [*(mine or []), *value]
        elif name == "lines":
            draft[name] = mine + value
        elif name == "note":
            draft[name] = mine if value in mine.split("；") else f"{mine}；{value}"
        elif name == "options":
            draft[name] = mine + [option for option in value if option not in mine]
        elif name == "created_at":
            draft[name] = min(mine, value)
        elif isinstance(mine, dict) and all(mine.get(k, v) == v for k, v in value.items()):
            draft[name] = mine | value
        else:
            return Problem(name, "differs", DIFFERS, True, b.sources.get(name, ""))
    event = b.event if b.event == "pay" else a.event
    sources = {
        re.sub(r"^lines\[(\d+)\]", lambda m: f"lines[{int(m[1]) + shift}]", k): v
        for k, v in b.sources.items()
    }
    soft = a.problems + tuple(p for p in b.problems if not p.blocks)
    rest, weights = _rest(a.unmapped, b.unmapped), a.weights + b.weights
    return Mapped(event, draft, sources | a.sources, rest, soft, weights)


def _paid_together(a: Mapped, b: Mapped) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows of a statement are payments: several of one order are one, of their sum, at the last one's time. The same sum at
    the same named time is the same payment."""
    first, second = a.draft, b.draft
    is_same = all(first.get(name) == second.get(name) for name in ("paid_fen", "paid_at"))
    if not is_same or b.sources.get("paid_at", "received_at") == "received_at":
        first = first | {"paid_fen": first["paid_fen"] + second["paid_fen"]}
    latest = [draft["paid_at"] for draft in (first, second) if "paid_at" in draft]
    first = first | ({"paid_at": max(latest)} if latest else {})
    return first, {name: value for name, value in second.items() if name not in ("paid_fen", "paid_at")}


def _rest(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Unmapped columns: one value where the rows agree, else the list of what they say."""
    rest = dict(a)
    for name, value in b.items():
        mine = rest.get(name)
        if mine is None:
            rest[name] = value
        elif mine != value and not (isinstance(mine, list) and value in mine):
            rest[name] = [*mine, value] if isinstance(mine, list) else [mine, value]
    return rest


def reason_text(problems: tuple[Problem, ...], lang: str = "zh") -> str:
    """`数量（Quantity）: 要整数，来的带小数。` for each; the column is named where it is known."""
    return " ".join(_reason(problem, lang) for problem in problems)


def _reason(problem: Problem, lang: str) -> str:
    label = LABELS.get(re.sub(r"^lines\[\d+\]\.", "", problem.path))
    if label is None:
        return problem.why.text(lang)
    column_name = problem.source.strip('"')  # a path is quoted where a person's column is not
    brackets = " ({})" if lang == "en" else "（{}）"
    where = label.text(lang) + (brackets.format(column_name) if column_name else "")
    return f"{where}: {problem.why.text(lang)}"
