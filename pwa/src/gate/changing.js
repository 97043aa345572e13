/** @file A channel's mapping, changed over a message that came (or a pasted one), and tried on the last hundred before it holds. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Loading, Trouble } from "../kit/notes.js";
import { useList, whyOf } from "../desk/read.js";
import { t } from "../words.js";
import { Joiner } from "./joiner.js";
import { flat } from "./model.js";
import { Trial } from "./trial.js";

/** @param {{code: string, channel: any, things: any, saved: (channel: any) => void}} props */
export function Changing({ code, channel, things, saved }) {
  const [mapping, map] = useState(() => flat(channel.mapping));
  const [sample, show] = useState(/** @type {any} */ (null));
  const [isPasting, paste] = useState(false);
  const [isTrying, rehearse] = useState(false);
  const came = useList(`/api/channels/${encodeURIComponent(code)}/samples`);
  const items = came.items || [];
  useEffect(() => {
    if (items.length && !sample) take(items[0]);
  }, [came.items]);
  /** @param {any} one */
  function take(one) {
    show({ message: one.id, tree: one.tree, id: one.id });
  }
  if (came.problem) return html`<${Trouble} problem=${came.problem} again=${came.again} />`;
  if (!came.items) return html`<${Loading} />`;
  if (!sample || isPasting) {
    return html`<${Pasting} hasNone=${!items.length} found=${(/** @type {any} */ answer, /** @type {string} */ text) => {
      show({ text, tree: answer.tree, id: "" });
      if (!Object.keys(mapping).length) map(flat(answer.mapping));
      paste(false);
    }} />`;
  }
  const another = html`<select class="gate-other" aria-label=${t("gate_other_sample")} onInput=${(/** @type {any} */ e) => (e.target.value ? take(items.filter((one) => one.id === e.target.value)[0]) : paste(true))}>
    ${items.map((one) => html`<option value=${one.id} selected=${one.id === sample.id}>${when(one.at)} ${one.external_no}</option>`)}
    <option value="" selected=${!sample.id}>${t("gate_paste_other")}</option></select>`;
  return html`
    <${Joiner} things=${things} code=${code} sample=${sample} mapping=${mapping} onChange=${map} above=${another}
      next=${(/** @type {string} */ cannot) => html`<${Button} kind="primary" cannot=${cannot} onClick=${() => rehearse(true)}>${t("gate_try_last")}</${Button}>`} />
    ${isTrying && html`<${Trial} code=${code} version=${channel.version} things=${things} change=${{ mapping }} onClose=${() => rehearse(false)} saved=${(/** @type {any} */ made) => { rehearse(false); saved(made); }} />`}`;
}

/** @param {{hasNone: boolean, found: (answer: any, text: string) => void}} props */
function Pasting({ hasNone, found }) {
  const [text, write] = useState("");
  const [why, say] = useState("");
  const send = async () => {
    try {
      const answer = await call("POST", "/api/channels/suggest", { text });
      reached();
      found(answer, text);
    } catch (problem) {
      say(failed(problem, () => undefined) ? t("no_answer") : whyOf(problem).why);
    }
  };
  return html`<div class="gate-paste">
    ${hasNone && html`<p class="second">${t("gate_no_samples")}</p>`}
    <${Field} label=${t("gate_sample")} hint=${t("gate_sample_hint")} isLong=${true} class="gate-text" value=${text} spellcheck=${false} error=${why} onInput=${(/** @type {any} */ e) => write(e.target.value)} />
    <p class="gate-do"><${Button} kind="primary" onClick=${send}>${t("gate_read")}</${Button}></p></div>`;
}
