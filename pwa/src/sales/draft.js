/** @file A draft of an order: one for each user of this browser, kept with every change, so that a call, a reload or no
 * network loses nothing. It is no order and no op: what counts is what the server has answered. */
import { signal } from "../vendor/preact.js";

/**
 * @typedef {{id: string, name: string, phone: string, tier?: string, terms?: string}} Buyer an empty id is a new customer
 * @typedef {{uom: string, qty: string, round: string}} Unit so much of another unit than the SKU's own
 * @typedef {{sku: string, name: string, uom: string, list_fen: number|null, price_fen: number|null, qty: number, isProven: boolean,
 *   list_per?: string, uoms?: string[], unit?: Unit|null, told?: {sum_fen: number, rest: string}|null}} Line
 * `qty` counts pieces. `list_fen` is the price list's (for one `list_per`), `price_fen` what was asked instead, for one of the unit that is
 * asked for; `told`: what the server made of another unit; `isProven`: it knows this SKU
 * @typedef {{key: string, buyer: Buyer|null, address: string, lines: Line[], note: string, options: string[],
 *   warehouse: string, external_no: string, tries: string[], tried_at: number,
 *   promise: {id: string, eta_from: string, eta_to: string, expires_at: string}|null}} Draft
 * `tries`: bodies that were sent with this key and never answered
 */

export const MOST = 1000000;

/** @returns {string} 128 random bits */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}

/** @returns {Draft} */
function empty() {
  return { key: freshKey(), buyer: null, address: "", lines: [], note: "", options: [], warehouse: "", external_no: "", tries: [], tried_at: 0, promise: null };
}

/** @type {import("../vendor/preact.js").Signal<Draft>} */
export const draft = signal(empty());
/** Whether this device could keep it. */
export const isKept = signal(true);
/** What was thrown away last and can come back. @type {import("../vendor/preact.js").Signal<{was: Draft, name: string}|null>} */
export const thrown = signal(null);
let owner = "";

const place = () => `draft:${owner}`;

/** The draft of this user, as it was left. @param {string} user */
export function open(user) {
  if (owner === user) return;
  owner = user;
  thrown.value = null;
  draft.value = read(localStorage.getItem(place())) || empty();
}

/** @param {string|null} text @returns {Draft|null} */
function read(text) {
  try {
    const kept = JSON.parse(text || "null");
    return kept && kept.v === 1 ? Object.assign(empty(), kept.draft) : null;
  } catch (error) {
    return null; // nothing that could be shown, and nothing that the server has
  }
}

function keep() {
  try {
    if (isEmpty(draft.value)) localStorage.removeItem(place());
    else localStorage.setItem(place(), JSON.stringify({ v: 1, draft: draft.value }));
    isKept.value = true;
  } catch (error) {
    isKept.value = false;
  }
}

/** @param {Partial<Draft>} part */
export function change(part) {
  draft.value = Object.assign({}, draft.value, part);
  thrown.value = null;
  keep();
}

/** @param {number} n @param {Partial<Line>} part */
export function changeLine(n, part) {
  change({ lines: draft.value.lines.map((line, at) => (at === n ? Object.assign({}, line, part) : line)) });
}

/** A SKU more, or one piece more of a SKU that is there. @param {Line} line @returns {number} which line it is */
export function add(line) {
  const at = draft.value.lines.findIndex((one) => one.sku === line.sku);
  if (at < 0) change({ lines: draft.value.lines.concat([line]) });
  else if (!draft.value.lines[at].unit) changeLine(at, { qty: Math.min(MOST, draft.value.lines[at].qty + 1), told: null });
  return at < 0 ? draft.value.lines.length - 1 : at;
}

/** @param {number} n */
export function removeLine(n) {
  const was = draft.value;
  change({ lines: was.lines.filter((_, at) => at !== n) });
  thrown.value = { was, name: was.lines[n].name };
}

/** The draft goes: by hand, and then it can come back. */
export function clear() {
  const was = draft.value;
  change(empty());
  thrown.value = { was, name: "" };
}

export function undo() {
  if (thrown.value) change(thrown.value.was);
}

/** It has become an order. */
export function done() {
  change(empty());
}

/** @param {Draft} one */
export function isEmpty(one) {
  return !one.buyer && !one.address && !one.lines.length && !one.note && !one.options.length && !one.warehouse && !one.external_no && !one.promise;
}

/** @param {Line} line @returns {number|null} fen for one `perOf(line)`; null where nobody said a price */
export function priceOf(line) {
  return line.price_fen === null ? line.list_fen : line.price_fen;
}

/** What the price is for. @param {Line} line */
export function perOf(line) {
  return line.price_fen === null ? line.list_per || line.uom : line.unit ? line.unit.uom : line.uom;
}

/** Is it more than pieces times a price? Then the server says what it comes to. @param {Line} line */
export function isByUnit(line) {
  return Boolean(line.unit) || perOf(line) !== line.uom;
}

/** @param {Line} line @returns {number|null} null where it is not known yet */
export function amountOf(line) {
  if (isByUnit(line)) return line.told ? line.told.sum_fen : null;
  const price = priceOf(line);
  return price === null ? null : price * line.qty;
}

/** @param {Draft} one */
export function sumOf(one) {
  return one.lines.reduce((sum, line) => sum + (amountOf(line) || 0), 0);
}

/** A line as the API has it. @param {Line} line */
export function askedOf(line) {
  /** @type {any} */
  const asked = { sku: line.sku };
  if (!line.unit) asked.qty = line.qty;
  else {
    asked.unit = { uom: line.unit.uom, qty: line.unit.qty };
    if (line.unit.round) asked.unit.round = line.unit.round;
  }
  if (line.price_fen !== null) (asked.unit || asked).price_fen = line.price_fen;
  return asked;
}

/** What is sent, with the fields of a draft as the API has them. @param {Draft} one @returns {any} */
export function bodyOf(one) {
  const buyer = one.buyer || { id: "", name: "", phone: "" };
  /** @type {any} */
  const body = {
    customer: buyer.id ? { id: buyer.id } : { name: buyer.name.trim(), phone: buyer.phone.trim() },
    address: one.address.trim(),
    note: one.note.trim(),
    options: one.options,
    lines: one.lines.map(askedOf),
  };
  if (one.warehouse) body.warehouse = one.warehouse;
  if (one.promise) body.promise_id = one.promise.id;
  if (one.external_no.trim()) body.external_no = one.external_no.trim();
  return body;
}

/** Another tab of this user changed the draft: this one goes along, so that both never send two. */
window.addEventListener("storage", (event) => {
  if (owner && event.key === place()) draft.value = read(event.newValue) || empty();
});
