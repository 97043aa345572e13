/** @file The four colours: as columns with their heads, as the 2×2 heads of a phone, and as the day line over them. */
import { html, useState } from "../vendor/preact.js";
import { span } from "../format.js";
import { Mark } from "../kit/marks.js";
import { t } from "../words.js";
import { MARK } from "./row.js";
import { Rows } from "./rows.js";

/** @typedef {import("./live.js").Live} Live */
/** @typedef {import("./store.js").Known} Known */
/** @typedef {Object<string, Known[]>} Sorted */

/** The four that stand side by side; what was delivered stands behind what travels. */
export const FOUR = ["red", "green", "yellow", "hollow"];

/** Since when the one waits that waits longest; "" if none does. @param {Live} live @param {Sorted} sorted @param {string} column */
function oldest(live, sorted, column) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  if (column === "red") return sorted.red.length ? sorted.red[0].row.waiting_since : "";
  return board.counts.oldest[column] || "";
}

/** What stands under a head. @param {{live: Live, sorted: Sorted, column: string}} props */
export function Caption({ live, sorted, column }) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const since = oldest(live, sorted, column);
  if (!board.counts[column]) return html`<span>${t(`board_zero_${column}`)}</span>`;
  if (!since) return html`<span></span>`;
  return html`<span>${t("board_oldest", { span: span(live.now.value - Date.parse(since)) })}</span>`;
}

/**
 * @param {{live: Live, sorted: Sorted, column: string, here: string, search: string, onMore: () => void}} props
 */
export function Column(props) {
  const [side, turn] = useState(props.column);
  const isBlue = props.column === "hollow" || props.column === "solid";
  const column = isBlue ? side : props.column;
  const other = side === "hollow" ? "solid" : "hollow";
  const board = /** @type {import("./store.js").Board} */ (props.live.board.value);
  const count = board.counts[column];
  return html`<section class=${`board-column is-${column}`} aria-labelledby=${`board-head-${column}`}>
    <header class="board-head">
      <h2 id=${`board-head-${column}`}><${Mark} name=${MARK[column]} size=${22} /><span>${t(`board_${column}`)}</span>
        <b class=${`board-number ${count ? "" : "is-zero"}`}>${count}</b></h2>
      <p class="board-caption">
        ${isBlue
          ? html`<button type="button" class="board-turn" onClick=${() => turn(other)}><${Mark} name=${MARK[other]} size=${14} />
              <span>${t(`board_${other}`)} ${board.counts[other]}</span></button>`
          : html`<${Caption} ...${props} />`}
        ${count > 0 && html`<span>${t(`board_unit_${column}`)}</span>`}
      </p>
    </header>
    <${Rows} key=${column} live=${props.live} column=${column} rows=${props.sorted[column]} here=${props.here}
      search=${props.search} onMore=${props.onMore} />
  </section>`;
}

/** Five stretches, each as long as its count. @param {{live: Live, show: string, onShow: (column: string) => void}} props */
export function DayLine({ live, show, onShow }) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  return html`<div class="board-day" role="group" aria-label=${t("board_line")}>
    ${FOUR.concat("solid").map((column) => {
      const n = board.counts[column];
      const isShown = show === column;
      return html`<button type="button" key=${column} class=${`board-stretch is-${column} ${n ? "" : "is-none"}`} style=${{ flexGrow: n }}
          aria-pressed=${String(isShown)} aria-label=${t("board_count", { name: t(`board_${column}`), n })}
          title=${t("board_count", { name: t(`board_${column}`), n })} onClick=${() => onShow(isShown ? "" : column)}>
        <${Mark} name=${MARK[column]} size=${14} /><i></i></button>`;
    })}
  </div>`;
}

/** The heads by themselves: on phones 2×2, each opens its list. `fixed`: one that stands there anyhow, and is no choice.
 * @param {{live: Live, sorted: Sorted, show: string, onShow: (column: string) => void, fixed?: string}} props */
export function Heads({ live, sorted, show, onShow, fixed = "" }) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  return html`<div class="board-heads">
    ${FOUR.map((column) => {
      const isShown = show === column || (column === "hollow" && show === "solid");
      const n = board.counts[column];
      const inside = html`<span class="board-name"><${Mark} name=${MARK[column]} size=${24} />${t(`board_${column}`)}</span>
        <b class=${`board-number ${n ? "" : "is-zero"}`}>${n}</b>
        <span class="board-under">${column === "hollow" && n + board.counts.solid > 0
          ? html`<${Mark} name="box" size=${16} /><span>${t("board_solid_short")} ${board.counts.solid}</span>`
          : html`<${Caption} live=${live} sorted=${sorted} column=${column} />`}</span>`;
      if (column === fixed) return html`<div key=${column} class="board-pick is-fixed">${inside}</div>`;
      return html`<button type="button" key=${column} class="board-pick" aria-pressed=${String(isShown)} onClick=${() => onShow(column)}>${inside}</button>`;
    })}
  </div>`;
}
