/** How far this device's clock is from the server's, and times written as the contract wants them. Pure. */

/** @typedef {{off: number, rtt: number, at: number}} Sample `off` = server − device, ms */

export const WRONG_MS = 5 * 60 * 1000;
const ROUNDED_MS = 1000; // servers may write whole seconds
const STALE_MS = 60 * 60 * 1000;

/**
 * The sample with the smallest round trip is the truest one; it lapses after an hour, and at once when a newer one
 * cannot be true beside it, for then somebody has set the clock.
 * @param {Sample | null} kept
 * @param {number} asked device time when the question left
 * @param {number} answered device time when the answer came
 * @param {string} serverTime
 * @returns {Sample | null}
 */
export function better(kept, asked, answered, serverTime) {
  const server = Date.parse(serverTime);
  if (!Number.isFinite(server) || answered < asked) return kept;
  const fresh = { off: Math.round(server - (asked + answered) / 2), rtt: answered - asked, at: answered };
  if (kept === null || fresh.rtt <= kept.rtt || answered - kept.at > STALE_MS || answered < kept.at) return fresh;
  const apart = Math.abs(fresh.off - kept.off);
  return apart > (fresh.rtt + kept.rtt) / 2 + ROUNDED_MS ? fresh : kept;
}

/**
 * @param {Sample | null} sample
 * @returns {boolean}
 */
export function isWrong(sample) {
  return sample !== null && Math.abs(sample.off) > WRONG_MS;
}

/**
 * RFC 3339 with the device's own offset.
 * @param {number} ms
 * @param {number} [offsetMinutes] east of Greenwich
 * @returns {string}
 */
export function written(ms, offsetMinutes = -new Date(ms).getTimezoneOffset()) {
  const local = new Date(ms + offsetMinutes * 60000).toISOString().slice(0, 23);
  const away = Math.abs(offsetMinutes);
  const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return local + (offsetMinutes < 0 ? "-" : "+") + pad(Math.floor(away / 60)) + ":" + pad(away % 60);
}
