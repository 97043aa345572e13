/** @file One order's panel, fetched when an order is first opened, or ahead of that by who has a quiet moment: the list and
 * the board are there without it. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Empty, Loading } from "../kit/notes.js";
import { dressed } from "../shell/dress.js";
import { reloadIfGone } from "../update.js";
import { t } from "../words.js";

/** @type {any} */
let Panel = null;

/** @returns {Promise<void>} */
export async function fetchPanel() {
  const [made] = await Promise.all([import("./panel.js"), dressed("orders")]);
  Panel = made.OrderPanel;
}

/** As `OrderPanel`. @param {{orderNo: string, stamp?: string, onClose: () => void, inDrawer: boolean}} props */
export function OrderLater(props) {
  const [, come] = useState(Panel !== null);
  const [isLost, lose] = useState(false);
  const load = () => {
    lose(false);
    fetchPanel().then(
      () => come(true),
      () => reloadIfGone().then((isGone) => isGone || lose(true))
    );
  };
  useEffect(() => {
    if (!Panel) load();
  }, []);
  if (isLost) return html`<${Empty} title=${t("room_missing")}><${Button} onClick=${load}>${t("again")}</${Button}></${Empty}>`;
  return Panel ? html`<${Panel} key=${props.orderNo} ...${props} />` : html`<${Loading} />`;
}
