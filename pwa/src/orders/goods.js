/** @file The lines of an order: what was asked for, reserved, picked and short; on phones the counts are words. */
import { html } from "../vendor/preact.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { piecesOf } from "./row.js";

const COUNTS = ["reserved", "picked", "short"];

/** @param {{order: any}} props */
export function Goods({ order }) {
  const hasPrices = order.amount_fen !== undefined;
  const heads = ["goods", "qty"].concat(COUNTS, hasPrices ? ["amount"] : []);
  return html`<section class="orders-part orders-goods">
    <table>
      <thead><tr>${heads.map((name) => html`<th scope="col" class=${COUNTS.indexOf(name) < 0 ? "" : "wide"}>${t(name)}</th>`)}</tr></thead>
      <tbody>${order.lines.map((/** @type {any} */ line) => html`<tr key=${line.line_no}>
        <td><b>${line.name}</b> <small>${line.sku}</small><${Sold} line=${line} /><${Counts} line=${line} /></td>
        <td>${line.qty} ${line.uom}</td>
        ${COUNTS.map((name) => html`<td class="wide">${line[name] ? number(name, line[name]) : "–"}</td>`)}
        ${hasPrices && html`<td>${money(line.qty * line.price_fen)}</td>`}
      </tr>`)}</tbody>
    </table>
    <p class="orders-sum">${piecesOf(order)}${hasPrices && html`<b>${money(order.amount_fen)}</b>`}</p>
  </section>`;
}

/** What was said of goods that were not asked for, or not priced, in pieces. @param {{line: any}} props */
function Sold({ line }) {
  const sold = line.sold;
  if (!sold) return null;
  return html`<small class="orders-sold">${t("order_sold", { qty: sold.qty, uom: sold.uom, price: `${money(sold.price_fen)}/${sold.per}`, n: sold.taken, of: line.uom })}</small>`;
}

/** @param {{line: any}} props */
function Counts({ line }) {
  const some = COUNTS.filter((name) => line[name]);
  if (!some.length) return null;
  return html`<small class="narrow">${some.map((name, n) => html`<span>${n ? " · " : ""}${t(name)} ${number(name, line[name])}</span>`)}</small>`;
}

/** @param {string} name @param {number} n */
function number(name, n) {
  return name === "short" ? html`<b class="is-red">${n}</b>` : n;
}
