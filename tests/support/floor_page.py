"""The picker's screens in a page, as a person uses them: enrolled, someone's name tapped, codes scanned."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from qr.codes import make

# Writes down when a transaction is complete and when the hand feels something, in the order in which it happened.
WITNESS = """() => {
  window.seen = [];
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const made = transaction.call(this, stores, mode, options);
    const isOurs = mode === "readwrite" && [].concat(stores).includes("ops");
    if (isOurs) made.addEventListener("complete", () => window.seen.push("stored " + (options || {}).durability));
    return made;
  };
  Navigator.prototype.vibrate = (given) => window.seen.push("felt " + [].concat(given).join("-"));
}"""


def label(place: str) -> str:
    """What a bin's label says, without the address."""
    return make("L", place.replace("-", ""))


class Floor:
    """`floor.scan("LA0103V")`, `floor.press("拿好 4 件")`, `floor.stop` is the full red stop."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def enrol(self, code: str, who: str = "王强", base: str = "") -> "Floor":
        self.page.goto(f"{base}/app/pick")
        self.page.get_by_label("卡上的码").fill(code)
        self.press("登记这台")
        self.press(who)
        expect(self.page.locator(".pick-foot")).to_be_visible()
        expect(self.page.get_by_text("谁在拣货")).to_have_count(0)
        return self

    def scan(self, text: str, end: str = "Enter") -> None:
        """A hardware wedge: the code as keys, then its suffix."""
        self.page.keyboard.type(text)
        if end:
            self.page.keyboard.press(end)

    def at(self, place: str) -> None:
        """Scans a bin and stands there."""
        self.scan("HTTPS://HUB.EXAMPLE.CN/S/" + label(place))
        expect(self.page.get_by_text("库位已核对")).to_be_visible()
        expect(self.band).to_contain_text(place)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("alertdialog")

    @property
    def band(self) -> Locator:
        return self.page.locator(".pick-band")

    @property
    def number(self) -> Locator:
        """The one number."""
        return self.page.locator(".pick-number button")

    @property
    def next(self) -> Locator:
        return self.page.locator(".pick-next .pick-bin")

    @property
    def step(self) -> Locator:
        return self.page.locator(".pick-step")

    def pull(self) -> None:
        """What the office did meanwhile; twice, since a pull may be on its way that asked before."""
        self.page.evaluate(PULL)

    def ops(self, *kinds: str) -> list[Any]:
        """What lies in the device's own database, oldest first: (kind, qty, bin, code)."""
        found: list[Any] = self.page.evaluate(OPS)
        return [tuple(one) for one in found if not kinds or one[0] in kinds]


PULL = """async () => {
  const main = document.querySelector('script[type=module]').src;
  const {device} = await import(main.replace('main.js', 'pick/hand.js'));
  await device.value.pullNow();
  await device.value.pullNow();
}"""

# The store is asked, not the screen: `ops` is true only where the op is on disk.
OPS = """async () => {
  const named = (await indexedDB.databases()).map((one) => one.name);
  const found = [];
  for (const name of named) {
    const db = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    for (const store of Array.from(db.objectStoreNames)) {
      const rows = await new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      for (const row of rows) if (row && row.text) found.push(JSON.parse(row.text));
    }
    db.close();
  }
  found.sort((a, b) => Number(a.id.split(":")[1]) - Number(b.id.split(":")[1]));
  return found.map((op) => [op.kind, op.qty, op.bin, op.code]);
}"""
