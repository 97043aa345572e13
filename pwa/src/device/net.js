/** What the last answers say about the server, the token and the clock; the truth that `navigator.onLine` is not. */

import { signal } from "../vendor/preact.js";
import { better } from "./clock.js";
import { Problem } from "./http.js";

/**
 * @typedef {{is_up: boolean, signed_out: boolean, push_failures: number, pull_failures: number, epoch: string,
 *   clock: import("./clock.js").Sample | null}} Net
 */

/** @param {import("./env.js").Env} env */
export function makeNet(env) {
  const net = signal(
    /** @type {Net} */ ({ is_up: false, signed_out: false, push_failures: 0, pull_failures: 0, epoch: "", clock: null }),
  );

  /** @param {Partial<Net>} change */
  function show(change) {
    net.value = Object.assign({}, net.peek(), change);
  }

  /**
   * @param {"push" | "pull"} way
   * @returns {(answer: import("./http.js").Answered) => void}
   */
  function heard(way) {
    return ({ json, asked, answered }) => {
      const clock = better(net.peek().clock, asked, answered, String(json.server_time));
      show({ is_up: true, signed_out: false, epoch: json.epoch, clock, [way + "_failures"]: 0 });
    };
  }

  /**
   * @param {"push" | "pull"} way
   * @returns {(problem: unknown) => void}
   */
  function failed(way) {
    return (problem) => {
      const name = /** @type {"push_failures" | "pull_failures"} */ (way + "_failures");
      const count = net.peek()[name] + 1;
      if (!(problem instanceof Problem)) {
        env.log(way + " failed here", { error: String(problem) });
        return show({ [name]: count });
      }
      const isUp = !problem.isAway && problem.status < 500;
      show({ is_up: isUp, [name]: count, signed_out: problem.status === 401 || (!isUp && net.peek().signed_out) });
    };
  }

  /** The token is new: what the old one was told counts no more. */
  function renewed() {
    show({ signed_out: false, push_failures: 0, pull_failures: 0 });
  }
  return { net, heard, failed, renewed };
}
