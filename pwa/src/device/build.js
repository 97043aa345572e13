/** Puts a device together: databases, queue, picture, the two rounds, tabs; and what screens may call. */

import { computed, signal } from "../vendor/preact.js";
import { makeActs } from "./acts.js";
import { makeCache, NO_PICTURE } from "./cache.js";
import { isLost, makeCanary, usedMark } from "./canary.js";
import { isWrong } from "./clock.js";
import { chipOf, queueOf, sharesOf } from "./counts.js";
import { openCache, openQueue } from "./db.js";
import { makeLock } from "./lock.js";
import { look } from "./look.js";
import { emptyMirror } from "./mirror.js";
import { makeNet } from "./net.js";
import { makeQueue } from "./queue.js";
import { tabs } from "./tabs.js";
import { tallyOf } from "./tally.js";
import { run } from "./work.js";

/**
 * @typedef {import("./device.js").Device} Device
 * @typedef {import("./device.js").Broken} Broken
 * @typedef {ReturnType<typeof makeParts>} Parts
 */

/**
 * @param {import("./env.js").Env} env
 * @returns {Promise<Device>}
 */
export async function build(env) {
  const broken = signal(/** @type {Broken | null} */ (null));
  const tell = (/** @type {string} */ reason, /** @type {unknown} */ error) => {
    env.log("storage", { reason, error: String(error) });
    if (broken.peek() === null) broken.value = { reason, detail: String(error), at: env.now() };
  };
  const [store, cacheStore] = await Promise.all([openQueue(env, tell).catch(() => null), openCache(env)]);
  const parts = makeParts(env, store, cacheStore, broken);
  if (parts.queue !== null) await parts.queue.load().catch(() => undefined);
  await parts.seePicture();
  parts.watchStorage();
  const work = run(parts);
  return makeDevice(parts, work);
}

/**
 * @param {import("./env.js").Env} env
 * @param {import("./db.js").Store | null} store
 * @param {import("./db.js").Store | null} cacheStore
 * @param {import("../vendor/preact.js").Signal<Broken | null>} broken
 */
function makeParts(env, store, cacheStore, broken) {
  const cache = makeCache(env, cacheStore);
  const canary = makeCanary(env);
  const picture = signal(NO_PICTURE);
  const sending = signal(/** @type {Set<string>} */ (new Set()));
  const isStorageLost = signal(false);
  const net = makeNet(env);

  /** @param {string} device */
  function usedBy(device) {
    const floor = picture.peek().floor;
    const ranges = (floor !== null && floor.reach !== null && floor.reach[device]) || [];
    return ranges.reduce((top, range) => Math.max(top, range[1]), usedMark(canary.marks, device));
  }
  const channel = tabs(env.name, (word) => {
    if (word.what === "sending") sending.value = new Set(word.ids);
    else if (word.what === "floor") void seePicture();
    else if (queue !== null) queue.load().catch(() => undefined);
  });
  const queue = store === null ? null : makeQueue(env, store, usedBy, () => channel.say({ what: "queue" }));
  const mirror = queue === null ? signal(emptyMirror()) : queue.mirror;

  async function seePicture() {
    picture.value = await cache.read();
  }

  function markCanary() {
    const { device, results } = mirror.peek();
    let n = 0;
    results.forEach((_, id) => {
      if (id.slice(0, 8) === device) n = Math.max(n, Number(id.slice(9)));
    });
    canary.write(device === "" ? null : { device, n });
  }

  function watchStorage() {
    const { device, used } = mirror.peek();
    isStorageLost.value = broken.peek() === null && isLost(canary.marks, device, used);
    if (!isStorageLost.peek() && broken.peek() === null) markCanary();
  }
  /** @param {string[]} ids */
  function showSending(ids) {
    sending.value = new Set(ids);
    channel.say({ what: "sending", ids });
  }
  const locks = store === null ? null : { push: makeLock(env, store, "push"), pull: makeLock(env, store, "pull") };
  const seen = views(env, mirror, picture, sending);
  return {
    env, store, cacheStore, cache, broken, picture, isStorageLost, net, channel, queue, mirror, locks, seen,
    seePicture, markCanary, watchStorage, showSending,
  }; // prettier-ignore
}

/**
 * @param {import("./env.js").Env} env
 * @param {{value: import("./mirror.js").Mirror}} mirror
 * @param {{value: import("./cache.js").Picture}} picture
 * @param {{value: Set<string>}} sending
 */
function views(env, mirror, picture, sending) {
  const bins = computed(() => picture.value.places.bins);
  const places = computed(() => {
    /** @type {Record<string, {warehouse: string, sku: string}>} */
    const found = Object.create(null);
    const floor = picture.value.floor;
    const warehouse = floor === null ? "" : floor.warehouse;
    bins.value.forEach((/** @type {any} */ bin) => (found[bin.bin] = { warehouse, sku: bin.sku }));
    return found;
  });
  const all = computed(() => look(mirror.value, picture.value.floor, places.value));
  const conflicts = computed(() => all.value.conflicts);
  const queue = computed(() => queueOf(mirror.value, conflicts.value, sending.value, env.now()));
  const people = computed(() => picture.value.places.people);
  const tally = computed(() => tallyOf(mirror.value, picture.value.floor));
  return {
    tasks: computed(() => all.value.tasks), gone: computed(() => all.value.gone), conflicts, bins, people, queue, tally,
    lead: computed(() => picture.value.places.lead), label: computed(() => picture.value.places.label),
  }; // prettier-ignore
}

/**
 * @param {Parts} parts
 * @param {ReturnType<typeof run>} work
 * @returns {Device}
 */
function makeDevice(parts, work) {
  const { mirror, net, picture, broken, isStorageLost, seen } = parts;
  const state = computed(() => {
    const { device, identities, persisted } = mirror.value;
    const me = identities.get(device);
    const { is_up, signed_out, push_failures, clock } = net.net.value;
    return {
      is_enrolled: me !== undefined,
      device,
      label: seen.label.value,
      warehouse: me === undefined ? "" : me.warehouse,
      has_key: me !== undefined && me.keys !== null,
      signed_out,
      is_up,
      is_stuck: push_failures > 0,
      synced_at: picture.value.synced_at,
      clock_off_ms: clock === null ? 0 : clock.off,
      clock_wrong: isWrong(clock),
      storage_lost: isStorageLost.value,
      persisted,
      is_fresh: picture.value.floor !== null,
    };
  });
  const signals = {
    state,
    broken,
    chip: computed(() => chipOf(state.value, seen.queue.value, broken.value !== null)),
    actor: computed(() => mirror.value.actor),
    ops: () => seen.queue.value.rows,
    shares: () => sharesOf(seen.queue.value),
  };
  return Object.assign(signals, seen, makeActs(parts, work, state));
}
