/** @file What became of a sheet: how many orders, and the refused rows with their reasons, to be mended and sent again. */
import { html, useState } from "../vendor/preact.js";
import { lang } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";

const SHOWN = 50;

/** Before it is taken in. @param {{seen: any}} props */
export function SheetFoot({ seen }) {
  const some = seen.tried < seen.total ? t("gate_of_first", { n: seen.tried }) : "";
  return html`<div class="gate-verdict" role="status">${seen.orders + seen.changes > 0 && html`<${Icon} name="tick" size=${22} />`}<div>
    <b>${seen.changes ? t("gate_sheet_changes", { n: seen.changes, orders: seen.orders, some }) : t("gate_sheet_becomes", { orders: seen.orders, lines: seen.lines, some })}</b>
    <span class=${seen.refused ? "is-told" : ""}>${seen.refused ? t("gate_sheet_refused", { n: seen.refused, row: seen.reasons[0].row, why: seen.reasons[0].why }) : t("gate_nothing_stored")}</span></div></div>`;
}

/** Afterwards. @param {{report: any, name: string, again: () => void}} props */
export function Report({ report, name, again }) {
  const [address] = useState(() => URL.createObjectURL(new Blob([Uint8Array.from(atob(report.refused_csv), (one) => one.charCodeAt(0))], { type: "text/csv" })));
  const rows = report.refused.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.rows.length, 0);
  return html`<section class="gate-report">
    <h2>${t("gate_done", { name })}</h2>
    <p role="status"><b>${t("gate_done_sum", { orders: report.orders, again: report.duplicates, changed: report.changed })}</b></p>
    ${rows > 0 && html`<p>${t("gate_done_refused", { n: rows })}</p>
      <p class="gate-do"><a class="button primary" download=${t("gate_refused_name", { name: name.replace(/\.\w+$/, "") })} href=${address}>${t("gate_get_refused", { n: rows })}</a><${Button} onClick=${again}>${t("gate_other_sheet")}</${Button}></p>
      <ul class="gate-reasons">${report.refused.slice(0, SHOWN).map((/** @type {any} */ one) => html`<li><b>${t("gate_row", { n: one.rows.join("、") })}</b><span>${lang.value === "en" ? one.why_en : one.why}</span></li>`)}</ul>
      ${report.refused.length > SHOWN && html`<p class="second">${t("gate_more_refused", { n: report.refused.length - SHOWN })}</p>`}`}
    ${rows === 0 && html`<p class="gate-do"><${Button} kind="primary" onClick=${again}>${t("gate_other_sheet")}</${Button}></p>`}
  </section>`;
}
