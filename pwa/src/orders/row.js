/** @file One order in the list: its mark, number, customer, how it stands, tags, value and since when. */
import { html } from "../vendor/preact.js";
import { when } from "../format.js";
import { Link } from "../kit/link.js";
import { Mark, markOf } from "../kit/marks.js";
import { Tags } from "../kit/tag.js";
import { money } from "../money.js";
import { t } from "../words.js";

/** @param {{order: any, href: string, isHere: boolean}} props */
export function Row({ order, href, isHere }) {
  const cut = order.order_no.indexOf("-") + 1;
  const isRed = order.colour.code === "red";
  return html`<li><${Link} href=${href} class="orders-row" current=${isHere}>
    <${Mark} name=${markOf(order)} size=${22} />
    <span class="orders-what">
      <span class="orders-line"><span class="orders-no">${order.order_no.slice(0, cut)}<b>${order.order_no.slice(cut)}</b></span> <span class="orders-whom">${order.customer.name}</span></span>
      <span class=${`orders-why ${isRed ? "is-red" : ""}`}>${isRed ? order.colour.why : t(order.state)}</span>
      <${Tags} tags=${order.tags} />
    </span>
    <span class="orders-side">${order.amount_fen === undefined ? piecesOf(order) : money(order.amount_fen)}<small>${when(order.colour.since)}</small></span>
  </${Link}></li>`;
}

/** `2 种 · 8 件`. @param {any} order */
export function piecesOf(order) {
  const n = order.lines.reduce((/** @type {number} */ sum, /** @type {any} */ line) => sum + line.qty, 0);
  return t("pieces", { kinds: order.lines.length, n });
}
