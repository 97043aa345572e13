/** @file What stands over the board: which warehouse, search, urgent ones, a tag, and whether the line is alive. What is
 * chosen stands in the address, so that it survives a reload and can be sent to somebody. */
import { html, useState } from "../vendor/preact.js";
import { go } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Segments } from "../kit/segments.js";
import { Sheet } from "../kit/sheet.js";
import { lang, t } from "../words.js";

/** @typedef {import("./live.js").Live} Live */
/** @typedef {{warehouse: string, tag: string, priority: string, show: string}} Chosen */

/** @param {URLSearchParams} query @returns {Chosen} */
export function chosenIn(query) {
  const read = (/** @type {string} */ name) => query.get(name) || "";
  return { warehouse: read("warehouse"), tag: read("tag"), priority: read("urgent") ? "urgent" : "", show: read("show") };
}

/** What is chosen as it stands in an address, with its `?`. @param {Chosen} chosen */
export function searchOf(chosen) {
  const query = new URLSearchParams();
  if (chosen.warehouse) query.set("warehouse", chosen.warehouse);
  if (chosen.tag) query.set("tag", chosen.tag);
  if (chosen.priority) query.set("urgent", "1");
  if (chosen.show) query.set("show", chosen.show);
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** The warehouses that have orders on the board, by name. @param {Live} live @param {Object<string, string>} names */
function houses(live, names) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const counts = board.counts.warehouses;
  const codes = Object.keys(names).concat(Object.keys(counts).filter((code) => code && !names[code]));
  return codes.map((code) => ({ key: code, text: (names[code] || code).replace(/(.)仓$/, "$1"), count: counts[code] || 0 }));
}

/** @typedef {{live: Live, chosen: Chosen, names: Object<string, string>, tags: string[], onChoose: (change: Partial<Chosen>) => void}} Props */

/** @param {Props} props */
export function Houses({ live, chosen, names, onChoose }) {
  const items = houses(live, names);
  if (items.length < 2) return null;
  const all = { key: "", text: t("board_all_houses", { n: items.length }) };
  return html`<${Segments} label=${t("board_houses")} items=${[all].concat(items)} value=${chosen.warehouse}
    onChange=${(/** @type {string} */ key) => onChoose({ warehouse: key })} />`;
}

/** The same for a phone. @param {Props} props */
export function HouseList({ live, chosen, names, onChoose }) {
  const items = houses(live, names);
  if (items.length < 2) return null;
  return html`<select class="board-house" aria-label=${t("board_houses")} onChange=${(/** @type {any} */ e) => onChoose({ warehouse: e.target.value })}>
    <option value="" selected=${!chosen.warehouse}>${t("board_all_houses", { n: items.length })}</option>
    ${items.map((one) => html`<option key=${one.key} value=${one.key} selected=${one.key === chosen.warehouse}>${one.text} ${one.count}</option>`)}
  </select>`;
}

export function Search() {
  const [text, type] = useState("");
  /** @param {Event} event */
  const find = (event) => {
    event.preventDefault();
    if (text.trim()) go(`/app/orders?q=${encodeURIComponent(text.trim())}`);
  };
  return html`<form class="board-search" role="search" onSubmit=${find}>
    <${Icon} name="search" size=${18} />
    <input type="search" aria-label=${t("board_search")} placeholder=${t("board_search")} value=${text}
      onInput=${(/** @type {any} */ e) => type(e.target.value)} />
  </form>`;
}

/** Urgent ones alone, and one tag alone. @param {Props} props */
export function Filters({ live, chosen, tags, onChoose }) {
  const board = /** @type {import("./store.js").Board} */ (live.board.value);
  const all = chosen.tag && tags.indexOf(chosen.tag) < 0 ? [chosen.tag].concat(tags) : tags;
  return html`<${Button} pressed=${chosen.priority !== ""} onClick=${() => onChoose({ priority: chosen.priority ? "" : "urgent" })}>
      ${t("board_urgent", { n: board.counts.urgent })}</${Button}>
    ${all.length > 0 && html`<select class="board-tag" aria-label=${t("board_tag")} onChange=${(/** @type {any} */ e) => onChoose({ tag: e.target.value })}>
      <option value="" selected=${!chosen.tag}>${t("board_tag_any")}</option>
      ${all.map((tag) => html`<option key=${tag} value=${tag} selected=${tag === chosen.tag}>${tag}</option>`)}
    </select>`}`;
}

/** A phone keeps them in a sheet. @param {Props & {count: number}} props */
export function FilterSheet(props) {
  const [isOpen, open] = useState(false);
  const isOn = props.chosen.tag !== "" || props.chosen.priority !== "";
  const close = () => open(false);
  return html`<${Button} size="small" pressed=${isOn} onClick=${() => open(true)}>${t("board_filter")}</${Button}>
    ${isOpen && html`<${Sheet} title=${t("board_filter")} onClose=${close}>
      <div class="board-sheet"><${Search} /><${Filters} ...${props} />
        <${Button} kind="primary" onClick=${close}>${t("board_filter_done", { n: props.count })}</${Button}></div>
    </${Sheet}>`}`;
}

/** Whether what stands here is so now. @param {{live: Live, isShort?: boolean}} props */
export function Line({ live, isShort }) {
  const isLive = live.isLive.value;
  const at = live.clock(live.heardAt.value, !isShort && isLive === true);
  const words = isLive === null ? t("board_joining") : t(isLive ? "board_live" : "board_away", { at });
  return html`<p class=${`board-live ${isLive ? "is-live" : ""}`}><i></i><span role=${isLive === false ? "status" : undefined}>${words}</span></p>`;
}

/** What nobody can press away: the server stores nothing. @param {{live: Live}} props */
export function Storage({ live }) {
  const told = live.storage.value;
  return told && html`<p class="board-figures"><b role="alert">${lang.value === "en" ? told.en : told.zh}</b></p>`;
}

export function ToWall() {
  return html`<${Link} href="/app/wall" class="button board-to-wall"><${Icon} name="wall" />${t("board_to_wall")}</${Link}>`;
}
