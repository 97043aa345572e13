/** @file One order over the living board. What is in it belongs to the orders; it is loaded when first opened. */
import { html } from "../vendor/preact.js";
import { Sheet } from "../kit/sheet.js";
import { OrderLater } from "../orders/later.js";

/** @param {{orderNo: string, stamp: string|undefined, onClose: () => void}} props `stamp`: when the board saw it change last */
export function Drawer({ orderNo, stamp, onClose }) {
  return html`<${Sheet} kind="drawer" title=${orderNo} onClose=${onClose}>
    <${OrderLater} orderNo=${orderNo} stamp=${stamp} onClose=${onClose} inDrawer=${true} />
  </${Sheet}>`;
}
