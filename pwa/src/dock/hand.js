/** @file What is in hand at the dock: the goods, their bin, how many; and what a scan does to it. A second scan of the same
 * thing changes nothing; another thing out of turn, and a code that nobody knows, stop everything until it is read. */
import { signal } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, me } from "../app.js";
import { play } from "../kit/sound.js";
import { gtinOf, plain, readScan } from "../pick/read.js";
import { t } from "../words.js";
import { add, isAway, lookUp, receipts, shelves } from "./queue.js";

/**
 * @typedef {{sku: string, raw: string, name: string, uom: string, bins: string[], isByLots: boolean}} Part `sku` "": not checked yet
 * @typedef {{part: Part|null, bin: string|null}} Hand `bin` "": in none
 * @typedef {{title: string, text: string, todo: string}} Stopped
 * @typedef {{kind: "same"|"many", given: any, at: number}} Asked
 */

/** So long after a receipt the very same one is asked about. */
const SAME_MS = 120000;
/** More than this in one carton is asked about: a short barcode may have been scanned into the count. */
const MANY = 999;

/** @type {import("../vendor/preact.js").Signal<Hand>} */
export const hand = signal({ part: null, bin: null });
/** @type {import("../vendor/preact.js").Signal<Stopped|null>} */
export const stop = signal(null);
/** @type {import("../vendor/preact.js").Signal<Asked|null>} */
export const asked = signal(null);
/** @type {import("../vendor/preact.js").Signal<{code: string, all: {code: string, name: string}[]}>} */
export const house = signal({ code: "", all: [] });

/** @type {{bins: any[], tasks: any[]}} */
let world = { bins: [], tasks: [] };
const KEY = "dock-house";

/** The warehouse and its shelves, from the server or as they were seen last. */
export async function start() {
  let all = JSON.parse(localStorage.getItem(`${KEY}s`) || "[]");
  try {
    all = (await call("GET", "/api/warehouses?limit=200")).items.map((/** @type {any} */ one) => ({ code: one.code, name: one.name }));
    localStorage.setItem(`${KEY}s`, JSON.stringify(all));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    isAway.value = problem.isAway;
    if (problem.status === 401) failed(problem, () => undefined);
  }
  const own = me.value ? me.value.user.warehouse : "";
  const wanted = [localStorage.getItem(KEY), own].find((code) => all.some((/** @type {any} */ one) => one.code === code));
  house.value = { code: wanted || (all[0] ? all[0].code : ""), all };
  await lookAround();
}

async function lookAround() {
  if (house.value.code) world = { bins: await shelves(house.value.code), tasks: [] };
}

/** @param {string} code */
export function chooseHouse(code) {
  localStorage.setItem(KEY, code);
  house.value = { code, all: house.value.all };
  over();
  void lookAround();
}

/** The next carton. */
export function over() {
  hand.value = { part: null, bin: null };
  asked.value = null;
}

/** @param {string} title @param {string} text @param {string} todo */
function stopped(title, text, todo) {
  stop.value = { title, text, todo };
  play("wrong");
}

/** Is it a whole code as it stands? @param {string} text */
export function known(text) {
  return readScan(text, world).is !== "unknown";
}

/** @param {string} raw @param {boolean} [isTyped] */
export async function scanned(raw, isTyped = false) {
  if (stop.value || asked.value) return; // scans are swallowed until it is read
  const found = readScan(raw, world, isTyped);
  const { part, bin } = hand.value;
  if (found.is === "bin") return scannedBin(found.bin);
  if (found.is === "label" || found.is === "bad_check") return stopped(t("dock_stop_unknown"), found.text, t("dock_stop_unknown_do"));
  const taken = found.is === "part" ? { sku: found.part.sku, raw: found.text, name: found.part.name, uom: "", bins: found.part.bins, isByLots: false } : await unheard(found.text);
  if (stop.value || hand.value.part !== part) return; // another scan was quicker
  if (!taken) return stopped(t("dock_stop_unknown"), found.text, t("dock_stop_unknown_do"));
  if (part && isSame(part, taken)) return;
  if (part) return bin === null ? stopped(t("dock_stop_bin"), found.text, t("dock_stop_bin_do", { name: part.name })) : stopped(t("dock_stop_qty"), found.text, t("dock_stop_qty_do", { name: part.name }));
  hand.value = { part: taken, bin: null };
  play("bin");
  if (found.is === "part") void learn(taken);
}

/** @param {Part} a @param {Part} b */
function isSame(a, b) {
  return a.sku ? a.sku === b.sku : a.raw === b.raw;
}

/** What no shelf holds yet: asked of the server; without one it is taken as it is and checked later.
 * @param {string} text @returns {Promise<Part|null>} */
async function unheard(text) {
  try {
    const sku = await lookUp(gtinOf(text) || text);
    isAway.value = false;
    return sku ? { sku: sku.code, raw: text, name: sku.name, uom: sku.uom, bins: [], isByLots: Boolean(sku.lots) } : null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 401) failed(problem, () => undefined);
    isAway.value = problem.isAway;
    return problem.isAway ? { sku: "", raw: text, name: text, uom: "", bins: [], isByLots: false } : null;
  }
}

/** Its unit, and whether it is kept by lots. @param {Part} part */
async function learn(part) {
  try {
    const sku = await call("GET", `/api/skus/${encodeURIComponent(part.sku)}`);
    const now = hand.value;
    if (now.part && now.part.sku === part.sku) hand.value = { part: Object.assign({}, now.part, { uom: sku.uom, isByLots: Boolean(sku.lots) }), bin: now.bin };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    isAway.value = problem.isAway;
  }
}

/** @param {string} code */
function scannedBin(code) {
  const { part, bin } = hand.value;
  if (!part) return stopped(t("dock_stop_part"), code, t("dock_stop_part_do"));
  if (bin !== null && bin !== code && bin !== "") return stopped(t("dock_stop_qty"), code, t("dock_stop_qty_do", { name: part.name }));
  const shelf = world.bins.find((one) => one.bin === code);
  if (shelf && shelf.sku && part.sku && shelf.sku !== part.sku) return stopped(t("dock_stop_other"), code, t("dock_stop_other_do", { bin: code, name: shelf.name || shelf.sku }));
  putInto(code);
}

/** @param {string} bin */
export function putInto(bin) {
  hand.value = { part: hand.value.part, bin };
  play("bin");
}

/** @param {number} qty @param {string} lot @param {string} expires */
export function receive(qty, lot, expires) {
  const { part, bin } = hand.value;
  if (!part) return;
  const given = { warehouse: house.value.code, sku: part.sku, raw: gtinOf(part.raw) || part.raw, name: part.name, bin: bin || "", qty, lot, expires };
  const before = receipts.value[0];
  const isTwin = before && !before.undoes && !before.isUndone && Date.now() - before.at < SAME_MS &&
    ["warehouse", "sku", "raw", "bin", "qty", "lot"].every((name) => name === "raw" && given.sku ? true : /** @type {any} */ (before)[name] === /** @type {any} */ (given)[name]);
  if (isTwin) asked.value = { kind: "same", given, at: before.at };
  else if (qty > MANY) asked.value = { kind: "many", given, at: 0 };
  else void store(given);
}

/** On disk first; then the hands are free. @param {any} given */
export async function store(given) {
  await add(given);
  play("stored");
  over();
}
