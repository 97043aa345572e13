/**
 * The push: in the order of n, one tab at a time. An op counts as sent once its result lies on disk here; before that
 * everything else (no answer, a page instead of one, too few results) means that nothing was decided, and all is kept.
 */

import { MAX_OPS, nextBatch, pushBody, rangesOf, readAnswer } from "./batches.js";
import { ask, Problem } from "./http.js";
import { signed } from "./keys.js";
import { unanswered, unsettled } from "./mirror.js";
import { uncounted } from "./tally.js";

/**
 * @typedef {import("./mirror.js").Kept} Kept
 * @typedef {import("./mirror.js").Wanted} Wanted
 * @typedef {import("./mirror.js").Identity} Identity
 * @typedef {{env: import("./env.js").Env, queue: import("./queue.js").Queue,
 *   lock: {alone: (work: () => Promise<void>) => Promise<boolean>}, heard: (answer: any) => void,
 *   failed: (problem: unknown) => void, sending: (ids: string[]) => void,
 *   restored: (epoch: string, device: string, ranges: import("./batches.js").Range[]) => Promise<boolean>,
 *   epoch: () => string, sent: () => void}} Pushing
 */

const BUSY = [0, 401, 403, 408, 425, 429, 503, 507]; // not about what was sent

/**
 * @param {Pushing} with_
 * @returns {() => Promise<void>} one round: until the queue is empty or a question fails
 */
export function pusher(with_) {
  const { env, queue, lock, sending } = with_;
  let size = MAX_OPS;
  /** @type {Set<string>} what the server cannot take even alone; its neighbours go first */
  const stuck = new Set();

  /** @returns {{me: Identity, whose: Identity, batch: Kept[]} | null} */
  function nextPush() {
    const mirror = queue.mirror.peek();
    const me = mirror.identities.get(mirror.device);
    if (me === undefined) return null;
    const all = unanswered(mirror).filter(({ device }) => {
      const whose = mirror.identities.get(device);
      return device === me.device || (whose !== undefined && whose.keys !== null); // else nobody can vouch for it
    });
    let open = all.filter((kept) => !stuck.has(kept.id));
    if (open.length === 0 && all.length > 0) {
      stuck.clear();
      open = all.slice(0, 1);
    }
    if (open.length === 0) return null;
    const whose = /** @type {Identity} */ (mirror.identities.get(open[0].device));
    return { me, whose, batch: nextBatch(open.filter((kept) => kept.device === whose.device), size) };
  }

  /**
   * @param {Identity} me
   * @param {Identity} whose this device as it was before it enrolled again: its own key vouches for its queue
   * @param {Kept[]} batch
   */
  async function send(me, whose, batch) {
    const body = pushBody(whose.device, batch);
    if (whose.device === me.device) return ask(env, "POST", "/sync/push", me.token, body);
    return ask(env, "POST", "/sync/carry", me.token, JSON.stringify(await signed(env.subtle, whose.keys, body)));
  }

  /** @returns {Promise<boolean>} false = nothing more to send */
  async function step() {
    const next = nextPush();
    if (next === null) return false;
    const { me, whose, batch } = next;
    sending(batch.map((kept) => kept.id));
    try {
      const answer = await send(me, whose, batch);
      const json = readAnswer(answer.json, batch);
      if (json === null) throw new Problem(200, "not_ours", "not one result per op", true);
      with_.heard(answer);
      await queue.answered(json.results, json.epoch);
      const { device } = whose;
      const ranges = rangesOf((json.have || {})[device] || 0, (json.holes || {})[device] || [], batch[batch.length - 1].n);
      await with_.restored(json.epoch, device, ranges);
      size = Math.min(MAX_OPS, size * 4);
      return true;
    } catch (error) {
      narrow(error, batch);
      throw error;
    } finally {
      sending([]);
    }
  }

  /**
   * The server looked at it and could not: perhaps for one op's sake, which must not hold up the others.
   * @param {unknown} error
   * @param {Kept[]} batch
   */
  function narrow(error, batch) {
    if (!(error instanceof Problem) || error.isAway || BUSY.indexOf(error.status) >= 0) return;
    env.log("a push was not taken", { status: error.status, code: error.code, ops: batch.length });
    if (batch.length === 1) stuck.add(batch[0].id);
    size = Math.max(1, Math.floor(batch.length / 2));
  }

  /** @param {Wanted} wanted */
  async function settle(wanted) {
    const mirror = queue.mirror.peek();
    const me = /** @type {Identity} */ (mirror.identities.get(mirror.device));
    const { conflict, choice, actor, ops } = wanted;
    const outcome = { m: wanted.m, is_taken: true, code: "", why: "", at: 0, epoch: with_.epoch(), is_lost: false };
    try {
      const answer = await ask(env, "POST", "/sync/settle", me.token, JSON.stringify({ id: conflict, choice, actor, ops }));
      if (answer.json.id !== conflict) throw new Problem(200, "not_ours", "", true);
    } catch (error) {
      const isNo = error instanceof Problem && !error.isAway && [400, 403, 404, 409, 422].indexOf(error.status) >= 0;
      if (!isNo) throw error;
      Object.assign(outcome, { is_taken: false, code: error.code, why: error.why });
    }
    await queue.settled(Object.assign(outcome, { at: env.now() }));
  }

  /** Answers go after the picks that they speak of; one about picks still waiting waits too. */
  async function settleAll() {
    const mirror = queue.mirror.peek();
    if (!mirror.identities.has(mirror.device)) return 0;
    const open = new Set(unanswered(mirror).map((kept) => kept.id));
    const ready = unsettled(mirror).filter((wanted) => !wanted.ops.some((id) => open.has(id)));
    for (const wanted of ready) await settle(wanted);
    return ready.length;
  }

  async function round() {
    await queue.freshen(); // another tab may have sent some
    let count = 0;
    try {
      while (await step()) count += 1;
      count += await settleAll();
      if (uncounted(queue.mirror.peek()).length > 0) {
        count += await (await import("./tallying.js")).sendCounts(env, queue, with_.heard);
      }
    } finally {
      if (count > 0) with_.sent();
    }
  }

  return async () => {
    try {
      await lock.alone(round);
    } catch (problem) {
      with_.failed(problem);
    }
  };
}
