/** @file The number pad: another number than the one asked, or how many the shelf did not have. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { t } from "../words.js";
import { take, takeShort } from "./acts.js";
import { Foot, Head } from "./frame.js";
import { item, pad, standing } from "./hand.js";
import { uom } from "./tasks.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "back"];

/** The keys of a number. @param {{typed: string, type: (text: string) => void}} props */
export function Keys({ typed, type }) {
  /** @param {string} key */
  const press = (key) => type(key === "back" ? typed.slice(0, -1) : (typed + key).replace(/^0+(?=\d)/, "").slice(0, 6));
  return html`<div class="pick-keys">${KEYS.map((key) =>
    key === ""
      ? html`<span></span>`
      : html`<button type="button" aria-label=${key === "back" ? t("pick_pad_back") : undefined} onClick=${() => press(key)}>${key === "back" ? html`<${Icon} name="back" size=${28} />` : key}</button>`
  )}</div>`;
}

/** Both want a number: how many now, or how many the shelf had. */
export function Amount() {
  const [typed, type] = useState("");
  const held = item.value;
  const stop = standing.value;
  if (!held || !stop) return null;
  const isShort = pad.value === "short";
  const most = isShort ? held.left - 1 : held.left;
  const n = Number(typed);
  const isKnown = typed !== "";
  const cannot = n > most ? t(isShort ? "pick_pad_all" : "pick_pad_most", { n: held.left }) : !isKnown || (!isShort && n === 0) ? t("pick_pad_none") : "";
  const unit = uom(held.line.uom);
  const missing = held.left - n;
  const act = () => (isShort ? takeShort(n, missing) : take(n));
  const label = !isShort ? t("pick_took", { n, unit }) : n === 0 ? t("pick_short_all", { n: missing, unit }) : t("pick_short_some", { n: missing, took: n });
  return html`<${Head} onBack=${() => (pad.value = "")} title=${t(isShort ? "pick_pad_short" : "pick_pad_some")} hasChip=${false} />
    <main class="pick-main pick-pad">
      <p class="pick-pad-what"><b>${stop.bin}</b> ${held.line.name}</p>
      <p class="pick-pad-ask">${t(isShort ? "pick_pad_ask_short" : "pick_pad_ask")}</p>
      <p class="pick-pad-number" role="status"><b>${typed === "" ? "–" : typed}</b> / ${held.left} ${unit}</p>
      <${Keys} typed=${typed} type=${type} />
    </main>
    <${Foot}>
      <${Button} size="picker" kind="primary" class="pick-wide" cannot=${cannot} onClick=${act}>${cannot ? t("pick_pad_write") : label}</${Button}>
    </${Foot}>`;
}
