/** @file One SKU: how much there is in each warehouse, who holds it and until when, where it lies, what came and went. */
import { html, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, may, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { useList, whyOf } from "../desk/read.js";
import { t } from "../words.js";
import { Level } from "./level.js";
import { nameOf } from "./list.js";
import { MoveSheet } from "./moves.js";

/** @param {string} no an order's number, or a promise's id */
export const isPromise = (no) => /^P[0-9A-Z]{8,}$/.test(no) && no.indexOf("-") < 0;

/** @param {string} no */
export const holderPlace = (no) => `/app/${isPromise(no) ? "promises" : "orders"}/${encodeURIComponent(no)}`;

/** @param {{sku: string}} props */
export function One({ sku }) {
  const code = encodeURIComponent(sku);
  const about = useList(`/api/skus?limit=20&q=${code}`);
  const houses = useList("/api/warehouses?limit=200");
  const stock = useList(`/api/stock?limit=200&sku=${code}`);
  const holds = useList(`/api/stock/${code}/holds?limit=50`);
  const bins = useList(`/api/stock/${code}/bins?limit=200`);
  const ledger = useList(`/api/stock/${code}/ledger?limit=30`);
  const [isMoving, move] = useState(false);
  const again = () => [stock, holds, bins, ledger].forEach((list) => list.again());
  const known = (about.items || []).find((one) => one.code === sku);
  const house = /** @param {string} place */ (place) => nameOf(houses.items, place);
  const first = stock.problem || ledger.problem;
  return html`<p class="stock-up"><${Link} href="/app/stock"><${Icon} name="back" size=${20} />${t("stock_up")}</${Link}></p>
    <header class="stock-head"><h1>${known ? known.name : sku}</h1>
      ${may("move_stock") && html`<${Button} kind="primary" onClick=${() => move(true)}>${t("stock_move")}</${Button}>`}</header>
    <p class="stock-second">${[sku, known && known.gtin].filter(Boolean).join(" · ")}</p>
    ${first && html`<${Trouble} problem=${first} again=${again} />`}
    ${!stock.items && !first && html`<${Loading} />`}
    <ul class="stock-list">${(stock.items || []).map((row) => html`<li key=${row.warehouse} class="stock-row"><span class="stock-what"><b>${house(row.warehouse)}</b></span><${Level} row=${row} /></li>`)}</ul>
    ${stock.items && !stock.items.length && html`<${Empty} title=${t("stock_never")} />`}
    <${Part} list=${holds} title=${t("stock_holds")} none=${t("stock_holds_none")}>${(holds.items || []).map((one) => html`<${Hold} key=${one.reservation} one=${one} house=${house} again=${again} />`)}</${Part}>
    <${Part} list=${bins} title=${t("stock_bins")} none=${t("stock_never")}>${(bins.items || []).map((one) => html`<li class="stock-row" key=${`${one.warehouse}|${one.bin}|${one.lot}`}>
      <span class="stock-what"><b>${one.bin || t("stock_no_bin")}</b><small>${[house(one.warehouse), one.lot && t("stock_lot", { lot: one.lot }), one.expires && t("stock_expires", { day: one.expires })].filter(Boolean).join(" · ")}</small></span><b>${one.qty}</b></li>`)}</${Part}>
    <${Part} list=${ledger} title=${t("stock_moves")} none=${t("stock_moves_none")}>${(ledger.items || []).map((one, n) => html`<${Entry} key=${`${one.at}|${one.kind}|${n}`} one=${one} house=${house} />`)}</${Part}>
    ${isMoving && html`<${MoveSheet} sku=${sku} isByLots=${Boolean(known && known.lots)} houses=${houses.items || []} bins=${bins.items || []} onClose=${() => move(false)} done=${again} />`}`;
}

/** @param {{list: import("../desk/read.js").Reading, title: string, none: string, children?: any}} props */
function Part({ list, title, none, children }) {
  return html`<section class="stock-part"><h2>${title}</h2>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${list.items && !list.items.length && html`<p class="stock-second">${none}</p>`}
    <ul class="stock-list">${children}</ul>
    ${list.next && html`<p class="stock-more"><${Button} onClick=${list.more}>${t("stock_more")}</${Button}></p>`}</section>`;
}

/** @param {{one: any, house: (place: string) => string, again: () => void}} props */
function Hold({ one, house, again }) {
  const [why, say] = useState("");
  const [isBusy, busy] = useState(false);
  const promised = isPromise(one.order_no);
  const release = async () => {
    busy(true);
    say("");
    try {
      await call("DELETE", `/api/promises/${encodeURIComponent(one.order_no)}`);
      reached();
      again();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(failed(problem, again) ? t("no_answer") : whyOf(problem).why);
    }
    busy(false);
  };
  return html`<li class="stock-row"><span class="stock-what">
      ${promised && !may("promise") ? html`<b>${t("stock_is_promise", { no: one.order_no })}</b>` : html`<${Link} href=${holderPlace(one.order_no)}>${t(promised ? "stock_is_promise" : "stock_is_order", { no: one.order_no })}</${Link}>`}
      <small>${t("stock_held_by", { by: one.by, at: when(one.at, true) })} · ${house(one.warehouse)}</small>
      <small>${one.expires_at ? t("stock_until_expired", { at: when(one.expires_at, true) }) : t("stock_until_shipped")}</small>
      ${promised && may("others_promises") && html`<${Button} size="small" busy=${isBusy} onClick=${release}>${t("stock_release")}</${Button}>`}
      ${why && html`<small class="wrong" role="alert">${why}</small>`}</span><b>${one.qty}</b></li>`;
}

/** @param {{one: any, house: (place: string) => string}} props */
function Entry({ one, house }) {
  const isMove = one.on_hand !== undefined;
  const about = [house(one.warehouse), one.bin, one.order_no, one.by === "system" ? t("name") : one.by, one.why].filter(Boolean).join(" · ");
  return html`<li class="stock-row"><span class="stock-what"><span>${t(`stock_k_${one.kind}`)} <small class="stock-at">${when(one.at)}</small></span><small>${about}</small></span>
    <span class="stock-level"><b>${isMove && one.qty > 0 ? "+" : ""}${String(one.qty).replace("-", "−")}</b>${isMove && html`<small>${t("stock_after", { n: one.on_hand })}</small>`}</span></li>`;
}
