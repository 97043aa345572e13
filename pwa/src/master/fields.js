/** @file One field of a form as its kind describes it: written, chosen from a few words, or chosen from another kind. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { Field as Written } from "../kit/field.js";
import { lang } from "../app.js";
import { t } from "../words.js";
import { wordsOf } from "./columns.js";
import { Several } from "./parts.js";
import { TYPES } from "./types.js";

const PAUSE_MS = 200;

/** @typedef {{kind: import("./kinds.js").Kind, field: import("./kinds.js").Field, text: any, values: any, error?: string, isNew: boolean, onInput: (text: any) => void}} Given `values`: of the whole form */

/** What `one` may be: where the list is, what names one, what people read. @type {Object<string, {path: string, value: string, text: (one: any) => string}>} */
const LISTS = {
  warehouses: { path: "/api/warehouses?limit=200", value: "code", text: (one) => `${one.name} · ${one.code}` },
  salespeople: { path: "/api/salespeople?limit=200", value: "name", text: (one) => `${one.display} · ${one.name}` },
};

/** @param {Given} props */
export function FieldOf(props) {
  const { kind, field, text, values, error, isNew, onInput } = props;
  const type = TYPES[field.as];
  if (field.isNew && !isNew) return null;
  const label = wordsOf(kind, field.name, "f");
  if (Array.isArray(text)) return html`<${Several} field=${field} rows=${text} values=${values} label=${label} hint=${wordsOf(kind, field.name, "h")} error=${error} onInput=${onInput} />`;
  const given = {
    label: field.isNeeded || (field.as === "password" && isNew) ? label : t("master_optional", { label }),
    hint: (!error && type.echo && type.echo(text)) || hintOf(props),
    error,
    maxlength: field.most,
    name: field.name,
    required: field.isNeeded || undefined,
    value: text,
    onInput: (/** @type {any} */ e) => onInput(e.target.value),
  };
  if (field.choices) {
    const choices = field.choices.map((value) => ({ value, text: wordsOf(kind, `${field.name}_${value}`, "v") }));
    return html`<${Written} ...${given} label=${label} maxlength=${undefined} choices=${choices} />`;
  }
  if (field.as === "uom") {
    const units = [{ value: "", text: values.uom }].concat((values.units || []).map((/** @type {any} */ one) => ({ value: one.uom, text: one.uom })));
    return html`<${Written} ...${given} label=${label} maxlength=${undefined} choices=${units} />`;
  }
  if (field.of === "skus") return html`<${Sku} given=${given} />`;
  if (field.of === "bins") return html`<${Written} ...${given} autocomplete="off" autocapitalize="characters" spellcheck=${false} />`;
  if (field.of) return html`<${Chosen} given=${given} list=${LISTS[field.of]} isNeeded=${Boolean(field.isNeeded)} />`;
  return html`<${Written} ...${given} ...${type.input} />`;
}

/** @param {Given} props */
function hintOf({ kind, field, text, isNew }) {
  if (field.name === "role") return t(`master_may_${text}`);
  if (field.as === "password" && !isNew) return t("master_password_stays");
  return wordsOf(kind, field.name, "h");
}

/** From a list that the server has; where it cannot be read, written by hand. @param {{given: any, list: {path: string, value: string, text: (one: any) => string}, isNeeded: boolean}} props */
function Chosen({ given, list, isNeeded }) {
  const [items, put] = useState(/** @type {any[]|null|undefined} */ (undefined));
  useEffect(() => {
    call("GET", list.path).then((found) => put(found.items), () => put(null));
  }, [list.path, lang.value]);
  if (items === null) return html`<${Written} ...${given} />`;
  const choices = (items || []).map((one) => ({ value: String(one[list.value]), text: list.text(one) }));
  if (given.value && !choices.some((one) => one.value === given.value)) choices.unshift({ value: given.value, text: given.value });
  if (!isNeeded || !given.value) choices.unshift({ value: "", text: items ? t(isNeeded ? "master_choose" : "master_nobody") : t("loading") });
  return html`<${Written} ...${given} maxlength=${undefined} choices=${choices} />`;
}

/** A SKU, named beneath as soon as it is known. @param {{given: any}} props */
function Sku({ given }) {
  const [found, put] = useState(/** @type {any[]} */ ([]));
  const typed = String(given.value || "").trim();
  useEffect(() => {
    if (!typed) return void put([]);
    let isLate = false;
    const timer = window.setTimeout(() => {
      call("GET", `/api/skus?limit=8&q=${encodeURIComponent(typed)}`).then((page) => isLate || put(page.items), () => undefined);
    }, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [typed]);
  const same = found.filter((one) => one.code === typed)[0];
  const id = `master-list-${given.name}`;
  return html`<${Written} ...${given} hint=${same ? same.name : given.hint} list=${id} autocomplete="off" spellcheck=${false} />
    <datalist id=${id}>${found.map((one) => html`<option value=${one.code}>${one.name}</option>`)}</datalist>`;
}
