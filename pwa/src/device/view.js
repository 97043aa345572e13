/**
 * What people see: the server's picture with this device's own work on top, each op once. Pure.
 *
 * Which ops do the pulled counts contain already? Not "those with an answer": an answer may be younger than the picture,
 * and an op whose answer was lost may lie in it. The server says it itself: a pull names, read in the same transaction
 * as its counts, the numbers of this device that had come (`reach`). So an own op is either in the counts (seen) or on
 * top of them (unseen), never both. Refused ops count nowhere.
 *
 * The counts are sums, the fold wants ops. So per line the seen part becomes one op of nobody with the server's number,
 * out of which those own ops are taken that an unseen void or a queued settlement names; with the unseen ones they go
 * through the same fold as on the server (sync/project.js).
 */

import { PENDING_SEQ, SURPLUS_KINDS } from "../sync/facts.js";
import { project } from "../sync/project.js";

/**
 * @typedef {import("../sync/ops.js").Op} Op
 * @typedef {import("../sync/facts.js").Projection} Projection
 * @typedef {import("../sync/facts.js").Settlement} Settlement
 * @typedef {import("./mirror.js").Wanted} Wanted
 * @typedef {{op: Op, isSeen: boolean, isRefused: boolean}} Own
 * @typedef {{tasks: any[], gone: any[], conflicts: any[]}} View
 * @typedef {{task: any, goneWhy: string, own: Own[], wanted: Wanted[], conflicts: any[], warehouse: string,
 *   bins: Record<string, {warehouse: string, sku: string}>}} Case one order, everything that bears on it
 * @typedef {{lines: Map<number, {picked: number, short: number}>, conflicts: any[], pending: number}} Told
 */

const NOBODY = "-";
const MOVED_ON = ["cancelled", "amended", "shipped", "delivered", "returned"];

/**
 * One order as the fold sees it here.
 * @param {Case} given
 * @returns {Told | null} null where nothing of ours is on top of the server's picture
 */
export function fold(given) {
  const isBare = Object.keys(given.bins).length === 0; // no list of bins yet: nothing to compare with
  const unseen = given.own
    .filter((one) => !one.isSeen && !one.isRefused)
    .map(({ op }) => (isBare ? Object.assign({}, op, { bin: "" }) : op));
  const wanted = given.wanted.filter((one) => isStanding(one, given, unseen));
  if (unseen.length === 0 && wanted.length === 0) return null;
  const { base, named } = split(given, unseen, wanted);
  // A void may have come before its target: then it takes back what is still unseen.
  const early = given.own.filter((one) => one.isSeen && !one.isRefused && one.op.kind === "void").map((one) => one.op);
  const facts = factsOf(given);
  const settlements = wanted.map((one) => settlementOf(one, base));
  const after = project(facts, base.concat(named, early, unseen), settlements);
  const lines = new Map(after.lines.map(({ line_no, picked, short }) => [line_no, { picked, short }]));
  return { lines, conflicts: foreseen(after, given, new Set(unseen.map((op) => op.id))), pending: unseen.length };
}

/**
 * A queued settlement is on top of the picture while the picture shows its conflict open over ops that it names, or
 * while it names ops that are not in the picture yet. After that its effect is in the counts.
 * @param {Wanted} wanted
 * @param {Case} given
 * @param {Op[]} unseen
 */
function isStanding(wanted, given, unseen) {
  if (unseen.some((op) => wanted.ops.indexOf(op.id) >= 0)) return true;
  const conflict = given.conflicts.find((one) => one.id === wanted.conflict);
  return Boolean(conflict && !conflict.settled && conflict.ops.some((/** @type {string} */ id) => wanted.ops.indexOf(id) >= 0));
}

/**
 * @param {Case} given
 * @param {Op[]} unseen
 * @param {Wanted[]} wanted
 * @returns {{base: Op[], named: Op[]}} the server's numbers as ops of nobody, and the own seen ops taken out of them
 */
