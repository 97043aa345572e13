/** The fold, the only place with a policy; the twin of sync/project.py, which says what holds and why. */

import { compareText } from "./canon.js";
import { CHOICES, SURPLUS_KINDS, conflictId, splitConflictId } from "./facts.js";
import { gather } from "./merge.js";
import { isCounted } from "./ops.js";
import { weigh } from "./surplus.js";

/**
 * @typedef {import("./ops.js").Op} Op
 * @typedef {import("./surplus.js").Surplus} Surplus
 * @typedef {import("./facts.js").Line} Line
 * @typedef {import("./facts.js").OrderFacts} OrderFacts
 * @typedef {import("./facts.js").Settlement} Settlement
 * @typedef {import("./facts.js").LineQty} LineQty
 * @typedef {import("./facts.js").Settled} Settled
 * @typedef {import("./facts.js").Conflict} Conflict
 * @typedef {import("./facts.js").PutAway} PutAway
 * @typedef {import("./facts.js").LineCount} LineCount
 * @typedef {import("./facts.js").Projection} Projection
 * @typedef {{kind: string, line_no: number | null, named: string, s: Settlement}} Answer
 * @typedef {{kind: string, line_no: number | null, by: Map<string, Settlement>}} Decided
 */

const SHIPPED = ["shipped", "delivered", "returned"];

/**
 * @param {OrderFacts} facts
 * @param {Iterable<Op>} ops
 * @param {Iterable<Settlement>} settlements
 * @returns {Projection}
 */
export function project(facts, ops, settlements) {
  const ranked = facts.lines.slice().sort((a, b) => a.line_no - b.line_no);
  /** @type {Map<number, Line>} */
  const lines = new Map();
  ranked.forEach((line) => lines.set(line.line_no, line));
  const merged = gather(Array.from(ops).filter((op) => op.order_no === facts.order_no));
  const known = index(merged.ops.filter((op) => lines.has(op.line_no)));
  const { takenBack, unmatched } = voids(known);
  const live = Array.from(known.values()).filter((op) => isCounted(op.kind) && !takenBack.has(op.id));
  const picks = index(live.filter((op) => op.kind === "pick"));
  const answers = readAnswers(facts.order_no, settlements);
  const decided = decide(answers, picks);
  const undone = findUndone(decided);
  const remaining = Array.from(picks.values()).filter((op) => !undone.has(op.id));
  /** @type {Map<number, Surplus>} */
  const surplus = new Map();
  lines.forEach((line) => surplus.set(line.line_no, weighLine(facts, line, remaining, answers)));
  const conflicts = pickConflicts(facts, lines, remaining, decided).concat(
    surplusConflicts(facts, picks, remaining, surplus, answers),
  );
  /** @type {LineCount[]} */
  const counts = [];
  surplus.forEach((w, line_no) => {
    const shorts = live.filter((op) => op.kind === "short" && op.line_no === line_no);
    const short = shorts.reduce((total, op) => total + op.qty, 0);
    counts.push({ line_no, picked: w.picked, short, extra: w.extra, late: w.late });
  });
  return {
    order_no: facts.order_no,
    started: known.size > 0,
    lines: counts,
    conflicts: conflicts.sort((a, b) => (a.line_no || 0) - (b.line_no || 0) || compareText(a.kind, b.kind)),
    put_away: putAway(facts, lines, picks, undone, surplus),
    unmatched,
    unknown_lines: merged.ops.filter((op) => !lines.has(op.line_no)).map((op) => op.id),
    clashes: merged.clashes.map((clash) => clash.id),
  };
}

/**
 * @param {Op[]} ops
 * @returns {Map<string, Op>}
 */
function index(ops) {
  /** @type {Map<string, Op>} */
  const found = new Map();
  ops.forEach((op) => found.set(op.id, op));
  return found;
}

/** @param {Map<string, Op>} known */
function voids(known) {
  /** @type {Set<string>} */
  const takenBack = new Set();
  /** @type {string[]} */
  const unmatched = [];
  known.forEach((op) => {
    if (op.kind !== "void") return;
    const target = known.get(op.target);
    if (target && isCounted(target.kind) && target.line_no === op.line_no) takenBack.add(target.id);
    else unmatched.push(op.id);
  });
  return { takenBack, unmatched };
}

/**
 * @param {Settlement} a
 * @param {Settlement} b
 */
function inServersOrder(a, b) {
  return a.seq - b.seq || compareText(a.id, b.id);
}

/**
 * @param {string[]} a
 * @param {string[]} b
 */
