/** @file One order whole: how it stands, how far it has come, what to do next, the facts, the goods, and what happened.
 * It stands beside the list and in the board's drawer alike. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, go, may, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Way } from "../kit/way.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/orders.js";
import { Acts } from "./acts.js";
import { Ask } from "./ask.js";
import { Checklist } from "./checks.js";
import { Conflicts, SuggestionBox } from "./boxes.js";
import { Facts, Parcels } from "./facts.js";
import { Files } from "./files.js";
import { Goods } from "./goods.js";
import { Head, hrefOf, Newer, Troubles } from "./head.js";
import { Promised } from "./promised.js";
import { boxOf } from "./rules.js";
import { isLost, send } from "./send.js";
import { Share } from "./share.js";
import { Labels } from "./labels.js";
import { Story } from "./story.js";
import { isShort, Parts, Ways } from "./ways.js";
import { useWhole } from "./whole.js";

addWords(WORDS);

/** @typedef {{name: string, body: any, path?: string, undo?: {name: string, body: any}}} Doing `path`: not a command of the order */
/** @typedef {{busy: string, refused: string, lost: Doing|null, done: string, undo: {name: string, body: any}|null}} Said */
/** @typedef {(name: string, of?: any) => void} Open */
/** @typedef {(doing: Doing) => void} Run */

/** @type {Said} */
const QUIET = { busy: "", refused: "", lost: null, done: "", undo: null };

/** @param {{orderNo: string, onClose: () => void, inDrawer: boolean, stamp?: string}} props
 * `stamp`: the order's `updated_at` as somebody else knows it; when it moves, the order is read anew */
export function OrderPanel({ orderNo, inDrawer, stamp }) {
  const { whole, put, again } = useWhole(orderNo, stamp);
  const { order } = whole;
  const [asked, ask] = useState(/** @type {{name: string, of: any, at: string}|null} */ (null));
  const { said, run, done } = useRun(order, put, again);
  if (!order) {
    const isNone = whole.problem instanceof Problem && whole.problem.status === 404; // asking again finds it no more than this did
    if (whole.problem) return html`<${Trouble} problem=${whole.problem} again=${isNone ? undefined : again} />`;
    return whole.isAway ? html`<${Empty} title=${t("order_away")}><${Button} onClick=${again}>${t("again")}</${Button}></${Empty}>` : html`<${Loading} />`;
  }
  const open = (/** @type {string} */ name, /** @type {any} */ of = null) => ask({ name, of, at: order.updated_at });
  const close = () => ask(null);
  const box = boxOf(order, whole.conflicts, may);
  const needs = { order, run, open, said };
  return html`<div class=${`orders-panel ${inDrawer ? "in-drawer" : ""}`}>
    <div class="orders-body">
      <${Head} order=${order} />
      <${Way} order=${order} />
      <${Newer} order=${order} told=${whole.told} />
      <${Labels} ...${needs} />
      <${Conflicts} conflicts=${whole.conflicts} ...${needs} />
      <${SuggestionBox} box=${box} ...${needs} />
      <${Ways} ...${needs} />
      <${Troubles} order=${order} isBoxed=${box !== null && box.act === "resolve" ? box.of.code : ""} open=${open} />
      <${Outcome} said=${said} run=${run} />
      <${Acts} ...${needs} boxed=${box ? box.act : order.state === "paid" && isShort(order) ? "ways" : ""} />
      <${Promised} order=${order} />
      <${Facts} order=${order} />
      <${Goods} order=${order} />
      <${Parts} order=${order} />
      <${Checklist} ...${needs} />
      <${Parcels} order=${order} />
      <${Files} order=${order} files=${whole.files} onChanged=${again} />
      <${Story} order=${order} told=${whole.told} />
    </div>
    ${asked && asked.name === "share" && html`<${Share} order=${order} onClose=${close} onChanged=${again} />`}
    ${asked && asked.name !== "share" && html`<${Ask} key=${asked.name} name=${asked.name} of=${asked.of} order=${order} isNewer=${asked.at !== order.updated_at}
      onClose=${close} onDone=${(/** @type {any} */ answer, /** @type {string} */ name, /** @type {any} */ body) => {
        close();
        done(answer, { name, body, undo: undoOf(name, body, order) });
      }} />`}
  </div>`;
}

/** The inverse, where there is one. @param {string} name @param {any} body @param {any} order as it was before */
function undoOf(name, body, order) {
  if (name === "hold") return { name: "lift", body: {} };
  if (name === "lift" && order.held) return { name: "hold", body: { reason: order.held.reason } };
  if (name === "check") return { name: "check", body: { item: body.item, done: body.done === false } };
  if (name !== "tag") return undefined;
  const had = order.tags.map((/** @type {any} */ one) => one.tag);
  const added = (body.add || []).filter((/** @type {string} */ one) => had.indexOf(one) < 0);
  const removed = body.remove || [];
  return added.length || removed.length ? { name: "tag", body: { add: removed, remove: added } } : undefined;
}

/** What is done by one press, and what is said of it. @param {any} order @param {(order: any) => void} put @param {() => void} again */
function useRun(order, put, again) {
  const [said, say] = useState(QUIET);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  /** @param {any} answer @param {Doing} doing */
  const done = (answer, doing) => {
    if (!alive.current) return;
    if (doing.path) again();
    else if (answer.order_no !== order.order_no) return go(hrefOf(order.order_no, answer.order_no), true);
    else put(answer);
    say({ ...QUIET, done: t(`order_done_${doing.name}`), undo: doing.undo || null });
  };
  /** @param {Doing} doing */
  const run = async (doing) => {
    if (said.busy) return;
    say({ ...QUIET, busy: doing.name });
    const path = doing.path || `/api/orders/${encodeURIComponent(order.order_no)}/${doing.name === "clear" ? "pay" : doing.name}`;
    try {
      const answer = await send(path, doing.body);
      reached();
      done(answer, { ...doing, undo: doing.undo || (doing.path ? undefined : undoOf(doing.name, doing.body, order)) });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!alive.current) return;
      if (isLost(problem)) return say({ ...QUIET, lost: doing });
      say(failed(problem, () => {}) ? QUIET : { ...QUIET, refused: problem.message });
      again();
    }
  };
  return { said, run, done };
}

/** @param {{said: Said, run: Run}} props */
function Outcome({ said, run }) {
  const { refused, lost, done, undo } = said;
  return html`<div class="orders-outcome">
    ${refused && html`<p class="orders-refused" role="alert">${refused}</p>`}
    ${lost && html`<div class="orders-refused" role="alert"><p>${t("order_lost")}</p><${Button} size="small" onClick=${() => run(lost)}>${t("again")}</${Button}></div>`}
    <div class="orders-done" role="status">${done && html`<p>${done}</p>`}
      ${done && undo && html`<${Button} kind="quiet" size="small" icon="undo" onClick=${() => run({ ...undo, undo: undefined })}>${t("order_undo")}</${Button}>`}</div>
  </div>`;
}
