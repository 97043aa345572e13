/** @file The checklist: ticked where the right exists, read elsewhere. */
import { html } from "../vendor/preact.js";
import { may } from "../app.js";
import { t } from "../words.js";

/** @param {import("./boxes.js").Needs} props */
export function Checklist({ order, run, said }) {
  if (!order.checklist.length) return null;
  const tick = (/** @type {any} */ one) => run({ name: "check", body: { item: one.item, done: !one.done } });
  return html`<section class="orders-part"><h3>${t("checklist")}</h3>
    <ul class="orders-checks">${order.checklist.map((/** @type {any} */ one) => html`<li key=${one.item}>
      ${may("check")
        ? html`<label><input type="checkbox" checked=${one.done} aria-busy=${said.busy === "check" ? "true" : undefined}
            onClick=${(/** @type {Event} */ e) => {
              e.preventDefault(); // It stands as the server says.
              tick(one);
            }} /><span>${one.item}</span></label>`
        : html`<span>${one.item} ${t(one.done ? "done" : "open")}</span>`}
    </li>`)}</ul>
  </section>`;
}
