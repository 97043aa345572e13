"""Python and JavaScript come to the same projection, byte for byte, on 1,000 seeded histories, and the same no on junk."""

import os
import random
import re
from collections import Counter
from functools import cache

from sync_kit import AT, ORDER, Case, full_op, here, there

HISTORIES = 1000
DEVICES = ("AAAAAAAA", "BBBBBBBB", "0C0C0C0C", "00000000")
SKUS = ("BP-1023", "OF-2001", "灯泡-9")
STATES = (
    "to_pick",
    "picking",
    "picking",
    "packed",
    "cancelled",
    "amended",
    "shipped",
    "delivered",
    "returned",
)
BINS = {
    "A-01": {"warehouse": "SH", "sku": "BP-1023"},
    "A-02": {"warehouse": "SH", "sku": "OF-2001"},
    "A-03": {"warehouse": "SH", "sku": ""},
    "B-01": {"warehouse": "BJ", "sku": "BP-1023"},
    "constructor": {"warehouse": "SH", "sku": "BP-1023"},
}
KINDS = (
    "held",
    "cancelled",
    "amended",
    "already_shipped",
    "over_picked",
    "wrong_bin",
    "wrong_warehouse",
    "lost",
)


def history(seed: int) -> tuple[Case, list[Case], list[Case]]:
    """One order's life: several devices, voids of all sorts, answers, a present state, and everything out of order."""
    rng = random.Random(seed)
    lines = [
        {
            "line_no": n,
            "sku": rng.choice(SKUS),
            "qty": rng.randint(1, 5),
            "warehouse": rng.choice(("SH", "SH", "")),
        }
        for n in rng.sample((1, 2, 3, 10), rng.randint(1, 3))
    ]
    state = rng.choice(STATES)
    shipped = state in ("shipped", "delivered", "returned")
    facts = {
        "order_no": ORDER,
        "state": state,
        "held": rng.random() < 0.3,
        "lines": lines,
        "consumed": {str(line["line_no"]): rng.randint(0, 6) for line in lines if rng.random() < 0.8}
        if shipped
        else {},
        "bins": {code: BINS[code] for code in rng.sample(sorted(BINS), rng.randint(2, len(BINS)))},
    }
    ops: list[Case] = []
    counters: Counter[str] = Counter()
    for _ in range(rng.randint(0, 18)):
        device = rng.choice(DEVICES)
        counters[device] += rng.choice((1, 1, 1, 2))
        kind = rng.choice(("pick", "pick", "pick", "pick", "short", "void", "wrong"))
        near = rng.choice(ops) if ops and rng.random() < 0.85 else None
        aim = near["id"] if near else f"{rng.choice(DEVICES)}:{rng.randint(1, 12)}"
        line_no = (
            near["line_no"] if kind == "void" and near and rng.random() < 0.9 else rng.choice((1, 2, 3, 10))
        )
        ops.append(
            full_op(
                {
                    "id": f"{device}:{counters[device]}",
                    "kind": kind,
                    "line_no": line_no,
                    "qty": rng.randint(1, 4) if kind in ("pick", "short") else 0,
                    "bin": rng.choice(("", "A-01", "A-02", "A-03", "B-01", "Z-9", "constructor", "toString")),
                    "target": aim if kind == "void" else "",
                    "order_no": ORDER if rng.random() < 0.95 else "HD261122-00002",
                    "actor": rng.choice(("zhou", "刘", "𠮷")),
                }
            )
        )
    settlements = [answer(rng, n, ops, lines) for n in range(rng.randint(0, 5))]
    ops += rng.choices(ops, k=rng.randint(0, 4)) if ops else []
    if ops and rng.random() < 0.1:
        ops.append({**rng.choice(ops), "actor": "another body"})
    rng.shuffle(ops)
    settlements += rng.choices(settlements, k=1) if settlements else []
    rng.shuffle(settlements)
    return facts, ops, settlements


def answer(rng: random.Random, n: int, ops: list[Case], lines: list[Case]) -> Case:
    kind = rng.choice((*KINDS, "over_picked", "already_shipped", "over_picked"))
    on_order = kind in ("held", "cancelled", "amended", "already_shipped")
    place = "-" if on_order else str(rng.choice(lines)["line_no"])
    known = sorted({op["id"] for op in ops})
    return {
        "id": f"S{rng.randint(0, 30)}",
        "seq": rng.choice((n + 1, n + 1, 3, 2**53 - 1)),
        "conflict": f"{ORDER if rng.random() < 0.95 else 'X'}/{place}/{kind}",
        "choice": rng.choice(("keep", "undo", "undo", "keep", "burn")),
        "by": rng.choice(("liu", "王")),
        "at": AT,
        "ops": [*rng.sample(known, rng.choice((len(known), rng.randint(0, len(known))))), "AAAAAAAA:99"],
    }


