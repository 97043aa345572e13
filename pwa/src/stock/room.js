/** @file Stock: the list, and one SKU with who holds it, where it lies and what came and went. */
import { html, useEffect } from "../vendor/preact.js";
import { lang, may, path, title } from "../app.js";
import { Empty } from "../kit/notes.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/stock.js";
import { List } from "./list.js";
import { One } from "./one.js";

addWords(WORDS);

export function Room() {
  const sku = decodeURIComponent(path.value.split("/")[3] || "");
  useEffect(() => title(sku || t("stock_title")), [sku, lang.value]);
  if (!may("stock")) return html`<main class="stock"><${Empty} title=${t("stock_no_right")} /></main>`;
  return html`<main class="stock">${sku ? html`<${One} sku=${sku} key=${sku} />` : html`<${List} />`}</main>`;
}
