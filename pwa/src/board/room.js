/** @file The board: four colours, live; an order over it as a drawer; a wall that shows the same from afar. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { go, lang, me, path, query, title } from "../app.js";
import { Button } from "../kit/button.js";
import { Segments } from "../kit/segments.js";
import { Link } from "../kit/link.js";
import { Loading, Trouble } from "../kit/notes.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/board.js";
import { Column, DayLine, FOUR, Heads } from "./columns.js";
import { Drawer } from "./drawer.js";
import { EmptyBoard } from "./empty.js";
import { Live } from "./live.js";
import { more, Rows } from "./rows.js";
import { COLUMNS, columns } from "./store.js";
import { chosenIn, Filters, FilterSheet, HouseList, Houses, Line, Search, searchOf, Storage, ToWall } from "./tools.js";
import { Wall } from "./wall.js";

addWords(WORDS);

const PHONE = "(max-width: 599px)";
/** Below this three columns beside the red one are too narrow for a name, an age and a tag. */
const TABLET = "(max-width: 1199px)";
/** Rows a column at first. New orders come last: on a desk a day's queue should show them without asking for more. */
const AT_FIRST = { desk: 100, phone: 50, wall: 12 };

/** @param {string} which @returns {boolean} whether the window is so, also when it is turned */
function useMedia(which) {
  const [is, turn] = useState(() => window.matchMedia(which).matches);
  useEffect(() => {
    const media = window.matchMedia(which);
    const heard = () => turn(media.matches);
    media.addListener(heard);
    return () => media.removeListener(heard);
  }, []);
  return is;
}

/** The live board of this tab, for who is signed in, in their language. @returns {Live|null} */
function useLive() {
  const [live, put] = useState(/** @type {Live|null} */ (null));
  const user = me.value ? me.value.user.name : "";
  const spoken = lang.value;
  useEffect(() => {
    if (!user) return undefined;
    const made = new Live(user, spoken);
    put(made);
    return () => made.stop();
  }, [user, spoken]);
  return live;
}

/** Warehouses by code. @returns {Object<string, string>} */
function useNames() {
  const [names, put] = useState(/** @type {Object<string, string>} */ ({}));
  useEffect(() => {
    call("GET", "/api/warehouses?limit=200").then(
      (page) => put(page.items.reduce((/** @type {any} */ all, /** @type {any} */ one) => ({ ...all, [one.code]: one.name || one.code }), {})),
      () => {} // The codes do as well.
    );
  }, []);
  return names;
}

export function Room() {
  const live = useLive();
  const names = useNames();
  const isWall = path.value === "/app/wall";
  const [limit, setLimit] = useState(() => (isWall ? AT_FIRST.wall : window.matchMedia(PHONE).matches ? AT_FIRST.phone : AT_FIRST.desk));
  const chosen = chosenIn(query.value);
  useEffect(() => title(t("board_title")), [lang.value]);
  useEffect(() => {
    if (live) live.look({ warehouse: chosen.warehouse, tag: chosen.tag, priority: chosen.priority }, limit);
  }, [live, chosen.warehouse, chosen.tag, chosen.priority, limit]);

  if (!live || (!live.board.value && !live.problem.value)) return html`<main class="board"><${Loading} /></main>`;
  if (live.problem.value) return html`<main class="board"><${Trouble} problem=${live.problem.value} again=${() => live.read()} /></main>`;
  if (isWall) return html`<${Wall} live=${live} names=${names} />`;
  return html`<${Board} live=${live} names=${names} chosen=${chosen} onMore=${() => setLimit(more(limit))} />`;
}