function compareLists(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compareText(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/**
 * @param {string} orderNo
 * @param {Iterable<Settlement>} settlements
 * @returns {Answer[]}
 */
function readAnswers(orderNo, settlements) {
  const sorted = Array.from(settlements).sort(
    (a, b) =>
      inServersOrder(a, b) ||
      compareLists([a.conflict, a.choice, a.by, a.at], [b.conflict, b.choice, b.by, b.at]) ||
      compareLists(a.ops, b.ops),
  );
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Answer[]} */
  const found = [];
  sorted.forEach((s) => {
    const place = splitConflictId(s.conflict);
    if (place === null || place.order_no !== orderNo || CHOICES.indexOf(s.choice) < 0 || seen.has(s.id)) return;
    seen.add(s.id);
    found.push({ kind: place.kind, line_no: place.line_no, named: s.conflict, s });
  });
  return found;
}

/**
 * @param {number | null} lineNo
 * @param {Op | undefined} op
 */
function concerns(lineNo, op) {
  return op !== undefined && (lineNo === null || lineNo === op.line_no);
}

/**
 * @param {Answer[]} answers
 * @param {Map<string, Op>} picks
 * @returns {Map<string, Decided>} by conflict id
 */
function decide(answers, picks) {
  /** @type {Map<string, Decided>} */
  const decided = new Map();
  answers.forEach(({ kind, line_no, named, s }) => {
    if (SURPLUS_KINDS.indexOf(kind) >= 0) return;
    s.ops.forEach((id) => {
      if (!concerns(line_no, picks.get(id))) return;
      const place = decided.get(named) || { kind, line_no, by: new Map() };
      decided.set(named, place);
      if (!place.by.has(id)) place.by.set(id, s);
    });
  });
  return decided;
}

/**
 * @param {Map<string, Decided>} decided
 * @returns {Map<string, Settlement>} by op id
 */
function findUndone(decided) {
  /** @type {Map<string, Settlement>} */
  const undone = new Map();
  decided.forEach((place) =>
    place.by.forEach((s, id) => {
      const first = undone.get(id);
      if (s.choice === "undo" && (first === undefined || inServersOrder(s, first) < 0)) undone.set(id, s);
    }),
  );
  return undone;
}

/**
 * @param {OrderFacts} facts
 * @param {Line} line
 * @param {Op[]} remaining
 * @param {Answer[]} answers
 */
function weighLine(facts, line, remaining, answers) {
  /** @type {Map<string, number>} */
  const limits = new Map([["over_picked", line.qty]]);
  if (SHIPPED.indexOf(facts.state) >= 0) {
    limits.set("already_shipped", lookUp(facts.consumed, String(line.line_no)) || 0);
  }
  /** @type {Map<string, number>} */
  const quantities = new Map();
  remaining.filter((op) => op.line_no === line.line_no).forEach((op) => quantities.set(op.id, op.qty));
  /** @type {[string, Settlement][]} */
  const spoken = [];
  answers.forEach(({ kind, line_no, s }) => {
    if (limits.has(kind) && (line_no === null || line_no === line.line_no)) spoken.push([kind, s]);
  });
  return weigh(quantities, limits, spoken);
}

/**
 * Own properties only: a bin may be called "constructor".
 * @template T
 * @param {Record<string, T>} table
 * @param {string} key
 * @returns {T | undefined}
 */
function lookUp(table, key) {
  return Object.prototype.hasOwnProperty.call(table, key) ? table[key] : undefined;
}

/**
 * @param {OrderFacts} facts
 * @param {Map<number, Line>} lines
 * @param {Op[]} remaining
 * @param {Map<string, Decided>} decided
 * @returns {Conflict[]}
 */
function pickConflicts(facts, lines, remaining, decided) {
  /** @type {Map<string, {kind: string, line_no: number | null, ids: string[]}>} */
  const met = new Map();
  decided.forEach(({ kind, line_no }, id) => met.set(id, { kind, line_no, ids: [] }));
  const orderKinds = ["cancelled", "amended"].filter((kind) => facts.state === kind);
  if (facts.held) orderKinds.push("held");
  remaining.forEach((op) => {
    /** @type {[string, number | null][]} */
    const places = orderKinds.map((kind) => [kind, null]);
    binKinds(facts, /** @type {Line} */ (lines.get(op.line_no)), op).forEach((kind) => places.push([kind, op.line_no]));
    places.forEach(([kind, line_no]) => {
      const id = conflictId(facts.order_no, line_no, kind);
      const standing = decided.get(id);
      if (standing && standing.by.has(op.id)) return;
      const place = met.get(id) || { kind, line_no, ids: [] };
      place.ids.push(op.id);
      met.set(id, place);
    });
  });
  /** @type {Conflict[]} */
  const found = [];
  met.forEach(({ kind, line_no, ids }, id) => {
    const standing = decided.get(id);
    const open = ids.length > 0 || standing === undefined;
    const ops = (open ? ids : Array.from(standing.by.keys())).sort(compareText);
    const settled = open ? null : lastOf(Array.from(standing.by.values()));
    found.push({ id, kind, line_no, ops, surplus: [], settled });
  });
  return found;
}

/**
 * @param {OrderFacts} facts
 * @param {Line} line
 * @param {Op} op
 * @returns {string[]}
 */
function binKinds(facts, line, op) {
  if (op.bin === "") return [];
  const place = lookUp(facts.bins, op.bin);
  if (place === undefined) return ["wrong_bin"];
  const kinds = place.sku === line.sku ? [] : ["wrong_bin"];
  return line.warehouse === "" || line.warehouse === place.warehouse ? kinds : kinds.concat("wrong_warehouse");
}

/**
 * @param {OrderFacts} facts
 * @param {Map<string, Op>} picks
 * @param {Op[]} remaining
 * @param {Map<number, Surplus>} surplus
 * @param {Answer[]} answers
 * @returns {Conflict[]}
 */
function surplusConflicts(facts, picks, remaining, surplus, answers) {
  /** @type {Map<string, {kind: string, line_no: number | null, spoken: Settlement[], open: LineQty[]}>} */
  const places = new Map();
  const at = (/** @type {string} */ kind, /** @type {number | null} */ line_no) => {
    const id = conflictId(facts.order_no, line_no, kind);
    const place = places.get(id) || { kind, line_no, spoken: [], open: [] };
    places.set(id, place);
    return place;
  };
  answers.filter(({ kind }) => SURPLUS_KINDS.indexOf(kind) >= 0).forEach((a) => at(a.kind, a.line_no).spoken.push(a.s));
  surplus.forEach((weighed, line_no) =>
    weighed.open.forEach((qty, kind) => {
      if (qty > 0) at(kind, kind === "already_shipped" ? null : line_no).open.push({ line_no, qty });
    }),
  );
  /** @type {Set<string>} */
  const acted = new Set();
  surplus.forEach((weighed) => weighed.acted.forEach(([id]) => acted.add(id)));
  /** @type {Conflict[]} */
  const found = [];
  places.forEach(({ kind, line_no, spoken, open }, id) => {
    if (open.length > 0) {
      const mine = remaining.filter((op) => open.some((part) => part.line_no === op.line_no));
      found.push({ id, kind, line_no, ops: mine.map((op) => op.id).sort(compareText), surplus: open, settled: null });
      return;
    }
    /** @type {Set<string>} */
    const answered = new Set();
    spoken.forEach((s) => s.ops.filter((op) => concerns(line_no, picks.get(op))).forEach((op) => answered.add(op)));
    if (answered.size === 0) return;
    const naming = spoken.filter((s) => s.ops.some((op) => answered.has(op)));
    const deciding = naming.filter((s) => acted.has(s.id));
    const settled = lastOf(deciding.length > 0 ? deciding : naming.slice(0, 1));
    found.push({ id, kind, line_no, ops: Array.from(answered).sort(compareText), surplus: [], settled });
  });
  return found;
}

/**
 * @param {Settlement[]} settlements at least one
 * @returns {Settled}
 */
function lastOf(settlements) {
  const last = settlements.slice().sort(inServersOrder)[settlements.length - 1];
  return { choice: last.choice, by: last.by, at: last.at };
}

/**
 * @param {OrderFacts} facts
 * @param {Map<number, Line>} lines
 * @param {Map<string, Op>} picks
 * @param {Map<string, Settlement>} undone
 * @param {Map<number, Surplus>} surplus
 * @returns {PutAway[]}
 */
function putAway(facts, lines, picks, undone, surplus) {
  /** @type {PutAway[]} */
  const tasks = [];
  const add = (
    /** @type {Settlement} */ s,
    /** @type {Line} */ line,
    /** @type {string} */ op,
    /** @type {string} */ bin,
    /** @type {number} */ qty,
  ) => {
    const place = bin === "" ? undefined : lookUp(facts.bins, bin);
    const warehouse = place === undefined ? line.warehouse : place.warehouse;
    tasks.push({ conflict: s.conflict, settlement: s.id, line_no: line.line_no, op, sku: line.sku, warehouse, bin, qty });
  };
  undone.forEach((s, id) => {
    const op = /** @type {Op} */ (picks.get(id));
    add(s, /** @type {Line} */ (lines.get(op.line_no)), id, op.bin, op.qty);
  });
  surplus.forEach((weighed, line_no) =>
    weighed.removed.forEach(([s, qty]) => add(s, /** @type {Line} */ (lines.get(line_no)), "", "", qty)),
  );
  return tasks.sort(
    (a, b) => compareText(a.settlement, b.settlement) || a.line_no - b.line_no || compareText(a.op, b.op),
  );
}
