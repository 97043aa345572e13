/** @file One order over the living board. What is in it belongs to the orders; it is loaded when first opened. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Empty, Loading } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { dressed } from "../shell/dress.js";
import { t } from "../words.js";

/** @type {any} */
let Panel = null;

/** @param {{orderNo: string, stamp: string|undefined, onClose: () => void}} props `stamp`: when the board saw it change last */
export function Drawer({ orderNo, stamp, onClose }) {
  const [, come] = useState(Panel !== null);
  const [isLost, lose] = useState(false);
  const load = () => {
    lose(false);
    Promise.all([import("../orders/panel.js"), dressed("orders")]).then(
      ([made]) => {
        Panel = made.OrderPanel;
        come(true);
      },
      () => lose(true)
    );
  };
  useEffect(() => {
    if (!Panel) load();
  }, []);
  return html`<${Sheet} kind="drawer" title=${orderNo} onClose=${onClose}>
    ${isLost
      ? html`<${Empty} title=${t("room_missing")}><${Button} onClick=${load}>${t("again")}</${Button}></${Empty}>`
      : Panel
        ? html`<${Panel} key=${orderNo} orderNo=${orderNo} stamp=${stamp} onClose=${onClose} inDrawer=${true} />`
        : html`<${Loading} />`}
  </${Sheet}>`;
}
