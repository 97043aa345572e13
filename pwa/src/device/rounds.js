/** Work that comes round again: one at a time, kicked from outside, and a timer that re-arms itself whatever happens. */

/** @typedef {{kick: () => Promise<void>, stop: () => void}} Rounds */

export const FIRST_MS = 1000;
export const LAST_MS = 60000;

/**
 * Doubling from 1 s to 60 s, between half and whole of the step so that devices do not come back in one wave.
 * @param {number} failures in a row, at least 1
 * @param {number} chance 0 ≤ chance < 1
 * @returns {number} ms
 */
export function backoff(failures, chance) {
  const step = Math.min(LAST_MS, FIRST_MS * Math.pow(2, Math.min(failures, 30) - 1));
  return Math.max(FIRST_MS, Math.round(step / 2 + (chance * step) / 2));
}

/**
 * @param {number} ms
 * @param {number} chance
 * @returns {number} within a fifth of it
 */
export function about(ms, chance) {
  return Math.round(ms * (0.8 + 0.4 * chance));
}

/**
 * @param {import("./env.js").Env} env
 * @param {() => Promise<void>} work
 * @param {() => number} delay ms until the next round by itself
 * @returns {Rounds} `kick` starts a round, or makes the running one go again; it resolves when that is over
 */
export function rounds(env, work, delay) {
  /** @type {any} */
  let timer = null;
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  let stopped = false;

  async function run() {
    try {
      do {
        again = false;
        await work();
      } while (again && !stopped);
    } catch (error) {
      env.log("a round failed", { error: String(error) });
    } finally {
      running = null;
      if (timer !== null) env.never(timer);
      timer = stopped ? null : env.later(() => void kick(), delay());
    }
  }

  /** @returns {Promise<void>} */
  function kick() {
    if (stopped) return Promise.resolve();
    again = true;
    if (running === null) running = run();
    return running;
  }

  function stop() {
    stopped = true;
    if (timer !== null) env.never(timer);
    timer = null;
  }
  return { kick, stop };
}
