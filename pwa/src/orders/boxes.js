/** @file The boxes beneath the head: the one next step of an order in trouble, and conflicts with their two answers. */
import { html } from "../vendor/preact.js";
import { may } from "../app.js";
import { Button } from "../kit/button.js";
import { Mark } from "../kit/marks.js";
import { t } from "../words.js";
import { canSettle } from "./rules.js";
import { press } from "./acts.js";

/** @typedef {{order: any, run: import("./panel.js").Run, open: import("./panel.js").Open, said: import("./panel.js").Said}} Needs */

/** @param {Needs & {box: import("./rules.js").Box|null}} props */
export function SuggestionBox({ box, order, run, open, said }) {
  if (!box) return null;
  const words = { reason: order.held ? order.held.reason : "", why: box.of ? box.of.why : "", act: t(`order_do_${box.act}`) };
  return html`<div class="orders-box">
    <div><p><b>${t(box.words, words)}</b></p><p class="second">${t(box.hint, words)}</p></div>
    <${Button} kind="primary" busy=${said.busy === box.act} onClick=${() => press(box.act, run, open, box.of)}>${t(`order_do_${box.act}`)}</${Button}>
  </div>`;
}

/** @param {Needs & {conflicts: any[]}} props */
export function Conflicts({ conflicts, order, run, said }) {
  return html`<div>${conflicts.map((one) => html`<div class="orders-box" key=${one.id}>
    <${Mark} name="triangle" size=${18} />
    <div><p><b>${t(`order_conflict_${one.kind}`)}</b></p><p class="second">${lineOf(order, one.line_no)}</p></div>
    ${canSettle(one, may)
      ? html`<div class="orders-buttons">${["undo", "keep"].map((choice) => html`<${Button} key=${choice} busy=${said.busy === `settle_${choice}`}
          onClick=${() => run({ name: `settle_${choice}`, body: { choice }, path: settleAt(one.id) })}>${t(`order_${choice}_${one.kind}`)}</${Button}>`)}</div>`
      : html`<small>${t("order_conflict_lead")}</small>`}
  </div>`)}</div>`;
}

/** A conflict's id has three parts, and so has its address. @param {string} id */
function settleAt(id) {
  return `/api/conflicts/${id.split("/").map(encodeURIComponent).join("/")}/settle`;
}

/** @param {any} order @param {number|null} lineNo */
function lineOf(order, lineNo) {
  const lines = order.lines.filter((/** @type {any} */ line) => (lineNo ? line.line_no === lineNo : line.picked > 0));
  return lines.map((/** @type {any} */ line) => t("order_line_picked", { name: line.name, n: line.picked })).join(t("order_comma"));
}
