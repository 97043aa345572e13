/** @file One order with all that hangs on it, as it is now: read when opened, read anew when somebody comes back to the
 * window, when the board says that it moved, and now and then. What is typed elsewhere is not touched by that. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { band, failed, lang, may, reached } from "../app.js";

const EVERY_MS = 15000;
const PAGE = 200;

/** @typedef {{order: any, told: any[], snapshots: any[]|null, conflicts: any[], files: any[], problem: unknown, isAway: boolean}} Whole */

/** @type {Whole} */
const NOTHING = { order: null, told: [], snapshots: null, conflicts: [], files: [], problem: null, isAway: false };

/** Every page of a list, oldest first. @param {string} path @returns {Promise<any[]>} */
async function all(path) {
  /** @type {any[]} */
  let found = [];
  let cursor = "";
  for (let n = 0; n < 10; n += 1) {
    const page = await call("GET", `${path}?limit=${PAGE}${cursor}`);
    found = found.concat(page.items);
    if (!page.next) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  return found;
}

/** Its open conflicts: their ids begin with its number, so the list is entered there. @param {string} orderNo */
async function conflictsOf(orderNo) {
  const page = await call("GET", `/api/conflicts?limit=50&cursor=${encodeURIComponent(`${orderNo}/`)}`);
  return page.items.filter((/** @type {any} */ one) => one.order_no === orderNo && !one.settled);
}

/** @param {string} orderNo @param {string|undefined} stamp changes when somebody knows that the order has changed
 * @returns {{whole: Whole, put: (order: any) => void, again: () => void}} */
export function useWhole(orderNo, stamp) {
  const [whole, set] = useState(NOTHING);
  const turn = useRef(0);
  const restTurn = useRef(0); // its own: a look that finds nothing new must not drop what is still on its way
  const known = useRef("");
  const path = `/api/orders/${encodeURIComponent(orderNo)}`;

  const readRest = async () => {
    const mine = ++restTurn.current;
    const journal = may("journal");
    const [told, conflicts, files] = await Promise.all([all(`${path}/${journal ? "journal" : "history"}`), conflictsOf(orderNo), all(`${path}/attachments`)]);
    if (mine === restTurn.current) set((was) => ({ ...was, told, conflicts, files }));
  };
  /** @param {boolean} isQuiet nobody asked for it: a failure is not worth a word */
  const read = async (isQuiet) => {
    const mine = ++turn.current;
    try {
      const order = await call("GET", path);
      if (mine !== turn.current) return;
      if (!isQuiet) reached();
      const isSame = isQuiet && known.current === `${order.updated_at} ${order.colour.why}`;
      known.current = `${order.updated_at} ${order.colour.why}`;
      if (isSame) return;
      set((was) => ({ ...was, order, problem: null, isAway: false }));
      await readRest();
    } catch (problem) {
      if (mine !== turn.current || isQuiet) return;
      const isAway = problem instanceof Problem && problem.isAway;
      const isSaid = failed(problem, () => mine === turn.current && void read(false));
      set((was) => ({ ...was, problem: isSaid ? was.problem : problem, isAway }));
    }
  };

  useEffect(() => {
    void read(false);
    return () => {
      turn.current++;
      restTurn.current++;
    };
  }, [orderNo, lang.value]);
  const isOver = band.value === "";
  useEffect(() => {
    if (isOver && whole.isAway) void read(false);
  }, [isOver]);
  useEffect(() => {
    if (stamp && known.current && known.current.indexOf(stamp) < 0) void read(true);
  }, [stamp]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible" && known.current) void read(true);
    };
    const timer = window.setInterval(look, EVERY_MS);
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [orderNo, lang.value]);

  /** The server's own answer to a command. @param {any} order */
  const put = (order) => {
    turn.current++;
    known.current = `${order.updated_at} ${order.colour.why}`;
    set((was) => ({ ...was, order }));
    readRest().catch(() => {}); // the next look brings it
  };
  return { whole, put, again: () => void read(false) };
}
