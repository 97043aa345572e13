/** @file What waits on this device, what needs a person, what has been sent: one row each, oldest evidence kept. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { go, title } from "../app.js";
import { clock, span } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { takeBack } from "./acts.js";
import { Foot, Head } from "./frame.js";
import { aside, device, nameOf, partOf, questions } from "./hand.js";
import { uom } from "./tasks.js";
import { tail } from "./walk.js";

/** @typedef {import("../device/device.js").QueueRow} QueueRow */

/** @type {Object<string, string>} */
const ICONS = { pick: "tick", short: "minus", wrong: "close", void: "undo" };
const SHOWN = 60;
const MINUTE = 60000;

/** Draws anew as minutes pass, so that an age is true. */
function useMinute() {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => tick((n) => n + 1), MINUTE);
    return () => window.clearInterval(timer);
  }, []);
}

export function Queue() {
  const [open, show] = useState(/** @type {QueueRow|null} */ (null));
  const [isSent, sent] = useState(false);
  const [isBusy, busy] = useState(false);
  useMinute();
  title(t("pick_queue"));
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const queue = here.queue.value;
  const own = queue.waiting + queue.sending;
  const now = queue.rows.filter((row) => row.standing !== "sent");
  const done = queue.rows.filter((row) => row.standing === "sent");
  const send = async () => {
    busy(true);
    await here.pushNow().catch(() => undefined);
    busy(false);
  };
  const isUp = here.state.value.is_up;
  const last = queue.last_sent ? t("pick_last_sent", { at: clock(queue.last_sent) }) : t("pick_never_sent");
  return html`<${Head} to="/app/pick" title=${t("pick_queue")} hasChip=${false}><span class="pick-head-aside">${last}</span></${Head}>
    <main class="pick-main">
      <div class="pick-sum"><p><${Icon} name=${own || queue.care ? "saved" : "tick"} size=${36} /><b>${own ? t("chip_saved", { n: own }) : queue.care ? t("chip_care", { n: queue.care }) : t("pick_all_sent")}</b></p>
        ${(own > 0 || !isUp) && html`<p class="pick-second">${isUp ? t("pick_queue_up") : t("pick_queue_away")}</p>`}</div>
      <ul class="pick-rows">${now.slice(0, SHOWN).map((row) => html`<${Row} key=${row.id} row=${row} onOpen=${() => show(row)} />`)}</ul>
      ${done.length > 0 && html`<button type="button" class="pick-fold" aria-expanded=${String(isSent)} onClick=${() => sent(!isSent)}>${t("pick_sent", { n: done.length })}<${Icon} name="down" size=${22} /></button>`}
      ${isSent && html`<ul class="pick-rows">${done.slice(0, SHOWN).map((row) => html`<${Row} key=${row.id} row=${row} onOpen=${() => show(row)} />`)}</ul>`}
    </main>
    <${Foot}><${Button} size="picker" kind="primary" class="pick-wide" busy=${isBusy ? t("pick_sending") : false} onClick=${send}>${t("pick_send")}</${Button}></${Foot}>
    ${open && html`<${Detail} row=${queue.rows.find((one) => one.id === open.id) || open} onClose=${() => show(null)} />`}`;
}

/** @param {QueueRow} row @returns {{head: string, qty: string}} */
function said({ op }) {
  const part = partOf(op.order_no, op.line_no, op.bin);
  const bin = op.bin || part.bin;
  if (op.kind === "wrong") return { head: `${bin} ${t("pick_misread")} ${op.code}`, qty: "" };
  if (op.kind === "void") return { head: `${bin} ${t("pick_taken_back")} ${part.name || part.sku}`, qty: "" };
  const qty = op.kind === "short" ? t("pick_row_short", { n: op.qty }) : `${op.qty} ${uom("")}`;
  return { head: `${bin} ${part.name || part.sku || tail(op.order_no)}`, qty };
}

/** @param {{row: QueueRow, onOpen: () => void}} props */
function Row({ row, onOpen }) {
  const { head, qty } = said(row);
  const age = Date.now() - row.at;
  const aged = age < MINUTE ? t("span_now") : t("pick_ago", { age: span(age) });
  const why = row.standing === "care" ? (row.conflict ? t("pick_row_conflict") : (row.result && row.result.why) || t("pick_row_refused")) : "";
  return html`<li><button type="button" onClick=${onOpen}><${Icon} name=${ICONS[row.op.kind]} size=${28} />
    <span class="pick-row-what"><b>${head}</b><span class=${why ? "pick-care" : "pick-second"}>${why || `${nameOf(row.op.actor)} · ${row.standing === "sending" ? t("pick_sending") : aged}`}</span></span>
    <b class="pick-row-qty">${qty}</b></button></li>`;
}

/** What one row says in full, and what can be done about it. @param {{row: QueueRow, onClose: () => void}} props */
function Detail({ row, onClose }) {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const { op } = row;
  const { head, qty } = said(row);
  const isBack = here.ops().some((one) => one.op.kind === "void" && one.op.target === op.id);
  const isCounted = op.kind === "pick" || op.kind === "short";
  const question = questions.value.find((one) => one.id === row.conflict);
  const back = async () => {
    onClose();
    await takeBack([op]);
  };
  const answer = () => {
    onClose();
    aside.value = aside.value.filter((one) => one !== row.conflict);
    go("/app/pick");
  };
  const noted = async () => {
    onClose();
    await here.noted(row.id);
  };
  const told = row.result ? (row.result.why || t("pick_row_applied")) : t("pick_row_waiting");
  return html`<${Sheet} title=${head} onClose=${onClose}><div class="pick-detail">
    <p><b>${qty}</b></p>
    <p>${t("pick_row_by", { who: nameOf(op.actor), at: clock(row.at) })}</p>
    <p>${t("pick_order")} ${op.order_no}</p>
    <p class=${row.standing === "care" ? "pick-care" : ""}>${told}</p>
    ${question && html`<${Button} size="picker" kind="primary" onClick=${answer}>${t("pick_row_answer")}</${Button}>`}
    ${row.standing === "care" && !row.conflict && html`<${Button} size="picker" kind="primary" onClick=${noted}>${t("pick_row_noted")}</${Button}>`}
    ${isCounted && !isBack && row.standing !== "care" && html`<${Button} size="picker" icon="undo" onClick=${back}>${t("pick_row_back", { n: op.qty })}</${Button}>`}
    ${isBack && html`<p>${t("pick_row_is_back")}</p>`}
  </div></${Sheet}>`;
}
