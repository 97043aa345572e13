/** @file Receipts on this device until the server has booked them. A row is on disk before anything is sent, and its id is
 * the Idempotency-Key: sent again after a lost answer, a killed browser, a second tab, it is booked once. A row whose answer is
 * older than the server remembers keys is never sent by itself: a person looks first. */
import { openDB, signal } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, me } from "../app.js";
import { kept } from "../device/store.js";
import { freshKey } from "../sales/draft.js";
import { t } from "../words.js";

/**
 * @typedef {{id: string, user: string, at: number, kind: "receive"|"adjust", warehouse: string, sku: string, raw: string, name: string,
 *   bin: string, qty: number, lot: string, expires: string, state: "waiting"|"sent"|"refused"|"doubt", tried_at: number, why: string,
 *   undoes: string, isUndone: boolean}} Receipt
 * `sku` "": no network when `raw` was scanned; `undoes`: the id of the receipt that it takes back
 */

/** Keys are known to the server for a day. */
const REMEMBERED_MS = 20 * 3600 * 1000;
const RETRY_MS = 5000;
const KEPT = 200;

/** Newest first. @type {import("../vendor/preact.js").Signal<Receipt[]>} */
export const receipts = signal([]);
/** Rows of others who signed in here. */
export const ofOthers = signal(0);
export const isAway = signal(false);
export const isBroken = signal(false);

let owner = "";
/** @type {Promise<import("../device/store.js").Store>|null} */
let opening = null;
let isSending = false;
let timer = 0;

function store() {
  if (!opening) {
    opening = kept(
      () => openDB("huodaona-dock", 1, { upgrade: (db) => ["receipts", "cache"].forEach((name) => db.createObjectStore(name, { keyPath: "id" })) }),
      () => (isBroken.value = true),
      true
    );
  }
  return opening;
}

/** What was left here is shown, and sent. @param {string} user */
export async function begin(user) {
  owner = user;
  try {
    const all = await (await store()).read(["receipts"], (tx) => tx.objectStore("receipts").getAll());
    ofOthers.value = all.filter((/** @type {Receipt} */ one) => one.user !== user && one.state !== "sent").length;
    const mine = all.filter((/** @type {Receipt} */ one) => one.user === user).sort((/** @type {Receipt} */ a, /** @type {Receipt} */ b) => b.at - a.at);
    receipts.value = mine;
    const old = mine.slice(KEPT).filter((/** @type {Receipt} */ one) => one.state === "sent");
    if (old.length) await (await store()).write(["receipts"], (tx) => Promise.all(old.map((/** @type {Receipt} */ one) => tx.objectStore("receipts").delete(one.id))));
  } catch (error) {
    isBroken.value = true;
    return;
  }
  void send();
}

/** All of them or none. @param {Receipt[]} rows */
async function put(...rows) {
  await (await store()).write(["receipts"], (tx) => Promise.all(rows.map((one) => tx.objectStore("receipts").put(one))));
  const others = receipts.value.filter((other) => rows.every((one) => one.id !== other.id));
  receipts.value = rows.concat(others).sort((a, b) => b.at - a.at);
}

/** Of the row as it is now: somebody may have undone it meanwhile. @param {Receipt} one @param {Partial<Receipt>} part
 * @returns {Promise<boolean>} false: it is gone */
async function patch(one, part) {
  const now = receipts.value.find((other) => other.id === one.id);
  if (now) await put(Object.assign({}, now, part));
  return now !== undefined;
}

/** Resolves when it lies on disk. @param {Partial<Receipt>} given */
export async function add(given) {
  const empty = { id: freshKey(), user: owner, at: Date.now(), kind: "receive", warehouse: "", sku: "", raw: "", name: "", bin: "", qty: 0, lot: "",
    expires: "", state: "waiting", tried_at: 0, why: "", undoes: "", isUndone: false };
  await put(/** @type {Receipt} */ (Object.assign(empty, given)));
  void send();
}

/** What was never sent goes; what may have arrived is followed by its opposite. @param {Receipt} one */
export async function undo(one) {
  if (one.state === "waiting" && !one.tried_at) return drop(one);
  const back = Object.assign({}, one, { id: freshKey(), at: Date.now(), kind: "adjust", qty: -one.qty, state: "waiting", tried_at: 0, why: "", undoes: one.id });
  await put(Object.assign({}, one, { isUndone: true }), /** @type {Receipt} */ (back));
  void send();
}

