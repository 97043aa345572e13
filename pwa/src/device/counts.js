/** The queue as people count it: rows for its screen, shares for the hand-over, the chip. Pure. */

import { isOpen } from "./look.js";
import { receiptFor, unsettled } from "./mirror.js";
import { uncounted } from "./tally.js";

/**
 * @typedef {import("./mirror.js").Mirror} Mirror
 * @typedef {import("./device.js").Conflict} Conflict
 * @typedef {import("./device.js").Queue} Queue
 * @typedef {import("./device.js").QueueRow} QueueRow
 * @typedef {import("./device.js").Share} Share
 * @typedef {import("./device.js").State} State
 * @typedef {import("./device.js").Chip} Chip
 */

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * @param {Mirror} mirror
 * @param {Conflict[]} conflicts
 * @param {Set<string>} sending
 * @param {number} now
 * @returns {Queue}
 */
export function queueOf(mirror, conflicts, sending, now) {
  /** @type {Map<string, string>} */
  const disputed = new Map();
  conflicts.filter(isOpen).forEach((one) => one.ops.forEach((id) => disputed.set(id, one.id)));
  /** @type {QueueRow[]} */
  const rows = [];
  const tallied = uncounted(mirror);
  let unsent = unsettled(mirror).length + tallied.length;
  mirror.ops.forEach((kept) => {
    const receipt = receiptFor(mirror, kept.id);
    const conflict = disputed.get(kept.id) || "";
    const isRefused = receipt !== null && receipt.verdict === "refused" && !mirror.notes.has(kept.id);
    if (receipt === null) unsent += 1;
    /** @type {import("./device.js").Standing} */
    let standing = "sent";
    if (isRefused || conflict !== "") standing = "care";
    else if (receipt === null) standing = sending.has(kept.id) ? "sending" : "waiting";
    if (standing === "sent" && receipt !== null && now - receipt.at > DAY_MS) return;
    const result = receipt === null ? null : receipt;
    rows.push({ id: kept.id, op: kept.op, at: kept.at, standing, result, device: kept.device, conflict });
  });
  rows.sort((a, b) => b.at - a.at || (a.op.hlc < b.op.hlc ? 1 : -1));
  const count = (/** @type {string} */ standing) => rows.filter((row) => row.standing === standing).length;
  const waiting = rows.filter((row) => row.result === null);
  let last = 0;
  mirror.results.forEach((receipt) => {
    last = Math.max(last, receipt.at);
  });
  return {
    rows,
    unsent,
    waiting: count("waiting"),
    sending: count("sending"),
    care: matters(rows),
    sent: count("sent"),
    tallied: tallied.map((one) => one.actor),
    last_sent: last === 0 ? null : last,
    oldest: waiting.length === 0 ? null : waiting[waiting.length - 1].at,
  };
}

/**
 * A conflict is one matter, however many picks stand in it.
 * @param {QueueRow[]} rows
 */
function matters(rows) {
  const care = rows.filter((row) => row.standing === "care");
  return new Set(care.map((row) => row.conflict || row.id)).size;
}

/**
 * @param {Queue} queue
 * @returns {Share[]} by person, the fullest first; who has nothing waiting and nothing open is not named
 */
export function sharesOf(queue) {
  /** @type {Map<string, Share>} */
  const shares = new Map();
  queue.rows.forEach((row) => {
    if (row.result !== null && row.standing !== "care") return;
    const share = shares.get(row.op.actor) || { actor: row.op.actor, waiting: 0, care: 0 };
    if (row.result === null) share.waiting += 1;
    if (row.standing === "care") share.care += 1;
    shares.set(row.op.actor, share);
  });
  queue.tallied.forEach((actor) => {
    const share = shares.get(actor) || { actor, waiting: 0, care: 0 };
    share.waiting += 1;
    shares.set(actor, share);
  });
  return Array.from(shares.values()).sort((a, b) => b.waiting + b.care - a.waiting - a.care || (a.actor < b.actor ? -1 : 1));
}

/**
 * A person's own outstanding work decides, not the network.
 * @param {State} state
 * @param {Queue} queue
 * @param {boolean} isBroken
 * @returns {Chip}
 */
export function chipOf(state, queue, isBroken) {
  if (isBroken) return { kind: "broken", n: 0, at: null };
  if (queue.care > 0) return { kind: "care", n: queue.care, at: null };
  const isUp = state.is_up && !state.signed_out && !(state.is_stuck && queue.unsent > 0);
  if (isUp && queue.unsent > 0) return { kind: "syncing", n: queue.unsent, at: null };
  if (isUp) return { kind: "synced", n: 0, at: state.synced_at };
  return { kind: queue.unsent > 0 ? "saved" : "offline", n: queue.unsent, at: null };
}
