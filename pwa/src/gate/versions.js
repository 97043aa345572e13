/** @file What a channel's mapping was, with who and when; going back to one is tried first, like any other change. */
import { html, useState } from "../vendor/preact.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Loading, Trouble } from "../kit/notes.js";
import { useList } from "../desk/read.js";
import { t } from "../words.js";
import { labelOf } from "./fields.js";
import { flat } from "./model.js";
import { Trial } from "./trial.js";

/** @param {{code: string, channel: any, things: any, saved: (channel: any) => void}} props */
export function Versions({ code, channel, things, saved }) {
  const list = useList(`/api/channels/${encodeURIComponent(code)}/versions`);
  const [back, go] = useState(/** @type {any} */ (null));
  const items = list.items || [];
  return html`
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    <ul class="gate-list">${items.map((one, n) => html`<li class="gate-channel" key=${one.version}>
      <div class="gate-what"><b>${t("gate_version", { n: one.version })}</b><span>${when(one.at)} · ${one.by && one.by !== "system" ? one.by : t("gate_nobody")}</span></div>
      <div class="gate-health"><span>${n + 1 < items.length ? changed(things, one, items[n + 1]) : t("gate_first_version")}</span></div>
      ${one.version === channel.version ? html`<span class="gate-acts gate-bold">${t("gate_holds")}</span>` : html`<span class="gate-acts"><${Button} size="small" onClick=${() => go(one)} label=${t("gate_back_to_named", { n: one.version })}>${t("gate_back_to")}</${Button}></span>`}
    </li>`)}</ul>
    ${back && html`<${Trial} code=${code} version=${channel.version} things=${things} change=${{ mapping: back.mapping, keywords: back.keywords }} onClose=${() => go(null)} saved=${(/** @type {any} */ made) => { go(null); saved(made); list.again(); }} />`}`;
}

/** Which fields differ from the version before. @param {any} things @param {any} one @param {any} before */
function changed(things, one, before) {
  const now = flat(one.mapping);
  const was = flat(before.mapping);
  const names = Object.keys(Object.assign({}, was, now)).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(was[name]));
  const said = names.map((name) => labelOf(things, name));
  if (JSON.stringify(one.keywords) !== JSON.stringify(before.keywords)) said.push(t("gate_tab_keywords"));
  return said.length ? t("gate_changed", { fields: said.join("、") }) : t("gate_changed_none");
}
