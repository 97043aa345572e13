/** @file A kind's list: a row each with what people look for, found by its beginning, a page at a time; and what to do where
 * there is none. One that was just saved stands as it is now, without the list jumping. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { go } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { useList } from "../desk/read.js";
import { t } from "../words.js";
import { wordsOf } from "./columns.js";
import { draftOf, drafted, keepDraft } from "./drafts.js";
import { addressOf, keyOf } from "./kinds.js";
import { TYPES } from "./types.js";

const PAUSE_MS = 250;
const PAGE = 100;

/** The address of a kind's page. @param {import("./kinds.js").Kind} kind @param {string} [part] "new", "import" @param {string} [key] */
export function placeOf(kind, part, key) {
  const tail = part ? `?${part}=${encodeURIComponent(key || "1")}` : "";
  return `/app/master/${kind.name}${tail}`;
}

/** What was typed, once it stands. @param {string} text */
function useSettled(text) {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => settle(text.trim()), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}

/** @param {{kind: import("./kinds.js").Kind, saved: any[], said: string, open: string|null}} props `saved`: as they are now, the latest first; `open`: whose form lies over it, "" a new one's */
export function List({ kind, saved, said, open }) {
  const [text, type] = useState("");
  const q = useSettled(text);
  const list = useList(`${kind.list || addressOf(kind)}?limit=${PAGE}${q ? `&q=${encodeURIComponent(q)}` : ""}`);
  const rows = list.items && merged(kind, list.items, saved, !q);
  const isBare = rows !== null && !rows.length && !q;
  return html`
    <header class="master-head">
      <${Link} href="/app/master" class="button quiet square master-back" label=${t("master_back")}><${Icon} name="back" size=${22} /></${Link}>
      <h1 tabindex="-1">${t(`master_k_${kind.name}`)}</h1>
      <span class="master-acts">${kind.labels && html`<${Link} href=${kind.labels} class="button"><${Icon} name="print" /><span>${t("master_print")}</span></${Link}>`}
      <${Link} href=${placeOf(kind, "import")} class=${`button ${isBare ? "primary" : ""}`}><${Icon} name="file" /><span>${t("master_import")}</span></${Link}>
      <${Link} href=${placeOf(kind, "new")} class=${`button ${isBare ? "" : "primary"}`}><${Icon} name="plus" /><span>${t("master_add")}</span></${Link}></span>
    </header>
    <p class="master-said" role="status">${said}</p>
    <${Kept} kind=${kind} open=${open} />
    ${kind.isFound && html`<p class="master-find"><input type="search" aria-label=${t("master_find")} placeholder=${t(`master_find_${kind.name}`)} value=${text} onInput=${(/** @type {any} */ e) => type(e.target.value)} /></p>`}
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!rows && !list.problem && html`<${Loading} />`}
    ${isBare && html`<${Bare} kind=${kind} />`}
    ${rows && !rows.length && q && html`<${Empty} title=${t("master_not_found", { q })} />`}
    ${rows && rows.length > 0 && html`<${Rows} kind=${kind} rows=${rows} />`}
    ${list.next && html`<p class="master-more"><${Button} onClick=${list.more}>${t("master_more")}</${Button}></p>`}`;
}

/** @param {import("./kinds.js").Kind} kind @param {any[]} items @param {any[]} saved @param {boolean} isWhole nothing is looked for: new ones stand first */
function merged(kind, items, saved, isWhole) {
  const now = new Map(saved.slice().reverse().map((one) => [keyOf(kind, one), one]));
  const known = new Set(items.map((one) => keyOf(kind, one)));
  const fresh = !isWhole ? [] : Array.from(now.entries()).reverse().filter(([key]) => !known.has(key)).map(([, one]) => one);
  return fresh.concat(items.map((one) => now.get(keyOf(kind, one)) || one));
}

/** @param {{kind: import("./kinds.js").Kind, rows: any[]}} props */
function Rows({ kind, rows }) {
  const fields = kind.columns.map((name) => /** @type {import("./kinds.js").Field} */ (kind.fields.filter((field) => field.name === name)[0] || { name, as: "text" }));
  const name = `master-row master-${kind.name}`;
  return html`
    <p class=${`${name} master-names`} aria-hidden="true"><span>${wordsOf(kind, kind.key, "f")}</span>${fields.map((field) => html`<span class=${`is-${field.as}`}>${wordsOf(kind, field.name, "f")}</span>`)}</p>
    <ul class="master-rows">${rows.map((one) => {
      const cells = html`<b class="master-key">${one[kind.key]}${one.active === false && html` <small>${wordsOf(kind, "active_no", "v")}</small>`}</b>
        ${fields.map((field, n) => html`<span key=${field.name} class=${`is-${field.as} ${n ? "" : "is-name"}`}>${!field.isAsked || field.isAsked(one) ? TYPES[field.as].show(one[field.name], field) : ""}</span>`)}`;
      return html`<li key=${keyOf(kind, one)}><${Link} href=${kind.opens ? kind.opens(one) : placeOf(kind, "one", one[kind.key])} class=${name}>${cells}</${Link}></li>`;
    })}</ul>`;
}

/** Day one. @param {{kind: import("./kinds.js").Kind}} props */
function Bare({ kind }) {
  return html`<${Empty} title=${t(`master_none_${kind.name}`)} hint=${t(`master_none_${kind.name}_hint`)} />`;
}

/** What was typed and not saved. @param {{kind: import("./kinds.js").Kind, open: string|null}} props */
function Kept({ kind, open }) {
  const keys = drafted(kind).filter((key) => key !== open);
  if (!keys.length) return null;
  return html`<ul class="master-kept">${keys.map((key) => html`<li key=${key}>
    <span>${t("master_kept", { key: key || spokenNew(kind) })}</span>
    <${Button} size="small" onClick=${() => go(key ? placeOf(kind, "one", key) : placeOf(kind, "new"))}>${t("master_go_on")}</${Button}>
    <${Button} size="small" kind="quiet" onClick=${() => keepDraft(kind, key, null)}>${t("master_drop")}</${Button}></li>`)}</ul>`;
}

/** @param {import("./kinds.js").Kind} kind */
function spokenNew(kind) {
  const typed = draftOf(kind, "") || {};
  return typed[kind.key] || t("master_new_one");
}
