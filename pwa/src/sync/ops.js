/**
 * An op and its strict reader; the twin of sync/ops.py, with the same checks in the same order.
 * One thing JavaScript cannot see: 2.0 in a text is 2 here, while the server refuses it.
 */

import { canonicalJson, isBroken } from "./canon.js";
import { malformed } from "./reasons.js";

/**
 * @typedef {{id: string, hlc: string, at: string, actor: string, order_no: string, line_no: number, kind: string,
 *   qty: number, bin: string, code: string, target: string, v: number}} Op
 * @typedef {import("./reasons.js").Malformed} Malformed
 * @typedef {[string, string] | null} Problem
 */

export const VERSION = 1;
export const KINDS = ["pick", "short", "void", "wrong"];
export const MAX_LINE_NO = 999999;
export const MAX_QTY = 999999999;
/** @type {Record<string, number>} longest text in code points */
export const TEXT_LIMITS = { actor: 64, order_no: 64, bin: 64, code: 512, target: 32, at: 40 };

const REQUIRED = ["id", "hlc", "at", "order_no", "line_no", "kind", "qty"];
const FIELDS = new Set(REQUIRED.concat(["v", "actor", "bin", "code", "target"]));

const DEVICE = /^[0-9A-Z]{8}$/;
const ID = /^([0-9A-Z]{8}):([1-9][0-9]{0,15})$/;
const HLC = /^[0-9]{15}-[0-9A-Fa-f]{4}-[0-9A-Z]{8}$/;
const AT = new RegExp(
  "^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?" +
    "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
);
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @param {unknown} kind */
export function isCounted(kind) {
  return kind === "pick" || kind === "short";
}

/** @param {unknown} text */
export function isDevice(text) {
  return typeof text === "string" && DEVICE.test(text);
}

/**
 * @param {unknown} id
 * @returns {[string, number] | null} device and number
 */
export function splitId(id) {
  const found = typeof id === "string" ? ID.exec(id) : null;
  if (found === null || !Number.isSafeInteger(Number(found[2]))) return null;
  return [found[1], Number(found[2])];
}

/** @param {unknown} text */
export function isHlc(text) {
  return typeof text === "string" && HLC.test(text);
}

/** @param {unknown} text */
export function isAt(text) {
  const found = typeof text === "string" ? AT.exec(text) : null;
  if (found === null) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (year < 1 || month < 1 || month > 12) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= MONTH_DAYS[month - 1] + (leap ? 1 : 0);
}

/**
 * @param {unknown} raw JSON text, or a decoded object
 * @returns {Op | Malformed}
 */
export function readOp(raw) {
  let body = raw;
  if (typeof raw === "string") {
    try {
      body = JSON.parse(raw, refuseBroken);
    } catch {
      return malformed("not_json");
    }
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return malformed("not_object");
  const fields = /** @type {Record<string, any>} */ (body);
  const id = splitId(own(fields, "id")) ? fields.id : "";
  const problem = shape(fields) || values(fields) || texts(fields) || aim(fields);
  if (problem !== null) return malformed(problem[0], problem[1], id);
  return Object.freeze({
    id,
    hlc: fields.hlc,
    at: fields.at,
    actor: own(fields, "actor") || "",
    order_no: fields.order_no,
    line_no: fields.line_no,
    kind: fields.kind,
    qty: fields.qty + 0, // -0 becomes 0
    bin: own(fields, "bin") || "",
    code: own(fields, "code") || "",
    target: own(fields, "target") || "",
    v: VERSION,
  });
}

/**
 * @param {Op} op
 * @returns {string} the contract's canonical JSON
 */
export function canonical(op) {
  return canonicalJson(op);
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function refuseBroken(key, value) {
  if (isBroken(key) || (typeof value === "string" && isBroken(value))) throw new RangeError("half a character");
  return value;
}

/**
 * @param {Record<string, any>} fields
 * @param {string} name
 * @returns {any} null where absent
 */
function own(fields, name) {
  const value = Object.prototype.hasOwnProperty.call(fields, name) ? fields[name] : null;
  return value === undefined ? null : value;
}

/**
 * @param {Record<string, any>} fields
 * @returns {Problem}
 */
function shape(fields) {
  const version = own(fields, "v");
  if (version === null) return ["missing_field", "v"];
  if (!isInteger(version, 1, Number.MAX_SAFE_INTEGER)) return ["bad_version", "v"];
  if (version > VERSION) return ["unknown_kind", "v"];
  const unknown = Object.keys(fields)
    .filter((name) => !FIELDS.has(name))
    .sort();
  if (unknown.length > 0) return ["unknown_field", textProblem(unknown[0], 64) === null ? unknown[0] : "?"];
  const missing = REQUIRED.find((name) => own(fields, name) === null);
  return missing === undefined ? null : ["missing_field", missing];
}

/**
 * @param {Record<string, any>} fields
 * @returns {Problem}
 */
function values(fields) {
  if (splitId(fields.id) === null) return ["bad_id", "id"];
  if (!isHlc(fields.hlc)) return ["bad_hlc", "hlc"];
  if (!isAt(fields.at)) return ["bad_at", "at"];
  if (!isInteger(fields.line_no, 1, MAX_LINE_NO)) return ["bad_line_no", "line_no"];
  if (typeof fields.kind !== "string") return ["bad_kind", "kind"];
  if (KINDS.indexOf(fields.kind) < 0) return ["unknown_kind", "kind"];
  const counted = isCounted(fields.kind);
  return isInteger(fields.qty, counted ? 1 : 0, counted ? MAX_QTY : 0) ? null : ["bad_qty", "qty"];
}

/**
 * @param {Record<string, any>} fields
 * @returns {Problem}
 */
function texts(fields) {
  for (const name of ["actor", "order_no", "bin", "code", "target"]) {
    const value = own(fields, name);
    const code = value === null ? null : textProblem(value, TEXT_LIMITS[name]);
    if (code !== null) return [code, name];
  }
  return fields.order_no === "" ? ["bad_order_no", "order_no"] : null;
}

/**
 * @param {Record<string, any>} fields
 * @returns {Problem}
 */
function aim(fields) {
  const target = own(fields, "target") || "";
  if (fields.kind !== "void") return target ? ["target_not_allowed", "target"] : null;
  if (!target) return ["target_missing", "target"];
  return splitId(target) ? null : ["bad_id", "target"];
}

/**
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 */
function isInteger(value, low, high) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= low && value <= high;
}

/**
 * @param {unknown} value
 * @param {number} limit
 * @returns {string | null}
 */
function textProblem(value, limit) {
  if (typeof value !== "string") return "bad_text";
  if (value.indexOf("\0") >= 0) return "nul_in_text";
  if (isBroken(value)) return "not_unicode";
  return value.length > limit && Array.from(value).length > limit ? "too_long" : null;
}
