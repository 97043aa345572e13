/** @file Who has this device: choosing at the start of a shift, and handing it on. What waits stays, under the name of who
 * did it. There is no password: the device is trusted, and the actor is what the device says. */
import { html, useState } from "../vendor/preact.js";
import { go, path, title } from "../app.js";
import { clock } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { unlock } from "../kit/sound.js";
import { t } from "../words.js";
import { Foot, Head } from "./frame.js";
import { Notes } from "./tasks.js";
import { device, nameOf, step, walk } from "./hand.js";

/** @param {string} user */
async function take(user) {
  unlock();
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  step.value = null;
  await here.handOver(user);
  if (path.value !== "/app/pick/line") go("/app/pick", true); // a scan may have led on meanwhile
}

/** @param {{but?: string}} props `but`: who has it now */
function People({ but = "" }) {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const [isLeads, leads] = useState(false);
  const all = here.people.value.filter((one) => one.user !== but);
  const shown = isLeads ? all : all.filter((one) => one.role === "picker" || !one.role);
  const others = all.length - shown.length;
  return html`<ul class="pick-people">
    ${shown.map((one) => html`<li key=${one.user}><${Button} size="picker" onClick=${() => take(one.user)}>${one.name}</${Button}></li>`)}
    ${others > 0 && html`<li><${Button} size="picker" kind="quiet" onClick=${() => leads(true)}>${t("pick_others", { n: others })}</${Button}></li>`}
  </ul>`;
}

export function Who() {
  title(t("pick_who"));
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const state = here.state.value;
  const nobody = here.people.value.length === 0;
  return html`<${Head} title=${state.label || t("pick_title")} hasChip=${state.is_fresh} />
    <main class="pick-main"><${Notes} />
      <div class="pick-end"><h2>${t("pick_who")}</h2>
        <p class="pick-second">${t(nobody ? (state.is_fresh ? "pick_who_nobody" : "pick_never_hint") : "pick_who_hint")}</p></div>
      <${People} />
    </main>
    ${nobody && html`<${Foot}><${Button} size="picker" kind="primary" class="pick-wide" onClick=${() => here.pullNow()}>${t("pick_look")}</${Button}></${Foot}>`}`;
}

/** What this person did today, as far as this device still knows. @param {import("../device/device.js").QueueRow[]} rows @param {string} user */
function todays(rows, user) {
  const today = new Date().toDateString();
  const backs = new Set(rows.filter((row) => row.op.kind === "void").map((row) => row.op.target));
  const picks = rows.filter((row) => row.op.kind === "pick" && row.op.actor === user && new Date(row.at).toDateString() === today && !backs.has(row.op.id));
  return { stops: new Set(picks.map((row) => `${row.op.order_no}/${row.op.line_no}`)).size, n: picks.reduce((sum, row) => sum + row.op.qty, 0) };
}

export function HandOver() {
  title(t("pick_handover"));
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const actor = here.actor.value;
  const shares = here.shares().filter((one) => one.waiting > 0);
  const day = todays(here.queue.value.rows, actor);
  const { open } = walk.value;
  return html`<${Head} to="/app/pick" title=${t("pick_handover_of", { device: here.state.value.label || here.state.value.device })} hasChip=${false}>
      <span class="pick-head-aside">${clock(Date.now())}</span></${Head}>
    <main class="pick-main pick-handover"><ol>
      <li class="had"><span class="pick-disc"><${Icon} name="tick" size=${22} /></span><div>
        <h2>${nameOf(actor)}</h2><p class="pick-second">${t("pick_today", day)}</p>
        ${shares.length === 0 && html`<p class="pick-fact"><b>${t("pick_nothing_waits")}</b></p>`}
        ${shares.map((one) => html`<p class="pick-fact"><b>${t("pick_stays", { n: one.waiting })}</b><span class="pick-second">${t("pick_stays_then", { who: nameOf(one.actor) })}</span></p>`)}
        ${open.length > 0 && html`<p class="pick-fact"><b>${t("pick_left_stops", { n: open.length })}</b><span class="pick-second">${t("pick_left_then")}</span></p>`}
      </div></li>
      <li class="gets"><span class="pick-disc"><${Icon} name="person" size=${22} /></span><div><h2>${t("pick_next_who")}</h2><${People} but=${actor} /></div></li>
    </ol></main>
    <${Foot}><${Button} size="picker" class="pick-wide" onClick=${() => take("")}>${t("pick_lock")}</${Button}></${Foot}>`;
}
