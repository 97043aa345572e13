/** @file The last line of an order was taken and something must go with it. Checking it off is the packer's, by a session
 * of a person; a device alone shows what to attach. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { may, title } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";
import { Foot, Head } from "./frame.js";
import { tasks, whole } from "./hand.js";
import { tail } from "./walk.js";

/** @param {{task: import("../device/device.js").Task}} props */
export function Whole({ task }) {
  const now = tasks.value.find((one) => one.order_no === task.order_no) || task;
  const [checked, check] = useState(/** @type {string[]} */ ([]));
  const [wrong, say] = useState("");
  title(t("pick_whole", { no: tail(task.order_no) }));
  useEffect(() => say(""), [task]);
  const mayCheck = may("check");
  /** @param {string} item */
  const tick = async (item) => {
    try {
      await call("POST", `/api/orders/${encodeURIComponent(task.order_no)}/check`, { item });
      check(checked.concat(item));
    } catch (problem) {
      say(problem instanceof Problem ? (problem.isAway ? t("pick_check_away") : problem.message) : t("fault"));
    }
  };
  return html`<${Head} title=${task.order_no} />
    <main class="pick-main pick-whole">
      <h2>${t("pick_whole", { no: tail(task.order_no) })}</h2>
      <p class="pick-second">${t("pick_whole_attach")}</p>
      <ul>${now.checklist.map((one) => {
        const isDone = one.done || checked.indexOf(one.item) >= 0;
        return html`<li key=${one.item}><${Icon} name=${isDone ? "tick" : "report"} size=${28} /><b>${one.item}</b>
          ${isDone ? html`<span class="pick-second">${t("done")}</span>` : mayCheck && html`<button type="button" onClick=${() => tick(one.item)}>${t("pick_check")}</button>`}</li>`;
      })}</ul>
      ${wrong && html`<p class="pick-care" role="alert">${wrong}</p>`}
    </main>
    <${Foot}><${Button} size="picker" kind="primary" class="pick-wide" onClick=${() => (whole.value = null)}>${t("pick_whole_on")}</${Button}></${Foot}>`;
}
