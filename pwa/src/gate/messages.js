/** @file A channel's messages: what became of each and why; those that were not understood are judged again, one or all. */
import { html, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { failed, reached } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { useList, whyOf } from "../desk/read.js";
import { t } from "../words.js";

const KINDS = ["dead", "waiting", "done", "duplicate", "ignored"];

/** @param {{code: string}} props */
export function Messages({ code }) {
  const [kind, choose] = useState("dead");
  const [told, say] = useState("");
  const [busy, work] = useState("");
  const list = useList(`/api/inbox?status=${kind}&channel=${encodeURIComponent(code)}&limit=50`);
  const items = list.items || [];
  /** @param {any[]} some */
  const replay = async (some) => {
    work(some.length === 1 ? some[0].id : "all");
    let good = 0;
    let why = "";
    try {
      for (let n = 0; n < some.length; n++) {
        if (some.length > 1) say(t("gate_replaying", { at: n + 1, n: some.length }));
        const answer = await call("POST", `/api/inbox/${some[n].id}/replay`);
        reached();
        if (answer.status === "dead") why = answer.why;
        else good++;
      }
    } catch (problem) {
      why = failed(problem, () => undefined) ? t("no_answer") : whyOf(problem).why;
    }
    work("");
    say(t(why ? "gate_replayed_some" : "gate_replayed", { n: good, rest: some.length - good, why }));
    list.again();
  };
  return html`
    <div class="gate-bar"><${Segments} label=${t("gate_which")} value=${kind} items=${KINDS.map((key) => ({ key, text: t(`gate_kind_${key}`) }))} onChange=${(/** @type {string} */ key) => { say(""); choose(key); }} />
      ${kind === "dead" && items.length > 1 && html`<${Button} busy=${busy === "all"} onClick=${() => replay(items)}>${t("gate_replay_all", { n: items.length })}</${Button}>`}</div>
    <p class="gate-said" role="status">${told}</p>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !items.length && html`<${Empty} title=${t(`gate_empty_${kind}`)} hint=${kind === "dead" ? t("gate_empty_dead_hint") : ""} />`}
    <ul class="gate-messages">${items.map((one) => html`<li key=${one.id}>
      <div class="gate-what"><b>${one.external_no || t("gate_no_number")}</b><span>${when(one.at)} · ${one.why || t(`gate_kind_${one.status}`)}</span></div>
      <details><summary>${t("gate_raw")}</summary><pre tabindex="0">${one.raw}</pre></details>
      <div class="gate-acts">
        ${one.order_no && html`<${Link} class="button small quiet" href=${`/app/orders/${one.order_no}`}>${one.order_no}</${Link}>`}
        ${(kind === "dead" || kind === "waiting") && html`<${Button} size="small" busy=${busy === one.id} onClick=${() => replay([one])} label=${t("gate_replay_named", { name: one.external_no || one.id })}>${t("gate_replay")}</${Button}>`}
      </div>
    </li>`)}</ul>
    ${list.next && html`<p class="gate-more"><${Button} onClick=${list.more}>${t("gate_more")}</${Button}></p>`}`;
}
