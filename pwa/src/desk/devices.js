/** @file Devices: which there are, when each was last heard, what it still holds; a new one with its card; taking one back. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { span, when } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { Card } from "./card.js";
import { useList, whyOf } from "./read.js";

const DAY = 86400000;

/** @typedef {{device: string, label: string, warehouse: string, status: string, enrolled_at: string|null, heard_at: string|null,
 *   code_expires_at: string, came: number, holes: number[]}} Device */

export function Devices() {
  const list = useList("/api/devices?limit=200");
  const houses = useList("/api/warehouses?limit=200");
  const [card, put] = useState(/** @type {any} */ (null));
  const [isNew, open] = useState(false);
  const [leaving, ask] = useState(/** @type {Device|null} */ (null));
  /** @type {Device[]} */
  const items = (list.items || []).slice().sort(byUse);
  return html`
    <header class="desk-head"><h1>${t("desk_devices")}</h1>
      <${Button} kind="primary" icon="plus" onClick=${() => open(true)}>${t("desk_add")}</${Button}></header>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !items.length && html`<${Empty} title=${t("desk_none")} hint=${t("desk_none_hint")} />`}
    ${items.length > 0 && html`<ul class="desk-list">${items.map((one) => html`<${Row} key=${one.device} one=${one} houses=${houses.items || []} ask=${ask} />`)}</ul>`}
    ${isNew && html`<${Adding} houses=${houses.items || []} again=${list.again} onClose=${() => open(false)} made=${(/** @type {any} */ answer) => { open(false); put(answer); list.again(); }} />`}
    ${card && html`<${Card} card=${card} onClose=${() => put(null)} />`}
    ${leaving && html`<${Leaving} one=${leaving} again=${list.again} onClose=${() => ask(null)} gone=${() => { ask(null); list.again(); }} />`}`;
}

/** In use first, the longest silent of them on top; those out last. @param {Device} a @param {Device} b */
function byUse(a, b) {
  const order = ["enrolled", "waiting", "lapsed", "out"];
  const first = order.indexOf(a.status) - order.indexOf(b.status);
  return first || (a.heard_at || "").localeCompare(b.heard_at || "") || a.label.localeCompare(b.label);
}

/** @param {{one: Device, houses: any[], ask: (one: Device) => void}} props */
function Row({ one, houses, ask }) {
  const house = houses.find((place) => place.code === one.warehouse);
  const isIn = one.status === "enrolled";
  return html`<li class=${`desk-device is-${one.status}`}>
    <div class="desk-what"><b>${one.label}</b><span>${house ? house.name : one.warehouse} · ${one.device}</span></div>
    <div class="desk-state">
      <span>${t(`desk_status_${one.status}`, { at: when(one.code_expires_at, true) })}${isIn && one.enrolled_at ? ` · ${t("desk_enrolled_at", { at: when(one.enrolled_at, true) })}` : ""}</span>
      ${isIn && html`<span>${heard(one)}</span>`}
      ${one.came > 0 && html`<span class=${one.holes.length ? "desk-bold" : ""}>${one.holes.length ? t("desk_holes", { n: one.holes.length, which: runs(one.holes) }) : t("desk_all_came", { n: one.came })}</span>`}
    </div>
    <div class="desk-acts">
      <${Link} class="button small quiet" href=${`/app/labels?kind=devices&ids=${one.device}`}>${t("desk_card_again")}</${Link}>
      ${one.status !== "out" && one.status !== "lapsed" && html`<${Button} size="small" label=${t("desk_revoke_named", { name: one.label })} onClick=${() => ask(one)}>${t("desk_revoke")}</${Button}>`}
    </div>
  </li>`;
}

/** @param {Device} one */
function heard(one) {
  if (!one.heard_at) return "";
  const age = Date.now() - Date.parse(one.heard_at);
  return age > DAY ? t("desk_silent", { span: span(age) }) : t("desk_heard", { at: when(one.heard_at, true) });
}

/** `2–4, 7`, the first few of them. @param {number[]} numbers */
function runs(numbers) {
  /** @type {number[][]} */
  const found = [];
  for (const n of numbers) {
    const last = found[found.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  }
  const said = found.slice(0, 4).map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  return said.join(", ") + (found.length > 4 ? " …" : "");
}

/** @param {{houses: any[], onClose: () => void, made: (card: any) => void, again: () => void}} props */
function Adding({ houses, onClose, made, again }) {
  const [label, name] = useState("");
  const [place, choose] = useState("");
  const [wrong, say] = useState({ field: "", why: "" });
  const [isBusy, busy] = useState(false);
  const warehouse = place || (houses[0] ? houses[0].code : "");
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (!label.trim()) return say({ field: "label", why: t("desk_name_hint") });
    busy(true);
    try {
      const answer = await call("POST", "/api/devices", { label: label.trim(), warehouse });
      reached();
      made(Object.assign({ label: label.trim(), warehouse }, answer));
    } catch (problem) {
      busy(false);
      // Nothing is tried again by itself: each card that is made counts.
      if (!failed(problem, again)) say(whyOf(problem));
      else say({ field: "", why: t("no_answer") });
    }
  };
  return html`<${Sheet} title=${t("desk_add")} onClose=${onClose}><form onSubmit=${send}>
    <${Field} label=${t("desk_name")} hint=${t("desk_name_hint")} value=${label} maxlength="60" autocomplete="off" error=${wrong.field === "label" ? wrong.why : ""}
      onInput=${(/** @type {any} */ e) => name(e.target.value)} />
    <${Field} label=${t("warehouse")} value=${warehouse} choices=${houses.map((one) => ({ value: one.code, text: one.name }))} onInput=${(/** @type {any} */ e) => choose(e.target.value)} />
    ${wrong.why && wrong.field !== "label" && html`<p class="desk-wrong" role="alert">${wrong.why}</p>`}
    <p class="desk-do"><${Button} kind="primary" type="submit" busy=${isBusy}>${t("desk_make_card")}</${Button}></p>
  </form></${Sheet}>`;
}

/** Asks once, and says what is lost and what stays. @param {{one: Device, onClose: () => void, gone: () => void, again: () => void}} props */
function Leaving({ one, onClose, gone, again }) {
  const [why, say] = useState("");
  const [isBusy, busy] = useState(false);
  const revoke = async () => {
    busy(true);
    try {
      await call("DELETE", `/api/devices/${one.device}`);
      reached();
      gone();
    } catch (problem) {
      busy(false);
      say(failed(problem, again) ? t("no_answer") : whyOf(problem).why);
    }
  };
  return html`<${Sheet} title=${t("desk_revoke_named", { name: one.label })} onClose=${onClose}>
    <p class="desk-para">${t("desk_revoke_then")}</p>
    <p class="desk-para second">${t("desk_revoke_stays", { n: one.came })}</p>
    ${one.holes.length > 0 && html`<p class="desk-para desk-bold">${t("desk_holes", { n: one.holes.length, which: runs(one.holes) })}</p>`}
    ${why && html`<p class="desk-wrong" role="alert">${why}</p>`}
    <p class="desk-do"><${Button} kind="primary" busy=${isBusy} onClick=${revoke}>${t("desk_revoke_named", { name: one.label })}</${Button}></p>
  </${Sheet}>`;
}
