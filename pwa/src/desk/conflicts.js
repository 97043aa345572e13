/** @file Conflicts: what happened at once, who and when, and two choices with what follows from each; beside them what was
 * settled, and what devices sent that could not be taken. */
import { html, useState } from "../vendor/preact.js";
import { go, may, query } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { t } from "../words.js";
import { Question, Settled } from "./question.js";
import { useList } from "./read.js";

/** @type {Object<string, string>} */
const LISTS = { open: "/api/conflicts", settled: "/api/conflicts?status=settled", parked: "/api/parked" };

export function Conflicts() {
  const asked = query.value.get("show") || "open";
  const show = LISTS[asked] && (asked !== "parked" || may("settle")) ? asked : "open";
  const [done, tell] = useState(/** @type {Object<string, string>} */ ({}));
  const list = useList(LISTS[show]);
  const items = (list.items || []).slice();
  if (show === "settled") items.sort((a, b) => b.changed_at.localeCompare(a.changed_at));
  const shows = may("settle") ? Object.keys(LISTS) : ["open", "settled"];
  return html`
    <header class="desk-head"><h1>${t("desk_conflicts")}</h1>
      <${Segments} label=${t("desk_show")} value=${show} onChange=${(/** @type {string} */ key) => go(`/app/conflicts${key === "open" ? "" : `?show=${key}`}`, true)}
        items=${shows.map((key) => ({ key, text: t(`desk_show_${key}`) }))} /></header>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !items.length && html`<${Empty} title=${t(show === "parked" ? "desk_parked_none" : show === "settled" ? "desk_settled_none" : "desk_open_none")}
      hint=${t(show === "parked" ? "desk_parked_hint" : "desk_open_none_hint")} />`}
    <div class="desk-cases" key=${show}>
      ${show === "open" && items.map((one) => html`<${Question} key=${one.id} one=${one} said=${done[one.id] || ""} again=${list.again}
        settled=${(/** @type {string} */ words) => tell((before) => Object.assign({}, before, { [one.id]: words }))} />`)}
      ${show === "settled" && items.map((one) => html`<${Settled} key=${one.id} one=${one} />`)}
      ${show === "parked" && items.map((one) => html`<${Parked} key=${one.id} one=${one} />`)}
    </div>
    ${list.next && html`<p class="desk-do"><${Button} onClick=${list.more}>${t("desk_more")}</${Button}></p>`}`;
}

/** @param {{one: {id: string, carrier: string, op_id: string, code: string, why: string, raw: string, at: string}}} props */
function Parked({ one }) {
  return html`<article class="desk-case panel">
    <h2>${one.why}</h2>
    <p class="second">${t("desk_parked_from", { at: when(one.at), device: one.carrier })}${one.op_id ? ` · ${one.op_id}` : ""} · ${one.code}</p>
    <details><summary>${t("desk_raw")}</summary><pre tabindex="0">${one.raw}</pre></details>
  </article>`;
}
