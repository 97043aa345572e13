/** Version vectors: what has come of each device and what is missing; the twin of sync/versions.py. */

import { splitId } from "./ops.js";

/** @typedef {{have: number, islands: [number, number][]}} Reach */

export const HOLES_CAP = 500;

/** @type {Reach} */
export const NOTHING = Object.freeze({ have: 0, islands: [] });

/**
 * @param {Reach} reach
 * @param {Iterable<number>} numbers in any order, any number of times
 * @returns {Reach} a new one
 */
export function take(reach, numbers) {
  const fresh = Array.from(new Set(numbers)).sort((a, b) => a - b);
  if (fresh.length === 0) return reach;
  if (fresh[0] < 1) throw new RangeError("op numbers start at 1");
  /** @type {[number, number][]} */
  const singles = fresh.filter((n) => n > reach.have).map((n) => [n, n]);
  const ranges = reach.islands.concat(singles).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let have = reach.have;
  /** @type {[number, number][]} */
  const islands = [];
  for (const [first, last] of ranges) {
    const top = islands[islands.length - 1];
    if (first <= have + 1) have = Math.max(have, last);
    else if (top && first <= top[1] + 1) islands[islands.length - 1] = [top[0], Math.max(top[1], last)];
    else islands.push([first, last]);
  }
  return { have, islands };
}

/**
 * @param {Reach} reach
 * @param {number} [cap]
 * @returns {number[]} the holes, ascending, at most `cap`
 */
export function missing(reach, cap = HOLES_CAP) {
  /** @type {number[]} */
  const found = [];
  let low = reach.have;
  for (const [first, last] of reach.islands) {
    for (let n = low + 1; n < first && found.length < cap; n += 1) found.push(n);
    low = last;
  }
  return found;
}

/**
 * @param {Iterable<string>} ids
 * @returns {Map<string, Reach>}
 */
export function reaches(ids) {
  /** @type {Map<string, number[]>} */
  const numbers = new Map();
  for (const id of ids) {
    const parts = splitId(id);
    if (parts === null) throw new RangeError("not an op id: " + id);
    const known = numbers.get(parts[0]);
    if (known) known.push(parts[1]);
    else numbers.set(parts[0], [parts[1]]);
  }
  /** @type {Map<string, Reach>} */
  const found = new Map();
  numbers.forEach((list, device) => found.set(device, take(NOTHING, list)));
  return found;
}

/**
 * @param {Iterable<string>} ids
 * @returns {Record<string, number>}
 */
export function have(ids) {
  /** @type {Record<string, number>} */
  const found = {};
  reaches(ids).forEach((reach, device) => {
    found[device] = reach.have;
  });
  return found;
}

/**
 * @param {Iterable<string>} ids
 * @param {number} [cap]
 * @returns {Record<string, number[]>}
 */
export function holes(ids, cap = HOLES_CAP) {
  /** @type {Record<string, number[]>} */
  const found = {};
  reaches(ids).forEach((reach, device) => {
    const numbers = missing(reach, cap);
    if (numbers.length > 0) found[device] = numbers;
  });
  return found;
}
