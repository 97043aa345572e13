/** @file The line: five stations from payment to signature. Passed ones are discs, the present one is the order's mark,
 * those to come are rings. An order that ended otherwise has no line to walk. */
import { html } from "../vendor/preact.js";
import { t } from "../words.js";
import { Mark, markOf } from "./marks.js";

/** @type {Object<string, number>} */
const STATION = { awaiting_payment: 0, paid: 1, to_pick: 1, picking: 2, packed: 2, shipped: 3, delivered: 4 };

/** @param {{order: {state: string, terms?: string, colour: {code: string}}}} props */
export function Way({ order }) {
  const now = STATION[order.state];
  if (now === undefined) return null;
  const names = [
    order.terms === "monthly" ? "placed_stage" : "paid_stage",
    "to_pick",
    order.state === "packed" ? "packed" : "pick_stage",
    "shipped",
    "sign_stage",
  ];
  return html`<ol class="way" aria-label=${t("way")}>
    ${names.map((name, n) => html`<li class=${n < now ? "done" : n === now ? "now" : "ahead"} aria-current=${n === now ? "step" : undefined}>
      <span class="at">${n === now ? html`<${Mark} name=${markOf(order)} size=${24} />` : html`<i></i>`}</span>
      <span class="name">${t(name)}</span>
    </li>`)}
  </ol>`;
}
