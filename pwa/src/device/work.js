/** The two rounds and what sets them going: a start, a network, a look at the screen, a timer, a person. */

import { isCovered } from "./batches.js";
import { isSeen } from "./look.js";
import { receiptFor } from "./mirror.js";
import { puller } from "./pull.js";
import { pusher } from "./push.js";
import { about, backoff, rounds } from "./rounds.js";

/**
 * @typedef {import("./batches.js").Range} Range
 * @typedef {import("./build.js").Parts} Parts
 * @typedef {import("./queue.js").Queue} Queue
 */

const SEEN_MS = 15000;
const IDLE_MS = 60000;
const TIDY_MS = 60 * 60 * 1000;

/**
 * @param {Parts} parts
 * @returns {{push: () => Promise<void>, pull: () => Promise<void>, stop: () => void}}
 */
export function run(parts) {
  const { env, net, queue, locks } = parts;
  const idle = () => Promise.resolve();
  if (queue === null || locks === null) return { push: idle, pull: idle, stop: () => shut(parts) };
  const restored = forgetter(queue);
  const push = rounds(
    env,
    pusher({
      env,
      queue,
      lock: locks.push,
      heard: net.heard("push"),
      failed: net.failed("push"),
      sending: parts.showSending,
      restored,
      epoch: () => net.net.peek().epoch,
      sent: () => {
        parts.markCanary();
        void pull.kick();
      },
    }),
    () => wait(parts, net.net.peek().push_failures, IDLE_MS),
  );
  const tidy = tidier(parts, queue);
  const pull = rounds(
    env,
    puller({
      env,
      queue,
      cache: parts.cache,
      lock: locks.pull,
      heard: (answer) => {
        const wasAway = net.net.peek().pull_failures > 0;
        net.heard("pull")(answer);
        if (wasAway) void push.kick(); // it is back: the queue need not wait for its own timer
      },
      failed: net.failed("pull"),
      needed: () => neededOrders(parts),
      show: async (picture) => {
        parts.picture.value = picture;
        parts.channel.say({ what: "floor" });
        const { epoch, reach } = /** @type {import("./floor.js").Floor} */ (picture.floor);
        for (const device of Object.keys(reach || {})) {
          if (await restored(epoch, device, /** @type {any} */ (reach)[device])) void push.kick();
        }
        await tidy();
      },
    }),
    () => wait(parts, net.net.peek().pull_failures, document.visibilityState === "visible" ? SEEN_MS : IDLE_MS),
  );
  const forget = listen(() => {
    void push.kick();
    void pull.kick();
  });
  void push.kick();
  void pull.kick();
  const stop = () => {
    forget();
    push.stop();
    pull.stop();
    shut(parts);
  };
  return { push: push.kick, pull: pull.kick, stop };
}

/**
 * @param {Parts} parts
 * @param {number} failures
 * @param {number} usual
 */
function wait({ env }, failures, usual) {
  return failures > 0 ? backoff(failures, env.random()) : about(usual, env.random());
}

/**
 * A network that came back and a screen that is looked at again are good moments; neither is proof of anything.
 * @param {() => void} wake
 */
function listen(wake) {
  const look = () => {
    if (document.visibilityState === "visible") wake();
  };
  addEventListener("online", wake);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", look);
  return () => {
    removeEventListener("online", wake);
    removeEventListener("pageshow", look);
    document.removeEventListener("visibilitychange", look);
  };
}

/** @param {Parts} parts */
function shut({ channel, store, cacheStore }) {
  channel.close();
  if (store !== null) store.close();
  if (cacheStore !== null) cacheStore.close();
}

/**
 * Another life of the server may be an older one: what it had answered for and does not have any more waits again.
 * @param {Queue} queue
 * @returns {(epoch: string, device: string, ranges: Range[]) => Promise<boolean>} true = there is something to send
 */
function forgetter(queue) {
  return async (epoch, device, ranges) => {
    const { ops, results, outcomes } = queue.mirror.peek();
    const ids = Array.from(ops.values())
      .filter((kept) => kept.device === device && !isCovered(ranges, kept.n))
      .filter((kept) => {
        const receipt = results.get(kept.id);
        return receipt !== undefined && !receipt.is_lost && receipt.epoch !== epoch;
      })
      .map((kept) => kept.id);
    const ms = Array.from(outcomes.values())
      .filter((outcome) => outcome.is_taken && !outcome.is_lost && outcome.epoch !== epoch && outcome.epoch !== "")
      .map((outcome) => outcome.m);
    const counts = Array.from(queue.mirror.peek().heard.values()).filter((one) => !one.is_lost && one.epoch !== epoch);
    await queue.lost(ids, ms);
    if (counts.length > 0) await queue.counted(counts.map((one) => Object.assign({}, one, { is_lost: true })));
    return ids.length + ms.length + counts.length > 0;
  };
}

/**
 * Orders that this device's own work still needs: the server has not shown an op back, or a conflict is open.
 * @param {Parts} parts
 * @returns {Set<string>}
 */
function neededOrders(parts) {
  const { mirror, picture, seen } = parts;
  const floor = picture.peek().floor;
  const orders = new Set(seen.conflicts.value.filter((one) => one.mine.length > 0).map((one) => one.order_no));
  mirror.peek().ops.forEach((kept) => {
    const isBack = floor !== null && receiptFor(mirror.peek(), kept.id) !== null && isSeen(floor, mirror.peek(), kept);
    if (!isBack) orders.add(kept.op.order_no);
  });
  return orders;
}

/**
 * @param {Parts} parts
 * @param {Queue} queue
 */
function tidier({ env, seen }, queue) {
  let next = 0;
  return async () => {
    if (env.now() < next) return;
    next = env.now() + TIDY_MS;
    const care = seen.queue.value.rows.filter((row) => row.standing === "care");
    await queue.purge(new Set(care.map((row) => row.id)));
  };
}
