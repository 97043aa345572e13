/** @file Stock: the list, and one SKU with who holds it, where it lies and what came and went; the floor's tasks. */
import { html, useEffect } from "../vendor/preact.js";
import { lang, may, path, title } from "../app.js";
import { Empty } from "../kit/notes.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/stock.js";
import { List } from "./list.js";
import { One } from "./one.js";
import { Tasks } from "./tasks.js";

addWords(WORDS);

export function Room() {
  const [, , place, rest] = path.value.split("/");
  const isTasks = place === "tasks";
  const sku = decodeURIComponent(rest || "");
  useEffect(() => title(isTasks ? t("floor_title") : sku || t("stock_title")), [isTasks, sku, lang.value]);
  if (isTasks) return html`<main class="stock">${may("floor") ? html`<${Tasks} />` : html`<${Empty} title=${t("floor_no_right")} />`}</main>`;
  if (!may("stock")) return html`<main class="stock"><${Empty} title=${t("stock_no_right")} /></main>`;
  return html`<main class="stock">${sku ? html`<${One} sku=${sku} key=${sku} />` : html`<${List} />`}</main>`;
}
