/**
 * The queue on disk and its mirror in memory. An op is written once and never changed; what became of it stands beside
 * it. Nothing leaves but receipts of seven days whose every earlier number is answered too.
 */

import { readOp } from "../sync/ops.js";
import { stamp, tick } from "../sync/hlc.js";
import { batch, signal } from "../vendor/preact.js";
import { written } from "./clock.js";
import { DeviceError } from "./env.js";
import { bodyOf, receiptOf } from "./forms.js";
import { ALL, RECEIPT_MS, emptyMirror, purgeable, readAll } from "./mirror.js";
import { COUNT, HEARD } from "./tally.js";

/**
 * @typedef {import("../sync/ops.js").Op} Op
 * @typedef {import("./mirror.js").Identity} Identity
 * @typedef {import("./mirror.js").Mirror} Mirror
 * @typedef {import("./mirror.js").Receipt} Receipt
 * @typedef {import("./mirror.js").Outcome} Outcome
 * @typedef {ReturnType<typeof makeQueue>} Queue
 */

/** The tick is painted first, then the other tabs hear. */
const OTHERS_MS = 100;
const COUNTED = ["ops", "results", "settlements", "answers"];

/**
 * @param {import("./env.js").Env} env
 * @param {import("./db.js").Store} store
 * @param {(device: string) => number} usedBy the highest number that this device is known to have used
 * @param {() => void} told called after each change, so that other tabs hear of it
 */
