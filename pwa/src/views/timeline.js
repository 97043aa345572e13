/** @file What happened to one order, newest first: marks for moves, icons for looks, words and the rest. */
import { h } from "../dom.js";
import { money, when } from "../format.js";
import { mark, markOfState } from "../marks.js";
import { t } from "../words.js";

const ICONS = { "order.viewed": "look", "order.commented": "said" };
const NAMES = { MicroMessenger: "WeChat", wxwork: "WeCom", Edg: "Edge" };
const RED = ["order.held", "order.excepted", "order.fell_back"];

/** @param {any[]} items journal entries, or snapshots where the journal may not be seen; oldest first */
export function timeline(items) {
  const told = joined(items.map((one) => (one.kind ? entry(one) : snapshot(one))));
  return h("section.timeline", {}, h("h3", {}, t("timeline")), h("ol.moments", {}, told.reverse().map(moment)));
}

/** A pick follows a pick of the same person: one line, not twenty. @param {any[]} all */
function joined(all) {
  return all.filter((one, n) => {
    const after = all[n + 1];
    return !(one.kind === "order.picked" && after && after.kind === one.kind && after.who === one.who);
  });
}

/** @param {any} one */
function entry(one) {
  const said = one.said || {};
  const to = said.to;
  const facts = Object.assign({}, said, { paid: said.paid_fen === undefined ? "" : money(said.paid_fen) });
  const shape = RED.indexOf(one.kind) >= 0 ? "triangle" : ICONS[one.kind] || (to ? markOfState(to) : "note");
  return { kind: one.kind, shape, text: t(one.kind, facts), who: one.display, at: one.at, device: one.device };
}

/** @param {any} one */
function snapshot(one) {
  return { kind: one.state, shape: markOfState(one.state), text: t(one.state), who: one.by, at: one.at, device: "" };
}

/** A browser's long signature in two words; other devices by their name. @param {string} [agent] */
function device(agent) {
  if (!agent) return "";
  if (agent.indexOf("Mozilla/") !== 0) return agent.split("/")[0].slice(0, 24);
  const on = /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(agent);
  const by = /MicroMessenger|wxwork|Edg|Firefox|Chrome|Safari/.exec(agent.replace(/Chrome\S*(?=.*(Edg|MicroMessenger|wxwork))/, ""));
  return [by && (NAMES[by[0]] || by[0]), on && on[0]].filter(Boolean).join(" ");
}

/** Channels and the hub itself have no display name. @param {string} who */
function person(who) {
  return who.indexOf("channel:") === 0 ? who.slice(8) : who === "system" ? t("name") : who;
}

/** @param {any} one */
function moment(one) {
  return h(
    "li",
    {},
    mark(one.shape, 16),
    h("span.text", {}, one.text, h("small", {}, [person(one.who), device(one.device)].filter(Boolean).join(" · "))),
    h("span.time", {}, when(one.at))
  );
}
