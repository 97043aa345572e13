/** @file The snapshots of an order and what differs between two of them, row by row; only what changed is shown. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed } from "../app.js";
import { when } from "../format.js";
import { Field } from "../kit/field.js";
import { Loading, Trouble } from "../kit/notes.js";
import { money } from "../money.js";
import { knows, t } from "../words.js";

/** They differ between any two, and the choices above name them. */
const CLOCKS = ["updated_at", "moved_at"];

/** @typedef {{hash: string, at: string, state: string, by: string}} Shot */

/** @param {{orderNo: string, stamp: string}} props `stamp` changes when there is a new one */
export function Snapshots({ orderNo, stamp }) {
  const [shots, put] = useState(/** @type {Shot[]|null} */ (null));
  const [pair, choose] = useState({ a: "", b: "" });
  const [found, show] = useState(/** @type {any[]|null} */ (null));
  const [problem, trouble] = useState(/** @type {unknown} */ (null));
  const path = `/api/orders/${encodeURIComponent(orderNo)}/history`;
  const lost = (/** @type {unknown} */ said) => void (failed(said, () => {}) || trouble(said));
  useEffect(() => {
    call("GET", `${path}?limit=200`).then((page) => {
      const all = /** @type {Shot[]} */ (page.items);
      put(all);
      if (all.length > 1) choose({ a: all[all.length - 2].hash, b: all[all.length - 1].hash });
    }, lost);
  }, [orderNo, stamp]);
  useEffect(() => {
    if (!pair.a || !pair.b) return;
    show(null);
    call("GET", `${path}/${pair.a}..${pair.b}`).then((answer) => show(answer.differences.filter((/** @type {any} */ one) => CLOCKS.indexOf(one.path) < 0)), lost);
  }, [pair.a, pair.b]);
  if (problem) return html`<${Trouble} problem=${problem} />`;
  if (!shots) return html`<${Loading} />`;
  if (shots.length < 2) return html`<p class="orders-says">${t("order_one_snapshot")}</p>`;
  const choices = shots.map((one, n) => ({ value: one.hash, text: `${n + 1} · ${t(one.state)} · ${when(one.at)}` }));
  return html`<div>
    <div class="orders-pair">
      <${Field} label=${t("order_from")} choices=${choices} value=${pair.a} onInput=${(/** @type {any} */ e) => choose({ ...pair, a: e.target.value })} />
      <${Field} label=${t("order_to")} choices=${choices} value=${pair.b} onInput=${(/** @type {any} */ e) => choose({ ...pair, b: e.target.value })} />
    </div>
    ${found ? html`<${Differences} found=${found} />` : html`<${Loading} />`}
  </div>`;
}

/** @param {{found: any[]}} props */
function Differences({ found }) {
  if (!found.length) return html`<p class="orders-says" role="status">${t("order_same")}</p>`;
  return html`<dl class="orders-diff">${found.map((one) => html`<dt>${nameOf(one.path)}</dt>
    <dd>${one.was !== null && html`<s>${said(one.path, one.was)}</s>`} ${one.now !== null && html`<b>${said(one.path, one.now)}</b>`}</dd>`)}</dl>`;
}

/** `lines[2].qty` as `2 · 要`. @param {string} path */
function nameOf(path) {
  const line = /^lines\[(\d+)\](?:\.(\w+))?/.exec(path);
  const field = line ? line[2] || "goods" : path.split(".")[0];
  const word = knows(`order_field_${field}`) ? t(`order_field_${field}`) : knows(field) ? t(field) : path;
  return line ? `${line[1]} · ${word}` : word;
}

/** @param {string} path @param {any} value */
function said(path, value) {
  if (/_fen$/.test(path) && typeof value === "number") return money(value);
  if (path === "state") return t(String(value));
  if (value && typeof value === "object") return value.text || value.name || value.reason || JSON.stringify(value);
  return String(value);
}
