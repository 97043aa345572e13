"""From a scan to its tick on an old PDA: a page at 6x CPU throttle, a wedge with a suffix, the pick on disk before the tick.

Prints p50 and p95 over the scans from the text's end to the frame after the screen with the tick. Run it alone:
`python -m bench.scan [--scans 42] [--throttle 6] [--gap 500]`, a scan every `gap` ms, as a hand does it. Nothing is asserted; the target is p95 of 100 ms or less.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import FLAGS, chromium
from tests.support.floor_page import Floor, label
from tests.support.plant import Plant
from tests.support.windows import PDA

TOOK = """() => {
  const [scan] = performance.getEntriesByName('pick-scan');
  const [tick] = performance.getEntriesByName('pick-tick');
  return scan && tick && tick.startTime > scan.startTime ? tick.startTime - scan.startTime : 0;
}"""
CLEAR = "() => { performance.clearMarks('pick-scan'); performance.clearMarks('pick-tick'); }"


def scan(floor: Floor, text: str, gap: int = 0) -> float:
    floor.page.wait_for_timeout(gap)
    floor.page.evaluate(CLEAR)
    floor.page.keyboard.insert_text(text)
    floor.page.keyboard.press("Enter")
    took: float = floor.page.wait_for_function(TOOK, timeout=10_000).json_value()
    return took


def ordered(plant: Plant, orders: int) -> None:
    """Each order wants three pieces of each part, so that every scan of a part writes one op."""
    for number in range(orders):
        plant.sends(f"S-{number}", ("BP-1023", 3), ("BP-1032", 3), ("OF-2001", 3))


def measured(page: Page, plant: Plant, scans: int, gap: int) -> tuple[list[float], list[float]]:
    floor = Floor(page).enrol(plant.card())
    floor.next.wait_for()
    bins, picks = [], []
    for sku, place in (("BP-1023", "A-01-03"), ("BP-1032", "A-01-04"), ("OF-2001", "A-02-01")):
        bins.append(scan(floor, label(place), gap))
        picks += [scan(floor, sku, gap) for _ in range(scans // 3)]
        page.get_by_role("button", name="返回").click()
        page.get_by_role("button", name="更多").click()
        page.get_by_role("button", name="先跳过这一站").click()
    return bins, picks


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--scans", type=int, default=42)
    asked.add_argument("--throttle", type=float, default=6)
    asked.add_argument("--gap", type=int, default=500)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        plant = Plant(Path(folder) / "data", stock=2_000)
        browser = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            ordered(plant, 20)
            page = browser.new_context(
                base_url=plant.url, locale="zh-CN", viewport={"width": PDA["width"], "height": PDA["height"]}
            ).new_page()
            page.context.new_cdp_session(page).send(
                "Emulation.setCPUThrottlingRate", {"rate": given.throttle}
            )
            bins, picks = measured(page, plant, given.scans, given.gap)
        finally:
            browser.close()
            plant.stop()
    for name, took in (("part scanned -> tick", picks), ("bin scanned -> tick", bins)):
        cuts = statistics.quantiles(took, n=20, method="inclusive")
        print(
            f"{name}: n {len(took)}, p50 {statistics.median(took):.0f} ms, p95 {cuts[18]:.0f} ms, most {max(took):.0f} ms"
        )


if __name__ == "__main__":
    main()