def processor_seconds() -> float:
    """Of this process and of those it has waited for: a crowded machine leaves it alone."""
    return sum(os.times()[:4])


@cache
def both() -> tuple[list[bytes], list[bytes], float]:
    start = processor_seconds()
    calls = [("project", list(history(seed))) for seed in range(HISTORIES)]
    python = [here(fn, args) for fn, args in calls]
    return python, there(calls), processor_seconds() - start


def test_a_thousand_histories_agree_byte_for_byte() -> None:
    python, javascript, seconds = both()
    assert len(python) == len(javascript) == HISTORIES
    different = [seed for seed in range(HISTORIES) if python[seed] != javascript[seed]]
    assert different == []
    assert seconds < 5


def test_the_histories_are_rich() -> None:
    """Agreement on a thousand dull histories would prove nothing."""
    python, _, _ = both()
    text = b"\n".join(python)
    for kind in KINDS[:-1]:
        assert text.count(f'"kind":"{kind}"'.encode()) >= 20, kind
    signs = (
        '"choice":"keep"',
        '"choice":"undo"',
        '"op":"","qty"',
        '"op":"[^"]',
        '"clashes":."',
        '"unmatched":."',
        '"unknown_lines":."',
        '"surplus":.{',
        '"extra":[1-9]',
        '"late":[1-9]',
        '"settled":null',
        '"started":false',
    )
    for sign in signs:
        assert len(re.findall(sign.encode(), text)) >= 20, sign
    assert len(set(python)) > 900


def test_no_shuffle_of_a_history_changes_it() -> None:
    rng = random.Random(7)
    for seed in range(100):
        facts, ops, settlements = history(seed)
        shuffled = [*ops, *ops[: len(ops) // 2]]
        rng.shuffle(shuffled)
        assert here("project", [facts, shuffled, settlements[::-1]]) == both()[0][seed], seed


JUNK: tuple[object, ...] = (
    None,
    "",
    "x",
    "\0",
    0,
    -1,
    1,
    2,
    10**15,
    2**53,
    True,
    False,
    [],
    {},
    ["pick"],
    {"a": 1},
    "a" * 600,
    "AAAAAAAA:1",
)


def junk(seed: int) -> Case:
    """An op with a few fields spoilt."""
    rng = random.Random(seed)
    op = full_op(
        ["AAAAAAAA:1", rng.choice(("pick", "short", "void", "wrong")), 1, rng.choice((0, 1)), "A-01"]
    )
    for _ in range(rng.randint(0, 2)):
        name = rng.choice([*op, "extra"])
        if rng.random() < 0.2:
            op.pop(name, None)
        else:
            op[name] = rng.choice(JUNK)
    return op


def test_both_say_the_same_of_junk() -> None:
    calls = [("read_op", [junk(seed)]) for seed in range(2000)]
    python, javascript = [here(fn, args) for fn, args in calls], there(calls)
    assert python == javascript
    codes = Counter(answer.split(b'"code":"')[1].split(b'"')[0] for answer in python)
    assert {
        b"bad_id",
        b"bad_hlc",
        b"bad_at",
        b"bad_qty",
        b"bad_text",
        b"unknown_field",
        b"missing_field",
    } <= set(codes)
    assert sum(b'"hlc"' in answer for answer in python) > 200


def test_both_have_the_same_reasons_and_the_hash_is_sha256() -> None:
    reasons, hashed = there([("reasons", []), ("sha256", [300])])
    assert reasons == here("reasons", [])
    assert hashed == b'{"tried":300,"wrong":[]}'


def test_reach_by_batches_agrees() -> None:
    rng = random.Random(3)
    batches = [[[rng.randint(1, 40) for _ in range(rng.randint(0, 6))] for _ in range(5)] for _ in range(100)]
    calls = [("take", [group, rng.randint(0, 9)]) for group in batches]
    python = [here(fn, args) for fn, args in calls]
    assert python == there(calls)
    assert len(set(python)) > 50
