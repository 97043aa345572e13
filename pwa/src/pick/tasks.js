/** @file The walk: how far, where to next in the largest letters, what comes after; and the end of it. */
import { html } from "../vendor/preact.js";
import { applyUpdate, go, title, update } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Tags } from "../kit/tag.js";
import { t } from "../words.js";
import { undo } from "./acts.js";
import { Foot, Head, NotReady, Rack } from "./frame.js";
import { bins, chosen, device, next, sheet, skipped, step, tasks, walk } from "./hand.js";
import { levelOf, levelsOf, toAttach, tail } from "./walk.js";

const SEGMENTS = 16;
const SHOWN = 40;

/** @typedef {import("./walk.js").Stop} Stop */

export function Tasks() {
  title(t("pick_title"));
  const here = device.value;
  if (!here) return null;
  const stop = next.value;
  if (!stop) return html`<${Finished} />`;
  const rest = walk.value.open.filter((one) => one !== stop);
  return html`<${Head} title=${t("pick_title")} />
    <main class="pick-main">
      <${Notes} />
      <${Progress} />
      <${NextStop} stop=${stop} />
      <ol class="pick-walk" aria-label=${t("pick_then")}>
        ${rest.slice(0, SHOWN).map((one) => html`<${Row} key=${one.bin} stop=${one} />`)}
        ${rest.length > SHOWN && html`<li class="pick-more">${t("pick_more", { n: rest.length - SHOWN })}</li>`}
      </ol>
    </main>
    <${LastStep} />
    <${Foot}>
      <${Button} size="picker" class="pick-menu" label=${t("pick_menu")} onClick=${() => (sheet.value = "menu")}><${Icon} name="menu" size=${28} /></${Button}>
      <${Button} size="picker" kind="primary" icon="scan" class="pick-wide" onClick=${() => (sheet.value = "code")}>${t("pick_start")}</${Button}>
    </${Foot}>`;
}

/** What concerns the device, above the walk, one line each. */
export function Notes() {
  const here = device.value;
  if (!here) return null;
  const state = here.state.value;
  const waiting = here.queue.value.waiting + here.queue.value.sending;
  return html`<${NotReady} />
    ${update.value && html`<button type="button" class="pick-note" onClick=${applyUpdate}>${t("update_waiting")}</button>`}
    ${state.signed_out && html`<button type="button" class="pick-note" onClick=${() => go("/app/pick/enrol")}>${t(waiting ? "pick_out_waiting" : "pick_out", { n: waiting })}</button>`}
    ${state.storage_lost && html`<button type="button" class="pick-note" onClick=${here.tellLoss}>${t("pick_lost")}</button>`}
    ${state.clock_wrong && html`<p class="pick-note">${t("pick_clock")}</p>`}`;
}

function Progress() {
  const { stops, done, left } = walk.value;
  const parts = stops.length <= SEGMENTS ? stops.length : SEGMENTS;
  const full = stops.length <= SEGMENTS ? done : Math.floor((done / stops.length) * SEGMENTS);
  return html`<div class="pick-progress">
    <p><span>${t("pick_walked")} <b>${done}</b> / ${stops.length} ${t("pick_stops")}</span><span>${t("pick_remain")} <b>${left}</b> ${t("pick_pcs")}</span></p>
    <div class="pick-bar" aria-hidden="true">
      ${Array.from({ length: parts }, (_, n) => html`<i class=${n < full ? "done" : n === full ? "now" : ""}></i>`)}
    </div>
  </div>`;
}

