"""What it costs to read a remark and an address, both on an order's hot path; uncached, medians of five rounds.

Usage: python -m bench.reading [TEST_DATA]. Without test data a few texts of our own serve.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from api.places import read_address
from api.tags.reading import read_remark

REMARKS = ["请避开周一送货，需附出厂检验报告", "不急", "加急，上午送到", "发顺丰，运费到付，别附价格"]
ADDRESSES = ["上海市浦东新区张江路1号", "苏州昆山开发区长江南路88号", "杭州西湖区文三路2号"]


def each_us(read: Callable[[str], object], texts: list[str], repeat: int) -> tuple[float, float]:
    """(median of the rounds' means, worst single text) in microseconds."""
    means, worst = [], 0.0
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repeat):
            for text in texts:
                read(text)
        means.append((time.perf_counter() - start) / repeat / len(texts))
    for text in texts:
        start = time.perf_counter()
        read(text)
        worst = max(worst, time.perf_counter() - start)
    return statistics.median(means) * 1e6, worst * 1e6


def main(folder: Path | None) -> None:
    remarks, addresses = REMARKS, ADDRESSES
    if folder is not None:
        lines = (folder / "text" / "remarks.jsonl").read_text("utf-8").splitlines()
        remarks = [json.loads(line)["remark"] for line in lines]
        addresses = (folder / "china" / "addresses.txt").read_text("utf-8").splitlines()
    uncached: Callable[[str], object] = read_remark.__wrapped__
    for name, read, texts in (("read_remark", uncached, remarks), ("read_address", read_address, addresses)):
        mean, worst = each_us(read, texts, max(1, 2_000 // len(texts)))
        print(f"{name:14} {len(texts):5} texts  {mean:7.1f} us each  {worst:8.1f} us worst")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
