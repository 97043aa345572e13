/** @file The board on a wall, read from across the hall: four figures, the longest stuck, the time. No controls: what it
 * shows the address says. The pointer hides, the picture shifts a little each hour, the screen is kept awake. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { query } from "../app.js";
import { span } from "../format.js";
import { Link } from "../kit/link.js";
import { Logo, Mark } from "../kit/marks.js";
import { lang, t } from "../words.js";
import { Caption, FOUR } from "./columns.js";
import { MARK, tail, whyOf } from "./row.js";
import { columns } from "./store.js";
import { chosenIn } from "./tools.js";

const ROWS = 6;
const STILL_MS = 3000;
const HOUR = 3600000;

/** Whether the pointer has moved lately. */
function useMoved() {
  const [isMoved, move] = useState(true);
  useEffect(() => {
    let timer = 0;
    const still = () => move(false);
    const moved = () => {
      move(true);
      window.clearTimeout(timer);
      timer = window.setTimeout(still, STILL_MS);
    };
    moved();
    window.addEventListener("pointermove", moved);
    window.addEventListener("keydown", moved);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("keydown", moved);
    };
  }, []);
  return isMoved;
}

/** Keeps the screen on where the browser can; it has to be asked anew whenever the page comes back. */
function useAwake() {
  useEffect(() => {
    /** @type {any} */
    let lock = null;
    const wake = /** @type {any} */ (navigator).wakeLock;
    const ask = () => {
      if (wake && document.visibilityState === "visible") {
        wake.request("screen").then((/** @type {any} */ got) => (lock = got), () => {});
      }
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      document.removeEventListener("visibilitychange", ask);
      if (lock) lock.release();
    };
  }, []);
}

/** @param {{live: import("./live.js").Live, names: Object<string, string>}} props */
export function Wall({ live, names }) {
  const isMoved = useMoved();
  useAwake();
  const board = live.board.value;
  if (!board) return html`<main class="wall"></main>`;
  const { warehouse } = chosenIn(query.value);
  const sorted = columns(board);
  const now = live.now.value;
  const on = FOUR.concat("solid").reduce((sum, column) => sum + board.counts[column], 0);
  const place = warehouse ? names[warehouse] || warehouse : t("board_all_houses", { n: Object.keys(names).length });
  const hour = Math.floor(now / HOUR) % 4;
  const rest = board.counts.red - Math.min(ROWS, sorted.red.length);
  const told = live.storage.value;
  return html`<main class=${`wall shift-${hour} ${isMoved ? "" : "is-still"}`}>
    <header class="wall-top">
      <h1><${Logo} /><span>${t("name")}</span></h1>
      <p>${place} · ${t("board_on", { n: on })}${live.isLive.value === false && html` · <b role="status">${t("board_away", { at: live.clock(live.heardAt.value) })}</b>`}${told && html` · <b role="alert">${lang.value === "en" ? told.en : told.zh}</b>`}</p>
      <time class="wall-clock">${live.clock(now)}</time>
    </header>
    <div class="wall-heads">
      ${FOUR.map((column) => html`<section key=${column}>
        <h2><${Mark} name=${MARK[column]} size=${56} /><span>${t(`board_${column}`)}</span></h2>
        <b class=${`wall-number ${board.counts[column] > 999 ? "is-long" : ""}`}>${board.counts[column]}</b>
        <p>${column === "hollow" ? html`<${Mark} name="box" size=${24} /><span>${t("board_solid_short")} ${board.counts.solid}</span>` : html`<${Caption} live=${live} sorted=${sorted} column=${column} />`}</p>
      </section>`)}
    </div>
    <ol class="wall-rows">
      ${sorted.red.slice(0, ROWS).map(({ row }) => html`<li key=${row.order_no} data-no=${row.order_no}>
        <b class="wall-since">${span(now - Date.parse(row.waiting_since))}</b><b>${tail(row.order_no)}</b><span>${row.customer.name}</span>
        <span class="wall-why">${whyOf(row)}</span><span class="wall-owner">${row.owner ? row.owner.name : row.place}</span></li>`)}
      ${sorted.red.length === 0 && html`<li class="wall-none">${t("board_wall_none")}</li>`}
    </ol>
    ${rest > 0 && html`<p class="wall-rest">${t("board_wall_more", { n: rest })}</p>`}
    ${isMoved && html`<${Entering} />`}
  </main>`;
}

/** There while the pointer moves: to fill the screen, and the way back. */
function Entering() {
  const can = document.fullscreenEnabled && !document.fullscreenElement;
  const fill = () => void document.documentElement.requestFullscreen().catch(() => {});
  return html`<p class="wall-entering">
    ${can && html`<button type="button" class="button primary" onClick=${fill}>${t("board_wall_full")}</button>`}
    <${Link} href="/app/board" class="button">${t("board_wall_back")}</${Link}>
  </p>`;
}
