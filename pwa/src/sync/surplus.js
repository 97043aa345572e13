/** Pieces beyond a limit and what people decided about them; the twin of sync/surplus.py. */

/**
 * @typedef {import("./facts.js").Settlement} Settlement
 * @typedef {{picked: number, extra: number, late: number, open: Map<string, number>,
 *   removed: [Settlement, number][], acted: [string, number][]}} Surplus
 */

/**
 * @param {Map<string, number>} quantities pieces by op
 * @param {Map<string, number>} limits by kind, over_picked always
 * @param {[string, Settlement][]} spoken in the server's order
 * @returns {Surplus}
 */
export function weigh(quantities, limits, spoken) {
  const limit = (/** @type {string} */ kind) => /** @type {number} */ (limits.get(kind));
  const total = sum(quantities, quantities.keys());
  /** @type {Map<string, Set<string>>} */
  const seen = new Map();
  /** @type {Map<string, number>} */
  const kept = new Map();
  limits.forEach((_, kind) => {
    seen.set(kind, new Set());
    kept.set(kind, 0);
  });
  let gone = 0;
  /** @type {[Settlement, number][]} */
  const removed = [];
  /** @type {[string, number][]} */
  const acted = [];
  for (const [kind, s] of spoken) {
    const mine = /** @type {Set<string>} */ (seen.get(kind));
    s.ops.filter((id) => quantities.has(id)).forEach((id) => mine.add(id));
    const already = kept.get(kind) || 0;
    const pieces = sum(quantities, mine) - limit(kind) - gone - already;
    if (pieces <= 0) continue;
    acted.push([s.id, pieces]);
    if (s.choice === "keep") {
      kept.set(kind, already + pieces);
      continue;
    }
    gone += pieces;
    removed.push([s, pieces]);
    const union = new Set();
    seen.forEach((ids) => ids.forEach((id) => union.add(id)));
    const left = sum(quantities, union) - gone;
    kept.forEach((qty, name) => kept.set(name, Math.min(qty, Math.max(0, left - limit(name)))));
  }
  const picked = total - gone;
  const extra = kept.get("over_picked") || 0;
  let late = 0;
  if (limits.has("already_shipped")) {
    const consumed = limit("already_shipped");
    const taken = consumed + (kept.get("already_shipped") || 0);
    late = Math.max(0, Math.min(taken, limit("over_picked") + extra) - consumed);
  }
  /** @type {Map<string, number>} */
  const open = new Map();
  kept.forEach((qty, kind) => open.set(kind, Math.max(0, picked - limit(kind) - qty)));
  return { picked, extra, late, open, removed, acted };
}

/**
 * @param {Map<string, number>} quantities
 * @param {Iterable<string>} ids
 */
function sum(quantities, ids) {
  let total = 0;
  for (const id of ids) total += quantities.get(id) || 0;
  return total;
}
