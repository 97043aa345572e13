/**
 * The two databases. The queue's is append-only and written with strict durability: what `write` resolved for lies on
 * disk. It is never cleared here, and trouble with it becomes `broken`, not a second try. The cache's may be thrown away.
 */

import { deleteDB, openDB } from "../vendor/preact.js";
import { DeviceError } from "./env.js";
import { kept } from "./store.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Tell} Tell
 */

export const PATIENCE_MS = 10000;

/**
 * A migration only ever adds: build N − 1 must be able to read what build N left.
 * @type {Record<string, IDBObjectStoreParameters>[]}
 */
const QUEUE = [
  {
    meta: { keyPath: "name" },
    devices: { keyPath: "device" },
    ops: { keyPath: ["device", "n"] },
    results: { keyPath: "id" },
    settlements: { keyPath: "m", autoIncrement: true },
    answers: { keyPath: "m" },
    notes: { keyPath: "id" },
  },
];
const CACHE_VERSION = 1;

/**
 * @param {import("./env.js").Env} env
 * @param {Tell} tell
 * @returns {Promise<Store>} rejects, having told
 */
export async function openQueue(env, tell) {
  const open = () => opened(env, env.name + "-queue", QUEUE.length, upgradeQueue);
  const store = await kept(open, tell, true);
  await selfTest(env, store, tell);
  return store;
}

/**
 * @param {import("./env.js").Env} env
 * @returns {Promise<Store | null>} null where the browser has none to give: then the picture lives in memory
 */
export async function openCache(env) {
  const name = env.name + "-cache";
  const open = () => opened(env, name, CACHE_VERSION, upgradeCache);
  const quiet = () => undefined;
  async function anew() {
    try {
      return await kept(open, quiet, false);
    } catch (error) {
      env.log("the cache does not open, it is made anew", { error: String(error) });
    }
    await deleteDB(name);
    return kept(open, quiet, false);
  }
  try {
    return await within(env, anew(), name);
  } catch (error) {
    env.log("there is no cache", { error: String(error) });
    return null;
  }
}

/**
 * @param {any} db
 * @param {number} from
 */
function upgradeQueue(db, from) {
  QUEUE.slice(from).forEach((stores) => Object.keys(stores).forEach((name) => db.createObjectStore(name, stores[name])));
}

/** @param {any} db */
function upgradeCache(db) {
  Array.from(db.objectStoreNames).forEach((name) => db.deleteObjectStore(name));
  db.createObjectStore("parts", { keyPath: "name" });
}

/**
 * @param {import("./env.js").Env} env
 * @param {string} name
 * @param {number} version
 * @param {(db: any, from: number) => void} upgrade
 * @returns {Promise<any>}
 */
function opened(env, name, version, upgrade) {
  const open = openDB(name, version, {
    upgrade,
    // Another tab holds an older version: it closes by itself (below); until then this waits for its patience.
    blocked: () => env.log("another tab holds an older database", { name }),
    blocking: (_from, _to, event) => /** @type {IDBDatabase} */ (event.target).close(),
  });
  return within(env, open, name);
}

/**
 * Some browsers never answer; a screen that says so is better than one that turns for ever.
 * @template T
 * @param {import("./env.js").Env} env
 * @param {Promise<T>} work
 * @param {string} name
 * @returns {Promise<T>}
 */
function within(env, work, name) {
  return new Promise((resolve, reject) => {
    const patience = env.later(() => reject(new DeviceError("timeout", name)), PATIENCE_MS);
    work.then(resolve, reject).then(() => env.never(patience));
  });
}

/**
 * @param {import("./env.js").Env} env
 * @param {Store} store
 * @param {Tell} tell
 */
async function selfTest(env, store, tell) {
  const mark = env.now() + "/" + env.random();
  await store.write(["meta"], (tx) => tx.objectStore("meta").put({ name: "self_test", value: mark }));
  const found = await store.read(["meta"], (tx) => tx.objectStore("meta").get("self_test"));
  if (found && found.value === mark) return;
  const error = new DeviceError("self_test");
  tell("self_test", error);
  throw error;
}
