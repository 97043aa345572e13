/** @file What was promised with an order: when it is there, when it leaves at the latest, how sure, and why, line by line on
 * demand; where the date has moved, what is expected instead comes first, with its reason. */
import { html } from "../vendor/preact.js";
import { between, moment } from "../days.js";
import { Left, sure } from "../promise/answer.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/promise.js";
import { GONE } from "./rules.js";

addWords(WORDS);
const OVER = GONE.concat("delivered");
const NOT_LEFT = ["awaiting_payment", "paid", "to_pick", "picking", "packed"];

/** The head's line of what is to come: until when an unpaid order's goods are kept, else when they are expected.
 * @param {{order: any}} props */
export function Ahead({ order }) {
  const made = order.promise;
  if (!made || OVER.indexOf(order.state) >= 0) return null;
  if (!order.held && order.exceptions.length && order.exceptions[0].code === "promise_moved") return null; // the head's why names it
  if (order.state !== "awaiting_payment") return html`<p class="orders-ahead">${t("order_expected", { window: windowOf(made.moved || made) })}</p>`;
  return html`<p class="orders-ahead">${made.expires_at ? html`${t("promise_until", { at: moment(made.expires_at) })} · <${Left} until=${made.expires_at} />` : t("order_promise_free")}</p>`;
}

/** @param {{order: any}} props */
export function Promised({ order }) {
  const made = order.promise;
  if (!made || GONE.indexOf(order.state) >= 0) return null;
  const isAhead = NOT_LEFT.indexOf(order.state) >= 0;
  return html`<section class="orders-part orders-promised"><h3>${t("order_field_promise")}</h3>
    ${made.moved && html`<p><b>${t("order_moved", { window: windowOf(made.moved) })}</b><br />${made.moved.why}</p>`}
    <p>${t(made.moved ? "order_promised_before" : "order_promised", { window: windowOf(made) })}</p>
    ${!made.moved && html`<p class="second">${isAhead && `${t("order_ship_by", { at: moment(made.ship_by) })} · `}${sure(made)}</p>`}
    <details><summary>${t("promise_why")}</summary><ul>${made.because.map((/** @type {string} */ why) => html`<li key=${why}>${why}</li>`)}</ul></details>
  </section>`;
}

/** @param {{eta_from: string, eta_to: string}} dates */
const windowOf = (dates) => between(dates.eta_from, dates.eta_to, true);
