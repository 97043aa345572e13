/** @file The promise of a draft: its goods with what is free, one tap on the day that the customer wants, and the answer.
 * Where there is too little it says how much there is, and where. */
import { html, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { focusOn } from "../kit/focus.js";
import { Sheet } from "../kit/sheet.js";
import { changeLine, draft } from "../sales/draft.js";
import { free, nameOf } from "../sales/stock.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/promise.js";
import { Acts } from "./acts.js";
import { Answer } from "./answer.js";
import { ask, attach, giveBack, isAskable, questionOf } from "./asking.js";

addWords(WORDS);
const DAY = 86400000;

/** @param {number} days from now, as this phone's calendar has it */
function dayText(days) {
  const at = new Date(Date.now() + days * DAY);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

/** @param {{onClose: () => void}} props */
export function PromiseSheet({ onClose }) {
  const one = draft.value;
  const [made, put] = useState(/** @type {import("./asking.js").Promised|null} */ (null));
  const [problem, say] = useState(/** @type {Problem|null} */ (null));
  const [busy, work] = useState("");
  const [date, pick] = useState("");
  /** @param {string} key @param {string} wantBy */
  const answer = async (key, wantBy) => {
    if (busy) return;
    work(key);
    say(null);
    try {
      if (made && made.state === "open") await giveBack(made.id); // its pieces may be the last ones
      put(null);
      put(await ask(questionOf(draft.value, wantBy)));
      reached();
      focusOn(".promise-window");
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401) failed(error, () => undefined);
      say(error);
    }
    work("");
  };
  const about = /** @param {string} sku */ (sku) => one.lines.find((line) => line.sku === sku) || { name: sku, uom: "" };
  const ways = [["any", t("promise_any"), ""], ["tomorrow", t("tomorrow"), dayText(1)], ["after", t("promise_after"), dayText(2)]];
  return html`<${Sheet} title=${t("promise_ask")} onClose=${onClose}><div class="promise">
    ${one.buyer && html`<p><b>${one.buyer.name}</b></p>`}
    ${one.address && html`<p class="promise-second">${one.address}</p>`}
    <ul class="promise-lines">${one.lines.map((line) => html`<li key=${line.sku}><span>${line.name} <small>${line.sku}</small></span>
      <small>${freeOf(line.sku)}</small><b>${line.qty} ${line.uom}</b></li>`)}</ul>
    ${isAskable(one)
      ? html`<p class="promise-second" id="promise-want">${t("promise_want")}</p>
        <div class="promise-days" role="group" aria-labelledby="promise-want">
          ${ways.map(([key, text, day]) => html`<${Button} key=${key} busy=${busy === key && t("promise_working")} onClick=${() => answer(key, day)}>${text}</${Button}>`)}
        </div>
        <details class="promise-other"><summary>${t("promise_day")}</summary><div class="promise-date">
          <${Field} label=${t("promise_day")} type="date" min=${dayText(0)} value=${date} onInput=${(/** @type {any} */ e) => pick(e.target.value)} />
          <${Button} busy=${busy === "date" && t("promise_working")} onClick=${() => date && answer("date", date)}>${t("promise_by_day")}</${Button}></div></details>`
      : html`<p class="promise-bold">${t("promise_need")}</p>`}
    ${problem && html`<${Refused} problem=${problem} />`}
    ${made && html`<div class="promise-made" aria-live="polite"><${Answer} made=${made} nameOf=${nameOf} /></div>
      <${Acts} made=${made} about=${about} use=${() => { attach(made); onClose(); }} gone=${() => put(null)}
        again=${() => answer("any", made.want_by ? made.want_by.by : "")} />`}
  </div></${Sheet}>`;
}

/** @param {string} sku */
function freeOf(sku) {
  const by = free.value[sku];
  return by ? t("promise_stock_of", { n: Object.keys(by).reduce((sum, house) => sum + by[house], 0) }) : "";
}

/** What does not go, and what would. @param {{problem: Problem}} props */
function Refused({ problem }) {
  if (problem.isAway || problem.code === "in_progress") return html`<p class="promise-refused" role="alert">${t("promise_lost_answer")}</p>`;
  if (problem.code !== "short_stock") {
    const first = (problem.said.errors || [])[0];
    return html`<p class="promise-refused" role="alert">${first ? first.why : problem.message}</p>`;
  }
  const { sku, asked, available, warehouses } = problem.said;
  const n = draft.value.lines.findIndex((line) => line.sku === sku);
  const line = draft.value.lines[n];
  const there = warehouses.filter((/** @type {any} */ one) => one.sku === sku && one.available > 0);
  return html`<div class="promise-refused" role="alert">
    <p>${t("promise_short", { name: line ? line.name : sku, have: available, asked })}</p>
    ${there.length > 0 && html`<p class="promise-second">${t("promise_short_where")}：${there.map((/** @type {any} */ one) => t("promise_house_has", { house: nameOf(one.warehouse), n: one.available })).join(" · ")}</p>`}
    ${line && !line.unit && available > 0 && html`<${Button} size="small" onClick=${() => changeLine(n, { qty: available, told: null })}>${t("promise_fewer", { n: available })}</${Button}>`}
  </div>`;
}
