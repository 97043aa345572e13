/** @file A line in another unit than pieces: so many boxes, so many tons. What it comes to - whole pieces, the sum to the
 * fen - is the server's to say; until it has, the line counts no pieces, so nothing half known is sent. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { Segments } from "../kit/segments.js";
import { t } from "../words.js";
import { askedOf, changeLine, isByUnit } from "./draft.js";

/** @typedef {import("./draft.js").Line} Line */

const PATIENCE_MS = 300;
const WEIGHTS = ["kg", "吨"];
const ROUNDS = ["down", "near", "up"];

/** The units that this SKU of the API can be asked for in, its own first. @param {any} sku @returns {string[]} */
export function unitsOf(sku) {
  const stated = (sku.units || []).map((/** @type {any} */ one) => one.uom);
  const all = [sku.uom].concat(stated, sku.weight_g ? WEIGHTS : []);
  return all.filter((uom, n) => all.indexOf(uom) === n);
}

/** @param {{line: Line, n: number, mend: (field: string) => void}} props */
export function UnitOf({ line, n, mend }) {
  const uoms = line.uoms || [line.uom];
  if (uoms.length < 2) return html`<span class="sales-uom">${line.uom}</span>`;
  const put = /** @param {any} event */ (event) => {
    const uom = event.target.value;
    const unit = uom === line.uom ? null : { uom, qty: line.unit ? line.unit.qty : "1", round: "" };
    changeLine(n, { unit, qty: unit ? 0 : Math.max(1, line.qty), price_fen: null, told: null });
    mend(`line${n}`);
  };
  return html`<select class="sales-uom" aria-label=${t("sales_unit_of", { name: line.name })} value=${line.unit ? line.unit.uom : line.uom} onChange=${put}>
    ${uoms.map((uom) => html`<option key=${uom} value=${uom}>${uom}</option>`)}
  </select>`;
}

/** How much of another unit, with decimals. @param {{line: Line, n: number, mend: (field: string) => void}} props */
export function Amount({ line, n, mend }) {
  const typed = /** @param {any} event */ (event) => {
    changeLine(n, { unit: Object.assign({}, line.unit, { qty: event.target.value.trim(), round: "" }), qty: 0, told: null });
    mend(`line${n}`);
  };
  return html`<span class="sales-step"><input id=${`sales-qty-${n}`} type="text" inputmode="decimal" maxlength="20" value=${line.unit ? line.unit.qty : ""}
    aria-label=${t("sales_qty_of", { name: line.name })} onInput=${typed} /></span>`;
}

/** What it comes to, or why not and which way to round. @param {{line: Line, n: number}} props */
export function ComesTo({ line, n }) {
  const [why, setWhy] = useState("");
  const [canRound, setRound] = useState(false);
  const asked = isByUnit(line) ? JSON.stringify(askedOf(line)) : "";
  useEffect(() => {
    if (!asked) return undefined;
    let isLeft = false;
    const timer = window.setTimeout(() => {
      call("POST", "/api/lines/price", { lines: [JSON.parse(asked)] }).then((said) => {
        if (isLeft) return;
        setWhy("");
        setRound(false);
        const qty = said.lines.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.qty, 0);
        changeLine(n, { qty, told: { sum_fen: said.amount_fen, rest: said.lines[0].sold.rest } });
      }).catch((problem) => {
        if (isLeft) return;
        if (!(problem instanceof Problem)) throw problem;
        const errors = problem.said.errors || [];
        const isUneven = problem.status === 400 && errors.length > 0 && /\.unit\.qty$/.test(errors[0].path) && isNumber(line);
        setWhy(isUneven && line.unit && !line.unit.round ? t("sales_uneven") : errors.length ? errors[0].why : problem.message);
        setRound(isUneven);
      });
    }, PATIENCE_MS);
    return () => {
      isLeft = true;
      window.clearTimeout(timer);
    };
  }, [asked]);
  if (!asked) return null;
  const unit = line.unit;
  const round = /** @param {string} way */ (way) => changeLine(n, { unit: Object.assign({}, unit, { round: way }), qty: 0, told: null });
  const items = ROUNDS.map((way) => ({ key: way, text: t(`sales_round_${way}`) }));
  return html`<div class="sales-unit">
    ${line.told && !why && html`<p class="sales-aside" role="status">${t("sales_comes_to", { n: line.qty, uom: line.uom })}${restOf(line)}</p>`}
    ${why && html`<p class="sales-short" role="alert">${why}</p>`}
    ${unit && (canRound || unit.round) && html`<${Segments} label=${t("sales_round")} items=${items} value=${unit.round} onChange=${round} />`}
  </div>`;
}

/** @param {Line} line */
function isNumber(line) {
  return Boolean(line.unit) && Number(line.unit && line.unit.qty.replace(/,/g, "")) > 0;
}

/** @param {Line} line */
function restOf(line) {
  const rest = line.told ? line.told.rest : "0";
  if (rest === "0") return "";
  const facts = { n: rest.replace("-", "").replace(/(\.\d\d)\d+$/, "$1…"), uom: line.uom };
  return ` · ${t(rest[0] === "-" ? "sales_rest_more" : "sales_rest_less", facts)}`;
}
