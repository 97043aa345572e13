/**
 * One question to the server. Only what is certainly the server's word counts as an answer: JSON of the contract with a
 * 2xx, or a problem with a code. A portal's page, cut-off JSON, a proxy's 502 are "away": nothing was decided.
 */

/** @typedef {{json: any, asked: number, answered: number}} Answered */

export const PATIENCE_MS = 20000;

export class Problem extends Error {
  /**
   * @param {number} status 0 where nobody answered
   * @param {string} code
   * @param {string} why
   * @param {boolean} isAway
   */
  constructor(status, code, why, isAway) {
    super(code + (why ? ": " + why : ""));
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.why = why;
    this.isAway = isAway;
  }
}

/**
 * @param {import("./env.js").Env} env
 * @param {string} method
 * @param {string} path
 * @param {string} token "" = none
 * @param {string} [body] JSON text
 * @returns {Promise<Answered>} rejects with a Problem
 */
export async function ask(env, method, path, token, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (token) headers.authorization = "Bearer " + token;
  if (body !== undefined) headers["content-type"] = "application/json";
  const stop = new AbortController();
  const patience = env.later(() => stop.abort(), PATIENCE_MS);
  const asked = env.now();
  try {
    const response = await env.fetch(path, {
      method,
      headers,
      body,
      signal: stop.signal,
      credentials: "omit", // the token says who we are, whoever else is signed in here
      cache: "no-store",
      redirect: "error", // a captive portal's way
    });
    const answered = env.now();
    return { json: read(response, await response.text()), asked, answered };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(0, "away", String(error), true);
  } finally {
    env.never(patience);
  }
}

/**
 * @param {Response} response
 * @param {string} text
 * @returns {any}
 */
function read(response, text) {
  const kind = response.headers.get("content-type") || "";
  /** @type {any} */
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  if (response.ok && isObject && kind.indexOf("json") >= 0) return json;
  if (!response.ok && isObject && kind.indexOf("problem+json") >= 0 && typeof json.code === "string") {
    throw new Problem(response.status, json.code, String(json.why || json.detail || ""), false);
  }
  throw new Problem(response.status, "not_ours", kind, true);
}
