/** @file Sums of money as people read and type them. The picker's room has no need of them. */

/** `¥1,286.00` from fen, with a true minus. @param {number} fen */
export function money(fen) {
  const whole = String(Math.floor(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fen < 0 ? "−" : ""}¥${whole}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
}

/** What `fen` is as it is typed: `128.00`. @param {number} fen */
export function yuan(fen) {
  return `${Math.floor(fen / 100)}.${`0${fen % 100}`.slice(-2)}`;
}

/** Fen of `128`, `128.5`, `1,286.00`, `¥128`; null where it is no sum of money. @param {string} text */
export function fenOf(text) {
  const found = /^[¥￥]?\s*(\d{1,10})(?:[.．。](\d{1,2}))?$/.exec(text.trim().replace(/[,，]/g, ""));
  return found ? Number(found[1]) * 100 + Number(`${found[2] || ""}00`.slice(0, 2)) : null;
}
