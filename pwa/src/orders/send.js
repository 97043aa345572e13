/** @file A command sent once, whatever gets lost on the way. What was pressed has one key until the server has answered;
 * the same again with that key gets the first answer. A refusal is an answer: the next try has a new key. */
import { call, cookie, Problem } from "../api.js";
import { me } from "../app.js";
import { language } from "../words.js";

const PATIENCE_MS = 20000;

/** Keys whose answer never came, by person, address and body. @type {Object<string, string>} */
const lost = {};

/** @returns {string} 128 random bits; `randomUUID` is too new and needs https */
function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => `0${byte.toString(16)}`.slice(-2)).join("");
}

/** Did nobody tell whether it was done? @param {unknown} problem */
export function isLost(problem) {
  return problem instanceof Problem && (problem.isAway || problem.code === "in_progress" || problem.status === 502 || problem.status === 504);
}

/** @param {string} path @param {object} body @returns {Promise<any>} what names its order; raises a Problem */
export async function send(path, body) {
  const id = `${me.value ? me.value.user.name : ""} ${path} ${JSON.stringify(body)}`;
  const key = lost[id] || fresh();
  lost[id] = key;
  try {
    const said = await inTime(call("POST", path, body, key));
    if (!said.order_no) throw new Problem(0, "away", ""); // cut off within the answer
    delete lost[id];
    return said;
  } catch (problem) {
    if (!isLost(problem)) delete lost[id];
    throw problem;
  }
}

/** No answer for so long is no answer. @param {Promise<any>} asked @returns {Promise<any>} */
function inTime(asked) {
  return new Promise((done, fail) => {
    const timer = window.setTimeout(() => fail(new Problem(0, "away", "")), PATIENCE_MS);
    asked.then(done, fail).then(() => window.clearTimeout(timer));
  });
}

/** A file goes up. Uploads know no key, so whoever tries again first looks whether the file is there already.
 * @param {string} path of the order's attachments @param {File} file @param {Object<string, string>} facts
 * @param {boolean} isAgain @returns {Promise<void>} */
export async function upload(path, file, facts, isAgain) {
  if (isAgain && (await isThere(path, file))) return;
  const form = new FormData();
  for (const name of Object.keys(facts)) form.append(name, facts[name]);
  form.append("file", file, file.name);
  const headers = { "Accept-Language": language() === "en" ? "en" : "zh-CN", "X-CSRF-Token": cookie("csrf") };
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers, body: form, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    throw new Problem(0, "away", "");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, said.code || "fault", said.detail || "", said);
}

/** @param {string} path @param {File} file */
async function isThere(path, file) {
  const [page, { sha256 }] = await Promise.all([call("GET", `${path}?limit=200`), import("../sync/sha256.js")]);
  const digest = sha256(new Uint8Array(await new Response(file).arrayBuffer()));
  return page.items.some((/** @type {any} */ one) => one.digest === digest && one.name === file.name);
}
