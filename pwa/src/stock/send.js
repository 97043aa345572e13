/** @file A change of stock, sent once: an answer that was lost is asked for again with the same key, a refusal is said at
 * its field. */
import { useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { whyOf } from "../desk/read.js";
import { freshKey } from "../sales/draft.js";
import { t } from "../words.js";

const QUIET = { field: "", why: "" };

/** @param {string[]} fields those of the form @param {Object<string, string>} [byCode] which field a refusal without one is about
 * @returns {{wrong: {field: string, why: string}, say: (field: string, why: string) => void, isBusy: boolean,
 *   send: (path: string, body: object) => Promise<any>}} `send` gives the answer, or null where there is none */
export function useSend(fields, byCode = {}) {
  const [wrong, put] = useState(QUIET);
  const [isBusy, busy] = useState(false);
  const last = useRef({ text: "", key: "" });
  const say = (/** @type {string} */ field, /** @type {string} */ why) => put({ field, why });
  /** @param {string} path @param {object} body */
  const send = async (path, body) => {
    if (isBusy) return null;
    const text = path + JSON.stringify(body);
    if (last.current.text !== text) last.current = { text, key: freshKey() };
    busy(true);
    let answer = null;
    try {
      answer = await call("POST", path, body, last.current.key);
      last.current.text = "";
      reached();
      put(QUIET);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.isAway || problem.code === "in_progress") say("", t("stock_no_answer"));
      else if (problem.status === 401) failed(problem, () => undefined);
      else {
        last.current.text = "";
        const { field, why } = whyOf(problem);
        const at = field || byCode[problem.code] || "";
        say(fields.indexOf(at) < 0 ? "" : at, why);
      }
    }
    busy(false);
    return answer;
  };
  return { wrong, say, isBusy, send };
}