/** @param {{live: Live, names: Object<string, string>, chosen: import("./tools.js").Chosen, onMore: () => void}} props */
function Board({ live, names, chosen, onMore }) {
  const isPhone = useMedia(PHONE);
  const isTablet = useMedia(TABLET);
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const sorted = columns(board);
  const search = searchOf(chosen);
  const here = decodeURIComponent((/^\/app\/board\/([^/]+)/.exec(path.value) || ["", ""])[1]);
  const seen = board.rows[here];
  const on = COLUMNS.reduce((sum, column) => sum + board.counts[column], 0);
  const tags = tagsIn(sorted);
  /** @param {Partial<import("./tools.js").Chosen>} change */
  const choose = (change) => go(location.pathname + searchOf({ ...chosen, ...change }), true);
  const clear = () => choose({ warehouse: "", tag: "", priority: "", show: "" });
  const common = { live, names, chosen, tags, onChoose: choose };
  const isFiltered = Boolean(chosen.warehouse || chosen.tag || chosen.priority);
  const isEmpty = on === 0 && board.counts.unpaid === 0;
  const inside = { live, sorted, here, search, onMore, chosen, onShow: (/** @type {string} */ show) => choose({ show }) };
  return html`<main class="board">
    <header class="board-top">
      <h1>${t("board_title")}</h1>
      ${isPhone ? html`<${HouseList} ...${common} />` : html`<${Houses} ...${common} />`}
      ${!isPhone && !isEmpty && html`<${Search} /><${Filters} ...${common} />`}
      ${isPhone ? !isEmpty && html`<${FilterSheet} ...${common} count=${on} />` : html`<span class="board-space"></span><${Line} live=${live} /><${ToWall} />`}
    </header>
    <${Storage} live=${live} />
    ${!isEmpty && html`<p class="board-figures"><span>${t("board_on", { n: on })}</span>
      ${board.counts.unpaid > 0 && html`<${Link} href="/app/orders?state=awaiting_payment">${t("board_unpaid", { n: board.counts.unpaid })}</${Link}>`}</p>`}
    ${on === 0 ? html`<${EmptyBoard} isFiltered=${isFiltered} onClear=${clear} />` : isPhone ? html`<${Phone} ...${inside} />` : isTablet ? html`<${Tablet} ...${inside} />` : html`<${Desk} ...${inside} />`}
    ${here && html`<${Drawer} orderNo=${here} stamp=${seen ? seen.row.updated_at : undefined} onClose=${() => go(`/app/board${search}`)} />`}
  </main>`;
}

/** The tags on the rows that stand here. @param {Object<string, import("./store.js").Known[]>} sorted */
function tagsIn(sorted) {
  /** @type {Object<string, boolean>} */
  const found = {};
  for (const column of COLUMNS) for (const { row } of sorted[column]) for (const tag of row.tags) found[tag] = true;
  return Object.keys(found).sort();
}

/** @typedef {{live: Live, sorted: Object<string, import("./store.js").Known[]>, here: string, search: string, onMore: () => void,
 *   chosen: import("./tools.js").Chosen, onShow: (show: string) => void}} Inside */

/** @param {Inside} props */
function Desk(props) {
  const { live, chosen, onShow } = props;
  const shown = COLUMNS.indexOf(chosen.show) >= 0 ? [chosen.show] : FOUR;
  return html`<${DayLine} live=${live} show=${chosen.show} onShow=${onShow} />
    ${shown.length === 1 && html`<p class="board-back"><${Button} size="small" onClick=${() => onShow("")}>${t("board_show_all")}</${Button}></p>`}
    <div class=${`board-columns ${shown.length === 1 ? "is-one" : ""}`}>
      ${shown.map((column) => html`<${Column} key=${column} ...${props} column=${column} />`)}
    </div>`;
}

/** Red always stands at the left, beside it the one that was chosen. @param {Inside} props */
function Tablet(props) {
  const { live, sorted, chosen, onShow } = props;
  const beside = COLUMNS.indexOf(chosen.show) > 0 ? chosen.show : "green";
  return html`<${Heads} live=${live} sorted=${sorted} show=${beside} onShow=${onShow} fixed="red" />
    <div class="board-columns">${["red", beside].map((column) => html`<${Column} key=${column} ...${props} column=${column} />`)}</div>`;
}

/** @param {Inside} props */
function Phone(props) {
  const { live, sorted, chosen, onShow } = props;
  const column = COLUMNS.indexOf(chosen.show) >= 0 ? chosen.show : "red";
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const sides = ["hollow", "solid"].map((key) => ({ key, text: t(key === "solid" ? "board_solid_short" : "board_hollow"), count: board.counts[key] }));
  const isBlue = column === "hollow" || column === "solid";
  return html`<${Heads} live=${live} sorted=${sorted} show=${column} onShow=${onShow} />
    <div class="board-bar"><h2>${t(`board_first_${column}`)}</h2><${Line} live=${live} isShort /></div>
    ${isBlue && html`<div class="board-sides"><${Segments} label=${t("board_hollow")} items=${sides} value=${column} onChange=${onShow} /></div>`}
    <${Rows} ...${props} key=${column} column=${column} rows=${sorted[column]} />`;
}
