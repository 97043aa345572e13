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
  /** @param {string} which @param {() => Promise<{good: number, rest: number, why: string}>} act */
  const judge = async (which, act) => {
    work(which);
    try {
      const { good, rest, why } = await act();
      reached();
      say(t(rest ? "gate_replayed_some" : "gate_replayed", { n: good, rest, why }));
    } catch (problem) {
      say(failed(problem, () => undefined) ? t("no_answer") : whyOf(problem).why);
    }
    work("");
    list.again();
  };
  /** @param {string} id */
  const one = async (id) => {
    const answer = await call("POST", `/api/inbox/${id}/replay`);
    const isDead = answer.status === "dead";
    return { good: isDead ? 0 : 1, rest: isDead ? 1 : 0, why: isDead ? answer.why : "" };
  };
  const all = async () => {
    const sum = { good: 0, rest: 0, why: t("gate_see_reasons") };
    for (let after = ""; after !== null; ) {
      const answer = await call("POST", "/api/inbox/replay", after ? { channel: code, after } : { channel: code });
      sum.rest += answer.became.dead || 0;
      sum.good += answer.replayed - (answer.became.dead || 0);
      say(t("gate_replaying", { n: sum.good + sum.rest }));
      after = answer.next;
    }
    return sum;
  };
  return html`
    <div class="gate-bar"><${Segments} label=${t("gate_which")} value=${kind} items=${KINDS.map((key) => ({ key, text: t(`gate_kind_${key}`) }))} onChange=${(/** @type {string} */ key) => { say(""); choose(key); }} />
      ${kind === "dead" && items.length > 1 && html`<${Button} busy=${busy === "all"} onClick=${() => judge("all", all)}>${t("gate_replay_all")}</${Button}>`}</div>
    <p class="gate-said" role="status">${told}</p>
    ${list.problem && html`<${Trouble} problem=${list.problem} again=${list.again} />`}
    ${!list.items && !list.problem && html`<${Loading} />`}
    ${list.items && !items.length && html`<${Empty} title=${t(`gate_empty_${kind}`)} hint=${kind === "dead" ? t("gate_empty_dead_hint") : ""} />`}
    <ul class="gate-messages">${items.map((/** @type {any} */ item) => html`<li key=${item.id}>
      <div class="gate-what"><b>${item.external_no || t("gate_no_number")}</b><span>${when(item.at)} · ${item.why || t(`gate_kind_${item.status}`)}</span></div>
      <details><summary>${t("gate_raw")}</summary><pre tabindex="0">${item.raw}</pre></details>
      <div class="gate-acts">
        ${item.order_no && html`<${Link} class="button small quiet" href=${`/app/orders/${item.order_no}`}>${item.order_no}</${Link}>`}
        ${(kind === "dead" || kind === "waiting") && html`<${Button} size="small" busy=${busy === item.id} onClick=${() => judge(item.id, () => one(item.id))} label=${t("gate_replay_named", { name: item.external_no || item.id })}>${t("gate_replay")}</${Button}>`}
      </div>
    </li>`)}</ul>
    ${list.next && html`<p class="gate-more"><${Button} onClick=${list.more}>${t("gate_more")}</${Button}></p>`}`;
}
