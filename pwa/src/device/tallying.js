/**
 * Writing a count and sending counts: asked for by who counts, so that who only picks does not fetch it. The screen of counts
 * brings it along, so it is there when there is no network.
 */

import { written } from "./clock.js";
import { DeviceError } from "./env.js";
import { ask, Problem } from "./http.js";
import { COUNT, uncounted } from "./tally.js";

/**
 * @typedef {import("./tally.js").Amount} Amount
 * @typedef {import("./tally.js").Counted} Counted
 * @typedef {import("./tally.js").Heard} Heard
 */

const MOST = 100;
const VERDICTS = ["applied", "conflict", "refused"];

/**
 * Within a transaction over `meta`: the next number of this device, and what was counted under it.
 * @param {import("./env.js").Env} env
 * @param {any} meta
 * @param {Amount} amount
 * @param {string} actor
 * @returns {Promise<Counted>}
 */
export async function keepCount(env, meta, { bin, sku, qty }, actor) {
  const named = await meta.get("device");
  const device = (named || { value: "" }).value;
  if (device === "") throw new DeviceError("not_enrolled");
  const [ops, before] = await Promise.all([meta.get("counter:" + device), meta.get("counts:" + device)]);
  const n = (before ? before.n : 0) + 1;
  const id = device + ":c" + n;
  const at = env.now();
  const text = JSON.stringify({ id, bin, sku, qty, at: written(at), actor, after: ops ? ops.n : 0 });
  const kept = { id, device, n, text, at, actor, bin, sku, qty };
  await Promise.all([meta.put({ name: "counts:" + device, n }), meta.put({ name: COUNT + id, value: kept })]);
  return kept;
}

/**
 * Sends what has no answer, a device at a time. What the server cannot take as a whole is put aside by its answer.
 * @param {import("./env.js").Env} env
 * @param {import("./queue.js").Queue} queue
 * @param {(answer: any) => void} heard
 * @returns {Promise<number>} how many were answered
 */
export async function sendCounts(env, queue, heard) {
  const mirror = queue.mirror.peek();
  const me = mirror.identities.get(mirror.device);
  const open = uncounted(mirror);
  if (me === undefined || open.length === 0) return 0;
  const { device } = open[0];
  const batch = open.filter((one) => one.device === device).slice(0, MOST);
  const texts = batch.map((one) => one.text).join(",");
  const body = '{"device":' + JSON.stringify(device) + ',"now":"' + written(env.now()) + '","counts":[' + texts + "]}";
  const answer = await ask(env, "POST", "/sync/counts", me.token, body);
  const { results, epoch } = answer.json;
  const isOurs = (/** @type {any} */ result, /** @type {number} */ i) => result && (result.id === batch[i].id || result.id === "");
  if (!Array.isArray(results) || results.length !== batch.length || !results.every(isOurs)) {
    throw new Problem(200, "not_ours", "not one result per count", true);
  }
  heard(answer);
  const told = batch.map(({ id }, i) => toldOf(id, results[i], epoch, env.now()));
  await queue.counted(told.filter((one) => VERDICTS.indexOf(one.verdict) >= 0));
  return told.filter((one) => VERDICTS.indexOf(one.verdict) >= 0).length;
}

/**
 * @param {string} id
 * @param {any} result
 * @param {string} epoch
 * @param {number} at
 * @returns {Heard}
 */
function toldOf(id, result, epoch, at) {
  return { id, verdict: result.verdict, code: result.code || "", why: result.why || "", at, epoch, is_lost: false };
}
