/** Merge: union of ops by id, with clashes shown; the twin of sync/merge.py. */

import { compareText } from "./canon.js";
import { canonical } from "./ops.js";

/**
 * @typedef {import("./ops.js").Op} Op
 * @typedef {{id: string, bodies: Op[]}} Clash
 * @typedef {{ops: Op[], clashes: Clash[]}} Merged
 */

/**
 * @param {Iterable<Op>} ops
 * @returns {Merged}
 */
export function gather(ops) {
  /** @type {Map<string, Op>} */
  const record = new Map();
  /** @type {Map<string, Map<string, Op>>} */
  const rivals = new Map();
  for (const op of ops) {
    const known = record.get(op.id);
    if (known === undefined) record.set(op.id, op);
    else if (known !== op && canonical(known) !== canonical(op)) {
      const bodies = rivals.get(op.id) || new Map([[canonical(known), known]]);
      bodies.set(canonical(op), op);
      rivals.set(op.id, bodies);
    }
  }
  const clashes = Array.from(rivals.keys()).sort(compareText).map((id) => {
    const found = /** @type {Map<string, Op>} */ (rivals.get(id));
    const bodies = Array.from(found.keys()).sort(compareText).map((body) => /** @type {Op} */ (found.get(body)));
    record.set(id, bodies[0]);
    return { id, bodies };
  });
  const ids = Array.from(record.keys()).sort(compareText);
  return { ops: ids.map((id) => /** @type {Op} */ (record.get(id))), clashes };
}

/**
 * @param {Merged} a
 * @param {Merged} b
 * @returns {Merged}
 */
export function merge(a, b) {
  return gather(everything(a).concat(everything(b)));
}

/**
 * @param {Merged} merged
 * @returns {Op[]} all bodies, those of clashes too
 */
export function everything(merged) {
  return merged.clashes.reduce((all, clash) => all.concat(clash.bodies), merged.ops.slice());
}
