/** @file What can be promised: the window first, how sure, until when it must leave, what the customer wanted, and why,
 * line by line; the time that is left counts down once a minute. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { between, moment } from "../days.js";
import { span } from "../format.js";
import { Icon } from "../kit/icons.js";
import { language, t } from "../words.js";

const TENTHS = ["零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十"];
const MINUTE = 60000;
const SOON = 15 * MINUTE;

/** `九成把握` @param {{confidence: number}} made */
export const sure = (made) => t("promise_sure", { n: language() === "en" ? tenthsOf(made) : TENTHS[tenthsOf(made)] });

/** @param {{confidence: number}} made */
const tenthsOf = (made) => Math.floor(made.confidence * 10 + 1e-9);

/** The time now, anew when a minute is over and at the very end; nothing runs in between. @param {string} until */
export function useNow(until) {
  const [now, tick] = useState(Date.now);
  useEffect(() => {
    const left = Date.parse(until) - now;
    if (left <= 0) return undefined;
    const timer = window.setTimeout(() => tick(Date.now()), Math.min(left, MINUTE) + 20);
    const seen = () => document.hidden || tick(Date.now()); // timers sleep with the phone
    document.addEventListener("visibilitychange", seen);
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [until, now]);
  return now;
}

/** @param {{until: string}} props */
export function Left({ until }) {
  const now = useNow(until);
  const left = Date.parse(until) - now;
  if (left <= 0) return html`<span class="promise-bold">${t("promise_is_lapsed")}</span>`;
  return html`<span class=${left < SOON ? "promise-bold" : ""}>${t(left < SOON ? "promise_soon" : "promise_left", { span: span(left + MINUTE - 1) })}</span>`;
}

/** @param {{made: import("./asking.js").Promised, nameOf: (code: string) => string}} props */
export function Answer({ made, nameOf }) {
  const now = useNow(made.expires_at);
  const isOver = made.state === "lapsed" || (made.state === "open" && Date.parse(made.expires_at) <= now);
  const tenths = tenthsOf(made);
  const wish = made.want_by;
  return html`<div class="promise-answer">
      <p class="promise-second">${t("promise_can")}</p>
      <p class=${`promise-window ${isOver ? "is-over" : ""}`}>${between(made.eta_from, made.eta_to).split(" – ").map((end, n) => html`<span>${n ? "– " : ""}${end}</span> `)}</p>
      <p class="promise-sure"><span class="promise-pips" role="img" aria-label=${t("promise_pips", { n: tenths })}>${TENTHS.slice(1).map((_, n) => html`<i class=${n < tenths ? "on" : ""}></i>`)}</span>
        <span>${sure(made)}</span></p>
      <p class="promise-ship">${t("promise_ship_by", { house: nameOf(made.warehouse), at: moment(made.ship_by) })}</p>
      ${wish && html`<p class="promise-wish"><${Icon} name=${wish.answer === "yes" ? "tick" : "clock"} size=${20} /><span>${t(wish.answer === "yes" ? "promise_yes" : "promise_no", { by: moment(wish.by), earliest: moment(wish.earliest) })}</span></p>`}
    </div>
    ${made.state === "open" && html`<p class="promise-until" role="status"><${Icon} name="reserve" size=${18} />
      <span>${isOver ? t("promise_lapsed") : html`${t("promise_until", { at: moment(made.expires_at) })} · <${Left} until=${made.expires_at} />`}</span></p>`}
    <h3 class="promise-second">${t("promise_why")}</h3>
    <ul class="promise-why">${made.because.map((why) => html`<li key=${why}>${why}</li>`)}</ul>`;
}

/** What a salesperson pastes into a chat. @param {import("./asking.js").Promised} made @param {(sku: string) => {name: string, uom: string}} about */
export function wordsFor(made, about) {
  const goods = made.lines.map((line) => t("promise_text_line", { name: about(line.sku).name, n: language() === "en" ? line.qty : `${line.qty} ${about(line.sku).uom}` })).join(language() === "en" ? ", " : "、");
  return t("promise_text", { goods, window: between(made.eta_from, made.eta_to, true), place: made.address.text, until: moment(made.expires_at) });
}

/** Into the clipboard; without https there is no clipboard object, the old command still works on a selection. @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) {
    const isDone = await navigator.clipboard.writeText(text).then(() => true, () => false);
    if (isDone) return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  (document.querySelector("[role=dialog]") || document.body).appendChild(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
