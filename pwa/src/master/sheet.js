/** @file A sheet of a kind: chosen or dropped, looked at before anything is stored, taken in; what was refused comes back as
 * a sheet to be mended and chosen again. Passwords that the server made are shown this once. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, lang, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { focusOn } from "../kit/focus.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { addressKey, send } from "../gate/read.js";
import { whyOf } from "../desk/read.js";
import { t } from "../words.js";
import { columnsOf, wordsOf } from "./columns.js";
import { addressOf } from "./kinds.js";
import { placeOf } from "./list.js";

const SHOWN = 50;
const POLL_MS = 500;
const KINDS_OF_FILE = ".csv,.txt,.tsv,.xlsx,.xls,.ods";

/** @param {{kind: import("./kinds.js").Kind}} props */
export function Import({ kind }) {
  const [file, take] = useState(/** @type {File|null} */ (null));
  const [seen, look] = useState(/** @type {any} */ (null));
  const [report, put] = useState(/** @type {any} */ (null));
  const [busy, act] = useState("");
  const [why, say] = useState("");
  const [isOver, hover] = useState(false);
  const [going, run] = useState(/** @type {any} */ (null));
  /** @param {File} one @param {string} query @param {(answer: any) => void} then @returns {Promise<boolean>} */
  const post = async (one, query, then) => {
    say("");
    const form = new FormData();
    form.append("file", one);
    try {
      const answer = await send(`${addressOf(kind)}/import?${query}`, form);
      reached();
      then(answer);
      return true;
    } catch (problem) {
      say(failed(problem, () => undefined) ? t("master_no_answer") : whyOf(problem).why);
      return false;
    }
  };
  /** @param {File} one @param {Object<string, string|null>} [columns] by field */
  const peek = async (one, columns) => {
    act("look");
    const isRead = await post(one, columns ? `try=1&${joined(columns)}` : "try=1", (answer) => look(Object.assign({ given: columns }, answer)));
    act("");
    if (!columns) focusOn(".master h1");
    if (!isRead && !columns) take(null);
  };
  const start = async () => {
    if (!file) return;
    const id = addressKey();
    act("take");
    const timer = window.setInterval(() => call("GET", `/api/imports/${id}`).then(run, () => undefined), POLL_MS);
    await post(file, [`id=${id}`, seen.given ? joined(seen.given) : ""].filter(Boolean).join("&"), put);
    window.clearInterval(timer);
    run(null);
    act("");
    focusOn(".master h1");
  };
  /** @param {File|undefined} one */
  const choose = (one) => {
    if (!one || busy) return;
    put(null);
    look(null);
    take(one);
    void peek(one);
  };
  const anew = () => {
    take(null);
    look(null);
    put(null);
    focusOn(".master h1");
  };
  /** @param {DragEvent} event */
  const drop = (event) => {
    event.preventDefault();
    hover(false);
    choose(event.dataTransfer ? event.dataTransfer.files[0] : undefined);
  };
  const given = { kind, name: file ? file.name : "", anew };
  return html`<div class=${`master-sheet ${isOver ? "is-over" : ""}`} onDragOver=${(/** @type {DragEvent} */ e) => { e.preventDefault(); hover(true); }} onDragLeave=${() => hover(false)} onDrop=${drop}>
    <header class="master-head">
      <${Link} href=${placeOf(kind)} class="button quiet square" label=${t("master_to_list", { kind: t(`master_k_${kind.name}`) })}><${Icon} name="back" size=${22} /></${Link}>
      <h1 tabindex="-1">${t("master_import_of", { kind: t(`master_k_${kind.name}`) })}</h1>
    </header>
    ${why && html`<p class="master-wrong" role="alert">${why}</p>`}
    ${report ? html`<${Report} ...${given} report=${report} />`
      : seen ? html`<${Look} ...${given} seen=${seen} busy=${busy} going=${going} take=${start} join=${(/** @type {any} */ columns) => file && peek(file, columns)} />`
      : html`<${Choose} kind=${kind} choose=${choose} isBusy=${busy === "look"} />`}
  </div>`;
}

