/**
 * Canonical JSON as the contract fixes it; the twin of sync/canon.py.
 * Sorted ASCII keys, no spaces; text, booleans, null, lists, objects, integers within ±(2^53 - 1). Everything else throws.
 */

const MAX_DEPTH = 64;
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Order of two texts by code point, as Python sorts; JavaScript's own order is by UTF-16 unit.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function compareText(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const high = (/** @type {number} */ unit) => (unit >= 0xd800 && unit <= 0xdfff ? 1 : 0);
      return high(x) - high(y) || x - y;
    }
  }
  return a.length - b.length;
}

/**
 * True when the text holds half of a surrogate pair.
 * @param {string} text
 */
export function isBroken(text) {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = text.charCodeAt(i + 1);
      if (unit >= 0xdc00 || !(next >= 0xdc00 && next <= 0xdfff)) return true;
      i += 1;
    }
  }
  return false;
}

/**
 * @param {unknown} value
 * @returns {string} throws RangeError outside the closed domain
 */
export function canonicalJson(value) {
  return write(value, 0);
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {string}
 */
function write(value, depth) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") {
    if (isBroken(value)) throw new RangeError("text holds half a character pair");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("not an integer within 2^53 - 1");
    return JSON.stringify(value);
  }
  if (typeof value !== "object" || depth >= MAX_DEPTH) throw new RangeError("not allowed");
  if (Array.isArray(value)) return "[" + value.map((part) => write(part, depth + 1)).join(",") + "]";
  const object = /** @type {Record<string, unknown>} */ (value);
  const parts = Object.keys(object)
    .sort(compareText)
    .map((key) => {
      if (!ASCII.test(key)) throw new RangeError("key is not ASCII text");
      return JSON.stringify(key) + ":" + write(object[key], depth + 1);
    });
  return "{" + parts.join(",") + "}";
}
