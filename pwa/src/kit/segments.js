/** @file A row of choices of which one holds; each may carry its count. */
import { html } from "../vendor/preact.js";

/**
 * @param {{label: string, items: {key: string, text: any, count?: number|string}[], value: string,
 *   onChange: (key: string) => void, class?: string}} props
 */
export function Segments({ label, items, value, onChange, class: name = "" }) {
  return html`<div class=${`segments ${name}`} role="group" aria-label=${label}>
    ${items.map((one) => html`<button type="button" key=${one.key} aria-pressed=${String(one.key === value)}
        onClick=${() => onChange(one.key)}>${one.text}${one.count !== undefined && html` <span class="n">${one.count}</span>`}</button>`)}
  </div>`;
}
