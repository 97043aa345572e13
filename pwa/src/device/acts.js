/** What screens may do: enrol, record, settle, hand over, export. Each resolves once it lies on disk. */

import { nextBatch, pushBody } from "./batches.js";
import { DeviceError } from "./env.js";
import { ask, Problem } from "./http.js";
import { makeKeys, signed } from "./keys.js";
import { unanswered } from "./mirror.js";

const CARRIED_BYTES = 4 * 1024 * 1024;
/** What was recorded leaves when the hand rests, quick scans together; while it does not rest, this often. */
const REST_MS = 600;
const MOST_MS = 3000;

/**
 * @param {import("./build.js").Parts} parts
 * @param {ReturnType<typeof import("./work.js").run>} work
 * @param {{value: import("./device.js").State}} state
 */
export function makeActs(parts, work, state) {
  const { env, mirror, net, seen } = parts;

  function queue() {
    if (parts.queue === null || parts.broken.peek() !== null) throw new DeviceError("broken");
    return parts.queue;
  }

  function me() {
    const found = mirror.peek().identities.get(mirror.peek().device);
    if (found === undefined) throw new DeviceError("not_enrolled");
    return found;
  }

  function actor() {
    const name = mirror.peek().actor;
    if (name === "") throw new DeviceError("no_actor");
    return name;
  }

  /** @param {string} code */
  async function enrol(code) {
    const made = await makeKeys(env.subtle);
    // The code works once: first see that this browser can keep a key at all.
    await queue().keep("draft", made === null ? null : made.keys);
    const body = Object.assign({ code }, made === null ? {} : { public_key: made.spki });
    const { json } = await ask(env, "POST", "/api/devices/enrol", "", JSON.stringify(body));
    const { device, token, warehouse } = json;
    const isWhole = /^[0-9A-Z]{8}$/.test(device) && typeof token === "string" && typeof warehouse === "string";
    if (!isWhole) throw new Problem(200, "not_ours", "", true);
    await queue().enrolled({ device, token, warehouse, keys: made === null ? null : made.keys, at: env.now() });
    net.renewed();
    parts.markCanary();
    await askToPersist().catch(() => undefined);
    void work.pull();
    void work.push();
    return state.value;
  }

  async function askToPersist() {
    const storage = navigator.storage;
    const answer = storage && storage.persist ? await storage.persist() : false;
    await queue().keep("persisted", answer);
  }

  /** @type {any} */
  let leaving = null;
  let since = 0;

  /** A push costs an old PDA as much as two scans: not between two of them. */
  function leaveSoon() {
    const now = env.now();
    if (leaving === null) since = now;
    else env.never(leaving);
    const push = () => {
      leaving = null;
      void work.push();
    };
    leaving = env.later(push, Math.max(0, Math.min(REST_MS, since + MOST_MS - now)));
  }

  /** @param {import("./device.js").Wish} wish @param {(op: import("./device.js").Op) => void} [stored] */
  async function record(wish, stored) {
    const op = await queue().record(wish, actor(), stored);
    leaveSoon();
    return op;
  }

  /**
   * @param {string} conflict
   * @param {"keep" | "undo"} choice
   * @param {string[]} [ops]
   */
  async function settle(conflict, choice, ops) {
    const standing = seen.conflicts.value.find((one) => one.id === conflict);
    const named = ops || (standing === undefined ? [] : standing.ops);
    if (named.length === 0) throw new DeviceError("no_conflict", conflict);
    me();
    await queue().settle({ conflict, choice, ops: named, actor: actor() });
    void work.push();
  }

  /** @param {import("./tally.js").Amount} amount */
  async function count(amount) {
    me();
    await queue().count(amount, actor());
    leaveSoon();
  }

  async function bundle() {
    const { device, keys } = me();
    const waiting = unanswered(mirror.peek()).filter((kept) => kept.device === device);
    const batch = nextBatch(waiting, undefined, CARRIED_BYTES);
    const made = await signed(env.subtle, keys, pushBody(device, batch));
    return Object.assign(made, { count: batch.length, left: waiting.length - batch.length });
  }

  /** @param {{bundle: string, sig: string}} given */
  async function carry({ bundle, sig }) {
    const { json } = await ask(env, "POST", "/sync/carry", me().token, JSON.stringify({ bundle, sig }));
    if (!Array.isArray(json.results)) throw new Problem(200, "not_ours", "", true);
    void work.pull();
    return { count: json.results.length };
  }

  function tellLoss() {
    parts.isStorageLost.value = false;
    parts.markCanary();
  }
  return {
    enrol,
    record,
    settle,
    count,
    bundle,
    carry,
    tellLoss,
    noted: async (/** @type {string} */ id) => queue().note(id),
    handOver: async (/** @type {string} */ user) => queue().keep("actor", user),
    pushNow: work.push,
    pullNow: work.pull,
    close: work.stop,
  };
}
