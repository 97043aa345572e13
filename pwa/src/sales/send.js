/** @file Sending a draft so that it becomes one order, whatever gets lost on the way.
 *
 * A draft has one key. An answer that never came leaves the body among the draft's `tries`, and the key stays: the same
 * body again gets the first answer. A body that was changed meanwhile either makes the order (nothing had arrived) or is
 * told apart by the server (`idempotency_mismatch`: something had); then the earlier bodies are asked for their answer.
 * A refusal is an answer: nothing was made, and the next try has a new key. */
import { call, Problem } from "../api.js";
import { bodyOf, change, draft, freshKey } from "./draft.js";

/** Keys are known to the server for a day. */
const DAY_MS = 20 * 3600 * 1000;
const PATIENCE_MS = 20000;

/**
 * @typedef {{order: any, isOlder: boolean}} Made `isOlder`: by an earlier try, without what was changed since
 */

/** Was it sent so long ago, unanswered, that the same key would no longer be known? */
export function isStale() {
  const one = draft.value;
  return one.tries.length > 0 && Date.now() - one.tried_at > DAY_MS;
}

/** Whoever has looked and found no order sends it as if for the first time. */
export function asNew() {
  change({ key: freshKey(), tries: [], tried_at: 0 });
}

/** @returns {Promise<Made>} raises a Problem: away or of the server's side where the outcome is not known, else a refusal */
export async function send() {
  const text = JSON.stringify(bodyOf(draft.value));
  const was = { tries: draft.value.tries, tried_at: draft.value.tried_at };
  const before = was.tries.filter((one) => one !== text);
  change({ tries: before.concat([text]), tried_at: was.tries.length ? was.tried_at : Date.now() });
  try {
    return { order: await post(text), isOlder: false };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code !== "idempotency_mismatch") throw settled(problem, was);
  }
  for (const older of before) {
    try {
      return { order: await post(older), isOlder: true };
    } catch (problem) {
      if (!(problem instanceof Problem) || !isAnswer(problem)) throw problem;
      if (problem.code !== "idempotency_mismatch") break; // that one arrived and was refused: nothing was made
      if (older === before[before.length - 1]) throw new Problem(409, "sent_elsewhere", "");
    }
  }
  if (!before.length) throw new Problem(409, "sent_elsewhere", "");
  asNew();
  return send();
}

/** @param {string} text */
async function post(text) {
  const order = await inTime(call("POST", "/api/orders", JSON.parse(text), draft.value.key));
  if (!order.order_no) throw new Problem(0, "away", ""); // cut off within the answer
  return order;
}

/** No answer for so long is no answer: the same key may ask again. @param {Promise<any>} asked @returns {Promise<any>} */
function inTime(asked) {
  return new Promise((done, fail) => {
    const timer = window.setTimeout(() => fail(new Problem(0, "away", "")), PATIENCE_MS);
    asked.then(done, fail).then(() => window.clearTimeout(timer));
  });
}

/** Did the server judge the draft itself? @param {Problem} problem */
function isAnswer(problem) {
  return problem.status >= 400 && problem.status < 500 && ["in_progress", "csrf"].indexOf(problem.code) < 0 &&
    problem.status !== 401 && problem.status !== 429;
}

/** After a refusal nothing of this key has become an order. @param {Problem} problem
 * @param {{tries: string[], tried_at: number}} was */
function settled(problem, was) {
  if (isAnswer(problem)) asNew();
  else if (problem.status === 401 || problem.code === "csrf") change(was); // turned away at the door
  return problem;
}

/** By code, where a refusal names no path. @type {Object<string, string>} */
const FIELD_OF = { duplicate: "external_no", unknown_warehouse: "warehouse", unknown_customer: "buyer", no_lines: "lines", promise_gone: "promise", not_promised: "promise" };
const PATHS = [
  { at: /^\$\.lines\[(\d+)\]/, field: "line" },
  { at: /^\$\.customer\.phone/, field: "phone" },
  { at: /^\$\.customer/, field: "buyer" },
  { at: /^\$\.promise_id/, field: "promise" },
  { at: /^\$\.(address|note|options|warehouse|external_no|lines)/, field: "" },
];

/** What was refused, by field: `buyer`, `phone`, `address`, `line0` … ; "" for what no field answers for.
 * @param {Problem} problem @returns {Object<string, string>} */
export function byField(problem) {
  /** @type {Object<string, string>} */
  const found = {};
  for (const one of problem.said.errors || []) {
    const field = fieldOf(String(one.path));
    if (!found[field]) found[field] = one.why;
  }
  if (!Object.keys(found).length) found[FIELD_OF[problem.code] || ""] = problem.message;
  return found;
}

/** @param {string} path */
function fieldOf(path) {
  for (const { at, field } of PATHS) {
    const hit = at.exec(path);
    if (hit) return field === "line" ? `line${hit[1]}` : field || hit[1];
  }
  return "";
}
