/** @file A field: its label above it, its hint and what is wrong with it beneath, all tied to it for who listens. */
import { html, useState } from "../vendor/preact.js";

let made = 0;

/**
 * @param {{label: string, hint?: string, error?: string, isLong?: boolean, choices?: {value: string, text: string}[],
 *   inputRef?: any, value?: any, onInput?: (event: any) => void, class?: string, [other: string]: any}} props
 * `isLong`: several lines. `choices`: a list to choose from. All others go to the input itself; near its `maxlength` it
 * counts, since what is beyond is cut without a word.
 */
export function Field(props) {
  const [own] = useState(() => `field-${++made}`);
  const { label, hint, error, isLong, choices, inputRef, class: name, ...rest } = props;
  const id = rest.id || own;
  const most = Number(rest.maxlength) || 0;
  const length = String(rest.value || "").length;
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const tied = { ...rest, id, ref: inputRef, "aria-describedby": told, "aria-invalid": error ? "true" : undefined };
  return html`<div class=${`field ${error ? "is-wrong" : ""} ${name || ""}`}>
    <label for=${id}>${label}</label>
    ${choices
      ? html`<select ...${tied}>${choices.map((one) => html`<option value=${one.value} selected=${one.value === rest.value}>${one.text}</option>`)}</select>`
      : isLong
        ? html`<textarea rows="3" ...${tied}></textarea>`
        : html`<input type="text" ...${tied} />`}
    ${hint && html`<small id=${`${id}-hint`}>${hint}</small>`}
    ${most > 0 && length > most * 0.9 && html`<small class="field-count" role="status">${length} / ${most}</small>`}
    ${error && html`<p class="wrong" id=${`${id}-error`} role="alert">${error}</p>`}
  </div>`;
}
