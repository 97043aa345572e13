/** @file Master data: the way to a first order, the kinds, and each kind's list with its form and its sheets. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { go, lang, may, path, query, title } from "../app.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty } from "../kit/notes.js";
import { Later } from "../gate/later.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/master.js";
import { Form } from "./form.js";
import { KINDS, kindOf } from "./kinds.js";
import { List, placeOf } from "./list.js";
import { Start } from "./start.js";

addWords(WORDS);

const days = () => import("./days.js").then((found) => found.Days);
const sheet = () => import("./sheet.js").then((found) => found.Import);

export function Room() {
  const name = path.value.split("/")[3] || "";
  const kind = kindOf(name);
  const isDays = name === "days";
  const word = kind || isDays ? `master_k_${name}` : "master_title";
  useEffect(() => title(t(word)), [word, lang.value]);
  if (!may("master")) return html`<main class="master"><h1>${t(word)}</h1><${Empty} title=${t("master_no_right")} /></main>`;
  if (kind && !may(kind.right)) return html`<main class="master"><${Kinds} /><div class="master-page"><h1>${t(word)}</h1><${Empty} title=${t(kind.right === "users" ? "master_right_users" : "master_no_right")} /></div></main>`;
  const page = isDays ? html`<${Later} key="days" load=${days} />` : !kind ? html`<${Start} />` : query.value.get("import") ? html`<${Later} key=${`${name}-import`} load=${sheet} given=${{ kind }} />` : html`<${Kept} key=${name} kind=${kind} />`;
  return html`<main class=${`master ${kind || isDays ? "" : "is-start"}`}><${Kinds} /><div class="master-page">${page}</div></main>`;
}

/** Where each kind is; on phones on the first page alone. */
function Kinds() {
  return html`<nav class="master-kinds" aria-label=${t("master_title")}>
    <${Link} href="/app/master" current=${path.value === "/app/master"} class="master-to-start"><${Icon} name="tick" size=${20} /><span>${t("master_start")}</span></${Link}>
    ${KINDS.filter((kind) => may(kind.right)).map((kind) => html`<${Link} key=${kind.name} href=${placeOf(kind)} current=${path.value === placeOf(kind)}>
      <${Icon} name=${kind.icon} size=${20} /><span>${t(`master_k_${kind.name}`)}</span><${Icon} name="ahead" size=${18} /></${Link}>`)}
    ${may("master") && html`<${Link} href="/app/master/days" current=${path.value === "/app/master/days"}><${Icon} name="day" size=${20} /><span>${t("master_k_days")}</span><${Icon} name="ahead" size=${18} /></${Link}>`}
  </nav>`;
}

/** A kind's list, with the form over it that the address names. @param {{kind: import("./kinds.js").Kind}} props */
function Kept({ kind }) {
  const [saved, put] = useState(/** @type {any[]} */ ([]));
  const [said, say] = useState("");
  const one = query.value.get("one") || "";
  const isNew = query.value.get("new") !== null;
  const close = () => go(placeOf(kind));
  /** @param {any} now @param {boolean} isMore */
  const keep = (now, isMore) => {
    put((before) => [now].concat(before));
    say(t("master_saved", { key: now[kind.key] }));
    if (!isMore) close();
  };
  return html`<${List} kind=${kind} saved=${saved} said=${said} open=${isNew ? "" : one || null} />
    ${(isNew || one) && html`<${Form} key=${isNew ? "" : one} kind=${kind} name=${isNew ? "" : one} onClose=${close} onSaved=${keep} />`}`;
}
