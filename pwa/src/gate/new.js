/** @file A new channel in four steps: paste a sample, join it to the order, try it, turn it on. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, go, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { focusOn } from "../kit/focus.js";
import { t } from "../words.js";
import { whyOf } from "../desk/read.js";
import { Joiner, useCatalogue } from "./joiner.js";
import { flat } from "./model.js";
import { Access } from "./access.js";

const STEPS = ["paste", "join", "on"];

export function NewChannel() {
  const [step, goto] = useState("paste");
  const [label, name] = useState("");
  const [text, paste] = useState("");
  const [sample, read] = useState(/** @type {any} */ (null));
  const [mapping, map] = useState(/** @type {any} */ ({}));
  const things = useCatalogue();
  /** @param {string} to */
  const move = (to) => {
    goto(to);
    focusOn(".gate h1");
  };
  return html`
    <header class="gate-head gate-steps">
      <${Link} href="/app/channels" class="button quiet square" label=${t("gate_back")}><${Icon} name="back" size=${22} /></${Link}>
      <h1 tabindex="-1">${label ? t("gate_named", { name: label }) : t("gate_new")}</h1>
      <ol>${STEPS.map((one) => html`<li aria-current=${one === step ? "step" : undefined}>${t(`gate_step_${one}`)}</li>`)}</ol>
    </header>
    ${step === "paste" && html`<${Paste} label=${label} name=${name} text=${text} paste=${paste}
      found=${(/** @type {any} */ answer) => { read({ text, tree: answer.tree, scheme: answer.scheme }); map(flat(answer.mapping)); move("join"); }} />`}
    ${step === "join" && things && html`<${Joiner} things=${things} sample=${sample} mapping=${mapping} onChange=${map} code=${"-"}
      second=${html`<${Button} onClick=${() => move("paste")}>${t("gate_paste_other")}</${Button}>`}
      next=${(/** @type {any} */ cannot) => html`<${Button} kind="primary" cannot=${cannot} onClick=${() => move("on")}>${t("gate_next_on")}</${Button}>`} />`}
    ${step === "on" && things && html`<${Access} things=${things} channel=${{ label, mapping, keywords: [], scheme: sample.scheme, isNew: true }} saved=${(/** @type {any} */ made) => go(`/app/channels/${made.code}?tab=access`)} />`}`;
}

/** @param {{label: string, name: (text: string) => void, text: string, paste: (text: string) => void, found: (answer: any) => void}} props */
function Paste({ label, name, text, paste, found }) {
  const [wrong, say] = useState({ field: "", why: "" });
  const [isBusy, busy] = useState(false);
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (!label.trim()) return say({ field: "label", why: t("gate_name_it") });
    if (!text.trim()) return say({ field: "text", why: t("gate_paste_it") });
    busy(true);
    try {
      const answer = await call("POST", "/api/channels/suggest", { text });
      reached();
      found(answer);
    } catch (problem) {
      busy(false);
      say(failed(problem, () => undefined) ? { field: "", why: t("no_answer") } : whyOf(problem));
    }
  };
  return html`<form class="gate-paste" onSubmit=${send}>
    <${Field} label=${t("gate_name")} hint=${t("gate_name_hint")} value=${label} maxlength="60" autocomplete="off" error=${wrong.field === "label" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => name(e.target.value)} />
    <${Field} label=${t("gate_sample")} hint=${t("gate_sample_hint")} isLong=${true} value=${text} spellcheck=${false} class="gate-text" error=${wrong.field && wrong.field !== "label" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => paste(e.target.value)} />
    ${wrong.why && !wrong.field && html`<p class="gate-wrong" role="alert">${wrong.why}</p>`}
    <p class="gate-do"><${Button} kind="primary" type="submit" busy=${isBusy}>${t("gate_read")}</${Button}></p>
  </form>`;
}
