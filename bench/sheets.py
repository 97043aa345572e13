"""Whole sheets that nobody here wrote, through the two requests of the sheets' page: looked at, taken in, taken in again.

    python -m bench.sheets FOLDER [--rows N]

FOLDER holds `olist/`, `dirty/` and `bank/` (CSV, Excel). A line a file: its rows, the orders they made, those they changed,
what was refused, by which reason, seconds and the server's largest memory. Ends with 1 where a row has neither an order nor a
reason, or where the second time makes an order.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench import company, server
from bench.process import children

# Goods first: the other two speak of orders that are there.
FIRST = ("order_items", "orders", "order_payments")


class Taken(NamedTuple):
    name: str
    rows: int
    looked: dict[str, Any]
    first: dict[str, Any]
    again: dict[str, Any]
    seconds: float
    peak_mb: float

    @property
    def refused(self) -> dict[int, str]:
        return {row: one["why"] for one in self.first["refused"] for row in one["rows"]}

    @property
    def wrong(self) -> list[str]:
        found = [f"{self.name}: row {row} has no reason" for row, why in self.refused.items() if not why]
        if (
            len(self.refused) < self.rows
            and not self.first["orders"] + self.first["changed"] + self.first["duplicates"]
        ):
            found.append(f"{self.name}: rows are neither taken nor refused")
        if self.again["orders"]:
            found.append(f"{self.name}: {self.again['orders']} orders more the second time")
        return found

    def line(self) -> str:
        said = Counter(self.refused.values()).most_common(1)
        why = f" ({said[0][1]:,} × {said[0][0]})" if said else ""
        return (
            f"{self.name}: {self.rows:,} rows, {self.first['orders']:,} orders, {self.first['changed']:,} changed, "
            f"{self.first['duplicates']:,} known, {len(self.refused):,} refused{why}; "
            f"{self.seconds:.1f} s, {self.peak_mb:.0f} MB"
        )


def files(folder: Path) -> list[Path]:
    found = [one for name in ("olist", "dirty", "bank") for one in (folder / name).glob("*") if one.is_file()]
    return sorted(
        found, key=lambda one: (FIRST.index(one.stem) if one.stem in FIRST else len(FIRST), str(one))
    )


def run(folder: Path, place: Path, rows: int = 0) -> Iterator[Taken]:
    """Each file, or the first `rows` of a CSV, by one server; olist's into one channel, since they speak of one another."""
    token = company.build(place / "data", 20)
    with server.hub(place / "data") as port, httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=600, trust_env=False
    ) as client:  # fmt: skip
        for file in files(folder):
            code = "olist" if file.parent.name == "olist" else file.stem.lower()[:20].replace("_", "-")
            client.put(f"/api/channels/{code}", json={"label": code, "scheme": "none"}).raise_for_status()
            data = file.read_bytes()
            if rows and file.suffix == ".csv":
                data = b"\n".join(data.splitlines()[: rows + 1])
            yield _taken(client, f"/api/channels/{code}", file.name, data, place / "data")


def _taken(client: httpx.Client, base: str, name: str, data: bytes, folder: Path) -> Taken:
    def send(path: str, **form: str) -> dict[str, Any]:
        answer = client.post(f"{base}/{path}", files={"file": (name, data)}, data=form).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    looked, began = send("preview"), time.monotonic()
    mapping = json.dumps(looked["mapping"])
    first = send("import", mapping=mapping)
    seconds = time.monotonic() - began
    again = send("import", mapping=mapping)
    return Taken(name, looked["total"], looked, first, again, seconds, _peak_mb(folder))


def _peak_mb(data: Path) -> float:
    """Of the server of this folder, our child, since it began."""
    served = os.fsencode(data)
    [child] = [one for one in children(os.getpid()) if served in Path(f"/proc/{one}/cmdline").read_bytes()]
    told = Path(f"/proc/{child}/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("folder", type=Path)
    words.add_argument("--rows", type=int, default=0, help="of a CSV file; 0: all")
    given = words.parse_args()
    print(server.machine())
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        for one in run(given.folder, Path(place), given.rows):
            print(one.line(), flush=True)
            wrong += one.wrong
    server.ended(wrong)


if __name__ == "__main__":
    main()
