/** Transactions over one connection: `write` resolves after `complete`, never before; what fails is told with a reason. */

import { DeviceError } from "./env.js";

/**
 * @typedef {{write: <T>(stores: string[], work: (tx: any) => Promise<T>) => Promise<T>,
 *   read: <T>(stores: string[], work: (tx: any) => Promise<T>) => Promise<T>, close: () => void}} Store
 * @typedef {(reason: string, error: unknown) => void} Tell
 */

/**
 * A connection that may be lost (an upgrade in another tab, a phone's sleep) and is then opened again, once a call.
 * @param {() => Promise<any>} open
 * @param {Tell} tell
 * @param {boolean} isStrict
 * @returns {Promise<Store>}
 */
export async function kept(open, tell, isStrict) {
  const options = isStrict ? { durability: "strict" } : undefined;
  let db = await reach();
  async function reach() {
    try {
      return await open();
    } catch (error) {
      tell(reasonOf(error, "open_failed"), error);
      throw error;
    }
  }

  /**
   * @param {string[]} stores
   * @param {"readonly" | "readwrite"} mode
   */
  async function begin(stores, mode) {
    try {
      return db.transaction(stores, mode, options);
    } catch (error) {
      if (nameOf(error) !== "InvalidStateError") throw error;
      db = await reach(); // nothing was asked of the lost connection yet
      return db.transaction(stores, mode, options);
    }
  }

  /**
   * @template T
   * @param {"readonly" | "readwrite"} mode
   * @param {string[]} stores
   * @param {(tx: any) => Promise<T>} work
   * @returns {Promise<T>} after `complete`
   */
  async function run(mode, stores, work) {
    const tx = await begin(stores, mode);
    const done = tx.done.then(
      () => null,
      (/** @type {any} */ error) => error || new DeviceError("aborted"),
    );
    try {
      const value = await work(tx);
      const failure = await done;
      if (failure !== null) throw failure;
      return value;
    } catch (error) {
      abort(tx);
      await done;
      const isStorage = error instanceof DOMException || (error instanceof DeviceError && error.code === "aborted");
      if (!isStorage) throw error;
      tell(reasonOf(error, mode === "readonly" ? "not_read" : "not_stored"), error);
      throw new DeviceError(mode === "readonly" ? "not_read" : "not_stored", String(error));
    }
  }
  return {
    write: (stores, work) => run("readwrite", stores, work),
    read: (stores, work) => run("readonly", stores, work),
    close: () => db.close(),
  };
}

/** @param {any} tx */
function abort(tx) {
  try {
    tx.abort();
  } catch {
    // It is over already.
  }
}

/** @param {any} error */
function nameOf(error) {
  return error && typeof error.name === "string" ? error.name : "";
}

/**
 * @param {any} error
 * @param {string} usual
 * @returns {string} a word for the screen: quota, newer_version, timeout, open_failed, not_stored, not_read, no_indexeddb
 */
function reasonOf(error, usual) {
  if (nameOf(error) === "QuotaExceededError") return "quota";
  if (nameOf(error) === "VersionError") return "newer_version";
  if (error instanceof DeviceError && error.code !== "aborted") return error.code;
  return typeof indexedDB === "undefined" ? "no_indexeddb" : usual;
}
