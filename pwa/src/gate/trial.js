/** @file What a change would differ on the last hundred messages, before it holds; then it is saved, as the next version. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Sheet } from "../kit/sheet.js";
import { money } from "../money.js";
import { lang, t } from "../words.js";
import { whyOf } from "../desk/read.js";
import { labelOf } from "./fields.js";
import { said } from "./read.js";

/** @param {{code: string, version: number, things: any, change: any, onClose: () => void, saved: (channel: any) => void}} props */
export function Trial({ code, version, things, change, onClose, saved }) {
  const [found, put] = useState(/** @type {any} */ (null));
  const [why, say] = useState("");
  const [isBusy, busy] = useState(false);
  /** @param {string} method @param {string} path @param {any} body @param {(answer: any) => void} done */
  const ask = async (method, path, body, done) => {
    say("");
    try {
      const answer = await call(method, `/api/channels/${encodeURIComponent(code)}${path}`, body);
      reached();
      done(answer);
    } catch (problem) {
      busy(false);
      say(failed(problem, () => undefined) ? t("no_answer") : whyOf(problem).why);
    }
  };
  useEffect(() => void ask("POST", "/rehearse", change, put), []);
  return html`<${Sheet} title=${t("gate_trial")} onClose=${onClose} kind="drawer">
    ${why && html`<p class="gate-wrong" role="alert">${why}</p>`}
    ${!found && !why && html`<p role="status">${t("gate_trial_now")}</p>`}
    ${found && html`
      <p class="gate-sum" role="status"><b>${found.count ? t("gate_trial_sum", { n: found.count, differ: found.items.length }) : t("gate_trial_none")}</b>
        ${found.mended > 0 && html`<span>${t("gate_mended", { n: found.mended })}</span>`}
        ${found.broken > 0 && html`<span class="gate-bold">${t("gate_broken", { n: found.broken })}</span>`}</p>
      <p class="gate-do"><${Button} kind="primary" busy=${isBusy} onClick=${() => { busy(true); void ask("PUT", "", Object.assign({ replaces: version }, change), saved); }}>${t("gate_save_version")}</${Button}><${Button} onClick=${onClose}>${t("gate_change_more")}</${Button}></p>
      <ul class="gate-diffs">${found.items.map((/** @type {any} */ one) => html`<li key=${one.id}>
        <h3>${one.external_no || t("gate_no_number")} <small>${when(one.at)} · ${one.was === one.would ? t(`gate_was_${one.was}`) : t("gate_turns", { was: t(`gate_was_${one.was}`), would: t(`gate_was_${one.would}`) })}</small></h3>
        <dl>${one.changes.map((/** @type {any} */ part) => html`<div><dt>${named(things, part.field)}</dt><dd><s>${told(part.was, part.field)}</s> <b>${told(part.would, part.field)}</b></dd></div>`)}</dl>
      </li>`)}</ul>`}
  </${Sheet}>`;
}

/** @param {any} things @param {string} field */
function named(things, field) {
  const line = /^lines\[(\d+)\]\.(\w+)$/.exec(field);
  const name = line ? `lines.${line[2]}` : field.replace("_e6", "");
  const label = field === "tags" || field === "priority" || field === "lines" ? t(`gate_field_${field}`) : labelOf(things, name);
  return line ? t("gate_line_field", { n: Number(line[1]) + 1, field: label }) : label;
}

/** @param {any} value @param {string} field */
function told(value, field) {
  if (value === null || value === undefined) return t("gate_nothing_there");
  if (value.zh) return said(value);
  if (field.slice(-4) === "_fen") return money(value);
  if (field === "paid_at" || field === "created_at") return new Date(value).toLocaleString(lang.value === "en" ? "en-GB" : "zh-CN");
  return Array.isArray(value) ? value.join("、") : String(value);
}
