/**
 * A mark beside the database, in two other places of the browser: which device this was and how far it had come. If
 * the database is empty and a mark is there, the browser has thrown the queue away, and people must hear of it.
 */

/** @typedef {{device: string, n: number}} Mark */

/**
 * @param {import("./env.js").Env} env
 * @returns {{marks: (Mark | null)[], write: (mark: Mark | null) => void}}
 */
export function makeCanary(env) {
  return {
    marks: env.places.map((place) => parsed(place.get())),
    write: (mark) => env.places.forEach((place) => place.set(mark === null ? null : JSON.stringify(mark))),
  };
}

/**
 * @param {string | null} text
 * @returns {Mark | null}
 */
function parsed(text) {
  if (text === null) return null;
  try {
    const mark = JSON.parse(text);
    return typeof mark.device === "string" && Number.isSafeInteger(mark.n) ? mark : null;
  } catch {
    return null;
  }
}

/**
 * @param {(Mark | null)[]} marks
 * @param {string} device as the database has it, "" = none
 * @param {number} highest the highest number in it
 * @returns {boolean}
 */
export function isLost(marks, device, highest) {
  const there = /** @type {Mark[]} */ (marks.filter((mark) => mark !== null));
  if (device === "") return there.length > 0;
  return there.length === 0 || there.some((mark) => mark.device !== device || mark.n > highest);
}

/**
 * @param {(Mark | null)[]} marks
 * @param {string} device
 * @returns {number} the highest number that a mark knows of, so that a database rolled back does not use it again
 */
export function usedMark(marks, device) {
  return marks.reduce((top, mark) => (mark !== null && mark.device === device ? Math.max(top, mark.n) : top), 0);
}
