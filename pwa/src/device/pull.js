/**
 * The pull has its own rounds and never waits for the push: a hold must show while the queue is stuck. Each answer is
 * proven by its hash; what does not prove is replaced by a fresh snapshot, and told in the log.
 */

import { isPull, placesAfter, proves, remembering, taken } from "./floor.js";
import { ask, Problem } from "./http.js";

/**
 * @typedef {import("./cache.js").Picture} Picture
 * @typedef {import("./floor.js").Floor} Floor
 * @typedef {{env: import("./env.js").Env, queue: import("./queue.js").Queue,
 *   cache: ReturnType<typeof import("./cache.js").makeCache>, lock: {alone: (work: () => Promise<void>) => Promise<boolean>},
 *   show: (picture: Picture) => Promise<void>, heard: (answer: any) => void, failed: (problem: unknown) => void,
 *   needed: () => Set<string>}} Pulling
 */

/**
 * @param {Pulling} with_
 * @returns {() => Promise<void>} one round; what goes wrong is told to `failed`
 */
export function puller(with_) {
  const { env, queue, cache, lock, show, needed } = with_;

  /** @param {string} cursor */
  async function asked(cursor) {
    const mirror = queue.mirror.peek();
    const me = mirror.identities.get(mirror.device);
    if (me === undefined) throw new Problem(0, "not_enrolled", "", true);
    const devices = Array.from(new Set(Array.from(mirror.ops.values()).map((kept) => kept.device)));
    const words = { warehouse: me.warehouse, cursor, devices: devices.concat(me.device).slice(-8).join(",") };
    const query = Object.keys(words).map((name) => name + "=" + encodeURIComponent(/** @type {any} */ (words)[name]));
    const answer = await ask(env, "GET", "/sync/pull?" + query.join("&"), me.token);
    if (!isPull(answer.json)) throw new Problem(200, "not_ours", "", true);
    with_.heard(answer);
    return { json: answer.json, began: answer.asked, warehouse: me.warehouse };
  }

  /** @param {Picture} before */
  async function fresh(before) {
    const { json, began, warehouse } = await asked("");
    const floor = remembering(taken(null, json, warehouse, began), before.floor, needed(), json.server_time);
    return { floor, json, places: placesAfter(before.places, json, true), isProven: proves(floor, json, null) };
  }

  /** @param {Picture} before */
  async function next(before) {
    const known = before.floor;
    const mirror = queue.mirror.peek();
    const me = mirror.identities.get(mirror.device);
    if (known === null || me === undefined || known.warehouse !== me.warehouse) return fresh(before);
    const { json, began, warehouse } = await asked(known.cursor);
    const isOtherLife = json.epoch !== known.epoch;
    if (isOtherLife) env.log("the server was restored", { was: known.epoch, is: json.epoch });
    const made = taken(isOtherLife ? null : known, json, warehouse, began);
    const floor = remembering(made, known, needed(), json.server_time);
    if (proves(floor, json, isOtherLife ? null : known)) {
      return { floor, json, places: placesAfter(before.places, json, isOtherLife), isProven: true };
    }
    env.log("the tasks do not equal the server's, taking a fresh snapshot", { hash: json.hash, count: json.count });
    return fresh(before);
  }

  async function round() {
    const before = await cache.read();
    const { floor, json, places, isProven } = await next(before);
    if (!isProven) env.log("a fresh snapshot does not equal its own hash", { hash: json.hash });
    const picture = { floor, places, synced_at: isProven ? env.now() : before.synced_at };
    await cache.write(picture);
    await show(picture);
  }

  return async () => {
    if (queue.mirror.peek().device === "") return;
    try {
      await lock.alone(round);
    } catch (problem) {
      with_.failed(problem);
    }
  };
}
