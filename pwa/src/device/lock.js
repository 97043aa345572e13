/**
 * One tab at a time. Web Locks where the browser has them, else a lease in the queue's database. Only a courtesy:
 * what keeps an op from counting twice is its id.
 */

export const FROZEN_MS = 60000;
const LEASE_MS = 45000; // longer than one question's patience

/**
 * @param {import("./env.js").Env} env
 * @param {import("./db.js").Store} store for the lease
 * @param {string} what
 */
export function makeLock(env, store, what) {
  const name = env.name + "-" + what;
  const owner = String(env.random());
  /** @type {number | null} since when another tab has been at it */
  let waitedSince = null;

  /**
   * A tab that was frozen at work keeps a Web Lock; after a minute it is taken from it.
   * @param {() => Promise<void>} work
   * @returns {Promise<boolean>} false = another tab is at it
   */
  async function alone(work) {
    if (waitedSince !== null && waitedSince > env.now()) waitedSince = env.now(); // the clock was set back
    const isFrozen = waitedSince !== null && env.now() - waitedSince > FROZEN_MS;
    const did = env.locks === null ? await byLease(work) : await byLock(env.locks, work, isFrozen);
    waitedSince = did ? null : waitedSince === null ? env.now() : waitedSince;
    return did;
  }

  /**
   * @param {LockManager} locks
   * @param {() => Promise<void>} work
   * @param {boolean} steal
   * @returns {Promise<boolean>}
   */
  function byLock(locks, work, steal) {
    return locks.request(name, steal ? { steal: true } : { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      await work();
      return true;
    });
  }

  /** @param {() => Promise<void>} work */
  async function byLease(work) {
    const mine = await store.write(["meta"], async (tx) => {
      const lease = await tx.objectStore("meta").get("lease:" + what);
      const now = env.now();
      if (lease && lease.owner !== owner && lease.until > now && lease.until < now + 2 * LEASE_MS) return false;
      await tx.objectStore("meta").put({ name: "lease:" + what, owner, until: now + LEASE_MS });
      return true;
    });
    if (!mine) return false;
    try {
      await work();
      return true;
    } finally {
      await store.write(["meta"], async (tx) => {
        const lease = await tx.objectStore("meta").get("lease:" + what);
        if (lease && lease.owner === owner) await tx.objectStore("meta").delete("lease:" + what);
      });
    }
  }
  return { alone };
}
