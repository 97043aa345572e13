/** @file An order that lacks stock: what can be done, each way with its reason and its button; and the parts that an order
 * became, each with where it stands. The server works the ways out anew whenever the order has changed. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { lang } from "../app.js";
import { Button } from "../kit/button.js";
import { Link } from "../kit/link.js";
import { t } from "../words.js";
import { hrefOf } from "./head.js";

/** @typedef {{kind: string, why: string, command: string, body: any, parcels: number}} Way */

/** @param {any} order */
export function isShort(order) {
  if (order.exceptions.some((/** @type {any} */ one) => one.code === "short_stock")) return true;
  const isPacked = ["packed", "shipped", "delivered"].indexOf(order.state) >= 0;
  return isPacked && order.lines.some((/** @type {any} */ line) => line.short > 0);
}

/** @param {import("./boxes.js").Needs} props */
export function Ways({ order, run, said }) {
  const [ways, set] = useState(/** @type {Way[]} */ ([]));
  const is = isShort(order);
  useEffect(() => {
    let isOld = false;
    if (!is) return set([]);
    call("GET", `/api/orders/${encodeURIComponent(order.order_no)}/ways`)
      .then((page) => void (isOld || set(page.items)))
      .catch((problem) => {
        if (!(problem instanceof Problem)) throw problem;
        if (!isOld) set([]); // what was possible before the order changed is no advice any more
      });
    return () => void (isOld = true);
  }, [order.order_no, order.updated_at, is, lang.value]);
  if (!is || !ways.length) return null;
  return html`<section class="orders-ways"><h3>${t(order.state === "paid" ? "order_ways" : "order_ways_packed")}</h3>
    <ul>${ways.map((way, n) => html`<li key=${n}><p>${way.why}</p>
      ${way.command && html`<${Button} kind=${n || order.state !== "paid" ? "second" : "primary"} busy=${said.busy === way.command}
        onClick=${() => run({ name: way.command, body: way.body })}>${t(wordOf(way, order), { n: way.parcels })}</${Button}>`}
    </li>`)}</ul>
  </section>`;
}

/** @param {Way} way @param {any} order */
function wordOf(way, order) {
  return way.kind === "backorder" && order.state !== "paid" ? "order_way_follow" : `order_way_${way.kind}`;
}

/** All that go by one root number; the one that is shown is no link. @param {{order: any}} props */
export function Parts({ order }) {
  const parts = order.parts || [];
  if (!parts.length) return null;
  return html`<section class="orders-part orders-parts"><h3>${t("order_parts", { n: parts.length })}</h3>
    <ul>${parts.map((/** @type {any} */ part) => html`<li key=${part.order_no}>
      ${part.order_no === order.order_no ? html`<b>${part.order_no}</b>` : html`<${Link} href=${hrefOf(order.order_no, part.order_no)}>${part.order_no}</${Link}>`}
      <span>${t(part.state)} · ${part.warehouse}</span>
    </li>`)}</ul>
  </section>`;
}
