/** @file The last ten receipts, each with where it stands; one press takes one back. */
import { html } from "../vendor/preact.js";
import { clock } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";
import { anew, drop, receipts, undo } from "./queue.js";

const MOST = 10;
/** @type {Object<string, string>} */
const ICON = { waiting: "saved", sent: "tick", refused: "care", doubt: "care" };

export function Last() {
  const all = receipts.value;
  const needs = all.filter((one, n) => n >= MOST && one.state !== "sent"); // none that waits is out of sight
  const rows = all.slice(0, MOST).concat(needs);
  return html`<section class="dock-last"><h2>${t("dock_last")}</h2>
    ${rows.length ? html`<ul>${rows.map((one) => html`<${Row} key=${one.id} one=${one} />`)}</ul>` : html`<p class="dock-second">${t("dock_last_none")}</p>`}</section>`;
}

/** @param {{one: import("./queue.js").Receipt}} props */
function Row({ one }) {
  const facts = { n: Math.abs(one.qty), name: one.name, bin: one.bin || t("dock_nowhere") };
  const isOff = one.state === "refused" || one.state === "doubt";
  const state = one.state === "refused" ? t("dock_refused", { why: one.why }) : one.state === "doubt" ? t("dock_doubt") : one.isUndone ? t("dock_undone") : t(`dock_${one.state}`);
  return html`<li class=${isOff ? "is-off" : ""}><div><b>${one.name}</b> <span>${t(one.undoes ? "dock_row_undo" : "dock_row", facts)}</span>
      <small><${Icon} name=${ICON[one.state]} size=${18} />${clock(one.at)} · ${state}</small></div>
    ${isOff
      ? html`${one.state === "doubt" && html`<${Button} onClick=${() => void anew(one)}>${t("dock_anew")}</${Button}>`}<${Button} onClick=${() => void drop(one)}>${t("dock_drop")}</${Button}>`
      : !one.undoes && !one.isUndone && html`<${Button} label=${t("dock_undo_of", facts)} onClick=${() => void undo(one)}>${t("dock_undo")}</${Button}>`}</li>`;
}
