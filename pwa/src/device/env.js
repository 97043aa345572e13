/** What comes from outside (clock, chance, network, timers, events), in one place, so that tests can give their own. */

/**
 * @typedef {import("./device.js").Given} Given
 * @typedef {{get: () => string | null, set: (text: string | null) => void}} Place
 * @typedef {{now: () => number, fetch: (url: string, init: RequestInit) => Promise<Response>, random: () => number,
 *   later: (fn: () => void, ms: number) => any, never: (handle: any) => void, name: string,
 *   locks: LockManager | null, subtle: SubtleCrypto | null, places: Place[],
 *   log: (what: string, facts?: Record<string, any>) => void}} Env
 */

/**
 * @param {Given} given
 * @returns {Env}
 */
export function environment(given) {
  const name = given.name || "huodaona";
  const key = name + "-canary";
  return {
    now: given.now || (() => Date.now()),
    fetch: given.fetch || ((url, init) => fetch(url, init)),
    random: given.random || Math.random,
    later: given.later || ((fn, ms) => setTimeout(fn, ms)),
    never: given.never || ((handle) => clearTimeout(handle)),
    name,
    locks: given.locks === undefined ? navigator.locks || null : given.locks,
    subtle: (self.crypto && self.crypto.subtle) || null,
    places: [inStorage(key), inCookie(key)],
    log: (what, facts) => console.info("device: " + what, facts || ""),
  };
}

/**
 * @param {string} key
 * @returns {Place}
 */
function inStorage(key) {
  return {
    get: () => quietly(() => localStorage.getItem(key)),
    set: (text) => quietly(() => (text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text))),
  };
}

/**
 * @param {string} key
 * @returns {Place}
 */
function inCookie(key) {
  return {
    get: () => {
      const all = quietly(() => document.cookie.split("; ")) || [];
      const found = all.find((pair) => pair.indexOf(key + "=") === 0);
      return found === undefined ? null : quietly(() => decodeURIComponent(found.slice(key.length + 1)));
    },
    set: (text) => {
      const life = text === null ? "; max-age=0" : "; max-age=31536000";
      quietly(() => {
        document.cookie = key + "=" + encodeURIComponent(text || "") + life + "; path=/; samesite=strict";
      });
    },
  };
}

/**
 * Both places may be switched off in a browser; the queue does not depend on them.
 * @template T
 * @param {() => T} work
 * @returns {T | null}
 */
function quietly(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** A refusal of this room: `code` for the words, `detail` for the log. */
export class DeviceError extends Error {
  /**
   * @param {string} code
   * @param {string} [detail]
   */
  constructor(code, detail = "") {
    super(detail ? code + ": " + detail : code);
    this.name = "DeviceError";
    this.code = code;
  }
}
