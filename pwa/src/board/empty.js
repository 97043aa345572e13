/** @file A board with nothing on it: on day one three ways to the first order; later one sentence. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call } from "../api.js";
import { may } from "../app.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Mark } from "../kit/marks.js";
import { Empty } from "../kit/notes.js";
import { t } from "../words.js";
import { FOUR } from "./columns.js";
import { MARK } from "./row.js";

/** What a shell is asked for; no word of any language. */
const IMPORT = "huodaona import-orders CHANNEL FILE";
const DEMO = "huodaona serve --demo --data ./demo";

/** Whether anything ever came: null until that is known. @returns {boolean|null} */
function useIsNew() {
  const [isNew, know] = useState(/** @type {boolean|null} */ (null));
  useEffect(() => {
    call("GET", "/api/orders?limit=1").then((page) => know(page.items.length === 0), () => know(false));
  }, []);
  return isNew;
}

/** The four heads at 0, each with what would land under it. */
function Zeros() {
  return html`<div class="board-zeros">
    ${FOUR.map((column) => html`<section key=${column}>
      <h2><${Mark} name=${MARK[column]} size=${22} /><span>${t(`board_${column}`)}</span><b class="board-number is-zero">0</b></h2>
      <p>${t(`board_zero_${column}`)}</p></section>`)}
  </div>`;
}

/** @param {{icon: string, word: string, isFirst?: boolean, children?: any}} props */
function Way({ icon, word, isFirst, children }) {
  return html`<section class=${`board-way ${isFirst ? "is-first" : ""}`}>
    <${Icon} name=${icon} size=${28} /><h2>${t(word)}</h2><p>${t(`${word}_hint`)}</p>${children}
  </section>`;
}

/** @param {{isFiltered: boolean, onClear: () => void}} props */
export function EmptyBoard({ isFiltered, onClear }) {
  const isNew = useIsNew();
  if (isFiltered) {
    return html`<${Zeros} /><${Empty} title=${t("board_none_filtered")}>
      <button type="button" class="button" onClick=${onClear}>${t("board_clear")}</button></${Empty}>`;
  }
  if (isNew === null) return html`<${Zeros} />`;
  if (!isNew) {
    return html`<${Zeros} /><${Empty} title=${t("board_none")} hint=${t("board_none_hint")}>
      <${Link} href="/app/orders" class="button">${t("board_to_orders")}</${Link}></${Empty}>`;
  }
  const canCreate = may("create");
  return html`<${Zeros} />
    <div class="board-first">
      <h2 class="board-sentence">${t("board_empty")}</h2>
      <p class="second">${t("board_empty_hint")}</p>
      <div class="board-ways">
        ${canCreate && html`<${Way} icon="plus" word="board_way_new" isFirst>
          <${Link} href="/app/new" class="button primary">${t("board_way_new_go")}</${Link}></${Way}>`}
        <${Way} icon="file" word="board_way_file"><code>${IMPORT}</code></${Way}>
        <${Way} icon="link" word="board_way_channel"><a class="button" href="/docs">${t("board_way_docs")}</a></${Way}>
      </div>
      ${may("master") && html`<p><${Link} href="/app/master" class="board-start">${t("board_start")}</${Link}></p>`}
      <p class="second">${t("board_demo")} <code>${DEMO}</code></p>
    </div>`;
}
