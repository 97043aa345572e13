/** @file What stands where the goods would: loading, nothing here, and a refusal with what to press. */
import { html } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { t } from "../words.js";
import { Button } from "./button.js";

export function Loading() {
  return html`<p class="plain" role="status">${t("loading")}</p>`;
}

/** @param {{title: any, hint?: any, children?: any}} props */
export function Empty({ title, hint, children }) {
  return html`<div class="nothing"><p><b>${title}</b></p>${hint && html`<p class="second">${hint}</p>`}${children}</div>`;
}

/** @param {{problem: unknown, again?: () => void}} props */
export function Trouble({ problem, again }) {
  const why = problem instanceof Problem ? problem.message : t("fault");
  return html`<div class="plain trouble"><p role="alert">${why}</p>${again && html`<${Button} onClick=${again}>${t("again")}</${Button}>`}</div>`;
}
