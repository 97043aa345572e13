/** @file Reading a list from the server: what was found stays while it is read again, and a refusal is said in place. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, lang, reached } from "../app.js";

/**
 * @typedef {Object} Reading
 * @property {any[]|null} items null until they came
 * @property {string|null} next
 * @property {Problem|null} problem
 * @property {() => void} again
 * @property {() => void} more
 */

/** All of `path`'s list, a page at a time; "" reads nothing. @param {string} path @returns {Reading} */
export function useList(path) {
  const [items, put] = useState(/** @type {any[]|null} */ (null));
  const [next, follow] = useState(/** @type {string|null} */ (null));
  const [problem, say] = useState(/** @type {Problem|null} */ (null));
  const asked = useRef("");

  /** @param {string} [cursor] */
  async function read(cursor) {
    if (!path) return;
    asked.current = path;
    try {
      const join = path.indexOf("?") < 0 ? "?" : "&";
      const found = await call("GET", cursor ? `${path}${join}cursor=${encodeURIComponent(cursor)}` : path);
      if (asked.current !== path) return;
      reached();
      put((before) => (cursor && before ? before.concat(found.items) : found.items));
      follow(found.next);
      say(null);
    } catch (error) {
      if (asked.current !== path || failed(error, read)) return;
      say(/** @type {Problem} */ (error));
    }
  }

  useEffect(() => {
    put(null);
    say(null);
    void read();
    return () => {
      asked.current = "";
    };
  }, [path, lang.value]);
  return { items, next, problem, again: () => void read(), more: () => void read(next || undefined) };
}

/** The sentence of a refusal, and which field of the query it is about. @param {unknown} problem */
export function whyOf(problem) {
  const said = problem instanceof Problem ? problem.said : {};
  const first = said.errors && said.errors[0];
  return {
    field: first ? String(first.path).replace(/^(query\.|\$\.)/, "") : "",
    why: first ? String(first.why) : problem instanceof Problem ? problem.message : "",
  };
}
