/** @file Who may do what with an order as it stands: pure. It mirrors the server's machine so that nobody is offered what
 * would be refused; the server judges all the same. What people would look for and cannot do now carries its reason. */
import { money } from "../money.js";
import { t } from "../words.js";

export const UNTIL_PACKED = ["awaiting_payment", "paid", "to_pick", "picking", "packed"];
export const GONE = ["cancelled", "returned", "amended"];
/** Exceptions of which a person can only take note. */
const TO_KEEP = ["refunded", "paid_ahead", "promise_moved"];
/** Exceptions that people settle; the others end by themselves. */
const FOR_PEOPLE = ["amount_mismatch", "paid_ahead", "differs", "cancel_late", "refunded", "promise_moved"];
/** Conflicts that a picker may judge. */
const FOR_PICKERS = ["held", "cancelled", "amended", "over_picked", "wrong_bin"];

/** @typedef {(right: string) => boolean} May */
/** @typedef {{name: string, cannot: string, isNext: boolean}} Act `isNext`: moves the order on */

/** The commands that stand beneath the head, the next step first. @param {any} order @param {May} may @returns {Act[]} */
export function actsOf(order, may) {
  const is = (/** @type {string[]} */ ...states) => states.indexOf(order.state) >= 0;
  const held = order.held ? t("order_no_held", { reason: order.held.reason }) : "";
  const until = UNTIL_PACKED.indexOf(order.state) >= 0;
  /** @type {Act[]} */
  const found = [];
  const add = (/** @type {boolean} */ isThere, /** @type {string} */ name, cannot = "", isNext = false) => {
    if (isThere) found.push({ name, cannot, isNext });
  };
  add(is("awaiting_payment") && order.terms === "monthly" && may("on_account"), "clear", "", true);
  add(may("pay") && owes(order), "pay", "", is("awaiting_payment") && order.terms !== "monthly");
  add(is("to_pick") && may("start_picking"), "start_picking", held, true);
  add(is("picking") && may("pack"), "pack", held || notPacked(order), true);
  add(is("packed") && may("ship"), "ship", held || moneyOpen(order), true);
  add(is("shipped") && may("deliver"), "deliver", "", true);
  add(until && !order.held && may("hold"), "hold");
  add(until && Boolean(order.held) && may("lift"), "lift");
  const isLate = is("picking", "packed") && !may("cancel_late");
  add(until && may("cancel"), "cancel", isLate ? t("order_no_late") : "");
  return found;
}

/** @param {any} order */
function owes(order) {
  return order.amount_fen !== undefined && order.paid_fen < order.amount_fen && GONE.indexOf(order.state) < 0;
}

/** What keeps it from being packed, in words that name it. @param {any} order */
function notPacked(order) {
  const open = order.lines.filter((/** @type {any} */ line) => line.picked + line.short < line.qty);
  if (open.length) {
    const lines = open.map((/** @type {any} */ line) => t("order_line_open", { name: line.name, n: line.qty - line.picked - line.short }));
    return t("order_no_lines", { lines: lines.join(t("order_comma")) });
  }
  if (!order.lines.some((/** @type {any} */ line) => line.picked > 0)) return t("order_no_pieces");
  const items = order.checklist.filter((/** @type {any} */ one) => !one.done).map((/** @type {any} */ one) => one.item);
  return items.length ? t("order_no_checks", { items: items.join(t("order_comma")) }) : "";
}

/** @param {any} order */
function moneyOpen(order) {
  const isOpen = order.terms === "prepaid" && order.exceptions.some((/** @type {any} */ one) => one.code === "amount_mismatch");
  return isOpen && order.paid_fen < order.amount_fen ? t("order_no_money", { due: money(order.amount_fen - order.paid_fen) }) : "";
}

/** Whether a person may settle this exception now. @param {any} exception @param {May} may */
export function canResolve(exception, may) {
  return may("resolve") && FOR_PEOPLE.indexOf(exception.code) >= 0;
}

/** What may be chosen: to apply is only offered where it still has an effect. @param {any} order @param {string} code */
export function choicesOf(order, code) {
  const until = UNTIL_PACKED.indexOf(order.state) >= 0;
  const canApply = code === "amount_mismatch" ? true : until && TO_KEEP.indexOf(code) < 0;
  return canApply ? ["keep", "apply"] : ["keep"];
}

/** @param {any} conflict @param {May} may */
export function canSettle(conflict, may) {
  return !conflict.settled && may("settle") && (may("settle_all") || FOR_PICKERS.indexOf(conflict.kind) >= 0);
}

/** @typedef {{words: string, hint: string, act: string, of: any}} Box the one next step of an order in trouble */

/** @param {any} order @param {any[]} conflicts @param {May} may @returns {Box|null} */
export function boxOf(order, conflicts, may) {
  if (conflicts.some((one) => canSettle(one, may))) return null; // its own box stands there, with its two answers
  if (order.colour.code !== "red") return null;
  if (order.held) return may("lift") ? { words: "order_box_held", hint: "order_box_held_hint", act: "lift", of: null } : null;
  const exception = order.exceptions.find((/** @type {any} */ one) => canResolve(one, may));
  if (exception) return { words: "order_box_trouble", hint: exception.code === "promise_moved" ? "order_box_moved_hint" : "order_box_trouble_hint", act: "resolve", of: exception };
  if (order.exceptions.length) return null;
  const next = actsOf(order, may).find((one) => one.isNext && !one.cannot);
  return next ? { words: "order_box_still", hint: "order_box_still_hint", act: next.name, of: null } : null;
}
