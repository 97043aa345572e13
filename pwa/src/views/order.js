/** @file One order: its state, how far it has come, the facts, the goods, what happened; and its link to share. */
import { fill, h } from "../dom.js";
import { money, phone, when } from "../format.js";
import { mark, markOf } from "../marks.js";
import { t } from "../words.js";
import { shareBar } from "./share.js";
import { refusal, tag } from "./list.js";
import { timeline } from "./timeline.js";

const STATION = { awaiting_payment: 0, paid: 1, to_pick: 1, picking: 2, packed: 2, shipped: 3, delivered: 4 };
const COUNTS = ["reserved", "picked", "short"];
let asked = 0;

/** @param {any} app @param {HTMLElement} pane @param {string} number @param {(path: string) => any} inside */
export async function oneOrder(app, pane, number, inside) {
  const mine = ++asked;
  const back = h("a.back", { href: "/", onclick: inside("/"), "aria-label": t("back") }, mark("back", 24));
  const title = h("h1", { tabindex: -1 }, number);
  const head = h("div.bar", {}, back, title);
  fill(pane, head, h("p.plain", {}, t("loading")));
  // Where the order takes the list's place, whoever reads by ear is taken along.
  if (back.offsetParent) title.focus();
  const path = `/api/orders/${encodeURIComponent(number)}`;
  const again = () => {
    if (mine === asked && location.pathname.indexOf("/app/orders/") === 0) oneOrder(app, pane, number, inside);
  };
  try {
    const order = await app.call("GET", path);
    const told = await app.call("GET", app.may("journal") ? `${path}/journal` : `${path}/history`);
    if (mine !== asked) return;
    app.reached();
    fill(pane, head, h("div.body", {}, body(order), timeline(told.items)), app.may("link") && shareBar(app, path));
  } catch (problem) {
    if (mine !== asked) return;
    if (app.failed(problem, again)) fill(pane, head);
    else fill(pane, head, refusal(problem, again));
  }
}

/** @param {any} order */
function body(order) {
  return [
    statusHead(order),
    way(order),
    order.tags.length > 0 && h("p.tags", {}, order.tags.map(tag)),
    troubles(order),
    facts(order),
    parcels(order),
    goods(order),
  ];
}

function statusHead(order) {
  const isRed = order.colour.code === "red";
  const parcel = order.shipments[order.shipments.length - 1];
  const at = when(order.colour.since, true);
  const first = isRed ? order.colour.why : parcel ? parcel.carrier : "";
  const second = first ? `${first} · ${t("since", { at })}` : t("since_only", { at });
  return h(
    "div.status",
    {},
    mark(markOf(order), 40),
    h("div", {}, h("h2", {}, t(isRed ? (order.held ? "held" : "stuck") : order.state)), h("p.second", {}, second))
  );
}

/** The five stations; an order that ended otherwise has no line to walk. */
function way(order) {
  const now = STATION[order.state];
  if (now === undefined) return null;
  const names = [
    order.terms === "monthly" ? "placed_stage" : "paid_stage",
    "to_pick",
    order.state === "packed" ? "packed" : "pick_stage",
    "shipped",
    "sign_stage",
  ];
  return h(
    "ol.way",
    { "aria-label": t("way") },
    names.map((name, n) =>
      h(
        `li.${n < now ? "done" : n === now ? "now" : "ahead"}`,
        { "aria-current": n === now ? "step" : null },
        h("span.at", {}, n === now ? mark(markOf(order), 24) : h("i", {})),
        h("span.name", {}, t(name))
      )
    )
  );
}

/** The other open troubles with their why and since; the head says the first. */
function troubles(order) {
  const others = order.held ? order.exceptions : order.exceptions.slice(1);
  if (!others.length) return null;
  return h(
    "ul.troubles",
    {},
    others.map((one) => h("li", {}, mark("triangle", 18), h("span", {}, one.why), h("small", {}, when(one.at))))
  );
}

function facts(order) {
  const rows = [
    [t("customer"), [h("b", {}, order.customer.name), " ", call(order.customer.phone)]],
    [t("address"), order.address.text],
    [t("received"), received(order)],
    [t("channel"), [order.channel, order.external_no ? ` ${order.external_no}` : ""]],
    [t("warehouse"), order.warehouse],
    [t("holder"), order.handler && [order.handler.name, " ", call(order.handler.phone)]],
    [t("owner"), order.owner && [order.owner.name, " ", call(order.owner.phone)]],
    [t("note"), order.note],
    [t("options"), order.options.join("、")],
    [t("checklist"), order.checklist.map((one) => `${one.item} ${t(one.done ? "done" : "open")}`).join("，")],
  ];
  return h("dl.facts", {}, rows.filter(([, said]) => said && said.length).map(([name, said]) => [h("dt", {}, name), h("dd", {}, said)]));
}

/** A masked number cannot be called. @param {string} number */
function call(number) {
  if (!number || number.indexOf("*") >= 0) return number;
  return h("a", { href: `tel:${number.replace(/[^\d+]/g, "")}` }, phone(number));
}

function received(order) {
  if (order.amount_fen === undefined) return null;
  const left = order.amount_fen - order.paid_fen;
  if (order.paid_fen === 0) return order.terms === "monthly" ? t("on_account") : t("nothing_received");
  if (left > 0) return t("received_part", { paid: money(order.paid_fen), left: money(left) });
  return t("received_of", { paid: money(order.paid_fen) });
}

function parcels(order) {
  if (!order.shipments.length) return null;
  return h(
    "section",
    {},
    h("h3", {}, t("parcels", { n: order.shipments.length })),
    order.shipments.map((one) => h("p.parcel", {}, mark("open", 14), h("span", {}, one.carrier, " ", h("code", {}, one.waybill)), h("small", {}, when(one.at))))
  );
}

/** On phones the columns are words under the name. */
function counts(line) {
  const some = COUNTS.filter((name) => line[name]);
  return some.length > 0 && h("small.narrow", {}, some.map((name, n) => [n ? " · " : "", t(name), " ", number(name, line[name])]));
}

/** @param {string} name @param {number} n */
function number(name, n) {
  return name === "short" ? h("b.is-red", {}, n) : n;
}

function goods(order) {
  const hasPrices = order.amount_fen !== undefined;
  const pieces = order.lines.reduce((sum, line) => sum + line.qty, 0);
  const heads = ["goods", "qty"].concat(COUNTS, hasPrices ? ["amount"] : []);
  const rows = order.lines.map((line) =>
    h(
      "tr",
      {},
      h("td", {}, h("b", {}, line.name), " ", h("small", {}, line.sku), counts(line)),
      h("td", {}, `${line.qty} ${line.uom}`),
      COUNTS.map((name) => h("td.wide", {}, line[name] ? number(name, line[name]) : "–")),
      hasPrices && h("td", {}, money(line.qty * line.price_fen))
    )
  );
  const sum = h("p.sum", {}, t("pieces", { kinds: order.lines.length, n: pieces }), hasPrices && h("b", {}, money(order.amount_fen)));
  return h(
    "section.goods",
    {},
    h("table", {}, h("thead", {}, h("tr", {}, heads.map((name) => h(COUNTS.indexOf(name) < 0 ? "th" : "th.wide", { scope: "col" }, t(name))))), h("tbody", {}, rows)),
    sum
  );
}
