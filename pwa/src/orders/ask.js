/** @file The sheet of a command that needs something typed. A refusal is said in place; a lost answer too, and then the
 * same is sent again with the same key. What is typed stays. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { draftOf, forget, keep } from "./drafts.js";
import { CARRIERS, formOf } from "./forms.js";
import { isLost, send } from "./send.js";

/** @typedef {import("./forms.js").Values} Values */

/** @param {{name: string, of: any, order: any, isNewer: boolean, onClose: () => void, onDone: (order: any, name: string, body: any) => void}} props
 * `isNewer`: the order has changed since the sheet was opened */
export function Ask({ name, of, order, isNewer, onClose, onDone }) {
  const form = formOf(name, order, of);
  const slot = of ? `${name} ${of.code}` : name;
  const draft = draftOf(order.order_no, slot);
  const first = () => form.fields.reduce((/** @type {Values} */ all, one) => ({ ...all, [one.name]: one.first || "" }), {});
  const [values, put] = useState(() => (draft ? draft.values : first()));
  const [lost, lose] = useState(draft ? draft.lost : "");
  const [wrong, tell] = useState(/** @type {Values} */ ({}));
  const [busy, setBusy] = useState("");
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  useLayoutEffect(() => {
    // Where something is to be read first, the heading keeps the focus.
    const field = /** @type {HTMLElement|null} */ ((form.says || []).length ? null : document.querySelector(".orders-ask-form textarea, .orders-ask-form input"));
    if (field) field.focus();
  }, []);
  useEffect(() => keep(order.order_no, slot, { values, lost }), [values, lost]);

  /** @param {string} button */
  async function press(button) {
    if (busy) return;
    const trimmed = Object.keys(values).reduce((/** @type {Values} */ all, key) => ({ ...all, [key]: values[key].trim() }), {});
    const missing = form.fields.filter((one) => one.isNeeded && !trimmed[one.name]);
    const body = missing.length ? { wrong: missing.reduce((all, one) => ({ ...all, [one.name]: t("order_missing") }), {}) } : form.body(trimmed, button);
    tell(body.wrong || {});
    if (body.wrong) return;
    setBusy(button);
    try {
      const answer = await send(`/api/orders/${encodeURIComponent(order.order_no)}/${form.command}`, body);
      reached();
      forget(order.order_no, slot);
      onDone(answer, name, body);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const gone = isLost(problem);
      keep(order.order_no, slot, { values, lost: gone ? button : "" });
      if (!alive.current) return;
      lose(gone ? button : "");
      if (!gone && !failed(problem, () => {})) tell(byField(problem, form));
      setBusy("");
    }
  }

  const send_ = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (form.buttons.length === 1 || lost) press(lost || form.buttons[0].key);
  };
  const again = lost && form.buttons.filter((one) => one.key === lost);
  return html`<div onKeyDown=${(/** @type {Event} */ e) => e.stopPropagation()}><${Sheet} title=${form.title} onClose=${onClose}>
    <form class="orders-ask-form" onSubmit=${send_}>
      ${isNewer && html`<p class="orders-note" role="status">${t("order_changed_here")}</p>`}
      ${(form.says || []).map((said) => html`<p class="orders-says">${said}</p>`)}
      ${form.fields.map((one) => html`<${Input} key=${one.name} spec=${one} value=${values[one.name]} error=${wrong[one.name]}
          isFixed=${Boolean(lost || busy)} onValue=${(/** @type {string} */ said) => put({ ...values, [one.name]: said })} />`)}
      ${wrong[""] && html`<p class="orders-refused" role="alert">${wrong[""]}</p>`}
      ${lost && !busy && html`<p class="orders-refused" role="alert">${t("order_lost")}</p>`}
      <div class="orders-buttons">${(again || form.buttons).map((one) => html`<${Button} key=${one.key} kind=${one.isSecond && !lost ? "second" : "primary"}
          type=${form.buttons.length === 1 || lost ? "submit" : "button"} busy=${busy === one.key} onClick=${form.buttons.length > 1 && !lost ? () => press(one.key) : undefined}>
          ${lost ? t("again") : one.text}</${Button}>`)}</div>
    </form>
  </${Sheet}></div>`;
}

/** @param {Problem} problem @param {import("./forms.js").Form} form @returns {Values} */
function byField(problem, form) {
  /** @type {Values} */
  const found = {};
  for (const one of problem.said.errors || []) {
    const field = String(one.path).replace(/^\$\./, "").replace(/_fen$/, "");
    const known = form.fields.some((spec) => spec.name === field);
    found[known ? field : ""] = one.why;
  }
  return Object.keys(found).length ? found : { "": problem.message };
}

/** @param {{spec: import("./forms.js").FieldSpec, value: string, error: string, isFixed: boolean, onValue: (said: string) => void}} props */
function Input({ spec, value, error, isFixed, onValue }) {
  const typed = (/** @type {any} */ event) => onValue(event.target.value);
  return html`<div><${Field} label=${spec.label} hint=${spec.hint} error=${error} name=${spec.name} isLong=${spec.isLong} choices=${spec.choices}
    value=${value} maxlength=${spec.max} type=${spec.isLong || spec.choices ? undefined : spec.kind || "text"} inputmode=${spec.mode} autocomplete="off"
    readonly=${isFixed && !spec.choices} disabled=${Boolean(isFixed && spec.choices)} list=${spec.list} onInput=${typed} />
    ${spec.list && html`<datalist id=${spec.list}>${CARRIERS.map((one) => html`<option value=${one} />`)}</datalist>`}</div>`;
}
