/** @file All stock by SKU and warehouse, a page at a time; what runs out on demand; goods found by code, name or barcode,
 * typed or scanned: a whole code opens at once. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, go, lang, may, reached } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Link } from "../kit/link.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { useList } from "../desk/read.js";
import { gtinOf, plain } from "../pick/read.js";
import { t } from "../words.js";
import { Level, LOW } from "./level.js";

const PAUSE_MS = 160;
/** @type {Object<string, number>} */
const MOST = { all: -1, low: LOW, none: 0 };

/** @param {string} sku */
export const placeOf = (sku) => `/app/stock/${encodeURIComponent(sku)}`;

export function List() {
  const [text, type] = useState("");
  const [house, choose] = useState("");
  const [level, show] = useState("all");
  const houses = useList("/api/warehouses?limit=200");
  const typed = plain(text);
  const rows = useList(typed ? "" : `/api/stock?limit=50&warehouse=${encodeURIComponent(house)}${level === "all" ? "" : `&most=${MOST[level]}`}`);
  const found = useFound(typed, house);
  const items = typed ? found.items : rows.items;
  const problem = typed ? found.problem : rows.problem;
  const choices = [{ value: "", text: t("stock_all_houses") }].concat((houses.items || []).map((one) => ({ value: one.code, text: one.name })));
  const empty = typed ? ["stock_nothing", "stock_nothing_hint"] : level === "all" ? ["stock_empty", "stock_empty_hint"] : ["stock_none_low", ""];
  return html`<header class="stock-head"><h1>${t("stock_title")}</h1>
      ${may("floor") && html`<${Link} class="button" href="/app/tasks">${t("floor_title")}</${Link}>`}
      ${may("move_stock") && html`<${Link} class="button" href="/app/receive">${t("nav_receive")}</${Link}>`}</header>
    <form class="stock-find" role="search" onSubmit=${(/** @type {Event} */ e) => { e.preventDefault(); found.open(); }}>
      <${Field} label=${t("stock_find")} type="search" value=${text} placeholder=${t("stock_find_hint")} maxlength="100" autocomplete="off" autocapitalize="off"
        enterkeyhint="search" onInput=${(/** @type {any} */ e) => type(e.target.value)} />
      <${Field} label=${t("warehouse")} value=${house} choices=${choices} onInput=${(/** @type {any} */ e) => choose(e.target.value)} />
    </form>
    ${!typed && html`<${Segments} label=${t("stock_levels")} value=${level} onChange=${show} items=${Object.keys(MOST).map((key) => ({ key, text: t(`stock_level_${key}`) }))} />`}
    ${problem && html`<${Trouble} problem=${problem} again=${typed ? found.again : rows.again} />`}
    ${!items && !problem && html`<${Loading} />`}
    ${items && !items.length && html`<${Empty} title=${t(empty[0])} hint=${empty[1] && t(empty[1])} />`}
    <ul class="stock-list">${(items || []).map((row) => html`<li key=${`${row.sku}|${row.warehouse}`}><${Link} class="stock-row" href=${placeOf(row.sku)}>
      <span class="stock-what"><b>${row.name || row.sku}</b><small>${row.sku}${row.warehouse && ` · ${nameOf(houses.items, row.warehouse)}`}</small></span>
      ${row.warehouse ? html`<${Level} row=${row} />` : html`<span class="stock-level"><b>${t("stock_never")}</b></span>`}</${Link}></li>`)}</ul>
    ${!typed && rows.next && html`<p class="stock-more"><${Button} onClick=${rows.more}>${t("stock_more")}</${Button}></p>`}`;
}

/** @param {any[]|null} houses @param {string} code */
export function nameOf(houses, code) {
  const found = (houses || []).find((one) => one.code === code);
  return found ? found.name : code;
}

/** The stock of what a text finds; `open` goes to the one that the whole text is. @param {string} text @param {string} house */
function useFound(text, house) {
  const [state, put] = useState(/** @type {{items: any[]|null, skus: any[], of: string, problem: Problem|null}} */ ({ items: null, skus: [], of: "", problem: null }));
  const wanted = useRef("");
  const [round, again] = useState(0);
  useEffect(() => {
    if (!text) return undefined;
    let isLate = false;
    const timer = window.setTimeout(() => {
      seek(text, house).then(
        (found) => {
          reached();
          if (!isLate) put({ items: found.rows, skus: found.skus, of: text, problem: null });
        },
        (problem) => isLate || failed(problem, () => again((n) => n + 1)) || put({ items: null, skus: [], of: text, problem })
      );
    }, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [text, house, round, lang.value]);
  const exact = state.of === text ? state.skus.find((one) => isWhole(one, text)) : null;
  useEffect(() => {
    if (wanted.current && wanted.current === text && exact) go(placeOf(exact.code));
  }, [exact]);
  const open = () => {
    wanted.current = text; // a scanner's Enter comes before the answer
    if (exact) go(placeOf(exact.code));
  };
  return { items: text && state.of === text ? state.items : null, problem: state.problem, again: () => again((n) => n + 1), open };
}

/** @param {any} sku @param {string} text */
function isWhole(sku, text) {
  const gtin = gtinOf(text);
  return sku.code.toUpperCase() === text.toUpperCase() || (gtin !== "" && String(sku.gtin || "").padStart(14, "0") === gtin);
}

/** @param {string} text @param {string} house */
async function seek(text, house) {
  const gtin = gtinOf(text);
  let skus = (await call("GET", `/api/skus?limit=20&q=${encodeURIComponent(text)}`)).items;
  if (!skus.length && gtin) skus = (await call("GET", `/api/skus?limit=20&q=${encodeURIComponent(gtin.replace(/^0+/, ""))}`)).items;
  const at = house && `&warehouse=${encodeURIComponent(house)}`;
  const pages = await Promise.all(parted(skus.map((/** @type {any} */ one) => one.code)).map((codes) => call("GET", `/api/stock?limit=200&sku=${encodeURIComponent(codes)}${at}`)));
  const rows = pages.reduce((all, page) => all.concat(page.items), /** @type {any[]} */ ([]));
  return { skus, rows: skus.reduce((/** @type {any[]} */ all, /** @type {any} */ sku) => all.concat(ofSku(sku, rows)), []) };
}

/** A comma parts the codes, so one that holds a comma is asked alone. @param {string[]} codes */
function parted(codes) {
  const plainOnes = codes.filter((code) => code.indexOf(",") < 0);
  return codes.filter((code) => code.indexOf(",") >= 0).concat(plainOnes.length ? [plainOnes.join(",")] : []);
}

/** @param {any} sku @param {any[]} rows */
function ofSku(sku, rows) {
  const own = rows.filter((row) => row.sku === sku.code);
  return own.length ? own : [{ sku: sku.code, name: sku.name, warehouse: "" }];
}
