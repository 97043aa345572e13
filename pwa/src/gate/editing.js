/** @file One field in full: where it comes from, a fixed value, what kinds of message there are, what a piece weighs. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { labelOf } from "./fields.js";
import { EACH, joined, PER_WEIGHT, RULE, valueAt, WEIGHT, withValue } from "./model.js";

const EVENTS = ["create", "pay", "cancel", "refund"];

/** @param {{things: any, field: string, mapping: any, tree: any[], onClose: () => void, onChange: (mapping: any) => void, join: (row: any) => void, clear: () => void}} props */
export function Editing(props) {
  const { things, field, mapping, tree, onClose, onChange } = props;
  const value = valueAt(mapping, field);
  const tied = joined(mapping, field, tree).map((row) => row.path);
  const fixed = value && typeof value === "object" && value.const !== undefined ? String(value.const) : "";
  const rows = tree.filter((row) => (field === EACH ? row.kind === "list" : row.kind !== "object" && row.kind !== "list"));
  return html`<${Sheet} title=${labelOf(things, field)} onClose=${onClose} kind="drawer">
    ${field === "event" && html`<${Field} label=${t("gate_all_are")} value=${fixed} choices=${[{ value: "", text: t("gate_by_value") }].concat(EVENTS.map((event) => ({ value: event, text: t(`gate_event_${event}`) })))}
      onInput=${(/** @type {any} */ e) => onChange(withValue(mapping, "event", e.target.value ? { const: e.target.value } : undefined))} />`}
    ${field === "event" && value && !fixed && html`<${Kinds} mapping=${mapping} onChange=${onChange} />`}
    ${(field === WEIGHT || field === PER_WEIGHT) && mapping[RULE] && html`<${Rule} things=${things} mapping=${mapping} onChange=${onChange} />`}
    <h3>${t("gate_where")}</h3>
    <ul class="gate-choose">${rows.map((row) => html`<li key=${row.path}><button type="button" aria-pressed=${String(tied.indexOf(row.path) >= 0)} onClick=${() => { props.join(row); onClose(); }}>
      <code>${row.path}</code><span>${row.kind === "list" ? t("gate_items", { n: row.n }) : row.text}</span></button></li>`)}</ul>
    ${field !== "event" && field !== EACH && field !== WEIGHT && field !== PER_WEIGHT && html`<${Field} label=${t("gate_fixed")} value=${fixed} onInput=${(/** @type {any} */ e) => onChange(withValue(mapping, field, e.target.value === "" ? undefined : { const: e.target.value }))} />`}
    <${Field} label=${t("gate_written")} hint=${t("gate_written_hint")} isLong=${true} spellcheck=${false} value=${value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)}
      onChange=${(/** @type {any} */ e) => onChange(withValue(mapping, field, written(e.target.value)))} />
    ${value !== undefined && html`<p class="gate-do"><${Button} onClick=${() => { props.clear(); onClose(); }}>${t("gate_leave_out")}</${Button}></p>`}
  </${Sheet}>`;
}

/** A path, or a value as the contract writes it. @param {string} text */
function written(text) {
  const said = text.trim();
  if (!said) return undefined;
  try {
    return said[0] === "{" ? JSON.parse(said) : said;
  } catch (error) {
    return said;
  }
}

/** Which value means what. @param {{mapping: any, onChange: (mapping: any) => void}} props */
function Kinds({ mapping, onChange }) {
  const [name, write] = useState("");
  const table = (mapping.event && mapping.event.is) || {};
  /** @param {any} is */
  const put = (is) => onChange(withValue(mapping, "event", Object.assign({}, mapping.event, { is })));
  return html`<h3>${t("gate_kinds")}</h3><p class="second">${t("gate_kinds_hint")}</p>
    ${Object.keys(table).map((one) => html`<${Field} key=${one} label=${one} value=${table[one]} choices=${EVENTS.map((event) => ({ value: event, text: t(`gate_event_${event}`) })).concat([{ value: "", text: t("gate_event_none") }])}
      onInput=${(/** @type {any} */ e) => { const next = Object.assign({}, table, { [one]: e.target.value }); if (!e.target.value && Object.keys(table).length > 1) delete next[one]; if (e.target.value || Object.keys(table).length > 1) put(next); }} />`)}
    <div class="gate-secret"><${Field} label=${t("gate_kind_new")} value=${name} onInput=${(/** @type {any} */ e) => write(e.target.value)} />
      <${Button} onClick=${() => { if (name.trim()) put(Object.assign({}, table, { [name.trim()]: "create" })); write(""); }}>${t("gate_kind_add")}</${Button}></div>`;
}

/** The rule by weight: unit, what is charged, what a piece weighs. @param {{things: any, mapping: any, onChange: (mapping: any) => void}} props */
function Rule({ things, mapping, onChange }) {
  const [sku, name] = useState("");
  const rule = mapping[RULE];
  /** @param {any} change */
  const put = (change) => onChange(Object.assign({}, mapping, { [RULE]: Object.assign({}, rule, change) }));
  /** @param {string} one @param {any} change */
  const piece = (one, change) => put({ pieces: Object.assign({}, rule.pieces, { [one]: Object.assign({ g: 1000, round: "even" }, rule.pieces[one], change) }) });
  return html`<h3>${t("gate_weight_rule")}</h3>
    <div class="gate-two">
      <${Field} label=${t("gate_unit")} value=${rule.per || "ton"} choices=${things.units.map((/** @type {string} */ one) => ({ value: one, text: t(`gate_unit_${one}`) }))} onInput=${(/** @type {any} */ e) => put({ per: e.target.value })} />
      <${Field} label=${t("gate_charge")} value=${rule.charge || "ordered"} choices=${things.charges.map((/** @type {string} */ one) => ({ value: one, text: t(`gate_charge_${one}`) }))} onInput=${(/** @type {any} */ e) => put({ charge: e.target.value })} />
    </div>
    ${Object.keys(rule.pieces).map((one) => html`<fieldset class="gate-map" key=${one}><legend>${one === "*" ? t("gate_all_skus") : one}</legend><div class="gate-two">
      <${Field} label=${t("gate_piece_g")} type="number" min="1" inputmode="numeric" value=${rule.pieces[one].g} onInput=${(/** @type {any} */ e) => piece(one, { g: Number(e.target.value) })} />
      <${Field} label=${t("gate_round")} value=${rule.pieces[one].round || "even"} choices=${things.rounds.map((/** @type {string} */ way) => ({ value: way, text: t(`gate_round_${way}`) }))} onInput=${(/** @type {any} */ e) => piece(one, { round: e.target.value })} />
    </div></fieldset>`)}
    <div class="gate-secret"><${Field} label=${t("gate_sku_own")} value=${sku} onInput=${(/** @type {any} */ e) => name(e.target.value)} />
      <${Button} onClick=${() => { if (sku.trim()) piece(sku.trim(), {}); name(""); }}>${t("gate_sku_add")}</${Button}></div>`;
}