/** @param {Receipt} one */
export async function drop(one) {
  await (await store()).write(["receipts"], (tx) => tx.objectStore("receipts").delete(one.id));
  receipts.value = receipts.value.filter((other) => other.id !== one.id);
}

/** Somebody looked, and it was not there. @param {Receipt} one */
export async function anew(one) {
  await drop(one);
  await add(Object.assign({}, one, { id: freshKey(), state: "waiting", tried_at: 0, why: "" }));
}

/** All that waits, the oldest first; one at a time. */
export async function send() {
  if (isSending || !me.value || me.value.user.name !== owner) return;
  isSending = true;
  window.clearTimeout(timer);
  try {
    for (let one = next(); one; one = next()) await sendOne(one);
    isAway.value = false;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    isAway.value = problem.isAway;
    if (problem.status === 401) failed(problem, send);
    else timer = window.setTimeout(send, RETRY_MS);
  } finally {
    isSending = false;
  }
}

function next() {
  return receipts.value.filter((one) => one.state === "waiting").sort((a, b) => a.at - b.at)[0];
}

/** Rejects where it has to be tried again. @param {Receipt} one */
async function sendOne(one) {
  const first = one.undoes && receipts.value.find((other) => other.id === one.undoes);
  if (first && first.state !== "sent") return void (await patch(one, { state: "refused", why: first.why || t("dock_doubt") }));
  if (one.tried_at && Date.now() - one.tried_at > REMEMBERED_MS) return void (await patch(one, { state: "doubt" }));
  try {
    const sku = one.sku || (await skuOf(one.raw));
    if (!(await patch(one, { sku, tried_at: one.tried_at || Date.now() }))) return;
    await call("POST", "/api/stock/moves", bodyOf(Object.assign({}, one, { sku })), one.id);
    await patch(one, { state: "sent" });
  } catch (problem) {
    if (!(problem instanceof Problem) || !isAnswer(problem)) throw problem;
    const first = (problem.said.errors || [])[0];
    await patch(one, { state: "refused", why: first ? first.why : problem.message });
  }
}

/** @param {Problem} problem */
function isAnswer(problem) {
  return problem.status >= 400 && problem.status < 500 && problem.status !== 401 && problem.status !== 429 && ["in_progress", "csrf"].indexOf(problem.code) < 0;
}

/** The same for a row whenever it is asked: the server compares. @param {Receipt} one */
function bodyOf(one) {
  /** @type {any} */
  const body = { kind: one.kind, warehouse: one.warehouse, sku: one.sku, qty: one.qty, bin: one.bin, why: one.undoes ? "收货撤销" : "扫码收货" };
  if (one.lot) body.lot = one.lot;
  if (one.lot && one.expires && one.kind === "receive") body.expires = one.expires;
  return body;
}

/** The SKU whose code or barcode this is. @param {string} text @returns {Promise<string>} */
async function skuOf(text) {
  const found = await lookUp(text);
  if (!found) throw new Problem(422, "unknown_sku", t("dock_stop_unknown_do"));
  return found.code;
}

/** @param {string} text @returns {Promise<any>} a SKU of the API, or undefined */
export async function lookUp(text) {
  const page = await call("GET", `/api/skus?limit=5&q=${encodeURIComponent(text.slice(0, 100))}`);
  const plain = text.replace(/^0+/, "");
  return page.items.find((/** @type {any} */ one) => one.code.toUpperCase() === text.toUpperCase() || (one.gtin && one.gtin.replace(/^0+/, "") === plain));
}

/** The shelves as they were seen last, for a dock without a network. @param {string} warehouse @returns {Promise<any[]>} */
export async function shelves(warehouse) {
  const known = await store();
  try {
    const { bins } = await call("GET", `/sync/pull?warehouse=${encodeURIComponent(warehouse)}`);
    isAway.value = false;
    await known.write(["cache"], (tx) => tx.objectStore("cache").put({ id: `bins ${warehouse}`, bins }));
    return bins;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    isAway.value = problem.isAway;
    const found = await known.read(["cache"], (tx) => tx.objectStore("cache").get(`bins ${warehouse}`));
    return found ? found.bins : [];
  }
}

window.addEventListener("online", () => void send());
