/** @file Fields that hold several: a SKU's other units, a customer's addresses. Each is rows with one more to add; what is
 * wrong is said once, beneath all of them. */
import { html } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { focusOn } from "../kit/focus.js";
import { t } from "../words.js";

/** @typedef {{field: import("./kinds.js").Field, rows: any[], values: any, label: string, hint: string, error?: string, onInput: (rows: any[]) => void}} Given */

const ROUNDS = ["even", "up", "down", "near"];

/** @param {Given} props */
export function Several(props) {
  const { field, rows, label, hint, error, onInput } = props;
  const [Row, fresh] = field.as === "units" ? [UnitRow, { per: "1", uom: "", pieces: "", round: "even" }] : [AddressRow, { label: "", text: "", default: !rows.length }];
  /** @param {number} n @param {any} change */
  const put = (n, change) => onInput(rows.map((row, at) => (at === n ? Object.assign({}, row, change) : change.default ? Object.assign({}, row, { default: false }) : row)));
  const add = () => {
    onInput(rows.concat([fresh]));
    focusOn(`.master-several-${field.name} fieldset:last-of-type input`);
  };
  /** @param {number} n */
  const drop = (n) => {
    const left = rows.filter((_, at) => at !== n);
    if (field.as === "addresses" && left.length && !left.some((one) => one.default)) left[0] = Object.assign({}, left[0], { default: true });
    onInput(left);
    focusOn(`.master-several-${field.name} .master-add`);
  };
  return html`<div class=${`field master-several master-several-${field.name} ${error ? "is-wrong" : ""}`} role="group" aria-label=${label}>
    <span class="label">${t("master_optional", { label })}</span>
    ${rows.map((row, n) => html`<fieldset key=${n} aria-label=${`${label} ${n + 1}`}><${Row} ...${props} row=${row} n=${n} put=${(/** @type {any} */ change) => put(n, change)} />
      <${Button} size="small" kind="quiet" label=${t("master_remove_named", { name: row.uom || row.label || `${label} ${n + 1}` })} onClick=${() => drop(n)}>${t("master_remove")}</${Button}></fieldset>`)}
    <${Button} size="small" icon="plus" class="master-add" onClick=${add}>${t(`master_add_${field.name}`)}</${Button}>
    <small>${hint}</small>
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
  </div>`;
}

/** So many of it are so many of the base unit; without a number: by weight. @param {{row: any, values: any, put: (change: any) => void}} props */
function UnitRow({ row, values, put }) {
  const number = { inputmode: "numeric", maxlength: 9, autocomplete: "off" };
  return html`<div class="master-unit">
    <${Field} label=${t("master_u_per")} value=${row.per} ...${number} onInput=${(/** @type {any} */ e) => put({ per: e.target.value })} />
    <${Field} label=${t("master_u_uom")} value=${row.uom} maxlength="10" autocomplete="off" onInput=${(/** @type {any} */ e) => put({ uom: e.target.value })} />
    <${Field} label=${t("master_u_pieces", { uom: values.uom || t("master_base") })} value=${row.pieces} ...${number} onInput=${(/** @type {any} */ e) => put({ pieces: e.target.value })} />
    <${Field} label=${t("master_u_round")} value=${row.round} choices=${ROUNDS.map((value) => ({ value, text: t(`master_round_${value}`) }))} onInput=${(/** @type {any} */ e) => put({ round: e.target.value })} />
  </div>`;
}

/** @param {{row: any, n: number, put: (change: any) => void}} props */
function AddressRow({ row, n, put }) {
  return html`<div class="master-address">
    <${Field} label=${t("master_a_text")} value=${row.text} isLong=${true} maxlength="2000" autocomplete="off" onInput=${(/** @type {any} */ e) => put({ text: e.target.value })} />
    <${Field} label=${t("master_optional", { label: t("master_a_label") })} value=${row.label} maxlength="40" autocomplete="off" onInput=${(/** @type {any} */ e) => put({ label: e.target.value })} />
    <label class="master-radio"><input type="radio" name="master-default" checked=${row.default} value=${n} onChange=${() => put({ default: true })} />${t("master_a_default")}</label>
  </div>`;
}
