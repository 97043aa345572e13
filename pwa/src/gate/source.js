/** @file The sample as it came: its rows, each with a port. A press takes one, a drag carries it to a field. */
import { html } from "../vendor/preact.js";
import { t } from "../words.js";

const FAR = 6;

/** @param {{tree: any[], chosen: any, used: Set<string>, press: (row: any) => void, drop: (row: any, field: string) => void, above?: any}} props */
export function Source({ tree, chosen, used, press, drop, above }) {
  /** A drag ends wherever the pointer is let go, so the whole window listens. @param {any} row */
  const begins = (row) => (/** @type {PointerEvent} */ from) => {
    /** @param {PointerEvent} event */
    const ends = (event) => {
      window.removeEventListener("pointerup", ends);
      if (Math.abs(event.clientX - from.clientX) + Math.abs(event.clientY - from.clientY) < FAR) return;
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const field = under && under.closest("[data-field]");
      if (field) drop(row, field.getAttribute("data-field") || "");
    };
    window.addEventListener("pointerup", ends);
  };
  return html`<section class="gate-source" aria-label=${t("gate_sample_rows")}>
    <h2>${t("gate_sample_rows")}${above}</h2>
    <ul class="panel">${tree.map((row) => html`<li key=${row.path} data-path=${row.path} class=${chosen && chosen.path === row.path ? "is-chosen" : ""}>
      ${row.kind === "object"
        ? html`<span class=${`gate-row gate-deep-${Math.min(row.depth, 7)}`}><code>${row.name}</code></span>`
        : html`<button type="button" class=${`gate-row gate-deep-${Math.min(row.depth, 7)}`} aria-pressed=${String(Boolean(chosen && chosen.path === row.path))}
            onClick=${() => press(row)} onPointerDown=${begins(row)}>
            <code>${row.name}${row.kind === "value" ? "" : "[ ]"}</code>
            <span>${row.kind === "list" ? t("gate_items", { n: row.n }) : row.text || "“”"}</span>
            <i class=${`gate-port ${used.has(row.path) ? "is-tied" : ""}`}></i>
          </button>`}
    </li>`)}</ul>
  </section>`;
}
