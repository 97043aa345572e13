/** What lies in the queue's database, as one value in memory; every tab has the same. Pure but for reading it. */

import { answeredUpTo } from "./batches.js";
import { COUNT, HEARD } from "./tally.js";

/**
 * @typedef {import("../sync/ops.js").Op} Op
 * @typedef {{device: string, token: string, warehouse: string, keys: CryptoKeyPair | null, at: number}} Identity
 * @typedef {{device: string, n: number, id: string, text: string, at: number, op: Op}} Kept
 * @typedef {{id: string, verdict: "applied" | "conflict" | "refused", why: string, conflict: string, code: string,
 *   at: number, epoch: string, is_lost: boolean}} Receipt
 * @typedef {{m: number, conflict: string, choice: "keep" | "undo", ops: string[], actor: string, at: number}} Wanted
 * @typedef {{m: number, is_taken: boolean, code: string, why: string, at: number, epoch: string,
 *   is_lost: boolean}} Outcome
 * @typedef {{device: string, used: number, actor: string, persisted: boolean | null, identities: Map<string, Identity>,
 *   ops: Map<string, Kept>, results: Map<string, Receipt>, settlements: Map<number, Wanted>,
 *   outcomes: Map<number, Outcome>, notes: Set<string>, counts: Map<string, import("./tally.js").Counted>,
 *   heard: Map<string, import("./tally.js").Heard>}} Mirror `counts` of bins; `heard` = what the server said to them
 */

export const RECEIPT_MS = 7 * 24 * 60 * 60 * 1000;
export const ALL = ["meta", "devices", "ops", "results", "settlements", "answers", "notes"];

/** @returns {Mirror} */
export function emptyMirror() {
  return {
    device: "",
    used: 0,
    actor: "",
    persisted: null,
    identities: new Map(),
    ops: new Map(),
    results: new Map(),
    settlements: new Map(),
    outcomes: new Map(),
    notes: new Set(),
    counts: new Map(),
    heard: new Map(),
  };
}

/**
 * @param {Mirror} mirror
 * @param {string} id
 * @returns {Receipt | null} null while nobody has answered, or a restored server has forgotten
 */
export function receiptFor(mirror, id) {
  const found = mirror.results.get(id);
  return found === undefined || found.is_lost ? null : found;
}

/**
 * @param {Mirror} mirror
 * @returns {Kept[]} what has no answer, former identities first, each in the order of n
 */
export function unanswered(mirror) {
  const open = Array.from(mirror.ops.values()).filter((kept) => receiptFor(mirror, kept.id) === null);
  const last = (/** @type {Kept} */ kept) => (kept.device === mirror.device ? 1 : 0);
  return open.sort((a, b) => last(a) - last(b) || (a.device === b.device ? a.n - b.n : a.device < b.device ? -1 : 1));
}

/**
 * Settlements that the server has not decided.
 * @param {Mirror} mirror
 * @returns {Wanted[]}
 */
export function unsettled(mirror) {
  return Array.from(mirror.settlements.values()).filter((wanted) => {
    const outcome = mirror.outcomes.get(wanted.m);
    return outcome === undefined || outcome.is_lost;
  });
}

/** @param {any[]} meta @param {string} name */
function under(meta, name) {
  return meta.filter((one) => one.name.indexOf(name) === 0).map((one) => one.value);
}

/**
 * @param {any} tx
 * @returns {Promise<Mirror>}
 */
export async function readAll(tx) {
  const [meta, devices, ops, results, settlements, answers, notes] = await Promise.all(
    ALL.map((name) => tx.objectStore(name).getAll()),
  );
  const named = new Map(meta.map((/** @type {any} */ one) => [one.name, one.value]));
  const device = named.get("device") || "";
  const counter = meta.find((/** @type {any} */ one) => one.name === "counter:" + device);
  const by = (/** @type {any[]} */ all, /** @type {string} */ key) => new Map(all.map((one) => [one[key], one]));
  return {
    device,
    used: counter === undefined ? 0 : counter.n,
    actor: named.get("actor") || "",
    persisted: named.has("persisted") ? named.get("persisted") : null,
    identities: by(devices, "device"),
    ops: by(
      ops.map((/** @type {any} */ kept) => Object.assign(kept, { op: JSON.parse(kept.text) })),
      "id",
    ),
    results: by(results, "id"),
    settlements: by(settlements, "m"),
    outcomes: by(answers, "m"),
    notes: new Set(notes.map((/** @type {any} */ one) => one.id)),
    counts: by(under(meta, COUNT), "id"),
    heard: by(under(meta, HEARD), "id"),
  };
}

/**
 * @param {Mirror} mirror
 * @param {number} before
 * @param {Set<string>} needed
 * @returns {Kept[]}
 */
export function purgeable(mirror, before, needed) {
  /** @type {Kept[]} */
  const old = [];
  mirror.identities.forEach((_, device) => {
    const mine = Array.from(mirror.ops.values()).filter((kept) => kept.device === device);
    const numbers = mine.map((kept) => kept.n).sort((a, b) => a - b);
    const end = answeredUpTo(numbers, (n) => receiptFor(mirror, device + ":" + n) !== null);
    old.push(
      ...mine.filter((kept) => {
        const receipt = receiptFor(mirror, kept.id);
        return kept.n <= end && receipt !== null && receipt.at < before && !needed.has(kept.id);
      }),
    );
  });
  return old;
}
