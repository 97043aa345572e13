"""A company's whole master data as sheets, while another writer places orders: how long, how much memory, how long orders wait.

    python -m bench.masters [--rows N]

A line a sheet and round: taken the first time, the same the second time, and the wait of the orders between its groups.
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from api.db.database import Database
from api.inventory import importing
from api.kernel.actor import SYSTEM
from api.kernel.time import wall_clock
from api.orders import placing
from api.orders.model import CustomerIn, Draft, LineIn
from api.sheets.sheet import opened
from bench import company

ROWS = {
    "skus": ("货号,名称,单位,重量(kg),单价(元)", "X-{n:05d},零件 {n},件,0.327,{yuan}.50"),
    "bins": ("库位,仓库,货号", "Z-{n:05d},{house},X-{n:05d}"),
    "stock": ("库位,仓库,货号,数量", "Z-{n:05d},{house},X-{n:05d},{yuan}"),
    "customers": ("客户编号,客户,电话,结算方式,额度(元),地址", "K{n:05d},客户 {n},139{n:08d},月结,50000,上海市松江区荣乐中路{n}号"),
}  # fmt: skip


class Round(NamedTuple):
    kind: str
    report: importing.Report
    seconds: float
    waits: list[float]

    def line(self) -> str:
        waits = sorted(self.waits) or [0.0]
        told = ", ".join(f"{name} {count:,}" for name, count in self.report.counts.items() if count)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        p99, most = waits[int(len(waits) * 0.99)] * 1e3, waits[-1] * 1e3
        return f"{self.kind}: {told}; {self.seconds:.1f} s; {len(waits)} orders between, p99 {p99:.0f} ms, longest {most:.0f} ms; {peak} MB"


def sheet(kind: str, rows: int) -> bytes:
    head, row = ROWS[kind]
    house = company.HOUSES[0][0]
    lines = (row.format(n=n, yuan=n % 900 + 1, house=house) for n in range(1, rows + 1))
    return "\n".join((head, *lines)).encode()


def rounds(folder: Path, rows: int) -> Iterator[Round]:
    company.build(folder, skus=1)
    db = Database(folder)
    try:
        for kind in ROWS:
            for _ in range(2):
                yield _round(db, kind, sheet(kind, rows))
    finally:
        db.stop()


def _round(db: Database, kind: str, data: bytes) -> Round:
    waits: list[float] = []
    is_over = threading.Event()
    orders = threading.Thread(target=_orders, args=(db, is_over, waits))
    begun = time.perf_counter()
    orders.start()
    try:
        work = importing.prepared(kind, opened(f"{kind}.csv", data), None, SYSTEM)
        report = importing.taken(db, work, f"{kind}-{time.monotonic_ns()}", wall_clock)
        seconds = time.perf_counter() - begun
    finally:
        is_over.set()
        orders.join()
    return Round(kind, report, seconds, waits)


def _orders(db: Database, is_over: threading.Event, waits: list[float]) -> None:
    draft = Draft(CustomerIn("宝诚", "13800000000"), [LineIn("BP-00001", 1)], "上海市浦东新区张江路1号")
    while True:
        begun = time.perf_counter()
        db.writer.now(lambda tx: placing.place(tx, draft, SYSTEM, wall_clock(), placing.From()))
        waits.append(time.perf_counter() - begun)
        if is_over.wait(0.01):
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    with tempfile.TemporaryDirectory() as place:
        for one in rounds(Path(place) / "data", parser.parse_args().rows):
            print(one.line(), flush=True)


if __name__ == "__main__":
    main()
