/**
 * Bins as they were counted here: each on disk before anything shows it, sent after the picks that came before, never
 * changed. They lie in `meta` under names of their own, so that an older app that opens this database passes them over.
 */

/**
 * @typedef {{bin: string, sku: string, qty: number}} Amount
 * @typedef {{id: string, device: string, n: number, text: string, at: number, actor: string, bin: string, sku: string,
 *   qty: number}} Counted as it lies on disk; `text` = what is sent
 * @typedef {{id: string, verdict: "applied" | "conflict" | "refused", code: string, why: string, at: number, epoch: string,
 *   is_lost: boolean}} Heard what the server said to it first
 * @typedef {import("./mirror.js").Mirror} Mirror
 */

export const COUNT = "count:";
export const HEARD = "counted:";

/**
 * @param {Mirror} mirror
 * @returns {Counted[]} what has no answer, oldest first
 */
export function uncounted(mirror) {
  const open = Array.from(mirror.counts.values()).filter((one) => {
    const heard = mirror.heard.get(one.id);
    return heard === undefined || heard.is_lost;
  });
  return open.sort((a, b) => a.at - b.at || a.n - b.n);
}

/**
 * What is to be counted and has not been counted here since the picture was asked for; and what was counted here.
 * @param {Mirror} mirror
 * @param {import("./floor.js").Floor | null} floor
 * @returns {{asked: any[], done: (Counted & {heard: Heard | null})[]}} newest first
 */
export function tallyOf(mirror, floor) {
  const done = Array.from(mirror.counts.values())
    .map((one) => Object.assign({ heard: mirror.heard.get(one.id) || null }, one))
    .sort((a, b) => b.at - a.at || b.n - a.n);
  const began = floor === null ? 0 : floor.began;
  const isFresh = (/** @type {any} */ one) => one.heard === null || one.heard.is_lost || one.heard.at >= began;
  const counted = new Set(done.filter(isFresh).map((one) => one.bin));
  const asked = floor === null ? [] : (floor.counts || []).filter((/** @type {any} */ one) => !counted.has(one.bin));
  return { asked, done };
}
