/** @file The orders: the list, and beside it (on phones: in its place) one order. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { go, lang, path, query, title } from "../app.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/orders.js";
import { List } from "./list.js";
import { fetchPanel, OrderLater } from "./later.js";
import { lookIn, searchOf } from "./looks.js";

const AHEAD_MS = 1500;

addWords(WORDS);

/** @returns {{code: string, name: string}[]} */
function useHouses() {
  const [houses, put] = useState(/** @type {{code: string, name: string}[]} */ ([]));
  useEffect(() => {
    call("GET", "/api/warehouses?limit=200").then(
      (page) => put(page.items),
      () => {} // Without them nobody can choose one; the rest stands.
    );
  }, []);
  return houses;
}

/** On phones the list makes room for an order; who comes back finds it where it was. @param {string} here */
function usePlace(here) {
  const scrolled = useRef(0);
  const before = useRef(here);
  useLayoutEffect(() => {
    if (here && !before.current) {
      window.scrollTo(0, 0);
    } else if (!here && before.current) {
      window.scrollTo(0, scrolled.current);
      const row = /** @type {HTMLElement|null} */ (document.querySelector(`.orders-row[href*="${encodeURIComponent(before.current)}"]`));
      if (row) row.focus();
    }
    before.current = here;
  }, [here]);
  useEffect(() => {
    const keep = () => {
      if (!before.current) scrolled.current = window.pageYOffset;
    };
    window.addEventListener("scroll", keep, { passive: true });
    return () => window.removeEventListener("scroll", keep);
  }, []);
}

export function Room() {
  const look = lookIn(query.value);
  const here = decodeURIComponent((/^\/app\/orders\/([^/]+)/.exec(path.value) || ["", ""])[1]);
  const houses = useHouses();
  usePlace(here);
  useEffect(() => {
    const soon = window.setTimeout(() => fetchPanel().catch(() => undefined), AHEAD_MS);
    return () => window.clearTimeout(soon);
  }, []);
  useEffect(() => title(here || t("orders")), [here, lang.value]);
  const list = `/app/orders${searchOf(look)}`;
  return html`<main class=${`orders ${here ? "has-one" : ""}`}>
    <${List} look=${look} here=${here} houses=${houses} onLook=${(/** @type {any} */ next) => go(location.pathname + searchOf(next), true)} />
    <section class="orders-one" aria-label=${here || t("order_one")}>
      ${here
        ? html`<header class="orders-bar"><${Link} href=${list} class="orders-back" label=${t("back")}><${Icon} name="back" size=${22} /></${Link}><${Number} number=${here} /></header>
            <${OrderLater} orderNo=${here} onClose=${() => go(list)} inDrawer=${false} />`
        : html`<p class="plain">${t("pick_one")}</p>`}
    </section>
  </main>`;
}

/** Where the order takes the list's place, whoever reads by ear is taken along. @param {{number: string}} props */
function Number({ number }) {
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useLayoutEffect(() => {
    const back = document.querySelector(".orders-back");
    if (heading.current && back && /** @type {HTMLElement} */ (back).offsetParent) heading.current.focus();
  }, [number]);
  return html`<h1 tabindex="-1" ref=${heading}>${number}</h1>`;
}
