/** Everything that screens show, made of the queue's mirror and the floor. Pure. */

import { isCovered } from "./batches.js";
import { receiptFor, unsettled } from "./mirror.js";
import { fold } from "./view.js";

/**
 * @typedef {import("./mirror.js").Mirror} Mirror
 * @typedef {import("./mirror.js").Kept} Kept
 * @typedef {import("./mirror.js").Wanted} Wanted
 * @typedef {import("./floor.js").Floor} Floor
 * @typedef {import("./view.js").Told} Told
 * @typedef {import("./device.js").Task} Task
 * @typedef {import("./device.js").Gone} Gone
 * @typedef {import("./device.js").Conflict} Conflict
 * @typedef {import("./device.js").Answer} Answer
 * @typedef {{tasks: Task[], gone: Gone[], conflicts: Conflict[]}} Look
 */

/**
 * @param {Mirror} mirror
 * @param {Floor | null} floor
 * @param {Record<string, {warehouse: string, sku: string}>} bins
 * @returns {Look}
 */
export function look(mirror, floor, bins) {
  if (floor === null) return { tasks: [], gone: [], conflicts: [] };
  const own = byOrder(mirror);
  const wanted = wantedByOrder(mirror, floor);
  const known = groupBy(Array.from(floor.conflicts.values()), (one) => one.order_no);
  const folded = (/** @type {any} */ task, /** @type {string} */ goneWhy) => {
    const no = task.order_no;
    const mine = own.get(no);
    if (mine === undefined) return null;
    const ops = mine.map((kept) => ({ op: kept.op, isSeen: isSeen(floor, mirror, kept), isRefused: isRefused(mirror, kept) }));
    const { warehouse } = floor;
    return fold({ task, goneWhy, own: ops, wanted: wanted.get(no) || [], conflicts: known.get(no) || [], warehouse, bins });
  };
  /** @type {Map<string, any>} */
  const conflicts = new Map();
  floor.conflicts.forEach((one, id) => conflicts.set(id, Object.assign({}, one, { isKnown: true })));
  const add = (/** @type {Told | null} */ told) => {
    if (told !== null) told.conflicts.forEach((one) => conflicts.set(one.id, one));
  };
  const tasks = sorted(floor.tasks).map((task) => {
    const told = folded(task, "");
    add(told);
    return withCounts(task, told);
  });
  const gone = sorted(floor.gone).map((entry) => {
    const told = entry.task ? folded(entry.task, entry.why) : null;
    add(told);
    return Object.assign({}, entry, { task: entry.task ? withCounts(entry.task, told) : null });
  });
  const shown = Array.from(conflicts.values()).map((one) => shownConflict(one, mirror, floor));
  return { tasks, gone, conflicts: shown.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/**
 * Does the server's picture hold this op already?
 * @param {Floor} floor
 * @param {Mirror} mirror
 * @param {Kept} kept
 * @returns {boolean}
 */
export function isSeen(floor, mirror, kept) {
  if (floor.reach !== null) return isCovered(floor.reach[kept.device], kept.n);
  const receipt = receiptFor(mirror, kept.id); // a server that does not say it: what was answered before it was asked
  return receipt !== null && receipt.at <= floor.began;
}

/**
 * @param {Mirror} mirror
 * @param {Kept} kept
 */
export function isRefused(mirror, kept) {
  const receipt = receiptFor(mirror, kept.id);
  return receipt !== null && receipt.verdict === "refused";
}

/**
 * @param {any} task
 * @param {Told | null} told
 * @returns {Task}
 */
function withCounts(task, told) {
  const lines = task.lines.map((/** @type {any} */ line) => {
    const count = told === null ? undefined : told.lines.get(line.line_no);
    if (count === undefined) return Object.assign({}, line, { mine: 0 });
    return Object.assign({}, line, count, { mine: Math.max(0, count.picked - line.picked) });
  });
  return Object.assign({}, task, { lines, pending: told === null ? 0 : told.pending });
}

/**
 * @param {any} one
 * @param {Mirror} mirror
 * @param {Floor} floor
 * @returns {Conflict}
 */
function shownConflict(one, mirror, floor) {
  const kept = one.ops.map((/** @type {string} */ id) => mirror.ops.get(id));
  const mine = kept.filter((/** @type {Kept | undefined} */ op) => op !== undefined).map((/** @type {Kept} */ op) => op.op);
  const { id, order_no, kind, line_no, ops, surplus, settled } = one;
  const answer = settled ? null : answerTo(one, mirror, floor);
  return { id, order_no, kind, line_no, ops, surplus, settled, mine, is_known: one.isKnown, answer };
}

/**
 * The newest answer given here that covers all that the conflict is about; one that the server took before it told the
 * conflict as still open has not closed it.
 * @param {any} conflict
 * @param {Mirror} mirror
 * @param {Floor} floor
 * @returns {Answer | null}
 */
function answerTo(conflict, mirror, floor) {
  const given = Array.from(mirror.settlements.values()).filter(
    (wanted) =>
      wanted.conflict === conflict.id && conflict.ops.every((/** @type {string} */ id) => wanted.ops.indexOf(id) >= 0),
  );
  if (given.length === 0) return null;
  const last = given.reduce((a, b) => (a.m > b.m ? a : b));
  const outcome = mirror.outcomes.get(last.m);
  const base = { choice: last.choice, by: last.actor, at: last.at, code: "", why: "" };
  if (outcome === undefined || outcome.is_lost) return Object.assign(base, { state: /** @type {"waiting"} */ ("waiting") });
  if (!outcome.is_taken) {
    return Object.assign(base, { state: /** @type {"refused"} */ ("refused"), code: outcome.code, why: outcome.why });
  }
  if (conflict.isKnown && outcome.at < floor.began) return null;
  return Object.assign(base, { state: /** @type {"sent"} */ ("sent") });
}

/** @param {Conflict} conflict */
export function isOpen(conflict) {
  return conflict.settled === null && (conflict.answer === null || conflict.answer.state === "refused");
}

/**
 * @param {Mirror} mirror
 * @returns {Map<string, Kept[]>}
 */
function byOrder(mirror) {
  return groupBy(Array.from(mirror.ops.values()), (kept) => kept.op.order_no);
}

/**
 * Those that may still be on top of the picture: undecided, or decided after it was asked for.
 * @param {Mirror} mirror
 * @param {Floor} floor
 */
function wantedByOrder(mirror, floor) {
  const open = new Set(unsettled(mirror));
  const bearing = Array.from(mirror.settlements.values()).filter((wanted) => {
    const outcome = mirror.outcomes.get(wanted.m);
    return open.has(wanted) || (outcome !== undefined && outcome.is_taken && outcome.at >= floor.began);
  });
  return groupBy(bearing, (wanted) => wanted.conflict.split("/").slice(0, -2).join("/"));
}

/** @param {Map<string, any>} all */
function sorted(all) {
  return Array.from(all.values()).sort((a, b) => (a.order_no < b.order_no ? -1 : 1));
}

/**
 * @template T
 * @param {T[]} all
 * @param {(one: T) => string} key
 * @returns {Map<string, T[]>}
 */
function groupBy(all, key) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  all.forEach((one) => {
    const name = key(one);
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  });
  return groups;
}
