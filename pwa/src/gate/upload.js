/** @file Sheets of orders: chosen, looked at, columns joined once, taken in with its progress; the refused ones come back as a sheet. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { useList, whyOf } from "../desk/read.js";
import { t } from "../words.js";
import { Joiner } from "./joiner.js";
import { flat } from "./model.js";
import { addressKey, send } from "./read.js";
import { Report, SheetFoot } from "./report.js";

const POLL_MS = 500;

/** @param {{code: string, things: any}} props */
export function Sheets({ code, things }) {
  const base = `/api/channels/${encodeURIComponent(code)}`;
  const [file, take] = useState(/** @type {File|null} */ (null));
  const [seen, look] = useState(/** @type {any} */ (null));
  const [mapping, map] = useState(/** @type {any} */ (null));
  const [why, say] = useState("");
  const [going, run] = useState(/** @type {any} */ (null));
  const [report, put] = useState(/** @type {any} */ (null));
  const past = useList(`${base}/imports`);
  /** @param {string} path @param {File} one @param {any} columns @param {string} [id] */
  const post = async (path, one, columns, id) => {
    const form = new FormData();
    form.append("file", one);
    if (columns) form.append("mapping", JSON.stringify(columns));
    if (id) form.append("id", id);
    const answer = await send(`${base}/${path}`, form);
    reached();
    return answer;
  };
  /** @param {unknown} problem */
  const fault = (problem) => say(failed(problem, () => undefined) ? t("no_answer") : whyOf(problem).why);
  /** @param {File} one @param {any} columns */
  const preview = async (one, columns) => {
    say("");
    try {
      const answer = await post("preview", one, columns);
      look(answer);
      if (!columns) map(flat(answer.mapping));
    } catch (problem) {
      fault(problem);
    }
  };
  const start = async () => {
    if (!file) return;
    const id = addressKey();
    run({ done: 0, total: seen.total });
    const timer = window.setInterval(() => call("GET", `/api/imports/${id}`).then(run, () => undefined), POLL_MS);
    try {
      put(await post(`import`, file, mapping, id));
      past.again();
    } catch (problem) {
      fault(problem);
    }
    window.clearInterval(timer);
    run(null);
  };
  const anew = () => [take, look, map, put].forEach((clear) => clear(null));
  if (report) return html`<${Report} report=${report} name=${file ? file.name : ""} again=${anew} />`;
  if (going) return html`<div class="gate-going"><p role="status"><b>${t("gate_importing", { done: going.done, total: going.total })}</b></p><progress max=${going.total || 1} value=${going.done} aria-label=${t("gate_progress")}></progress></div>`;
  if (!file || !seen) return html`<${Choose} why=${why} past=${past.items || []} choose=${(/** @type {File} */ one) => { take(one); void preview(one, null); }} isReading=${file !== null && !why} />`;
  const told = { draft: drafted(seen), why: "", isAsking: false };
  return html`
    ${why && html`<p class="gate-wrong" role="alert">${why}</p>`}
    <p class="gate-lead"><b>${seen.name}</b> · ${t("gate_rows_n", { n: seen.total })} · ${t(`gate_from_${seen.from}`)} ${seen.notes.join(" ")}</p>
    <${Joiner} things=${things} code=${code} sample=${{ tree: seen.tree }} mapping=${mapping} isSheet=${true} told=${told}
      onChange=${(/** @type {any} */ next) => { map(next); void preview(file, next); }} foot=${html`<${SheetFoot} seen=${seen} />`}
      second=${html`<${Button} onClick=${anew}>${t("gate_other_sheet")}</${Button}>`}
      next=${() => html`<${Button} kind="primary" cannot=${seen.orders + seen.changes ? "" : t("gate_no_orders")} onClick=${start}>${t("gate_import", { n: seen.total })}</${Button}>`} />`;
}

/** A sheet's first order, as a trial tells one. @param {any} seen */
function drafted(seen) {
  const draft = Object.assign({}, seen.first);
  for (const name of ["paid_at", "created_at"]) if (draft[name]) draft[name] = new Date(draft[name]).toISOString();
  return { event: seen.event || "create", draft, problems: seen.problems, weights: [], tags: [], amount_fen: 0 };
}

/** @param {{why: string, past: any[], choose: (file: File) => void, isReading: boolean}} props */
function Choose({ why, past, choose, isReading }) {
  return html`
    <p class="gate-lead">${t("gate_sheet_lead")}</p>
    <p class="gate-file"><label class="button primary"><${Icon} name="file" />${t(isReading ? "gate_reading" : "gate_choose_sheet")}
      <input type="file" accept=".csv,.txt,.tsv,.xlsx,.xls,.ods" onChange=${(/** @type {any} */ e) => e.target.files[0] && choose(e.target.files[0])} /></label></p>
    ${why && html`<p class="gate-wrong" role="alert">${why}</p>`}
    ${past.length > 0 && html`<h2 class="gate-sub">${t("gate_past_sheets")}</h2><ul class="gate-list">${past.map((one) => html`<li class="gate-channel" key=${one.id}>
      <div class="gate-what"><b>${one.name}</b><span>${when(one.at)} · ${one.by}</span></div>
      <div class="gate-health"><span>${one.status === "cut" ? t("gate_cut_off", one) : one.status === "running" ? t("gate_importing", one) : t("gate_past", { orders: one.orders, again: one.duplicates, refused: one.refused })}</span></div></li>`)}</ul>`}`;
}
