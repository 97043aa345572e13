/** @file The list of orders: find by the beginning of a word, chips by state, newest first. What is looked for stands in
 * the address. Arrows walk the rows. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Mark } from "../kit/marks.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { t } from "../words.js";
import { useFound } from "./found.js";
import { addressOf, chipOf, CHIPS, othersIn, searchOf, withChip } from "./looks.js";
import { Row } from "./row.js";

const PAUSE_MS = 250;

/** @typedef {import("./looks.js").Look} Look */

/** @param {{look: Look, here: string, houses: {code: string, name: string}[], onLook: (look: Look) => void}} props */
export function List({ look, here, houses, onLook }) {
  const { found, more, again } = useFound(look);
  return html`<section class="orders-list" aria-label=${t("orders")}>
    <h1 class="unseen">${t("orders")}</h1>
    <${Find} look=${look} houses=${houses} onLook=${onLook} />
    <${Chips} look=${look} onLook=${onLook} />
    ${found.isAway && found.items.length > 0 && html`<div class="orders-stale"><p>${t("order_list_stale")}</p>
      <${Button} size="small" onClick=${again}>${t("again")}</${Button}></div>`}
    <${Rows} found=${found} look=${look} here=${here} more=${more} again=${again} />
  </section>`;
}

/** @param {{look: Look, houses: {code: string, name: string}[], onLook: (look: Look) => void}} props */
function Find({ look, houses, onLook }) {
  const [words, type] = useState(look.q || "");
  const timer = useRef(0);
  const sent = useRef(look.q || "");
  useEffect(() => {
    // The address changed by itself: back, forward, a link.
    if ((look.q || "") !== sent.current) {
      sent.current = look.q || "";
      type(sent.current);
    }
  }, [look.q]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  /** @param {string} said */
  const search = (said) => {
    window.clearTimeout(timer.current);
    if (said.trim() === sent.current) return;
    sent.current = said.trim();
    onLook({ ...look, q: sent.current });
  };
  const typed = (/** @type {any} */ event) => {
    const said = event.target.value;
    type(said);
    window.clearTimeout(timer.current);
    if (!event.isComposing) timer.current = window.setTimeout(() => search(said), PAUSE_MS);
  };
  const send = (/** @type {Event} */ event) => {
    event.preventDefault();
    search(words);
  };
  return html`<form class="orders-find" role="search" onSubmit=${send}>
    <label for="orders-q">${t("find")}</label>
    <div class="orders-ask">
      <input id="orders-q" type="search" autocomplete="off" aria-describedby="orders-q-hint" value=${words} onInput=${typed}
        onCompositionEnd=${typed} />
      ${houses.length > 1 && html`<select aria-label=${t("warehouse")} onChange=${(/** @type {any} */ e) => onLook({ ...look, warehouse: e.target.value })}>
        <option value="" selected=${!look.warehouse}>${t("order_all_houses")}</option>
        ${houses.map((one) => html`<option key=${one.code} value=${one.code} selected=${one.code === look.warehouse}>${one.name}</option>`)}
      </select>`}
    </div>
    <p class="hint" id="orders-q-hint">${t("find_hint")}</p>
  </form>`;
}

/** @param {{look: Look, onLook: (look: Look) => void}} props */
function Chips({ look, onLook }) {
  const pressed = chipOf(look);
  const without = (/** @type {string} */ name) => onLook({ ...look, [name]: "" });
  return html`<div class="orders-chips" role="group" aria-label=${t("order_chips")}>
    ${othersIn(look).map((one) => html`<button type="button" class="orders-chip" key=${one.name} aria-pressed="true"
        aria-label=${t("order_chip_off", { said: one.said })} onClick=${() => without(one.name)}>${one.said} ×</button>`)}
    ${CHIPS.map((one) => html`<button type="button" class="orders-chip" key=${one.key} aria-pressed=${String(one.key === pressed)}
        onClick=${() => onLook(withChip(look, one.ask))}>${one.mark && html`<${Mark} name=${one.mark} size=${16} />`}${t(one.key)}</button>`)}
  </div>`;
}

/** @param {{found: import("./found.js").Found, look: Look, here: string, more: () => void, again: () => void}} props */
function Rows({ found, look, here, more, again }) {
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  if (found.problem) return html`<${Trouble} problem=${found.problem} again=${again} />`;
  if (!found.items.length) {
    if (found.isAway) return html`<${Empty} title=${t("order_list_away")} hint=${t("order_list_away_hint")}><${Button} onClick=${again}>${t("again")}</${Button}></${Empty}>`;
    return found.of !== searchOf(look) || found.isBusy ? html`<${Loading} />` : html`<${Nothing} look=${look} />`;
  }
  const walk = (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step || !list.current || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = /** @type {HTMLElement[]} */ (Array.from(list.current.querySelectorAll("a")));
    const next = all[all.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const n = found.items.length;
  return html`<div class="orders-rows">
    <ol ref=${list} aria-label=${t("orders")} aria-busy=${String(found.isBusy)} onKeyDown=${walk}>
      ${found.items.map((order) => html`<${Row} key=${order.order_no} order=${order} href=${addressOf(order.order_no, look)} isHere=${order.order_no === here} />`)}
    </ol>
    <p class="orders-foot" role="status">${t("shown", { n })}</p>
    ${found.next && html`<p class="orders-foot"><${Button} onClick=${more} busy=${found.isBusy && t("loading")}>${t("more")}</${Button}></p>`}
  </div>`;
}

/** @param {{look: Look}} props */
function Nothing({ look }) {
  const key = look.q ? "none_found" : searchOf(look) ? "none_here" : "empty";
  const hint = html`<span>${t(`${key}_hint`)} ${key === "empty" && html`<a href="/docs">/docs</a>`}</span>`;
  return html`<div role="status"><${Empty} title=${t(key, { q: look.q })} hint=${hint} /></div>`;
}
