/** @file What happened to an order, newest first: marks for moves, icons for looks, words, files and money. Beside it the
 * snapshots and what differs between two of them. */
import { html, useState } from "../vendor/preact.js";
import { may } from "../app.js";
import { when } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Mark, markOfState } from "../kit/marks.js";
import { Segments } from "../kit/segments.js";
import { money } from "../money.js";
import { knows, t } from "../words.js";
import { Snapshots } from "./snapshots.js";

/** @type {Object<string, string>} */
const ICONS = {
  "order.viewed": "look", "order.commented": "said", "order.attached": "file", "order.paid": "money", "order.cleared": "money",
  "order.refunded": "money", "order.reserved": "reserve", "order.tagged": "tag", "order.checked": "tick", "order.lifted": "lift",
  "promise.kept": "tick", "link.made": "link", "link.revoked": "link",
};
/** @type {Object<string, string>} */
const NAMES = { MicroMessenger: "WeChat", wxwork: "WeCom", Edg: "Edge" };
const RED = ["order.held", "order.excepted", "order.fell_back", "promise.moved"];
const AT_FIRST = 30;

/** @typedef {{key: string, mark: string, icon: string, text: string, who: string, device: string, at: string, isMove: boolean, kind: string}} Moment */

/** @param {{order: any, told: any[]}} props `told`: journal entries, or snapshots where the journal may not be seen */
export function Story({ order, told }) {
  const [view, show] = useState("all");
  const [isWhole, whole] = useState(false);
  const moments = joined(told.map((one) => (one.kind ? entry(one) : snapshot(one)))).reverse();
  const wanted = view === "states" ? moments.filter((one) => one.isMove) : moments;
  const shown = isWhole ? wanted : wanted.slice(0, AT_FIRST);
  const items = [{ key: "all", text: t("timeline") }, { key: "states", text: t("order_states_only") }];
  if (may("history")) items.push({ key: "snapshots", text: t("order_snapshots") });
  return html`<section class="orders-part orders-story">
    <h3 class="unseen">${t("timeline")}</h3>
    <${Segments} label=${t("timeline")} items=${items} value=${view} onChange=${show} />
    ${view === "snapshots"
      ? html`<${Snapshots} orderNo=${order.order_no} stamp=${order.snapshot} />`
      : html`<ol class="orders-moments">${shown.map((one) => html`<${One} key=${one.key} moment=${one} />`)}</ol>
          ${wanted.length > shown.length && html`<${Button} onClick=${() => whole(true)}>${t("order_older", { n: wanted.length - shown.length })}</${Button}>`}`}
  </section>`;
}

/** A pick follows a pick of the same person: one line, not twenty. @param {Moment[]} all */
function joined(all) {
  return all.filter((one, n) => {
    const after = all[n + 1];
    return one.isMove || !(one.kind === "order.picked" && after && after.kind === one.kind && after.who === one.who);
  });
}

/** @param {any} one a journal entry @returns {Moment} */
function entry(one) {
  const said = one.said || {};
  const isMove = Boolean(said.to && said.to !== said.from);
  const mark = RED.indexOf(one.kind) >= 0 ? "triangle" : isMove ? markOfState(said.to) : "";
  return {
    key: String(one.pos), kind: one.kind, isMove: isMove || mark === "triangle", mark, icon: mark ? "" : ICONS[one.kind] || "minus",
    text: sentence(one.kind, said), who: person(one), device: device(one.device), at: one.at,
  };
}

/** @param {string} kind @param {any} said */
function sentence(kind, said) {
  const facts = { ...said, paid: said.paid_fen === undefined ? "" : money(said.paid_fen), file: said.file || "" };
  if (kind === "order.tagged") {
    const parts = [(said.added || []).map((/** @type {string} */ one) => `+${one}`), (said.removed || []).map((/** @type {string} */ one) => `−${one}`)];
    facts.tags = parts[0].concat(parts[1]).join(" ");
  }
  if (kind === "order.checked" && said.done === false) return t("order_unchecked", { item: said.item });
  if (kind === "order.settled") {
    const conflict = String(said.conflict || "").split("/")[2] || "";
    facts.answer = knows(`order_${said.choice}_${conflict}`) ? t(`order_${said.choice}_${conflict}`) : "";
  }
  if (said.exception && knows(`order_trouble_${said.exception}`)) facts.exception = t(`order_trouble_${said.exception}`);
  return t(kind, facts);
}

/** @param {any} one @returns {Moment} */
function snapshot(one) {
  return { key: one.hash, kind: one.state, isMove: true, mark: markOfState(one.state), icon: "", text: t(one.state), who: person({ display: one.by }), device: "", at: one.at };
}

/** A browser's long signature in two words; other devices by their name. @param {string} [agent] */
function device(agent) {
  if (!agent) return "";
  if (agent.indexOf("Mozilla/") !== 0) return agent.split("/")[0].slice(0, 24);
  const on = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent);
  const by = /MicroMessenger|wxwork|Edg|Firefox|Chrome|Safari/.exec(agent.replace(/Chrome\S*(?=.*(Edg|MicroMessenger|wxwork))/, ""));
  return [by && (NAMES[by[0]] || by[0]), on && on[0]].filter(Boolean).join(" ");
}

/** Channels and the hub itself have no display name. @param {{display: string}} one */
export function person(one) {
  const who = one.display || "";
  return who.indexOf("channel:") === 0 ? who.slice(8) : who === "system" ? t("name") : who;
}

/** @param {{moment: Moment}} props */
function One({ moment }) {
  const { mark, icon, text, who, at } = moment;
  return html`<li>
    <span class="orders-gutter">${mark ? html`<${Mark} name=${mark} size=${16} />` : html`<${Icon} name=${icon} size=${16} />`}</span>
    <span class="orders-text">${text}<small>${[who, moment.device].filter(Boolean).join(" · ")}</small></span>
    <span class="orders-time">${when(at)}</span>
  </li>`;
}
