/** @file The rows of one column. While a pointer or a finger is in it they stay where they are, and a line on top says
 * how many have changed. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Link } from "../kit/link.js";
import { t } from "../words.js";
import { Row } from "./row.js";
import { columnOf } from "./store.js";

const STEP = 50;
const MOST = 200;
/** A list goes on rolling after the finger has left it. */
const ROLLS_MS = 1500;
/** @type {Object<string, string>} */
const LIST = { red: "colour=red", green: "colour=green", yellow: "colour=yellow", hollow: "state=shipped", solid: "state=delivered" };

/** @typedef {import("./store.js").Known} Known */

/** How many rows would come, go or change places. @param {string[]} was @param {string[]} is */
export function changedCount(was, is) {
  const come = is.filter((number) => was.indexOf(number) < 0).length;
  const left = was.filter((number) => is.indexOf(number) < 0).length;
  const stay = was.filter((number) => is.indexOf(number) >= 0);
  const now = is.filter((number) => was.indexOf(number) >= 0);
  const places = stay.filter((number, n) => number !== now[n]).length;
  return come + left + Math.ceil(places / 2);
}

/** Whether somebody's pointer or finger is in the element, and what it needs to notice. */
function useTouched() {
  const [isTouched, touch] = useState(false);
  const timer = useRef(0);
  const hold = () => {
    window.clearTimeout(timer.current);
    touch(true);
  };
  const release = () => touch(false);
  /** @param {PointerEvent} event */
  const leave = (event) => void (event.pointerType !== "touch" && release());
  /** @param {PointerEvent} event */
  const stay = (event) => void (event.pointerType !== "touch" && hold());
  const lift = () => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(release, ROLLS_MS);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const ears = { onPointerEnter: stay, onPointerMove: stay, onPointerLeave: leave, onTouchStart: hold, onTouchEnd: lift, onTouchCancel: lift };
  return { isTouched, ears, release };
}

/**
 * @param {{live: import("./live.js").Live, column: string, rows: Known[], here: string, search: string,
 *   onMore: () => void}} props `here`: the order in the drawer
 */
export function Rows({ live, column, rows, here, search, onMore }) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const { isTouched, ears, release } = useTouched();
  /** @type {{current: Known[]}} */
  const kept = useRef(rows);
  const asked = useRef(board.limit);
  // More rows were asked for: they come below and move nothing.
  if (!isTouched || asked.current !== board.limit) kept.current = rows;
  asked.current = board.limit;
  const numbers = rows.map((known) => known.row.order_no);
  const changed = isTouched ? changedCount(kept.current.map((known) => known.row.order_no), numbers) : 0;
  const now = live.now.value;
  const settled = live.settled.value;
  return html`<div class="board-list" ...${ears}>
    ${changed > 0 && html`<p class="board-changed" role="status"><span>${t("board_changed", { n: changed })}</span>
      <${Button} size="small" onClick=${release}>${t("board_change_now")}</${Button}></p>`}
    <ol>${kept.current.map((was) => {
      const number = was.row.order_no;
      const known = board.rows[number] || was;
      const isGone = !board.rows[number];
      return html`<${Row} key=${number} known=${known} column=${column} now=${now} day=${board.day} search=${search}
        isNew=${known.n > settled} isHere=${number === here} isGone=${isGone}
        hasLeft=${isGone || columnOf(known.row, board.day) !== column} />`;
    })}</ol>
    <${Foot} count=${board.counts[column]} shown=${rows.length} limit=${board.limit} column=${column} onMore=${onMore} />
  </div>`;
}

/** @param {{count: number, shown: number, limit: number, column: string, onMore: () => void}} props */
function Foot({ count, shown, limit, column, onMore }) {
  if (count <= shown || shown < limit) return null;
  if (limit < MOST) return html`<p class="board-foot"><${Button} size="small" onClick=${onMore}>${t("board_more")}</${Button}></p>`;
  return html`<p class="board-foot"><${Link} href=${`/app/orders?${LIST[column]}`}>${t("board_rest", { n: count })}</${Link}></p>`;
}

/** The next number of rows a column. @param {number} limit */
export function more(limit) {
  return Math.min(MOST, limit + STEP);
}
