/** @file A year as it is worked: what the calendar says of each day, what a person said over it, and every Saturday and
 * Sunday at once. A pressed day says what it is and why, and offers the other. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, lang, may, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Loading, Trouble } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";

/** @typedef {{day: string, works: boolean, name: string, said: boolean}} Day */

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** @param {number} year @param {number} month from 0 @param {number} [n] from 1 */
const isoOf = (year, month, n = 1) => new Date(Date.UTC(year, month, n)).toISOString().slice(0, 10);
/** Monday is 0. @param {string} day */
const weekdayOf = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** A year's days that are not common ones, page after page. @param {number} year */
async function readYear(year) {
  const first = await call("GET", `/api/days?year=${year}&limit=200`);
  let last = first;
  while (last.next) {
    last = await call("GET", `/api/days?year=${year}&limit=200&cursor=${encodeURIComponent(last.next)}`);
    first.items = first.items.concat(last.items);
  }
  return first;
}

export function Days() {
  const [year, turn] = useState(() => new Date().getFullYear());
  const [known, put] = useState(/** @type {any} */ (null));
  const [problem, say] = useState(/** @type {unknown} */ (null));
  const [open, look] = useState("");
  const [told, tell] = useState("");
  const read = () => {
    readYear(year).then(
      (found) => {
        reached();
        say(null);
        put(found);
      },
      (error) => failed(error, read) || say(error)
    );
  };
  useEffect(read, [year, lang.value]);
  const isNow = known !== null && known.year === year;
  return html`
    <header class="master-head">
      <${Link} href="/app/master" class="button quiet square master-back" label=${t("master_back")}><${Icon} name="back" size=${22} /></${Link}>
      <h1 tabindex="-1">${t("master_k_days")}</h1>
      <span class="master-year"><${Button} kind="quiet" class="square" icon="back" label=${t("master_year", { year: year - 1 })} onClick=${() => turn(year - 1)} />
        <b role="status">${t("master_year", { year })}</b><${Button} kind="quiet" class="square" icon="ahead" label=${t("master_year", { year: year + 1 })} onClick=${() => turn(year + 1)} /></span>
    </header>
    <p class="master-lead">${t("master_days_lead")}</p>
    <p class="master-said" role="status">${told}</p>
    ${problem && html`<${Trouble} problem=${problem} again=${read} />`}
    ${!isNow && !problem && html`<${Loading} />`}
    ${isNow && !known.is_known && html`<p class="master-wrong">${t("master_days_unknown", { year })}</p>`}
    ${isNow && html`<p class="master-do">${known.weekly.map((/** @type {Day} */ one) => html`<${Button} key=${one.day} size="small" onClick=${() => look(one.day)}>${t(`master_${one.day}_${one.works ? "works" : "rests"}`)}</${Button}>`)}</p>
      <div class="master-months">${Array.from({ length: 12 }, (_, month) => html`<${Month} key=${month} year=${year} month=${month} known=${known} look=${look} />`)}</div>`}
    ${open && isNow && html`<${Asked} day=${dayOf(known, open)} onClose=${() => look("")} onSaved=${(/** @type {string} */ words) => { look(""); tell(words); read(); }} />`}`;
}

/** What holds of a day. @param {any} known @param {string} day @returns {Day} */
function dayOf(known, day) {
  const said = known.weekly.concat(known.items).filter((/** @type {Day} */ one) => one.day === day)[0];
  if (said) return said;
  const weekday = weekdayOf(day);
  return { day, works: weekday < 5 || known.weekly[weekday - 5].works, name: "", said: false };
}

