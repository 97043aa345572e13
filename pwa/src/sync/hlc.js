/** A hybrid logical clock, small; the twin of sync/hlc.py. `now` is always given from outside. */

import { isHlc } from "./ops.js";

/** @typedef {{device: string, ms: number, count: number}} Clock */

export const MAX_MS = 999999999999999;
export const MAX_COUNT = 0xffff;
export const MAX_AHEAD_MS = 5 * 60 * 1000;

/**
 * @param {Clock} clock
 * @returns {string}
 */
export function stamp(clock) {
  const count = clock.count.toString(16).toUpperCase();
  return String(clock.ms).padStart(15, "0") + "-" + count.padStart(4, "0") + "-" + clock.device;
}

/**
 * @param {Clock} clock
 * @param {number} nowMs
 * @returns {Clock}
 */
export function tick(clock, nowMs) {
  return later(clock, bounded(nowMs));
}

/**
 * @param {Clock} clock
 * @param {string} remote
 * @param {number} nowMs
 * @returns {Clock}
 */
export function hear(clock, remote, nowMs) {
  const now = bounded(nowMs);
  let base = clock;
  if (isHlc(remote) && !isAhead(remote, now)) {
    const ms = Number(remote.slice(0, 15));
    const count = parseInt(remote.slice(16, 20), 16);
    if (ms > clock.ms || (ms === clock.ms && count > clock.count)) base = { device: clock.device, ms, count };
  }
  return later(base, now);
}

/**
 * @param {string} remote
 * @param {number} nowMs
 */
export function isAhead(remote, nowMs) {
  return isHlc(remote) && Number(remote.slice(0, 15)) > bounded(nowMs) + MAX_AHEAD_MS;
}

/**
 * @param {Clock} clock
 * @param {number} now
 * @returns {Clock}
 */
function later(clock, now) {
  if (now > clock.ms) return { device: clock.device, ms: now, count: 0 };
  if (clock.count < MAX_COUNT) return { device: clock.device, ms: clock.ms, count: clock.count + 1 };
  return { device: clock.device, ms: Math.min(clock.ms + 1, MAX_MS), count: 0 };
}

/** @param {number} nowMs */
function bounded(nowMs) {
  return Math.max(0, Math.min(nowMs, MAX_MS));
}
