/** What goes into the fold beside the ops, and what comes out of it; the twin of sync/facts.py. */

/**
 * @typedef {{line_no: number, sku: string, qty: number, warehouse: string}} Line
 * @typedef {{order_no: string, state: string, held: boolean, lines: Line[], consumed: Record<string, number>,
 *   bins: Record<string, {warehouse: string, sku: string}>}} OrderFacts
 * @typedef {{id: string, seq: number, conflict: string, choice: string, by: string, at: string, ops: string[]}} Settlement
 * @typedef {{line_no: number, qty: number}} LineQty
 * @typedef {{choice: string, by: string, at: string}} Settled
 * @typedef {{id: string, kind: string, line_no: number | null, ops: string[], surplus: LineQty[],
 *   settled: Settled | null}} Conflict
 * @typedef {{conflict: string, settlement: string, line_no: number, op: string, sku: string, warehouse: string,
 *   bin: string, qty: number}} PutAway
 * @typedef {{line_no: number, picked: number, short: number, extra: number, late: number}} LineCount
 * @typedef {{order_no: string, started: boolean, lines: LineCount[], conflicts: Conflict[], put_away: PutAway[],
 *   unmatched: string[], unknown_lines: string[], clashes: string[]}} Projection
 */

/** A settlement still waiting in this device's queue counts after all that the server has numbered. */
export const PENDING_SEQ = Number.MAX_SAFE_INTEGER;
export const ORDER_KINDS = ["held", "cancelled", "amended", "already_shipped"];
export const LINE_KINDS = ["over_picked", "wrong_bin", "wrong_warehouse"];
export const SURPLUS_KINDS = ["over_picked", "already_shipped"];
export const CHOICES = ["keep", "undo"];
export const PICKER_KINDS = ["held", "cancelled", "amended", "over_picked", "wrong_bin"];

/**
 * @param {string} orderNo
 * @param {number | null} lineNo
 * @param {string} kind
 */
export function conflictId(orderNo, lineNo, kind) {
  return orderNo + "/" + (lineNo === null ? "-" : lineNo) + "/" + kind;
}

/**
 * @param {string} text
 * @returns {{order_no: string, line_no: number | null, kind: string} | null}
 */
export function splitConflictId(text) {
  const found = /^([^]+)\/([^/]*)\/([^/]*)$/.exec(text);
  if (found === null) return null;
  const [, order_no, line, kind] = found;
  if (line === "-") return ORDER_KINDS.indexOf(kind) < 0 ? null : { order_no, line_no: null, kind };
  if (LINE_KINDS.indexOf(kind) < 0 || !/^[1-9][0-9]{0,14}$/.test(line)) return null;
  return { order_no, line_no: Number(line), kind };
}
