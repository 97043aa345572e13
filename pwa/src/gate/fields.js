/** @file The order's fields: each with its port, its conversion and what the sample makes of it; what is wrong stands in its row. */
import { html, useState } from "../vendor/preact.js";
import { phone, when } from "../format.js";
import { Button } from "../kit/button.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { conversionOf, converted, drafted, EACH, joined, PER_WEIGHT, RULE, valueAt, WEIGHT, withValue } from "./model.js";
import { said } from "./read.js";

const RARE = ["created_at", "address.lng", "address.lat", "lines.name", "lines.uom", WEIGHT, PER_WEIGHT];
const TOP = ["external_no", "paid_at", "paid_fen", "customer.name", "customer.phone", "address.text", "note", "options"];
const BELOW = ["lines.sku", "lines.qty", "lines.price_fen", "lines.name", "lines.uom", WEIGHT, PER_WEIGHT];

/** Every row of the list, in order. @param {boolean} isSheet */
function rows(isSheet) {
  return ["event", ...TOP, "created_at", "address.lng", "address.lat", ...(isSheet ? [] : [EACH]), ...BELOW];
}

/** A field's own name. @param {any} things @param {string} name */
export function labelOf(things, name) {
  const known = things.fields.find((/** @type {any} */ one) => one.name === name);
  const words = known ? said(known) : t(`gate_field_${name.split(".").pop()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {{things: any, mapping: any, tree: any[], draft: any, field: string, isHolding: boolean, press: (name: string) => void,
 *   edit: (name: string) => void, onChange: (mapping: any) => void, isSheet?: boolean, unused: number}} props */
export function Fields(props) {
  const { mapping, tree, draft, isSheet } = props;
  const [isAll, show] = useState(false);
  const all = rows(Boolean(isSheet));
  const isTied = (/** @type {string} */ name) => valueAt(mapping, name) !== undefined;
  const seen = all.filter((name) => isAll || isTied(name) || RARE.indexOf(name) < 0);
  return html`<section class="gate-fields" aria-label=${t("gate_order_fields")}>
    <h2>${t("gate_order_fields")}<small>${t("gate_counts", { n: all.filter(isTied).length, rest: props.unused })}</small></h2>
    <ul class="panel">${seen.map((name) => html`<${FieldRow} key=${name} name=${name} ...${props} rows=${joined(mapping, name, tree)}
      problem=${problemOf(draft, name)} />`)}</ul>
    <p class="gate-more"><${Button} kind="quiet" size="small" expanded=${isAll} onClick=${() => show(!isAll)}>${t(isAll ? "gate_fewer" : "gate_all_fields")}</${Button}></p>
  </section>`;
}

/** @param {any} draft @param {string} name */
function problemOf(draft, name) {
  const path = { [WEIGHT]: "lines.qty", [PER_WEIGHT]: "lines.price_fen", [EACH]: "lines" }[name] || name;
  return draft ? draft.problems.find((/** @type {any} */ one) => one.path.replace(/\[\d+\]/g, "") === path) : undefined;
}

/** @param {any} props */
function FieldRow(props) {
  const { name, things, mapping, draft, field, press, edit, problem, rows: tied } = props;
  const value = valueAt(mapping, name);
  const label = labelOf(things, name);
  const isLine = name.indexOf("lines.") === 0 && name !== EACH;
  const from = tied.length ? tied.map((/** @type {any} */ one) => one.name).join(" + ") : value === undefined ? "" : spoken(value);
  return html`<li data-field=${name} class=${`${isLine ? "gate-line" : ""} ${field === name ? "is-chosen" : ""} ${value === undefined ? "is-free" : ""}`}>
    <button type="button" class="gate-field" aria-pressed=${String(field === name)} onClick=${() => press(name)}>
      <i class=${`gate-port ${value === undefined ? "" : "is-tied"}`}></i><b>${label}</b> <span class="gate-origin">${from}</span>
    </button>
    ${value !== undefined && html`<${Choice} name=${name} things=${things} mapping=${mapping} value=${value} label=${label} onChange=${props.onChange} />`}
    <span class=${`gate-value ${problem ? "is-wrong" : ""}`}>${problem && (problem.blocks || value !== undefined) ? problem.why : shown(name, draft, value)}</span>
    <${Button} kind="quiet" size="small" class="square" icon="more" label=${t("gate_edit_field", { field: label })} onClick=${() => edit(name)} />
  </li>`;
}

/** @param {{name: string, things: any, mapping: any, value: any, label: string, onChange: (mapping: any) => void}} props */
function Choice({ name, things, mapping, value, label, onChange }) {
  const kind = things.fields.find((/** @type {any} */ one) => one.name === (name === PER_WEIGHT ? "lines.price_fen" : name));
  if (name === WEIGHT) return html`<span class="gate-how">${t(`gate_unit_${(mapping[RULE] || {}).per || "ton"}`)}</span>`;
  if (!kind || kind.fitting.length < 2 || (typeof value === "object" && value.path === undefined)) return html`<span class="gate-how"></span>`;
  const now = conversionOf(value, kind.default);
  const known = kind.fitting.indexOf(now) < 0 ? kind.fitting.concat([now]) : kind.fitting;
  /** @param {string} as */
  const word = (as) => {
    const found = things.conversions.find((/** @type {any} */ one) => one.name === as);
    return found ? said(found) : as;
  };
  return html`<select class="gate-how" aria-label=${t("gate_how", { field: label })} onInput=${(/** @type {any} */ e) => onChange(withValue(mapping, name, converted(value, e.target.value)))}>
    ${known.map((/** @type {string} */ as) => html`<option value=${as} selected=${as === now}>${word(as)}</option>`)}</select>`;
}

/** A value that is no single path. @param {any} value */
function spoken(value) {
  if (typeof value === "string") return value;
  if (value.const !== undefined) return t("gate_always", { value: String(value.const) });
  if (value.path !== undefined) return value.path;
  return (value.first || value.join || []).map(spoken).join(value.first ? " / " : " + ");
}

/** What the sample makes of a field. @param {string} name @param {any} draft @param {any} value */
function shown(name, draft, value) {
  if (!draft) return "";
  if (name === "event") return draft.event ? t(`gate_event_${draft.event}`) : t("gate_event_none");
  if (name === EACH) return t("gate_rows", { n: (draft.draft.lines || []).length });
  if (name === WEIGHT) return draft.weights.length ? t("gate_grams", { n: draft.weights[0].asked_g }) : "";
  if (name === PER_WEIGHT) return draft.weights.length && draft.weights[0].sum_fen !== null ? money(draft.weights[0].sum_fen) : "";
  const found = drafted(draft.draft, name);
  if (found === undefined || found === null) return value === undefined ? t("gate_unused") : t("gate_nothing_there");
  if (name === "paid_at" || name === "created_at") return when(found);
  if (name.slice(-4) === "_fen") return money(found);
  if (name === "customer.phone") return phone(found);
  if (name.slice(0, 8) === "address.l") return String(found / 1e6);
  return Array.isArray(found) ? found.join("、") : String(found);
}
