/** How a queue is cut into pushes, what an answer must look like, and what a server lacks. Pure. */

/**
 * @typedef {{id: string, n: number, text: string}} Sendable
 * @typedef {[number, number]} Range first and last number
 * @typedef {{results: any[], epoch: string, server_time: string, have: Record<string, number>,
 *   holes: Record<string, number[]>}} PushAnswer
 */

export const MAX_OPS = 500;
export const MAX_BYTES = 256 * 1024;
const VERDICTS = ["applied", "conflict", "refused"];

/**
 * The next push: from the front of the queue, at least one.
 * @template {Sendable} T
 * @param {T[]} waiting in the order of n
 * @param {number} [maxOps]
 * @param {number} [maxBytes] of the whole body
 * @returns {T[]}
 */
export function nextBatch(waiting, maxOps = MAX_OPS, maxBytes = MAX_BYTES) {
  const batch = [];
  let bytes = 40;
  for (const op of waiting) {
    bytes += utf8Length(op.text) + 1;
    if (batch.length > 0 && (batch.length >= maxOps || bytes > maxBytes)) break;
    batch.push(op);
  }
  return batch;
}

/**
 * @param {string} device
 * @param {Sendable[]} ops
 * @returns {string} the push body, each op exactly as it was stored
 */
export function pushBody(device, ops) {
  return '{"device":' + JSON.stringify(device) + ',"ops":[' + ops.map((op) => op.text).join(",") + "]}";
}

/**
 * @param {any} json
 * @param {Sendable[]} ops what was sent
 * @returns {PushAnswer | null} null = nothing was decided
 */
export function readAnswer(json, ops) {
  const results = json.results;
  if (!Array.isArray(results) || results.length !== ops.length || typeof json.epoch !== "string") return null;
  const isWhole = results.every(
    (result, i) => result !== null && typeof result === "object" && result.id === ops[i].id && VERDICTS.indexOf(result.verdict) >= 0,
  );
  return isWhole ? json : null;
}

/**
 * What a push answer says to have come, at the least: numbers above the last hole are known as far as we sent them.
 * @param {number} have
 * @param {number[]} holes
 * @param {number} top highest number in that push
 * @returns {Range[]}
 */
export function rangesOf(have, holes, top) {
  /** @type {Range[]} */
  const ranges = have > 0 ? [[1, have]] : [];
  holes.forEach((hole, i) => {
    const last = i + 1 < holes.length ? holes[i + 1] - 1 : Math.max(hole + 1, top);
    if (hole > have && last > hole) ranges.push([hole + 1, last]);
  });
  return ranges;
}

/**
 * @param {Range[] | undefined} ranges
 * @param {number} n
 * @returns {boolean}
 */
export function isCovered(ranges, n) {
  return ranges !== undefined && ranges.some(([first, last]) => first <= n && n <= last);
}

/**
 * A queue may be cleaned up to here: every number up to it has an answer.
 * @param {number[]} numbers all that the device still keeps, ascending
 * @param {(n: number) => boolean} isAnswered
 * @returns {number}
 */
export function answeredUpTo(numbers, isAnswered) {
  const open = numbers.find((n) => !isAnswered(n));
  return open === undefined ? Number.MAX_SAFE_INTEGER : open - 1;
}

/** @param {string} text */
function utf8Length(text) {
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return length;
}
