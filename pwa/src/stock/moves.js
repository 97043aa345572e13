/** @file A move by hand: receive, count, adjust, damage, transfer, in one form. It says what there is afterwards and which
 * orders lost theirs by it. */
import { html, useState } from "../vendor/preact.js";
import { may } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Link } from "../kit/link.js";
import { Segments } from "../kit/segments.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { holderPlace, isPromise } from "./one.js";
import { useSend } from "./send.js";

const KINDS = ["receive", "count", "adjust", "damage", "transfer"];
const FIELDS = ["bin", "qty", "why", "lot", "expires", "to_bin", "to_warehouse", "warehouse"];

/** @param {{sku: string, isByLots: boolean, houses: any[], bins: any[], onClose: () => void, done: () => void}} props */
export function MoveSheet({ sku, isByLots, houses, bins, onClose, done }) {
  const [kind, choose] = useState("receive");
  const [given, put] = useState(() => ({ warehouse: houses[0] ? houses[0].code : "", bin: "", qty: "", why: "", lot: "", expires: "", to_warehouse: "", to_bin: "" }));
  const { wrong, say, isBusy, send } = useSend(FIELDS);
  const [told, tell] = useState(/** @type {any} */ (null));
  const places = houses.map((one) => ({ value: one.code, text: one.name }));
  const there = bins.filter((one) => one.warehouse === given.warehouse && one.bin).map((one) => one.bin);
  /** @param {string} name */
  const write = (name) => (/** @type {any} */ event) => {
    put(Object.assign({}, given, { [name]: event.target.value }));
    say("", "");
  };
  /** @param {string} name */
  const tied = (name) => ({ value: /** @type {any} */ (given)[name], onInput: write(name), error: wrong.field === name ? wrong.why : "", autocomplete: "off", maxlength: "40" });
  /** @param {Event} event */
  const book = async (event) => {
    event.preventDefault();
    const said = given.qty.trim().replace("−", "-");
    if (!/^[+-]?\d{1,9}$/.test(said)) return say("qty", t("stock_bad_qty"));
    const answer = await send("/api/stock/moves", bodyOf(kind, sku, given, Number(said), isByLots));
    tell(answer);
    if (!answer) return;
    done();
    put(Object.assign({}, given, { qty: "" }));
  };
  return html`<${Sheet} title=${t("stock_move")} onClose=${onClose}><form class="stock-move" onSubmit=${book}>
    <${Segments} label=${t("stock_kind")} value=${kind} onChange=${choose} items=${KINDS.map((key) => ({ key, text: t(`stock_d_${key}`) }))} />
    <${Field} label=${t("warehouse")} ...${tied("warehouse")} choices=${places} />
    <${Field} label=${t("stock_bin")} hint=${t("stock_bin_hint")} list="stock-bins" ...${tied("bin")} />
    <datalist id="stock-bins">${there.map((bin) => html`<option key=${bin} value=${bin} />`)}</datalist>
    ${kind === "transfer" && html`<${Field} label=${t("stock_to_house")} ...${tied("to_warehouse")} choices=${places} /><${Field} label=${t("stock_to_bin")} ...${tied("to_bin")} />`}
    ${isByLots && html`<${Field} label=${t("stock_lot_field")} ...${tied("lot")} />${kind === "receive" && html`<${Field} label=${t("stock_expires_field")} ...${tied("expires")} type="date" />`}`}
    <${Field} label=${t(kind === "count" ? "stock_qty_count" : kind === "adjust" ? "stock_qty_adjust" : "stock_qty")} ...${tied("qty")} inputmode=${kind === "adjust" ? "text" : "numeric"} maxlength="10" />
    <${Field} label=${t("stock_why")} ...${tied("why")} maxlength="500" />
    ${wrong.why && !wrong.field && html`<p class="stock-refused" role="alert">${wrong.why}</p>`}
    ${told && html`<${Booked} told=${told} />`}
    <p class="stock-do"><${Button} kind="primary" type="submit" busy=${isBusy && t("stock_booking")}>${t("stock_book")}</${Button}></p>
  </form></${Sheet}>`;
}

/** @param {string} kind @param {string} sku @param {any} given @param {number} qty @param {boolean} isByLots @returns {any} */
function bodyOf(kind, sku, given, qty, isByLots) {
  /** @type {any} */
  const body = { kind, sku, warehouse: given.warehouse, bin: given.bin.trim(), qty, why: given.why.trim() };
  if (isByLots) body.lot = given.lot.trim();
  if (isByLots && kind === "receive" && given.expires) body.expires = given.expires;
  if (kind === "transfer") Object.assign(body, { to_warehouse: given.to_warehouse || given.warehouse, to_bin: given.to_bin.trim() });
  return body;
}

/** @param {{told: any}} props */
function Booked({ told }) {
  return html`<div class="stock-booked" role="status"><p>${t("stock_booked", { on_hand: told.on_hand, reserved: told.reserved, free: told.available })}</p>
    ${told.lost.length ? html`<p>${t("stock_lost")}</p><${Holders} numbers=${told.lost} />` : html`<p class="stock-second">${t("stock_lost_none")}</p>`}</div>`;
}

/** Orders and promises, each a link to who may follow it. @param {{numbers: string[]}} props */
export function Holders({ numbers }) {
  return html`<ul>${numbers.map((no) => html`<li key=${no}>${isPromise(no) && !may("promise") ? no : html`<${Link} href=${holderPlace(no)}>${no}</${Link}>`}</li>`)}</ul>`;
}
