/** @file How much there is, in a word and a number; never in a colour. */
import { html } from "../vendor/preact.js";
import { t } from "../words.js";

/** So few free pieces are told as few. */
export const LOW = 5;

/** @param {{row: {on_hand: number, reserved: number, available: number}}} props */
export function Level({ row }) {
  const n = row.available;
  return html`<span class="stock-level"><b class=${n <= LOW ? "stock-few" : ""}>${n <= 0 ? t("stock_out") : t(n <= LOW ? "stock_low" : "stock_free", { n })}</b>
    <small>${t("stock_on_hand", { n: row.on_hand })} · ${t("stock_reserved", { n: row.reserved })}</small></span>`;
}
