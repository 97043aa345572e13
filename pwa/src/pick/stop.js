/** @file The full stop: red field, one sentence, what was wanted over what was scanned so that the digits line up, what to
 * do, one thing to press. Scans are swallowed until then. The same frame holds wrong bins and codes that nobody knows. */
import { html, useEffect, useRef } from "../vendor/preact.js";
import { t } from "../words.js";
import { goTo } from "./acts.js";
import { here, lost, nameOf, stopped } from "./hand.js";
import { differing } from "./read.js";
import { tail } from "./walk.js";

/** @typedef {import("./hand.js").Stopped} Stopped */

/** @param {{told: Stopped}} props */
export function Stop({ told }) {
  const button = useRef(/** @type {HTMLButtonElement|null} */ (null));
  const close = () => {
    stopped.value = null;
    lost.value = "";
  };
  useEffect(() => {
    document.body.classList.add("pick-stopped");
    return () => document.body.classList.remove("pick-stopped");
  }, []);
  const words = wordsOf(told);
  return html`<main class="pick-stop" role="alertdialog" aria-modal="true" aria-labelledby="pick-stop-title">
    <header><svg viewBox="0 0 24 24" width="52" height="52" aria-hidden="true"><path d="M12 1.600 23.800 22.400H.200z" class="pick-on-red" /><path d="M12 8.500v6.500" class="pick-cut" /><circle cx="12" cy="18.600" r="1.300" class="pick-cut-dot" /></svg>
      <h1 id="pick-stop-title" class=${words.title.length > 5 ? "long" : ""}>${words.title}</h1></header>
    ${words.rows.length > 0 && html`<div class="pick-compare">${words.rows.map((row) => html`<section><p class="pick-second">${row.label}${row.aside && html`<span>${row.aside}</span>`}</p>
      <p class=${`pick-compared ${row.size}`} translate="no"><span class="unseen">${row.text}</span><span aria-hidden="true">${row.runs.map((run) => html`<span class=${run.isOther ? row.mark : ""}>${row.size === "tiny" ? run.text : cells(run.text)}</span>`)}</span></p>
      ${(row.name || row.place) && html`<p class="pick-compared-name"><b>${row.name}</b><span class="pick-second">${row.place}</span></p>`}</section>`)}</div>`}
    <p class="pick-stop-do">${unbroken(words.todo)}</p>
    ${words.note && html`<p class="pick-stop-note">${words.note}</p>`}
    <div class="pick-stop-foot">
      ${told.hasWork && html`<button type="button" class="pick-instead" onClick=${() => { close(); void goTo(told.bin, true); }}>${t("pick_stop_instead", { bin: told.bin })}</button>`}
      <button type="button" class="pick-known" ref=${button} onClick=${close}>${t("pick_known")}</button>
    </div>
  </main>`;
}

/** Letters one under the other, whatever their widths. @param {string} text */
function cells(text) {
  return Array.from(text).map((letter) => html`<span class="pick-cell">${letter}</span>`);
}

/** A bin's name is never torn at its dashes. @param {string} text */
function unbroken(text) {
  return text.split(/([A-Z0-9]+(?:-[A-Z0-9]+)+)/).map((part, n) => (n % 2 ? html`<span class="pick-whole-word">${part}</span>` : part));
}

/**
 * @typedef {{label: string, text: string, aside?: string, runs: {text: string, isOther: boolean}[], mark: string, name: string,
 *   place: string, size: string}} Compared
 */

/** @param {string} label @param {string} text @param {{text: string, isOther: boolean}[]} runs @param {string} mark
 * @param {string} [name] @param {string} [place] @param {string} [aside] @returns {Compared} */
function row(label, text, runs, mark, name = "", place = "", aside = "") {
  return { label, text, runs, mark, name, place, aside, size: text.length > 14 ? "tiny" : text.length > 9 ? "small" : "" };
}

/** @param {string} label @param {string} text @param {string} [name] */
function single(label, text, name = "") {
  return row(label, text, [{ text, isOther: false }], "", name);
}

/** @param {Stopped} told @returns {{title: string, rows: Compared[], todo: string, note: string}} */
function wordsOf(told) {
  if (told.kind === "wrong_item") return wrongItem(told);
  if (told.kind === "wrong_bin") {
    const runs = differing(told.to, told.bin);
    return {
      title: t("pick_stop_bin"),
      rows: [row(t("pick_stop_goto"), told.to, runs.a, "wanted"), row(t("pick_stop_scanned"), told.bin, runs.b, "scanned")],
      todo: t("pick_stop_bin_do", { bin: told.bin, to: told.to }),
      note: "",
    };
  }
  if (told.kind === "gone") {
    const { gone } = told;
    const reason = gone.reason ? `${nameOf(gone.by_name || gone.by)}${gone.by ? " · " : ""}${gone.reason}` : "";
    return { title: t(`pick_gone_${gone.why === "held" || gone.why === "cancelled" ? gone.why : "other"}`), rows: [single(t("pick_order"), tail(gone.order_no))], todo: t("pick_gone_do"), note: reason };
  }
  if (told.kind === "not_stored") return { title: t("pick_stop_store"), rows: [], todo: t("pick_stop_store_do"), note: t("pick_stop_store_note", { code: told.code }) };
  const to = told.to || "";
  if (told.kind === "bin_first") {
    const todo = to ? t("pick_stop_first_do", { to }) : t("pick_stop_nothing_do");
    return { title: t("pick_stop_first"), rows: [single(t("pick_stop_scanned"), told.found.sku, told.found.name)], todo, note: "" };
  }
  if (told.kind === "nothing_here" || told.kind === "nothing_left") {
    const todo = to ? t("pick_stop_nothing_to", { to }) : t("pick_stop_nothing_do");
    return { title: t("pick_stop_nothing"), rows: [single(t("pick_stop_scanned"), told.bin)], todo, note: "" };
  }
  const title = told.kind === "label" ? t("pick_stop_label") : told.kind === "bad_check" ? t("pick_stop_check") : t("pick_stop_unknown");
  const todo = told.kind === "label" ? t("pick_stop_label_do", { what: t(`pick_label_${told.letter}`) }) : told.kind === "bad_check" ? t("pick_stop_check_do") : t("pick_stop_unknown_do");
  return { title, rows: [single(t("pick_stop_scanned"), told.text)], todo, note: here.value ? t("pick_stop_note") : "" };
}

/** @param {Stopped} told */
function wrongItem({ held, found, text }) {
  // What was scanned may be the package's number: then the two part codes are compared, as people read them.
  const runs = differing(held.line.sku, found.sku);
  const place = found.bins.length ? t("pick_stop_belongs", { bin: found.bins[0] }) : "";
  const through = text.toUpperCase() === found.sku.toUpperCase() ? "" : text.length < 16 ? text : "";
  return {
    title: t("pick_stop_item"),
    rows: [
      row(t("pick_stop_wanted"), held.line.sku, runs.a, "wanted", held.line.name, "", held.line.bin),
      row(t("pick_stop_scanned"), found.sku, runs.b, "scanned", found.name, place, through),
    ],
    todo: t("pick_stop_item_do"),
    note: t("pick_stop_note"),
  };
}
