/** @file What the company has, for a draft: stock by SKU and warehouse, which warehouse would ship, and the honest
 * sentence where there is less than asked. Stock never stands in an order's way; it only has to be said. */
import { signal } from "../vendor/preact.js";
import { call } from "../api.js";
import { language, t } from "../words.js";

/** @typedef {import("./draft.js").Draft} Draft @typedef {import("./draft.js").Line} Line */

/** Warehouses, the company's default first. @type {import("../vendor/preact.js").Signal<{code: string, name: string}[]>} */
export const houses = signal([]);
/** Available pieces by SKU and warehouse. @type {import("../vendor/preact.js").Signal<Object<string, Object<string, number>>>} */
export const free = signal({});
/** Warehouses by their way to the draft's address; empty: not asked yet. @type {import("../vendor/preact.js").Signal<string[]>} */
export const near = signal([]);
const AT_ONCE = 50;

export async function lookHouses() {
  houses.value = (await call("GET", "/api/warehouses?limit=200")).items;
}

/** @param {string[]} skus */
export async function look(skus) {
  const plain = skus.filter((sku) => sku.indexOf(",") < 0);
  const parts = skus.filter((sku) => sku.indexOf(",") >= 0).map((sku) => [sku]); // asked alone: commas part the list
  for (let n = 0; n < plain.length; n += AT_ONCE) parts.push(plain.slice(n, n + AT_ONCE));
  for (const part of parts) {
    const rows = await allRows(`/api/stock?limit=200&sku=${encodeURIComponent(part.join(","))}`);
    /** @type {Object<string, Object<string, number>>} */
    const found = {};
    for (const sku of part) found[sku] = {};
    for (const row of rows) if (found[row.sku]) found[row.sku][row.warehouse] = row.available;
    free.value = Object.assign({}, free.value, found);
  }
}

/** @param {string} path */
async function allRows(path) {
  /** @type {any[]} */
  let rows = [];
  let cursor = "";
  do {
    const page = await call("GET", path + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""));
    rows = rows.concat(page.items);
    cursor = page.next || "";
  } while (cursor);
  return rows;
}

/** @param {string} code */
export function nameOf(code) {
  const found = houses.value.find((one) => one.code === code);
  return found ? found.name : code;
}

/** The warehouses that would be tried, in order. @param {Draft} one @returns {string[]} */
export function tried(one) {
  if (one.warehouse) return [one.warehouse];
  return near.value.length ? near.value : houses.value.map((house) => house.code);
}

/** @param {Draft} one @returns {Object<string, number>} pieces by SKU */
function asked(one) {
  /** @type {Object<string, number>} */
  const sums = {};
  for (const line of one.lines) sums[line.sku] = (sums[line.sku] || 0) + line.qty;
  return sums;
}

/** Where it would be shipped from: the first warehouse that has all, or none; null: not known yet. @param {Draft} one
 * @returns {{house: string, hasAll: boolean, isNearest: boolean}|null} */
export function shipping(one) {
  const order = tried(one);
  const sums = asked(one);
  const skus = Object.keys(sums);
  if (!order.length || !skus.length || skus.some((sku) => !free.value[sku])) return null;
  const found = order.find((house) => skus.every((sku) => (free.value[sku][house] || 0) >= sums[sku]));
  const house = found || order[0];
  return { house, hasAll: Boolean(found), isNearest: house === order[0] };
}

/** `上海仓 36 · 苏州仓 6`; empty: not known. @param {string} sku */
export function spread(sku) {
  const by = free.value[sku];
  if (!by) return "";
  const order = near.value.length ? near.value : houses.value.map((house) => house.code);
  const there = order.filter((house) => by[house] > 0);
  return there.length ? there.map((house) => t("sales_house_has", { house: nameOf(house), n: by[house] })).join(" · ") : t("sales_none_free");
}

/** `4 件`; English goes without the unit. @param {number} n @param {string} uom */
const pieces = (n, uom) => (language() === "en" ? String(n) : `${n} ${uom}`);

/** What a line has to be told: `{short: "", text: 可用 36}` or `{short: 可用 2 件，要 4 件。苏州仓有 6 件。}`
 * @param {Draft} one @param {Line} line @returns {{text: string, isShort: boolean}} */
export function told(one, line) {
  const ships = shipping(one);
  const by = free.value[line.sku];
  if (!ships || !by) return { text: "", isShort: false };
  const have = by[ships.house] || 0;
  const qty = asked(one)[line.sku];
  if (have >= qty) return { text: t("sales_available", { n: have }), isShort: false };
  const other = Object.keys(by).find((house) => house !== ships.house && by[house] >= qty);
  const more = other ? t("sales_elsewhere", { house: nameOf(other), n: pieces(by[other], line.uom) }) : "";
  return { text: [t("sales_short", { have: pieces(have, line.uom), qty: pieces(qty, line.uom) }), more].filter(Boolean).join(language() === "en" ? " " : ""), isShort: true };
}
