/** @file Every channel with its health: when it was last heard, what it could not read, who could not prove himself. */
import { html } from "../vendor/preact.js";
import { when } from "../format.js";
import { Link } from "../kit/link.js";
import { Icon } from "../kit/icons.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { useList } from "../desk/read.js";
import { t } from "../words.js";

export function Channels() {
  const list = useList("/api/channels");
  return html`
    <header class="gate-head"><h1>${t("gate_channels")}</h1>
      <${Link} href="/app/channels/new" class="button primary"><${Icon} name="plus" /><span>${t("gate_add")}</span></${Link}></header>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !list.items.length && html`<${Empty} title=${t("gate_none")} hint=${t("gate_none_hint")} />`}
    ${list.items && list.items.length > 0 && html`<ul class="gate-list">${list.items.map((one) => html`<${Row} key=${one.code} one=${one} />`)}</ul>`}`;
}

/** @param {{one: any}} props */
function Row({ one }) {
  const health = one.health;
  const at = `/app/channels/${encodeURIComponent(one.code)}`;
  return html`<li class="gate-channel">
    <div class="gate-what">
      <${Link} href=${at}><b>${one.label}</b></${Link}>
      <span>${one.path} · ${t(one.enabled ? "gate_on" : "gate_off")}</span>
    </div>
    <div class="gate-health">
      <span>${health.last_at ? t("gate_last", { at: when(health.last_at, true) }) : t("gate_never")}</span>
      ${health.waiting > 0 && html`<span>${t("gate_waiting", { n: health.waiting })}</span>`}
      ${health.unproven > 0 && html`<span>${t("gate_unproven", { n: health.unproven })}</span>`}
      ${health.dead > 0 && html`<${Link} href=${`${at}?tab=messages`} class="gate-bold">${t("gate_dead", { n: health.dead })}</${Link}>`}
    </div>
  </li>`;
}