/** @param {{stop: Stop}} props */
function NextStop({ stop }) {
  const first = stop.open[0];
  const level = levelOf(stop.bin);
  const names = new Set(stop.open.map((one) => one.line.name));
  const tags = Array.from(new Set(stop.open.reduce((all, one) => all.concat(one.task.tags), /** @type {string[]} */ ([]))));
  return html`<section class=${`pick-next ${skipped.value.indexOf(stop.bin) >= 0 ? "skipped" : ""}`} aria-label=${t("pick_next")}>
    <div class="pick-next-top">
      <div><p class="pick-second">${t("pick_next")}</p>
        <p class=${`pick-bin ${stop.bin.length > 8 ? "long" : ""}`}>${stop.bin || t("pick_no_bin")}</p></div>
      ${level > 0 && html`<div class="pick-level"><${Rack} level=${level} levels=${levelsOf(stop.bin, bins.value)} /><span>${t("pick_level", { n: level })}</span></div>`}
    </div>
    <p class="pick-next-part"><b class="pick-name">${first.line.name}${names.size > 1 ? ` ${t("pick_kinds", { n: names.size })}` : ""}</b>
      <b class="pick-qty">${stop.left} ${uom(first.line.uom)}</b></p>
    ${stop.open.length > 1 && html`<p class="pick-second">${t("pick_orders", { n: stop.open.length })}</p>`}
    <${Tags} tags=${tagged(tags).slice(0, 3)} size="picker" />
  </section>`;
}

/** @param {{stop: Stop}} props */
function Row({ stop }) {
  const isLate = skipped.value.indexOf(stop.bin) >= 0;
  return html`<li class=${isLate ? "skipped" : ""}><button type="button" onClick=${() => (chosen.value = stop.bin)}>
    <i class=${stop.short ? "short" : ""}></i><b>${stop.bin || t("pick_no_bin")}</b><span>${stop.open[0].line.name}</span>
    <b class="pick-row-qty">${stop.left} ${uom(stop.open[0].line.uom)}</b>
  </button></li>`;
}

const URGENT = "加急";

/** Tags as they are shown: the urgent one first. @param {string[]} tags */
export function tagged(tags) {
  return tags.slice().sort((a, b) => Number(b === URGENT) - Number(a === URGENT)).map((tag) => ({ tag }));
}

/** The unit as the language has it: 件 is a piece, others are named as they are. @param {string} unit */
export function uom(unit) {
  return !unit || unit === "件" ? t("pick_pcs") : unit;
}

/** What was just done, and the way back. */
export function LastStep() {
  const last = step.value;
  if (!last) return null;
  return html`<div class="pick-step" role="status"><span>${!last.isBack && html`<${Icon} name=${last.key === "pick_step_short" ? "minus" : "tick"} size=${22} />`}${t(last.key, last.facts)}</span>
    ${last.ops.length > 0 && html`<button type="button" onClick=${undo}>${t("pick_undo")}</button>`}</div>`;
}

/** Nothing is left: either nothing was there, or all has been walked. */
function Finished() {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const state = here.state.value;
  const { stops } = walk.value;
  const attach = tasks.value.filter((one) => toAttach(one).length);
  const short = tasks.value.reduce((sum, one) => sum + one.lines.reduce((all, line) => all + line.short, 0), 0);
  const heading = stops.length ? "pick_finished" : state.is_fresh ? "pick_nothing" : "pick_never";
  return html`<${Head} title=${t("pick_title")} />
    <main class="pick-main"><${Notes} />
      <div class="pick-end"><h2>${t(heading)}</h2>
        ${stops.length > 0 && html`<p class="pick-second">${t(short ? "pick_finished_short" : "pick_finished_all", { stops: stops.length, n: short })}</p>`}
        ${!stops.length && html`<p class="pick-second">${t(state.is_fresh ? "pick_nothing_hint" : "pick_never_hint")}</p>`}
      </div>
      ${attach.length > 0 && html`<h3 class="pick-sub">${t("pick_attach_all")}</h3>
        <ul class="pick-attach">${attach.map((one) => html`<li key=${one.order_no}><b>${tail(one.order_no)}</b> ${toAttach(one).join(" · ")}</li>`)}</ul>`}
    </main>
    <${LastStep} />
    <${Foot}>
      <${Button} size="picker" class="pick-menu" label=${t("pick_menu")} onClick=${() => (sheet.value = "menu")}><${Icon} name="menu" size=${28} /></${Button}>
      <${Button} size="picker" kind="primary" class="pick-wide" onClick=${() => here.pullNow()}>${t("pick_look")}</${Button}>
    </${Foot}>`;
}

