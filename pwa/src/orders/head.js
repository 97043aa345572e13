/** @file How an order stands: its mark, its state, and one sentence of where and when; in trouble the why comes first. */
import { html } from "../vendor/preact.js";
import { may } from "../app.js";
import { span, when } from "../format.js";
import { Button } from "../kit/button.js";
import { Link } from "../kit/link.js";
import { Mark, markOf } from "../kit/marks.js";
import { t } from "../words.js";
import { Ahead } from "./promised.js";
import { canResolve } from "./rules.js";

/** @param {{order: any}} props */
export function Head({ order }) {
  const parcel = order.shipments[order.shipments.length - 1];
  const at = when(order.colour.since, true);
  const isRed = order.colour.code === "red";
  const [state, why] = isRed ? troubleOf(order) : [t(order.state), parcel ? parcel.carrier : order.handler && order.state === "picking" ? order.handler.name : ""];
  const second = why ? `${why} · ${t("since", { at })}` : t("since_only", { at });
  return html`<div class="orders-status">
    <${Mark} name=${markOf(order)} size=${40} />
    <div><h2>${state}</h2><p class="second">${second}</p><${Ahead} order=${order} /></div>
  </div>`;
}

/** The word, with how long it has stood where that is known, and the why. @param {any} order @returns {[string, string]} */
function troubleOf(order) {
  if (order.held) return [t("held"), order.held.reason];
  if (order.exceptions.length) return [`${t("stuck")} ${span(Date.now() - Date.parse(order.colour.since))}`, order.colour.why];
  const parts = /^([^:：]+)[:：]\s*(.+)$/.exec(order.colour.why); // nothing moved: the server's sentence begins with how long
  return parts ? [parts[1], parts[2]] : [t("stuck"), order.colour.why];
}

/** The same place, another order. @param {string} from @param {string} to */
export function hrefOf(from, to) {
  return location.pathname.replace(encodeURIComponent(from), encodeURIComponent(to)) + location.search;
}

/** A changed order goes on under another number. @param {{order: any, told: any[]}} props */
export function Newer({ order, told }) {
  const found = order.state === "amended" ? told.find((one) => (one.kind === "order.amended" || one.kind === "order.restored") && one.said.by) : null;
  if (!found) return null;
  return html`<p class="orders-newer"><${Link} href=${hrefOf(order.order_no, found.said.by)} class="button primary">${t("order_newer", { no: found.said.by })}</${Link}></p>`;
}

/** The other open troubles with their why and since, each with its way out; the head says the first.
 * @param {{order: any, isBoxed: string, open: import("./panel.js").Open}} props */
export function Troubles({ order, isBoxed, open }) {
  const isSaid = (/** @type {any} */ one, /** @type {number} */ n) => one.code === isBoxed || (!order.held && n === 0 && order.colour.code === "red");
  const others = order.exceptions.filter((/** @type {any} */ one, /** @type {number} */ n) => !isSaid(one, n) || (one.code !== isBoxed && canResolve(one, may)));
  if (!others.length) return null;
  return html`<ul class="orders-troubles">${others.map((/** @type {any} */ one) => html`<li key=${one.code}>
    <${Mark} name="triangle" size=${18} /><span>${one.why}<small>${when(one.at)}</small></span>
    ${canResolve(one, may) && html`<${Button} size="small" onClick=${() => open("resolve", one)}>${t("order_do_resolve")}</${Button}>`}
  </li>`)}</ul>`;
}
