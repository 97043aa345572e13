/** The warehouse as the server told it last: applying a pull to what was known, and proving that both are equal. Pure. */

import { tasksHash } from "../sync/wire.js";

/**
 * @typedef {import("./batches.js").Range} Range
 * @typedef {{warehouse: string, epoch: string, cursor: string, hash: string, began: number,
 *   tasks: Map<string, any>, gone: Map<string, any>, conflicts: Map<string, any>,
 *   reach: Record<string, Range[]> | null, counts?: any[]}} Floor `counts` = bins that are to be counted
 *   `began` = device time when that pull left; `reach` = numbers of this device's ops that the counts contain
 * @typedef {{bins: any[], people: any[],
 *   lead: {name: string, phone: string} | null, label: string}} Places
 */

const GONE_MS = 24 * 60 * 60 * 1000;

/** @type {Places} */
export const NO_PLACES = Object.freeze({ bins: [], people: [], lead: null, label: "" });

/**
 * Is this the contract's answer at all? What is not is as good as none.
 * @param {any} json
 * @returns {boolean}
 */
export function isPull(json) {
  const lists = ["tasks", "gone", "conflicts", "bins", "people"].every((name) => Array.isArray(json[name]));
  return lists && ["cursor", "epoch", "hash"].every((name) => typeof json[name] === "string");
}

/**
 * @param {Floor | null} known null = this is a fresh snapshot
 * @param {any} answer
 * @param {string} warehouse
 * @param {number} began
 * @returns {Floor}
 */
export function taken(known, answer, warehouse, began) {
  const tasks = new Map(known ? known.tasks : []);
  const gone = new Map(known ? known.gone : []);
  const conflicts = new Map(known ? known.conflicts : []);
  answer.gone.forEach((/** @type {any} */ one) => {
    const before = gone.get(one.order_no);
    const task = tasks.get(one.order_no) || (before ? before.task : null);
    tasks.delete(one.order_no);
    gone.set(one.order_no, Object.assign({}, one, { task }));
  });
  answer.tasks.forEach((/** @type {any} */ task) => {
    tasks.set(task.order_no, task);
    gone.delete(task.order_no);
  });
  const checked = new Set(answer.checked || []);
  conflicts.forEach((one, id) => {
    if (checked.has(one.order_no)) conflicts.delete(id);
  });
  answer.conflicts.forEach((/** @type {any} */ one) => conflicts.set(one.id, one));
  const { epoch, cursor, hash } = answer;
  return {
    warehouse, epoch, cursor, hash, began, tasks, gone, conflicts, reach: answer.reach || null, counts: answer.counts || [],
  }; // prettier-ignore
}

/**
 * What a snapshot does not tell any more, but this device's own work still needs: the last known lines of an order.
 * @param {Floor} fresh
 * @param {Floor | null} before
 * @param {Set<string>} needed orders with ops that the server has not shown back, or open conflicts
 * @param {string} at
 * @returns {Floor}
 */
export function remembering(fresh, before, needed, at) {
  const gone = new Map(fresh.gone);
  if (before !== null && before.warehouse === fresh.warehouse) {
    before.tasks.forEach((task, no) => {
      const entry = gone.get(no);
      if (entry && !entry.task) gone.set(no, Object.assign({}, entry, { task }));
      else if (!entry && !fresh.tasks.has(no) && needed.has(no)) {
        gone.set(no, { order_no: no, why: "left", by: "", by_name: "", at, reason: "", task });
      }
    });
    before.gone.forEach((entry, no) => {
      const now = gone.get(no);
      if (now && !now.task && entry.task) gone.set(no, Object.assign({}, now, { task: entry.task }));
      else if (!now && !fresh.tasks.has(no) && needed.has(no)) gone.set(no, entry);
    });
  }
  gone.forEach((entry, no) => {
    const isOld = entry.why !== "held" && Date.parse(at) - Date.parse(entry.at) > GONE_MS;
    if (isOld && !needed.has(no)) gone.delete(no);
  });
  return Object.assign({}, fresh, { gone });
}

/**
 * @param {Floor} floor
 * @param {any} answer
 * @param {Floor | null} known the floor before, already proven
 * @returns {boolean}
 */
export function proves(floor, answer, known) {
  if (answer.count !== floor.tasks.size) return false;
  const isUntouched = known !== null && known.hash === answer.hash && answer.tasks.length + answer.gone.length === 0;
  return isUntouched || tasksHash(floor.tasks.values()) === answer.hash;
}

/**
 * Bins and people come whole or not at all; put over what is known, so that a part would do as well.
 * @param {Places} known
 * @param {any} answer
 * @param {boolean} isFresh
 * @returns {Places}
 */
export function placesAfter(known, answer, isFresh) {
  const lead = answer.lead || null;
  const label = typeof answer.label === "string" ? answer.label : known.label;
  if (isFresh) return { bins: answer.bins, people: answer.people, lead, label };
  const people = answer.people.length > 0 ? answer.people : known.people;
  const isSame = JSON.stringify([people, lead, label]) === JSON.stringify([known.people, known.lead, known.label]);
  if (answer.bins.length === 0) return isSame ? known : { bins: known.bins, people, lead, label };
  const bins = new Map(known.bins.map((bin) => [bin.bin, bin]));
  answer.bins.forEach((/** @type {any} */ bin) => bins.set(bin.bin, bin));
  return { bins: Array.from(bins.values()), people, lead, label };
}
