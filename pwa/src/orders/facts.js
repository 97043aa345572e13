/** @file The facts of an order, as far as the server tells them to who asks. */
import { html } from "../vendor/preact.js";
import { phone, when } from "../format.js";
import { Mark } from "../kit/marks.js";
import { money } from "../money.js";
import { t } from "../words.js";

/** @param {{order: any}} props */
export function Facts({ order }) {
  const rows = [
    [t("customer"), html`<b>${order.customer.name}</b> ${call(order.customer.phone)}`],
    [t("address"), order.address.text],
    [t("received"), received(order)],
    [t("channel"), `${order.channel} ${order.external_no || ""}`],
    [t("warehouse"), order.warehouse],
    [t("holder"), person(order.handler)],
    [t("owner"), person(order.owner)],
    [t("note"), order.note],
    [t("options"), order.options.join("、")],
  ];
  return html`<dl class="orders-facts">${rows.filter(([, said]) => said).map(([name, said]) => html`<dt>${name}</dt><dd>${said}</dd>`)}</dl>`;
}

/** @param {any} who */
function person(who) {
  return who ? html`${who.name} ${call(who.phone)}` : "";
}

/** A masked number cannot be called. @param {string} number */
function call(number) {
  if (!number || number.indexOf("*") >= 0) return number;
  return html`<a href=${`tel:${number.replace(/[^\d+]/g, "")}`}>${phone(number)}</a>`;
}

/** @param {any} order */
function received(order) {
  if (order.amount_fen === undefined) return "";
  const left = order.amount_fen - order.paid_fen;
  if (order.paid_fen === 0) return t(order.terms === "monthly" ? "on_account" : "nothing_received");
  if (left > 0) return t("received_part", { paid: money(order.paid_fen), left: money(left) });
  return t("received_of", { paid: money(order.paid_fen) });
}

/** @param {{order: any}} props */
export function Parcels({ order }) {
  if (!order.shipments.length) return null;
  return html`<section class="orders-part"><h3>${t("parcels", { n: order.shipments.length })}</h3>
    ${order.shipments.map((/** @type {any} */ one) => html`<p class="orders-parcel"><${Mark} name="open" size=${14} />
      <span>${one.carrier} <code>${one.waybill}</code></span><small>${when(one.at)}</small></p>`)}
  </section>`;
}
