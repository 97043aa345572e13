"""What the tests of `sync/` share: vectors, short forms of ops, and the JavaScript twin run by Node."""

import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from sync.canon import NotCanonical, canonical_json
from sync.facts import OrderFacts, Projection, Settlement, conflict_id, split_conflict_id
from sync.hlc import Clock, hear, is_ahead, stamp, tick
from sync.merge import Merged, gather, merge
from sync.ops import Op, canonical, read_op
from sync.project import project
from sync.reasons import REASONS
from sync.versions import Reach, have, holes, missing, take
from sync.wire import belongs, tasks_hash
from tests.support.node import node

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "sync" / "vectors"
AT = "2026-11-22T10:00:00+08:00"
ORDER = "HD261122-00001"

Case = dict[str, Any]


def vectors(name: str) -> list[Case]:
    cases: list[Case] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    assert cases, name
    return cases


def all_vectors() -> list[tuple[str, Case]]:
    return [(path.stem, case) for path in sorted(VECTORS.glob("*.json")) for case in vectors(path.stem)]


def full_op(row: list[Any] | Case) -> Case:
    """A short row `[id, kind, line_no, qty, bin, target]` (or an object with what differs) as the whole op."""
    names = ("id", "kind", "line_no", "qty", "bin", "target")
    given = dict(zip(names, row, strict=False)) if isinstance(row, list) else row
    device = str(given["id"])[:8]
    base = {
        "hlc": f"001795400000000-0000-{device}",
        "at": AT,
        "actor": "zhou",
        "order_no": ORDER,
        "line_no": 1,
    }
    return {**base, "bin": "", "code": "", "target": "", "v": 1, **given}


def full_facts(short: Case) -> Case:
    base = {"order_no": ORDER, "state": "picking", "held": False, "consumed": {}, "bins": {}}
    return {**base, **short}


def full_settlement(row: list[Any] | Case) -> Case:
    """A short row `[seq, "line/kind", choice, [ops]]` as the whole settlement."""
    if not isinstance(row, list):
        return row
    seq, place, choice, ops = row
    base = {"id": f"S{seq}", "seq": seq, "conflict": f"{ORDER}/{place}", "by": f"by{seq}", "at": AT}
    return {**base, "choice": choice, "ops": ops}


def ops_of(rows: Iterable[list[Any] | Case]) -> list[Op]:
    return [msgspec.convert(full_op(row), Op) for row in rows]


def facts_of(short: Case) -> OrderFacts:
    return msgspec.convert(full_facts(short), OrderFacts, str_keys=True)


def settlements_of(rows: Iterable[list[Any] | Case]) -> list[Settlement]:
    return [msgspec.convert(full_settlement(row), Settlement) for row in rows]


def plain(value: Any) -> Any:
    """As it looks after a journey through JSON."""
    return json.loads(canonical_json(value))


def _clock_steps(clock: Case, steps: list[list[Any]]) -> list[str]:
    now = msgspec.convert(clock, Clock)
    stamps = []
    for name, *args in steps:
        now = tick(now, *args) if name == "tick" else hear(now, *args)
        stamps.append(stamp(now))
    return stamps


def _merge_groups(groups: list[list[Case]]) -> Merged:
    result = Merged()
    for group in groups:
        result = merge(result, gather(msgspec.convert(op, Op) for op in group))
    return result


def _project(facts: Case, ops: list[Case], settlements: list[Case]) -> Projection:
    return project(
        msgspec.convert(facts, OrderFacts, str_keys=True),
        [msgspec.convert(op, Op) for op in ops],
        [msgspec.convert(s, Settlement) for s in settlements],
    )


def _canonical(raw: Case | str) -> str:
    op = read_op(raw)
    assert isinstance(op, Op), op
    return canonical(op).decode()


def _canonical_json(value: Any) -> Any:
    try:
        return canonical_json(value).decode()
    except NotCanonical:
        return {"refused": True}


def _take(batches: list[list[int]], cap: int) -> Case:
    reach = Reach()
    for batch in batches:
        reach = take(reach, batch)
    return {"have": reach.have, "islands": reach.islands, "missing": missing(reach, cap)}


def _split(text: str) -> Case | None:
    parts = split_conflict_id(text)
    return None if parts is None else dict(zip(("order_no", "line_no", "kind"), parts, strict=True))


HERE: dict[str, Callable[..., Any]] = {
    "read_op": read_op,
    "canonical": _canonical,
    "canonical_json": _canonical_json,
    "versions": lambda ids, cap: {"have": have(ids), "holes": holes(ids, cap)},
    "take": _take,
    "hlc": _clock_steps,
    "is_ahead": is_ahead,
    "merge": _merge_groups,
    "project": _project,
    "split_conflict_id": _split,
    "conflict_id": lambda parts: conflict_id(*parts),
    "belongs": belongs,
    "tasks_hash": tasks_hash,
    "reasons": lambda: REASONS,
}


def here(fn: str, args: list[Any]) -> bytes:
    """The Python answer as canonical JSON."""
    return canonical_json(HERE[fn](*args))


def there(calls: Iterable[tuple[str, list[Any]]]) -> list[bytes]:
    """The JavaScript answers as canonical JSON, one process for all calls."""
    lines = [json.dumps({"fn": fn, "args": args}) for fn, args in calls]
    done = subprocess.run(
        [node(), str(ROOT / "tests" / "js" / "sync_twin.mjs")],
        input="\n".join(lines).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers = done.stdout.splitlines()
    assert len(answers) == len(lines)
    return answers