export function makeQueue(env, store, usedBy, told) {
  const mirror = signal(emptyMirror());
  let changes = 0;

  /** @param {Partial<Mirror>} change */
  function show(change) {
    changes += 1;
    mirror.value = Object.assign({}, mirror.peek(), change);
  }

  /** What another tab wrote; read again where this tab wrote meanwhile, or the older picture would win. */
  async function load() {
    let seen = -1;
    let found = emptyMirror();
    while (seen !== changes) {
      seen = changes;
      found = await store.read(ALL, readAll);
    }
    show(found);
  }

  /** The same, where there is something new; a thousand receipts are not read again for every pick. */
  async function freshen() {
    const { ops, results, settlements, outcomes } = mirror.peek();
    const held = [ops, results, settlements, outcomes].map((all) => all.size);
    const counts = await store.read(COUNTED, (tx) => Promise.all(COUNTED.map((name) => tx.objectStore(name).count())));
    if (counts.some((count, i) => count !== held[i])) await load();
  }

  /** @param {Identity} identity */
  async function enrolled(identity) {
    await store.write(["meta", "devices"], async (tx) => {
      await tx.objectStore("devices").put(identity);
      await tx.objectStore("meta").put({ name: "device", value: identity.device });
      await tx.objectStore("meta").delete("draft");
    });
    const identities = new Map(mirror.peek().identities).set(identity.device, identity);
    show({ identities, device: identity.device, used: 0 });
    told();
  }

  /**
   * @param {import("./device.js").Wish} wish
   * @param {string} actor
   * @param {(op: Op) => void} [stored] called when it is on disk, in one breath with what shows it: one drawing, not two
   * @returns {Promise<Op>} once it is on disk
   */
  async function record(wish, actor, stored) {
    const kept = await store.write(["meta", "ops"], async (tx) => {
      const meta = tx.objectStore("meta");
      // Each answer of the database is a task of its own, felt on an old PDA: both are asked for at once, and written at once.
      const guess = mirror.peek().device;
      const [named, counted] = await Promise.all([meta.get("device"), meta.get("counter:" + guess)]);
      const device = (named || { value: "" }).value;
      if (device === "") throw new DeviceError("not_enrolled");
      const found = device === guess ? counted : await meta.get("counter:" + device);
      const before = found || { n: 0, ms: 0, count: 0 };
      const now = env.now();
      const n = Math.max(before.n, usedBy(device)) + 1;
      const clock = tick({ device, ms: before.ms, count: before.count }, now);
      const op = readOp(bodyOf(wish, actor, device + ":" + n, stamp(clock), written(now)));
      if ("zh" in op) throw new DeviceError(op.code, op.path);
      const text = JSON.stringify(op);
      await Promise.all([
        tx.objectStore("ops").add({ device, n, id: op.id, text, at: now }),
        meta.put({ name: "counter:" + device, n, ms: clock.ms, count: clock.count }),
      ]);
      return { device, n, id: op.id, text, at: now, op };
    });
    batch(() => {
      show({ ops: new Map(mirror.peek().ops).set(kept.id, kept), used: kept.n });
      if (stored) stored(kept.op);
    });
    env.later(told, OTHERS_MS);
    return kept.op;
  }

  /**
   * @param {import("./tally.js").Amount} amount
   * @param {string} actor
   */
  async function count(amount, actor) {
    const { keepCount } = await import("./tallying.js");
    const kept = await store.write(["meta"], (tx) => keepCount(env, tx.objectStore("meta"), amount, actor));
    show({ counts: new Map(mirror.peek().counts).set(kept.id, kept) });
    told();
  }

  /** @param {import("./tally.js").Heard[]} answers on disk before anything counts as sent */
  async function counted(answers) {
    await store.write(["meta"], (tx) =>
      Promise.all(answers.map((one) => tx.objectStore("meta").put({ name: HEARD + one.id, value: one }))),
    );
    const heard = new Map(mirror.peek().heard);
    answers.forEach((one) => heard.set(one.id, one));
    show({ heard });
    told();
  }

  /** Counts that were answered long ago go. */
  async function purgeCounts() {
    const { counts, heard } = mirror.peek();
    const before = env.now() - RECEIPT_MS;
    const old = Array.from(heard.values()).filter((one) => !one.is_lost && one.at < before && counts.has(one.id));
    if (old.length === 0) return;
    await store.write(["meta"], (tx) =>
      Promise.all(
        old.map(({ id }) => Promise.all([COUNT, HEARD].map((name) => tx.objectStore("meta").delete(name + id)))),
      ),
    );
    await load();
  }

  /** @param {{conflict: string, choice: "keep" | "undo", ops: string[], actor: string}} given */
  async function settle(given) {
    const body = Object.assign({ at: env.now() }, given);
    const m = await store.write(["settlements"], (tx) => tx.objectStore("settlements").add(body));
    show({ settlements: new Map(mirror.peek().settlements).set(m, Object.assign({ m }, body)) });
    told();
  }

  /**
   * The server's answers, on disk before anything counts as sent. The first of one server's life stands.
   * @param {any[]} results
   * @param {string} epoch
   */
  async function answered(results, epoch) {
    const fresh = results.map((result) => receiptOf(result, epoch, env.now()));
    const stood = await store.write(["results"], (tx) => {
      const place = tx.objectStore("results");
      return Promise.all(
        fresh.map(async (receipt) => {
          const first = await place.get(receipt.id);
          if (first && !first.is_lost) return first;
          await place.put(receipt);
          return receipt;
        }),
      );
    });
    const all = new Map(mirror.peek().results);
    stood.forEach((receipt) => all.set(receipt.id, receipt));
    show({ results: all });
    told();
  }

  /** @param {Outcome} outcome */
  async function settled(outcome) {
    await store.write(["answers"], (tx) => tx.objectStore("answers").put(outcome));
    show({ outcomes: new Map(mirror.peek().outcomes).set(outcome.m, outcome) });
    told();
  }

  /**
   * A restored server does not have these any more: they wait again, their old answers are kept as told.
   * @param {string[]} ids
   * @param {number[]} ms
   */
  async function lost(ids, ms) {
    if (ids.length + ms.length === 0) return;
    const results = new Map(mirror.peek().results);
    const outcomes = new Map(mirror.peek().outcomes);
    const mark = (/** @type {Map<any, any>} */ all, /** @type {any} */ key) =>
      all.set(key, Object.assign({}, all.get(key), { is_lost: true })).get(key);
    const receipts = ids.map((id) => mark(results, id));
    const answers = ms.map((m) => mark(outcomes, m));
    await store.write(["results", "answers"], (tx) =>
      Promise.all(
        receipts
          .map((one) => tx.objectStore("results").put(one))
          .concat(answers.map((one) => tx.objectStore("answers").put(one))),
      ),
    );
    show({ results, outcomes });
    told();
  }

  /** @param {string} id */
  async function note(id) {
    await store.write(["notes"], (tx) => tx.objectStore("notes").put({ id, at: env.now() }));
    show({ notes: new Set(mirror.peek().notes).add(id) });
    told();
  }

  /**
   * @param {"actor" | "persisted" | "draft"} name
   * @param {any} value
   */
  async function keep(name, value) {
    await store.write(["meta"], (tx) => tx.objectStore("meta").put({ name, value }));
    if (name !== "draft") show({ [name]: value });
    told();
  }

  /** @param {Set<string>} needed op ids that a screen still shows */
  async function purge(needed) {
    await purgeCounts();
    const old = purgeable(mirror.peek(), env.now() - RECEIPT_MS, needed);
    if (old.length === 0) return;
    await store.write(["ops", "results", "notes"], (tx) =>
      Promise.all(
        old.map((kept) =>
          Promise.all([
            tx.objectStore("ops").delete([kept.device, kept.n]),
            tx.objectStore("results").delete(kept.id),
            tx.objectStore("notes").delete(kept.id),
          ]),
        ),
      ),
    );
    await load();
    told();
  }
  return { mirror, load, freshen, enrolled, record, settle, count, counted, answered, settled, lost, note, keep, purge };
}
