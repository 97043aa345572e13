/** @file Words that raise a tag and a priority the moment an order comes in; tried on what came before they hold. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Empty } from "../kit/notes.js";
import { t } from "../words.js";
import { Trial } from "./trial.js";

/** @typedef {{words: string, tag: string, priority: string}} Line */

/** @param {{code: string, channel: any, things: any, saved: (channel: any) => void}} props */
export function Keywords({ code, channel, things, saved }) {
  const [lines, put] = useState(/** @type {Line[]} */ (channel.keywords.map((/** @type {any} */ one) => ({ words: one.words.join(" "), tag: one.tag, priority: one.priority || "" }))));
  const [isTrying, rehearse] = useState(false);
  /** @param {number} at @param {Partial<Line>} change */
  const set = (at, change) => put(lines.map((one, n) => (n === at ? Object.assign({}, one, change) : one)));
  const keywords = lines.map((one) => ({ words: one.words.split(/[\s,，、]+/).filter(Boolean), tag: one.tag.trim(), priority: one.priority || null })).filter((one) => one.words.length && one.tag);
  return html`
    <p class="gate-lead">${t("gate_words_lead")}</p>
    ${!lines.length && html`<${Empty} title=${t("gate_words_none")} hint=${t("gate_words_none_hint")} />`}
    <ul class="gate-words">${lines.map((one, n) => html`<li key=${n}>
      <${Field} label=${t("gate_words")} hint=${t("gate_words_hint")} value=${one.words} onInput=${(/** @type {any} */ e) => set(n, { words: e.target.value })} />
      <${Field} label=${t("gate_word_tag")} value=${one.tag} maxlength="40" onInput=${(/** @type {any} */ e) => set(n, { tag: e.target.value })} />
      <${Field} label=${t("gate_word_priority")} value=${one.priority} choices=${[""].concat(things.priorities).map((value) => ({ value, text: t(`gate_priority_${value || "none"}`) }))} onInput=${(/** @type {any} */ e) => set(n, { priority: e.target.value })} />
      <${Button} kind="quiet" class="square" icon="close" label=${t("gate_word_drop", { tag: one.tag })} onClick=${() => put(lines.filter((_, at) => at !== n))} />
    </li>`)}</ul>
    <p class="gate-do">
      <${Button} kind="primary" onClick=${() => rehearse(true)}>${t("gate_try_last")}</${Button}>
      <${Button} icon="plus" onClick=${() => put(lines.concat([{ words: "", tag: "", priority: "" }]))}>${t("gate_word_add")}</${Button}></p>
    ${isTrying && html`<${Trial} code=${code} version=${channel.version} things=${things} change=${{ keywords }} onClose=${() => rehearse(false)} saved=${(/** @type {any} */ made) => { rehearse(false); saved(made); }} />`}`;
}