/** @param {{kind: import("./kinds.js").Kind, choose: (file: File|undefined) => void, isBusy: boolean}} props */
function Choose({ kind, choose, isBusy }) {
  const columns = columnsOf(kind);
  const [template] = useState(() => csvAddress([columns.map((one) => one.label)]));
  return html`
    <p class="master-lead">${t("master_sheet_lead")}</p>
    <p class="master-drop"><label class="button primary"><${Icon} name="file" />${t(isBusy ? "master_reading" : "master_choose_sheet")}
      <input type="file" accept=${KINDS_OF_FILE} onChange=${(/** @type {any} */ e) => { choose(e.target.files[0]); e.target.value = ""; }} /></label>
      <span class="second master-wide">${t("master_or_drop")}</span></p>
    <h2>${t("master_columns")}</h2>
    <ul class="master-columns">${columns.map((one) => html`<li key=${one.label}><b>${one.label}</b><span>${t(one.isNeeded ? "master_must" : "master_may")}</span></li>`)}</ul>
    <p class="master-do"><a class="button" download=${t("master_template_name", { kind: t(`master_k_${kind.name}`) })} href=${template}><${Icon} name="report" />${t("master_template")}</a></p>`;
}

/** Which column is which field, as the address says it. @param {Object<string, string|null>} columns */
function joined(columns) {
  return `columns=${encodeURIComponent(JSON.stringify(columns))}`;
}

