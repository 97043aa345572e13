/** @file Asking for a promise, giving it back, putting it into a draft. A lost answer is asked for again with the same
 * key, so that stock is never held twice for one tap. */
import { call } from "../api.js";
import { change, clear, draft, freshKey, isEmpty, thrown } from "../sales/draft.js";

/** @typedef {{id: string, state: string, warehouse: string, ship_by: string, eta_from: string, eta_to: string, confidence: number,
 *   because: string[], expires_at: string, at: string, by: {user: string, name: string}, customer: {id: string, name: string}|null,
 *   address: {text: string}, lines: {sku: string, qty: number}[], order_no: string|null, why?: string,
 *   want_by?: {by: string, answer: string, earliest: string}}} Promised */

let last = { text: "", key: "" };

/** A new order's draft as the question. @param {import("../sales/draft.js").Draft} one @param {string} wantBy YYYY-MM-DD, or ""
 * @returns {any} */
export function questionOf(one, wantBy) {
  /** @type {any} */
  const body = { lines: one.lines.map((line) => ({ sku: line.sku, qty: line.qty })) };
  const buyer = one.buyer;
  if (buyer && buyer.id) body.customer = { id: buyer.id };
  else if (buyer && buyer.name.trim()) body.customer = { name: buyer.name.trim(), phone: buyer.phone.trim() };
  if (one.address.trim()) body.address = one.address.trim();
  if (one.note.trim()) body.note = one.note.trim();
  if (wantBy) body.want_by = wantBy;
  return body;
}

/** Can it be asked: where to, and what? @param {import("../sales/draft.js").Draft} one */
export function isAskable(one) {
  const goesSomewhere = Boolean(one.address.trim()) || Boolean(one.buyer && one.buyer.id);
  return goesSomewhere && one.lines.length > 0 && one.lines.every((line) => line.qty > 0);
}

/** @param {any} body @returns {Promise<Promised>} */
export async function ask(body) {
  const text = JSON.stringify(body);
  if (last.text !== text) last = { text, key: freshKey() };
  try {
    const made = await call("POST", "/api/promises", body, last.key);
    last = { text: "", key: "" };
    return made;
  } catch (problem) {
    if (/** @type {any} */ (problem).status >= 400) last = { text: "", key: "" }; // an answer: the next tap asks anew
    throw problem;
  }
}

/** @param {string} id @returns {Promise<Promised>} */
export function giveBack(id) {
  return call("DELETE", `/api/promises/${encodeURIComponent(id)}`);
}

/** The promise goes with the draft. @param {Promised} made */
export function attach(made) {
  change({ promise: { id: made.id, eta_from: made.eta_from, eta_to: made.eta_to, expires_at: made.expires_at } });
}

/** A promise of the list becomes the draft; what stood there can come back. @param {Promised} made
 * @param {boolean} [isKept] whether it still holds its pieces */
export async function begin(made, isKept = true) {
  const skus = await Promise.all(made.lines.map((line) => call("GET", `/api/skus/${encodeURIComponent(line.sku)}`)));
  const known = made.customer ? await call("GET", `/api/customers/${encodeURIComponent(made.customer.id)}`) : null;
  const was = draft.value;
  if (!isEmpty(was)) clear();
  change({
    key: freshKey(),
    buyer: known && { id: known.id, name: known.name, phone: known.phone, tier: known.tier, terms: known.terms },
    address: made.address.text,
    lines: made.lines.map((line, n) => ({ sku: line.sku, name: skus[n].name, uom: skus[n].uom, list_fen: skus[n].price_fen, price_fen: null,
      qty: line.qty, isProven: true, list_per: skus[n].price_uom || skus[n].uom })),
  });
  if (isKept) attach(made);
  if (!isEmpty(was)) thrown.value = { was, name: "" };
}
