/** @file Two things happened at once: what, who and when, in the order of time, and the choices in words with what follows
 * from each. It never goes away by itself; an answer is stored first and sent when there is a network. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { title } from "../app.js";
import { clock, when } from "../format.js";
import { Icon } from "../kit/icons.js";
import { Mark } from "../kit/marks.js";
import { PICKER_KINDS } from "../sync/facts.js";
import { t } from "../words.js";
import { Foot, Head } from "./frame.js";
import { aside, device, lost, nameOf, partOf, step } from "./hand.js";
import { tail } from "./walk.js";

/**
 * @typedef {import("../device/device.js").Conflict} Conflict
 * @typedef {import("../device/device.js").Op} Op
 */

const BY_SERVER = ["held", "cancelled", "amended", "already_shipped"];

/** @param {{conflict: Conflict}} props */
export function Question({ conflict }) {
  const [isBusy, busy] = useState(false);
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  title(t(`pick_c_${conflict.kind}`));
  useEffect(() => () => {
    lost.value = "";
  }, []);
  const picks = conflict.mine.filter((op) => op.kind === "pick");
  const { n, bin } = aim(conflict, picks);
  const person = here.people.value.find((one) => one.user === here.actor.value);
  const isLead = Boolean(person && (person.role === "supervisor" || person.role === "owner"));
  const isMine = picks.every((op) => op.actor === here.actor.value);
  const may = isLead || (isMine && PICKER_KINDS.indexOf(conflict.kind) >= 0);
  /** @param {"keep"|"undo"} choice */
  const choose = async (choice) => {
    if (isBusy) return;
    busy(true);
    try {
      await here.settle(conflict.id, choice);
      step.value = { ops: [], key: choice === "keep" ? "pick_c_kept" : "pick_c_undone", facts: { n, bin }, isBack: choice === "undo" };
    } finally {
      busy(false);
    }
  };
  const facts = { n, bin: bin || t("pick_its_place"), no: tail(conflict.order_no) };
  return html`<${Head} title=${conflict.order_no} />
    <main class="pick-main pick-conflict">
      <h2>${t(`pick_c_${conflict.kind}`).split("|").map((part) => html`<span>${part}</span>`)}</h2>
      <ol class="pick-facts">${factsOf(conflict, picks)}</ol>
      ${conflict.answer && conflict.answer.state === "refused" && html`<p class="pick-care" role="alert">${conflict.answer.why || t("pick_c_refused")}</p>`}
    </main>
    <div class="pick-choices">
      ${may
        ? ["keep", "undo"].map((choice) => html`<button type="button" key=${choice} onClick=${() => choose(/** @type {any} */ (choice))}>
            <span><b>${t(words(conflict.kind, choice))}</b><span>${t(`${words(conflict.kind, choice)}_then`, facts)}</span></span><${Icon} name="ahead" size=${28} /></button>`)
        : html`<p class="pick-second">${t(isMine ? "pick_c_lead_only" : "pick_c_others", { who: picks.length ? nameOf(picks[0].actor) : "" })}</p>
          <button type="button" onClick=${() => (aside.value = aside.value.concat(conflict.id))}><span><b>${t("pick_c_aside")}</b><span>${t("pick_c_aside_then")}</span></span><${Icon} name="ahead" size=${28} /></button>`}
    </div>
    <${Foot} class="pick-foot-call"><${CallLead} /></${Foot}>`;
}

/** Whom to call, with the number where it is known. */
export function CallLead() {
  const lead = device.value ? device.value.lead.value : null;
  const words = html`<${Icon} name="call" size=${22} /><span>${t("pick_call", { name: lead ? lead.name : "" })}</span>`;
  return lead && lead.phone ? html`<a class="pick-call" href=${`tel:${lead.phone}`}>${words}</a>` : html`<p class="pick-call">${words}</p>`;
}

/** Words of a choice: those of the kind where it has its own. @param {string} kind @param {string} choice */
function words(kind, choice) {
  return kind === "over_picked" || kind === "wrong_bin" ? `pick_c_${choice}_${kind}` : `pick_c_${choice}`;
}

/** How many pieces the answer is about, and where they belong. @param {Conflict} conflict @param {Op[]} picks */
function aim(conflict, picks) {
  const all = conflict.surplus.reduce((sum, one) => sum + one.qty, 0);
  const n = all || picks.reduce((sum, op) => sum + op.qty, 0);
  const places = Array.from(new Set(picks.map((op) => (conflict.kind === "wrong_bin" ? op.bin : placeOf(op))))).filter(Boolean);
  return { n, bin: places.join("、") };
}

/** @param {Op} op */
function placeOf(op) {
  return op.bin || partOf(op.order_no, op.line_no, "").bin;
}

/** By this device's clock today, as all that it did itself; else by the company's. @param {string} at */
function told(at) {
  const moment = Date.parse(at) || 0;
  return new Date(moment).toDateString() === new Date().toDateString() ? clock(moment) : when(at);
}

/** @param {Conflict} conflict @param {Op[]} picks */
function factsOf(conflict, picks) {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const gone = here.gone.value.find((one) => one.order_no === conflict.order_no);
  /** @type {{at: number, mark: string, head: string, text: string}[]} */
  const facts = [];
  if (gone && BY_SERVER.indexOf(conflict.kind) >= 0) {
    const who = gone.by_name || gone.by;
    facts.push({ at: Date.parse(gone.at) || 0, mark: "triangle", head: [told(gone.at), who].filter(Boolean).join(" · "), text: t("pick_c_fact", { what: t(`pick_c_was_${conflict.kind}`), reason: gone.reason && gone.why === "held" ? gone.reason : "" }) });
  }
  for (const op of picks) {
    const part = partOf(op.order_no, op.line_no, op.bin);
    const who = op.actor === here.actor.value ? t("pick_you") : nameOf(op.actor);
    const at = Date.parse(op.at) || 0;
    facts.push({ at, mark: "diamond", head: `${clock(at)} · ${who}`, text: t("pick_c_took", { bin: op.bin, n: op.qty, name: part.name || part.sku }) });
  }
  facts.sort((a, b) => a.at - b.at);
  return facts.slice(0, 4).map((fact) => html`<li><${Mark} name=${fact.mark} size=${22} /><div><p class="pick-second">${fact.head}</p><p><b>${fact.text}</b></p></div></li>`);
}
