/** An op before it is checked, and an answer as it is kept. Pure. */

/**
 * @param {import("./device.js").Wish} wish
 * @param {string} actor
 * @param {string} id
 * @param {string} hlc
 * @param {string} at
 */
export function bodyOf(wish, actor, id, hlc, at) {
  const { order_no, line_no, kind } = wish;
  const optional = { bin: wish.bin || "", code: wish.code || "", target: wish.target || "" };
  return Object.assign({ id, hlc, at, actor, order_no, line_no, kind, qty: wish.qty || 0 }, optional, { v: 1 });
}

/**
 * @param {any} result
 * @param {string} epoch
 * @param {number} at
 * @returns {import("./mirror.js").Receipt}
 */
export function receiptOf(result, epoch, at) {
  const text = (/** @type {string} */ name) => (typeof result[name] === "string" ? result[name] : "");
  const { id, verdict } = result;
  return { id, verdict, why: text("why"), conflict: text("conflict"), code: text("code"), at, epoch, is_lost: false };
}