/** Before it is taken in. @param {{kind: import("./kinds.js").Kind, name: string, seen: any, busy: string, going: any, take: () => void, join: (columns: any) => void, anew: () => void}} props */
function Look({ kind, name, seen, busy, going, take, join, anew }) {
  const will = seen.taken + seen.changed;
  const isWhole = seen.tried === seen.total;
  const told = going && going.total ? t("master_going", going) : t("master_taking");
  return html`
    <p class="master-lead"><b>${name}</b> · ${t("master_rows_n", { n: seen.total })} ${seen.notes.join(" ")}</p>
    <p class="master-sums" role="status">${sums(seen)}${isWhole ? "" : t("master_of_first", { n: seen.tried })}</p>
    <p class="master-do">
      <${Button} kind="primary" busy=${busy === "take" ? told : busy ? t("master_reading") : false} cannot=${will || !isWhole ? "" : t(seen.refused.length ? "master_all_refused" : "master_all_same")} onClick=${take}>${t("master_take", { n: isWhole ? will : seen.total })}</${Button}>
      ${!busy && !will && seen.refused.length > 0 && html`<${Button} onClick=${take}>${t("master_fetch_refused", { n: seen.refused.length })}</${Button}>`}
      ${!busy && html`<${Button} onClick=${anew}>${t("master_other_sheet")}</${Button}>`}</p>
    <${Refused} kind=${kind} found=${seen} name=${name} />
    <h2>${t("master_read_as")}</h2>
    <${Joined} seen=${seen} join=${join} />
    <h2>${t("master_first_rows")}</h2>
    <div class="master-scroll" tabindex="0" role="region" aria-label=${t("master_first_rows")}><table>
      <thead><tr><th scope="col">${t("master_line")}</th>${seen.header.map((/** @type {string} */ one) => html`<th scope="col">${one}</th>`)}</tr></thead>
      <tbody>${seen.rows.map((/** @type {any} */ one) => html`<tr key=${one.row}><td>${one.row}</td>${one.cells.map((/** @type {string} */ cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Each field with its column; another can be said. @param {{seen: any, join: (columns: any) => void}} props */
function Joined({ seen, join }) {
  /** @type {Object<string, string|null>} */
  const now = {};
  for (const one of seen.columns) now[one.field] = one.column;
  const choices = [{ value: "", text: t("master_no_column") }].concat(seen.header.map((/** @type {string} */ value) => ({ value, text: value })));
  return html`<div class="master-joined">${seen.columns.map((/** @type {any} */ one) => html`<${Field} key=${one.field} label=${one.label} value=${one.column || ""} choices=${choices}
    onInput=${(/** @type {any} */ e) => join(Object.assign({}, now, { [one.field]: e.target.value || null }))} />`)}</div>`;
}

/** What becomes of its rows, in the order in which people ask. @param {any} found */
function sums(found) {
  const counts = { taken: found.taken, changed: found.changed, same: found.same, refused: found.refused.length };
  const some = /** @type {[string, number][]} */ (Object.entries(counts)).filter(([, n]) => n > 0);
  return (some.length ? some : [/** @type {[string, number]} */ (["taken", 0])]).map(([name, n]) => t(`master_n_${name}`, { n })).join(lang.value === "en" ? ", " : "，");
}

/** The rows that were refused, and the sheet of them. @param {{kind: import("./kinds.js").Kind, found: any, name: string}} props */
function Refused({ kind, found, name }) {
  const [address] = useState(() => (found.refused_csv ? URL.createObjectURL(new Blob([Uint8Array.from(atob(found.refused_csv), (one) => one.charCodeAt(0))], { type: "text/csv" })) : ""));
  const n = found.refused.length;
  if (!n) return null;
  return html`<section class="master-refused" aria-label=${t("master_refused", { n })}>
    <h2>${t("master_refused", { n })}</h2>
    <p>${t("master_mend")}</p>
    ${address && html`<p class="master-do"><a class="button" download=${t("master_refused_name", { name: name.replace(/\.\w+$/, "") })} href=${address}>${t("master_get_refused", { n })}</a></p>`}
    <ul class="master-reasons">${found.refused.slice(0, SHOWN).map((/** @type {any} */ one) => html`<li><b>${t("master_row", { n: one.row })}</b><span>${[one.column || wordsOf(kind, one.path, "f"), one.why].filter(Boolean).join("：")}</span></li>`)}</ul>
    ${n > SHOWN && html`<p class="second">${t("master_more_refused", { n: n - SHOWN })}</p>`}
  </section>`;
}

/** Afterwards. @param {{kind: import("./kinds.js").Kind, name: string, report: any, anew: () => void}} props */
function Report({ kind, name, report, anew }) {
  return html`
    <p class="master-lead"><b>${t("master_done", { name })}</b></p>
    <p class="master-sums" role="status">${sums(report)}</p>
    ${(report.passwords || []).length > 0 && html`<${Passwords} all=${report.passwords} />`}
    <${Refused} kind=${kind} found=${report} name=${name} />
    <p class="master-do"><${Link} href=${placeOf(kind)} class=${`button ${report.refused.length ? "" : "primary"}`}>${t("master_to_list", { kind: t(`master_k_${kind.name}`) })}</${Link}>
      <${Button} kind=${report.refused.length ? "primary" : "second"} onClick=${anew}>${t(report.refused.length ? "master_send_mended" : "master_other_sheet")}</${Button}></p>`;
}

/** @param {{all: {name: string, password: string}[]}} props */
function Passwords({ all }) {
  const [address] = useState(() => csvAddress([[t("master_f_users_name"), t("password")]].concat(all.map((one) => [one.name, one.password]))));
  return html`<section class="master-passwords" aria-label=${t("master_passwords")}>
    <h2>${t("master_passwords")}</h2><p>${t("master_passwords_once")}</p>
    <dl>${all.map((one) => html`<div><dt>${one.name}</dt><dd><code>${one.password}</code></dd></div>`)}</dl>
    <p class="master-do"><a class="button" download=${t("master_passwords_name")} href=${address}>${t("master_get_passwords")}</a></p></section>`;
}

/** A sheet's address, as Excel opens it: with its mark of UTF-8, no cell of which acts as a formula. @param {string[][]} rows */
function csvAddress(rows) {
  const text = rows.map((row) => row.map((cell) => `"${(/^[=+\-@]/.test(cell) ? `'${cell}` : cell).replace(/"/g, '""')}"`).join(",")).join("\r\n");
  return URL.createObjectURL(new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }));
}