/** @param {{year: number, month: number, known: any, look: (day: string) => void}} props */
function Month({ year, month, known, look }) {
  const count = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const before = weekdayOf(isoOf(year, month));
  const days = Array.from({ length: count }, (_, n) => dayOf(known, isoOf(year, month, n + 1)));
  return html`<section class="master-month" aria-label=${t("master_month", { year, month: month + 1 })}>
    <h2>${t("master_month", { year, month: month + 1 })}</h2>
    <div class="master-days">
      ${WEEK.map((one) => html`<span class="master-weekday" aria-hidden="true">${t(`master_${one}`)}</span>`)}
      ${days.map((one, n) => html`<button type="button" key=${one.day} class=${`${one.works ? "" : "is-off"} ${one.said ? "is-said" : ""} ${n ? "" : `is-${before}`}`} onClick=${() => look(one.day)}>
        ${n + 1} <small>${isCommon(one) ? "" : t(one.works ? "master_on" : "master_off")}</small><span class="unseen"> ${one.name || t(one.works ? "master_works" : "master_rests")}</span></button>`)}
    </div>
    <ul class="master-names-of">${named(days).map((run) => html`<li key=${run.from}>${run.from === run.to ? run.from : `${run.from}–${run.to}`} ${run.name}</li>`)}</ul>
  </section>`;
}

/** @param {Day} one */
function isCommon(one) {
  return !one.said && !one.name;
}

/** Days of one name in a row, as people write them: `1–3 元旦`. @param {Day[]} days */
function named(days) {
  /** @type {{from: number, to: number, name: string}[]} */
  const runs = [];
  days.forEach((one, n) => {
    const last = runs[runs.length - 1];
    if (last && last.to === n && last.name === one.name) last.to = n + 1;
    else if (one.name) runs.push({ from: n + 1, to: n + 1, name: one.name });
  });
  return runs;
}

/** @param {{day: Day, onClose: () => void, onSaved: (words: string) => void}} props */
function Asked({ day, onClose, onSaved }) {
  const [name, type] = useState(day.said ? day.name : "");
  const [busy, act] = useState("");
  const [why, say] = useState("");
  const isWeekly = day.day === "saturday" || day.day === "sunday";
  const called = isWeekly ? t(`master_${day.day}`) : shown(day.day);
  /** @param {"PUT"|"DELETE"} method @param {boolean} [works] */
  const send = async (method, works) => {
    if (busy) return;
    act(method);
    say("");
    try {
      const now = await call(method, `/api/days/${day.day}`, method === "PUT" ? { works, name: name.trim() } : undefined);
      reached();
      onSaved(t(now.works ? "master_now_works" : "master_now_rests", { day: called }));
    } catch (problem) {
      say(failed(problem, () => undefined) ? t("master_no_answer") : /** @type {Problem} */ (problem).message);
      act("");
    }
  };
  const cannot = may("master") ? "" : t("master_no_right");
  return html`<${Sheet} title=${called} onClose=${onClose}>
    <p class="master-lead">${t(day.works ? "master_works" : "master_rests")}${day.name && ` · ${day.name}`}${day.said ? ` · ${t("master_said_by_hand")}` : ""}</p>
    ${!isWeekly && html`<${Field} label=${t("master_optional", { label: t("master_day_name") })} hint=${t("master_day_name_hint")} value=${name} maxlength="40" onInput=${(/** @type {any} */ e) => type(e.target.value)} />`}
    ${why && html`<p class="master-wrong" role="alert">${why}</p>`}
    <p class="master-do"><${Button} kind="primary" cannot=${cannot} busy=${busy === "PUT" ? t("master_saving") : false} onClick=${() => send("PUT", !day.works)}>${t(day.works ? "master_make_rest" : "master_make_work", { day: called })}</${Button}>
      ${day.said && !cannot && html`<${Button} busy=${busy === "DELETE" ? t("master_saving") : false} onClick=${() => send("DELETE")}>${t("master_as_calendar")}</${Button}>`}</p>
  </${Sheet}>`;
}

/** `10 月 1 日 周四`. @param {string} day */
function shown(day) {
  const [, month, n] = day.split("-").map(Number);
  return t("master_day", { day: n, month, weekday: t(`master_week_${WEEK[weekdayOf(day)]}`) });
}