function split(given, unseen, wanted) {
  const wish = new Set(unseen.filter((op) => op.kind === "void").map((op) => op.target));
  wanted.forEach((one) => one.ops.forEach((id) => wish.add(id)));
  const voids = given.own.filter((one) => one.isSeen && !one.isRefused && one.op.kind === "void");
  const dead = new Set(voids.map((one) => one.op.target));
  given.conflicts.forEach((one) => {
    const isUndone = one.settled && one.settled.choice === "undo" && SURPLUS_KINDS.indexOf(one.kind) < 0;
    if (isUndone) one.ops.forEach((/** @type {string} */ id) => dead.add(id));
  });
  const left = new Map(given.task.lines.map((/** @type {any} */ line) => [line.line_no, { pick: line.picked, short: line.short }]));
  /** @type {Op[]} */
  const named = [];
  given.own.forEach(({ op, isSeen, isRefused }) => {
    const rest = left.get(op.line_no);
    if (!isSeen || isRefused || !rest || !wish.has(op.id) || dead.has(op.id)) return;
    if (op.kind !== "pick" && op.kind !== "short") return;
    if (rest[op.kind] < op.qty) return; // taken out by somebody since: it counts no more
    rest[op.kind] -= op.qty;
    named.push(op);
  });
  /** @type {Op[]} */
  const base = [];
  left.forEach((rest, line_no) => {
    if (rest.pick > 0) base.push(nobodys(given.task.order_no, line_no, "pick", rest.pick));
    if (rest.short > 0) base.push(nobodys(given.task.order_no, line_no, "short", rest.short));
  });
  return { base, named };
}

/**
 * @param {string} order_no
 * @param {number} line_no
 * @param {string} kind
 * @param {number} qty
 * @returns {Op}
 */
function nobodys(order_no, line_no, kind, qty) {
  const id = NOBODY + ":" + line_no + ":" + kind;
  return { id, hlc: "", at: "", actor: "", order_no, line_no, kind, qty, bin: "", code: "", target: "", v: 1 };
}

/**
 * The person who answered for a surplus saw the whole pile, also what others brought.
 * @param {Wanted} wanted
 * @param {Op[]} base
 * @returns {Settlement}
 */
function settlementOf(wanted, base) {
  const isPile = SURPLUS_KINDS.some((kind) => wanted.conflict.endsWith("/" + kind));
  const ops = isPile ? wanted.ops.concat(base.map((op) => op.id)) : wanted.ops;
  const { conflict, choice, actor, m } = wanted;
  return { id: "S" + String(m).padStart(15, "0"), seq: PENDING_SEQ, conflict, choice, by: actor, at: "", ops };
}

/**
 * A surplus that the server shows as settled was kept, so it raises the line's limit; an open one does not.
 * @param {Case} given
 * @returns {import("../sync/facts.js").OrderFacts}
 */
function factsOf(given) {
  const { task, goneWhy, conflicts, bins, warehouse } = given;
  /** @type {Map<number, number>} */
  const open = new Map();
  conflicts.forEach((one) => {
    if (one.kind !== "over_picked" || one.settled) return;
    one.surplus.forEach((/** @type {any} */ part) => open.set(part.line_no, part.qty));
  });
  /** @type {Record<string, number>} */
  const consumed = {};
  const lines = task.lines.map((/** @type {any} */ line) => {
    consumed[String(line.line_no)] = line.picked;
    const qty = Math.max(line.qty, line.picked - (open.get(line.line_no) || 0));
    return { line_no: line.line_no, sku: line.sku, qty, warehouse };
  });
  const state = MOVED_ON.indexOf(goneWhy) >= 0 ? goneWhy : "picking";
  return { order_no: task.order_no, state, held: goneWhy === "held", lines, consumed, bins };
}

/**
 * The conflicts that have to do with unseen picks; all others are as the server told them.
 * @param {Projection} after
 * @param {Case} given
 * @param {Set<string>} unseen
 * @returns {any[]}
 */
function foreseen(after, given, unseen) {
  return after.conflicts
    .filter((one) => one.settled === null && one.ops.some((id) => unseen.has(id)))
    .map((one) => {
      const known = given.conflicts.find((other) => other.id === one.id);
      const before = known && !known.settled ? known.ops : [];
      const mine = one.ops.filter((id) => unseen.has(id) && before.indexOf(id) < 0);
      return {
        id: one.id,
        order_no: given.task.order_no,
        kind: one.kind,
        line_no: one.line_no,
        ops: before.concat(mine),
        surplus: one.surplus,
        settled: null,
        isKnown: before.length > 0,
      };
    });
}
