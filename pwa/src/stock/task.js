/** @file One task brought to its end: how many are good and where they go, how many are bad; where pieces were put; how
 * many lie in a bin. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Segments } from "../kit/segments.js";
import { Sheet } from "../kit/sheet.js";
import { useList } from "../desk/read.js";
import { t } from "../words.js";
import { useSend } from "./send.js";

const FIELDS = ["good", "bad", "bin", "lot", "why"];
const ABOUT = { unknown_bin: "bin", bin_taken: "bin", lot_needed: "lot", no_lots: "lot" };
const OFFERED = 6;
/** A whole number, or NaN. @param {string} text */
export const whole = (text) => (/^\d{1,7}$/.test(text.trim()) ? Number(text) : NaN);

/** @param {{task: import("./tasks.js").Task, onClose: () => void, done: (said: {text: string, served?: string[], lost?: string[]}) => void}} props */
export function TaskSheet({ task, onClose, done }) {
  const { kind, sku, count } = task;
  const code = encodeURIComponent(sku);
  const isCount = kind === "count";
  const [given, put] = useState(() => ({ good: isCount ? "" : String(task.qty), bad: "0", bin: task.bin, lot: "", why: "" }));
  const { wrong, say, isBusy, send } = useSend(FIELDS.concat("qty"), ABOUT);
  const about = useList(`/api/skus?limit=20&q=${code}`);
  const bins = useList(isCount ? "" : `/api/bins?limit=50&warehouse=${encodeURIComponent(task.warehouse)}&q=${code}`);
  const offered = (bins.items || []).filter((one) => one.sku === sku).map((one) => one.code).slice(0, OFFERED);
  const known = (about.items || []).find((one) => one.code === sku);
  const isByLots = Boolean(known && known.lots) && kind !== "put_away";
  useEffect(() => {
    if (!given.bin && offered.length) put((was) => Object.assign({}, was, { bin: was.bin || offered[0] }));
  }, [bins.items]);
  /** @param {string} name @param {string} value */
  const write = (name, value) => {
    const next = Object.assign({}, given, { [name]: value });
    const other = name === "good" ? "bad" : name === "bad" ? "good" : "";
    const rest = task.qty - whole(value);
    if (kind === "inspect" && other && rest >= 0 && !given.lot) next[/** @type {"good"|"bad"} */ (other)] = String(rest);
    put(next);
    say("", "");
  };
  /** @param {string} name */
  const tied = (name) => ({
    value: /** @type {any} */ (given)[name],
    onInput: (/** @type {any} */ event) => write(name, event.target.value),
    error: wrong.field === name || (name === "good" && wrong.field === "qty") ? wrong.why : "",
    autocomplete: "off",
    maxlength: "40",
  });
  /** @param {Event} event */
  const finish = async (event) => {
    event.preventDefault();
    const [good, bad] = [whole(given.good), kind === "inspect" ? whole(given.bad) : 0];
    if (isNaN(good)) return say("good", t("stock_bad_qty"));
    if (isNaN(bad)) return say("bad", t("stock_bad_qty"));
    const more = { bin: given.bin.trim(), lot: isByLots ? given.lot.trim() : "", why: given.why.trim() };
    const answer = count
      ? await send("/api/stock/moves", Object.assign({ kind: "count", warehouse: task.warehouse, sku, qty: good }, more))
      : await send(`/api/todos/${task.id}/finish`, Object.assign({ good, bad }, more));
    if (answer) done(Object.assign({}, answer, { text: toldOf(kind, good, bad, more.bin) }));
  };
  return html`<${Sheet} title=${t(`floor_do_${count ? "again" : kind}`)} onClose=${onClose}><form class="stock-move" onSubmit=${finish}>
    <p class="floor-what"><b>${(known && known.name) || sku}</b>${kind !== "count" && html` × ${task.qty}`}</p>
    <p class="stock-second">${[sku, task.order_no, isCount && (task.bin || t("stock_no_bin"))].filter(Boolean).join(" · ")}</p>
    ${count && html`<p class="stock-refused">${t("floor_said", { by: count.actor, at: when(count.at, true), n: count.qty, lies: count.lies })}<br />${t("floor_not_booked", { why: count.why })}</p>`}
    ${kind === "inspect" && html`<${Field} label=${t("floor_good")} ...${tied("good")} inputmode="numeric" maxlength="7" /><${Field} label=${t("floor_bad")} ...${tied("bad")} inputmode="numeric" maxlength="7" />`}
    ${isCount && html`<${Field} label=${t("stock_qty_count")} ...${tied("good")} inputmode="numeric" maxlength="7" />`}
    ${!isCount && html`<${Field} label=${t("floor_bin")} hint=${offered.length ? "" : t("stock_bin_hint")} ...${tied("bin")} />`}
    ${offered.length > 0 && html`<${Segments} label=${t("floor_bins")} value=${given.bin} items=${offered.map((key) => ({ key, text: key }))} onChange=${(/** @type {string} */ to) => write("bin", to)} />`}
    ${(isByLots || wrong.field === "lot") && html`<${Field} label=${t("stock_lot_field")} ...${tied("lot")} />`}
    ${kind !== "put_away" && html`<${Field} label=${t("stock_why")} ...${tied("why")} maxlength="500" />`}
    ${wrong.why && !wrong.field && html`<p class="stock-refused" role="alert">${wrong.why}</p>`}
    <p class="stock-do"><${Button} kind="primary" type="submit" busy=${isBusy && t("stock_booking")}>${t("stock_book")}</${Button}></p>
  </form></${Sheet}>`;
}

/** @param {string} kind @param {number} good @param {number} bad @param {string} bin */
function toldOf(kind, good, bad, bin) {
  const place = bin || t("stock_no_bin");
  if (kind !== "inspect") return t(`floor_told_${kind}`, { n: good, bin: place });
  return [good > 0 && t("floor_told_good", { n: good, bin: place }), bad > 0 && t("floor_told_bad", { n: bad })].filter(Boolean).join(" ");
}
