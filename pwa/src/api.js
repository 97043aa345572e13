/** @file The API by cookie: reads and changes, refusals as `Problem` with the server's own words. */
import { language } from "./words.js";

/** A refusal (`status` > 0), or no answer at all (`status` 0). */
export class Problem extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {any} [said] the whole problem document */
  constructor(status, code, detail, said) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.said = said || {};
  }

  get isAway() {
    return this.status === 0;
  }
}

/** When the server last answered, ms; 0 if never. */
export let heardAt = 0;

/** @param {string} name */
export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.indexOf(`${name}=`) === 0);
  return found ? found.slice(name.length + 1) : "";
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [once] an Idempotency-Key: sent again with it, it is done once
 * @returns {Promise<any>}
 */
export async function call(method, path, body, once) {
  /** @type {Object<string, string>} */
  const headers = { "Accept-Language": language() === "en" ? "en" : "zh-CN" };
  if (method !== "GET") headers["X-CSRF-Token"] = cookie("csrf");
  if (once) headers["Idempotency-Key"] = once;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    const given = body === undefined ? undefined : JSON.stringify(body);
    answer = await fetch(path, { method, headers, body: given, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    throw new Problem(0, "away", "");
  }
  heardAt = Date.now();
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, said.code || "fault", said.detail || "", said);
  return said;
}
