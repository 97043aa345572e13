"""Google's Lighthouse on the two pages that strangers open first, as a slow phone meets them.

    python bench/lighthouse.py [--runs 3]

Starts a demo server and asks for `/` (signing in) and a customer's `/t/` link with the mobile preset: a throttled 4 G
line and a processor four times slower. Prints the median scores and the largest paint; ends with 1 where performance is
under 95 or accessibility under 100. Needs npm (it fetches Lighthouse into a folder of its own) and a Chromium.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

if __package__ in (None, ""):  # started as a file
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import server
from tests.support.browser import chromium
from tests.support.node import npms

LIGHTHOUSE = "lighthouse@12.8.2"  # the newest that Node 20 runs
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu"
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 0}
METRICS = {
    "first-contentful-paint": "FCP ms",
    "largest-contentful-paint": "LCP ms",
    "total-blocking-time": "TBT ms",
}


def asked(npm: list[str], folder: Path, url: str) -> dict[str, Any]:
    """One report."""
    report = folder / "report.json"
    words = [
        "exec", "--yes", f"--package={LIGHTHOUSE}", "--", "lighthouse", url, "--quiet", "--output=json",
        f"--output-path={report}", f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
    ]  # fmt: skip
    environ = {
        **os.environ, "CHROME_PATH": chromium(), "npm_config_cache": str(folder / "npm"), "NODE_USE_SYSTEM_CA": "1",
    }  # fmt: skip
    done = subprocess.run(
        [*npm, *words], cwd=folder, env=environ, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise SystemExit(f"lighthouse: {(done.stderr or done.stdout).strip()[-600:]}")
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def link(url: str) -> str:
    """A customer's link to a shipped order."""
    with httpx.Client(base_url=url, timeout=20) as client:
        body = {"user": "sales", "password": "demo"}
        token = client.post("/api/login", json=body).raise_for_status().json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.clear()
        order = client.get("/api/orders", params={"state": "shipped", "limit": 1}).json()["items"][0]
        made: str = (
            client.post(f"/api/orders/{order['order_no']}/tracking-link").raise_for_status().json()["url"]
        )
    return f"{url}/t/{made.rpartition('/')[2]}"


def row(page: str, reports: list[dict[str, Any]]) -> tuple[str, bool]:
    """A table's row of medians, and whether the targets are met."""
    scores = {
        name: statistics.median(round(100 * one["categories"][name]["score"]) for one in reports)
        for name in CATEGORIES
    }
    times = [statistics.median(one["audits"][name]["numericValue"] for one in reports) for name in METRICS]
    cells = [f"{score:.0f}" for score in scores.values()] + [f"{time:,.0f}" for time in times]
    return f"| {page} | {' | '.join(cells)} |", all(
        scores[name] >= least for name, least in CATEGORIES.items()
    )


def faults(reports: list[dict[str, Any]]) -> list[str]:
    """Audits that cost something, of the last report."""
    report = reports[-1]
    weighed = {
        ref["id"] for one in report["categories"].values() for ref in one["auditRefs"] if ref["weight"]
    }
    audits = report["audits"].items()
    return [
        f"{name}: {one['title']}" for name, one in audits if name in weighed and (one["score"] or 0) < 0.9
    ]


def main() -> int:
    words = argparse.ArgumentParser()
    words.add_argument("--runs", type=int, default=3)
    given = words.parse_args()
    is_met = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server.hub(folder / "data", "--demo") as port:
            url = f"http://127.0.0.1:{port}"
            print(f"{server.machine()}; {LIGHTHOUSE}, mobile, median of {given.runs}")
            print(f"| page | {' | '.join(CATEGORIES)} | {' | '.join(METRICS.values())} |")
            print("| --- " * (1 + len(CATEGORIES) + len(METRICS)) + "|")
            for page, address in (("`/` signing in", f"{url}/"), ("`/t/…` a customer's link", link(url))):
                reports = [asked(npms()[0], folder, address) for _ in range(given.runs)]
                line, is_good = row(page, reports)
                print(line)
                is_met = is_met and is_good
                for fault in faults(reports):
                    print(f"  {fault}", file=sys.stderr)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
