/** @file One order on the board: number, customer, how long or how far; then why and what to do, or where and its tags. */
import { html } from "../vendor/preact.js";
import { go, may } from "../app.js";
import { span } from "../format.js";
import { Button } from "../kit/button.js";
import { Link } from "../kit/link.js";
import { Mark } from "../kit/marks.js";
import { Tag } from "../kit/tag.js";
import { knows, t } from "../words.js";
import { columnOf } from "./store.js";

/** @typedef {import("./store.js").Row} Order */
/** @typedef {import("./store.js").Known} Known */

/** @type {Object<string, string>} */
export const MARK = { red: "triangle", green: "disc", yellow: "diamond", hollow: "open", solid: "box" };
const URGENT = "加急";
const MOST_TAGS = 2;
/** What helps, by the cause of red: the word, and the right without which one can only look. @type {Object<string, [string, string]>} */
const HELP = {
  held: ["board_act_lift", "lift"],
  short_stock: ["board_act_short", "read"],
  unknown_sku: ["board_act_sku", "read"],
  differs: ["board_act_settle", "resolve"],
  amount_mismatch: ["board_act_settle", "resolve"],
  paid_ahead: ["board_act_settle", "resolve"],
  refunded: ["board_act_settle", "resolve"],
  cancel_late: ["board_act_settle", "resolve"],
  promise_moved: ["board_act_settle", "resolve"],
};

/** The part that people call it by. @param {string} number */
export function tail(number) {
  return number.slice(number.indexOf("-") + 1);
}

/** Why it is stuck. How long, it says beside it, so a stalled one says only where. @param {Order} row */
export function whyOf(row) {
  const key = `board_still_${row.state}`;
  return row.cause === "stalled" && knows(key) ? t(key) : row.colour.why;
}

/** @param {Order} row */
function helpOf(row) {
  if (row.cause === "stalled") return row.state === "packed" && may("ship") ? "board_act_ship" : "board_act_look";
  const [word, right] = HELP[row.cause] || ["board_act_look", "read"];
  return may(right) ? word : "board_act_look";
}

/** @param {Order} row @param {string} column @param {number} now the server's moment, ms */
function valueOf(row, column, now) {
  if (column === "solid") return row.waiting_since.slice(11, 16);
  if (column === "yellow") return row.state === "packed" ? t("packed") : `${row.lines.closed}/${row.lines.of}`;
  return span(now - Date.parse(row.waiting_since));
}

/** Tags as they matter here: urgent first, no more than fit. @param {Order} row */
export function tagsOf(row) {
  const others = row.tags.filter((tag) => tag !== URGENT);
  return row.priority === "urgent" || others.length < row.tags.length ? [URGENT].concat(others) : others;
}

/** @param {{row: Order}} props */
function RowTags({ row }) {
  const tags = tagsOf(row);
  const rest = tags.slice(MOST_TAGS);
  return html`<span class="board-tags">
    ${tags.slice(0, MOST_TAGS).map((tag) => html`<${Tag} key=${tag} tag=${tag} />`)}
    ${rest.length > 0 && html`<span class="board-rest" title=${rest.join("、")}>+${rest.length}</span>`}
  </span>`;
}

/** Where a row went that still stands here because a finger is on the column. @param {{row: Order, day: string, isGone: boolean}} props */
function Went({ row, day, isGone }) {
  const column = isGone ? "" : columnOf(row, day);
  if (!column) return html`<span class="board-value">${t("board_left")}</span>`;
  return html`<span class="board-value board-went"><${Mark} name=${MARK[column]} size=${13} />${t(`board_${column}`)}</span>`;
}

/**
 * @param {{known: Known, column: string, now: number, day: string, isNew: boolean, isHere: boolean, isGone: boolean,
 *   hasLeft: boolean, search: string}} props `isHere`: its drawer is open; `hasLeft`: it stands elsewhere by now;
 *   `isGone`: not on this board any more
 */
export function Row(props) {
  const { known, column, now, day, isNew, isHere, hasLeft, isGone, search } = props;
  const { row } = known;
  const to = `/app/board/${encodeURIComponent(row.order_no)}${search}`;
  const isRed = column === "red" && !hasLeft;
  const tint = hasLeft ? columnOf(row, day) : column;
  const name = ["board-row", `in-${column}`, isNew && tint ? `tint-${tint}` : "", isHere ? "is-here" : "", hasLeft ? "has-left" : ""];
  return html`<li class=${name.filter(Boolean).join(" ")} data-no=${row.order_no}>
    <div class="board-line">
      <${Link} href=${to} class="board-open">
        <span class="board-no">${column === "red" && html`<i>${row.order_no.slice(0, -tail(row.order_no).length)}</i>`}<b>${tail(row.order_no)}</b></span>
        <span class="board-who">${row.customer.name}</span>
      </${Link}>
      ${hasLeft ? html`<${Went} row=${row} day=${day} isGone=${isGone} />` : html`<span class="board-value">${valueOf(row, column, now)}</span>`}
    </div>
    <div class="board-line">
      <span class="board-place">${isRed ? whyOf(row) : row.place}</span>
      ${isRed ? html`<${Button} size="small" onClick=${() => go(to)}>${t(helpOf(row))}</${Button}>` : html`<${RowTags} row=${row} />`}
    </div>
  </li>`;
}
