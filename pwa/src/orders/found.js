/** @file The orders that a look finds, fifty at a time. An answer that comes after a newer question is dropped; where no
 * answer comes, what was found before stays and it is said so. */
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { band, failed, lang, reached } from "../app.js";
import { searchOf } from "./looks.js";

const LIMIT = 50;

/** @typedef {import("./looks.js").Look} Look */
/** @typedef {{items: any[], next: string|null, of: string, isBusy: boolean, isAway: boolean, problem: unknown}} Found
 * `of`: what `items` answer to; null items: nothing has come yet */

/** @type {Found} */
const NOTHING = { items: [], next: null, of: "-", isBusy: true, isAway: false, problem: null };

/** @param {Look} look @returns {{found: Found, more: () => void, again: () => void}} */
export function useFound(look) {
  const [found, put] = useState(NOTHING);
  const turn = useRef(0);
  const asked = searchOf(look);
  const now = useRef(asked);
  now.current = asked;

  /** @param {string} cursor */
  const ask = async (cursor) => {
    const mine = ++turn.current;
    const of = now.current;
    const isLast = () => mine === turn.current;
    put((was) => ({ ...was, isBusy: true }));
    try {
      const page = await call("GET", `/api/orders${of}${of ? "&" : "?"}limit=${LIMIT}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      if (!isLast()) return;
      reached();
      put((was) => ({ ...NOTHING, items: cursor ? was.items.concat(page.items) : page.items, next: page.next, of, isBusy: false }));
    } catch (problem) {
      if (!isLast()) return;
      const isAway = problem instanceof Problem && problem.isAway;
      const isSaid = failed(problem, () => isLast() && void ask(cursor));
      put((was) => (isSaid ? { ...was, isBusy: false, isAway } : { ...NOTHING, of, isBusy: false, problem }));
    }
  };

  useEffect(() => {
    void ask("");
    return () => void turn.current++;
  }, [asked, lang.value]);
  // The line is back: whoever of the page hears it first, the list asks again too.
  const isOver = band.value === "";
  useEffect(() => {
    if (isOver && found.isAway) void ask("");
  }, [isOver]);
  return { found, more: () => void ask(found.next || ""), again: () => void ask("") };
}
