/** @file Receipts by scan at the dock: goods, then the bin, then how many, and the next carton. The answer is never waited
 * for: what is received lies on this device first and is booked when the server can be reached. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { go, lang, may, me, title } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Empty } from "../kit/notes.js";
import { unlock } from "../kit/sound.js";
import { Scanner } from "../pick/scan.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/dock.js";
import { asked, chooseHouse, hand, house, known, scanned, start, stop } from "./hand.js";
import { Last } from "./last.js";
import { begin, isAway, isBroken, ofOthers, receipts } from "./queue.js";
import { Step } from "./step.js";
import { Question, Stop } from "./stop.js";

addWords(WORDS);

export function Room() {
  const user = me.value ? me.value.user.name : "";
  const [isReady, ready] = useState(false);
  useEffect(() => title(t("dock_title")), [lang.value]);
  useEffect(() => {
    if (may("move_stock")) Promise.all([begin(user), start()]).then(() => ready(true));
  }, [user]);
  if (!may("move_stock")) return html`<main class="dock"><${Empty} title=${t("dock_no_right")} /></main>`;
  if (isBroken.value) return html`<main class="dock dock-broken"><h1>${t("dock_broken")}</h1><p>${t("dock_broken_why")}</p></main>`;
  if (stop.value) return html`<${Stop} told=${stop.value} />`;
  const isLost = isReady && !house.value.code;
  return html`<main class="dock">${!isLost && html`<${ScanField} />`}
    <${Head} isReady=${isReady} />
    ${isLost && html`<p class="dock-away" role="status"><${Icon} name="offline" size=${22} /><span>${t("dock_no_house")}</span></p>
      <p class="dock-acts"><${Button} size="picker" onClick=${() => void start()}>${t("again")}</${Button}></p>`}
    ${isAway.value && !isLost && html`<p class="dock-away" role="status"><${Icon} name="offline" size=${22} /><span>${t("dock_away")}</span></p>`}
    ${ofOthers.value > 0 && html`<p class="dock-away">${t("dock_others", { n: ofOthers.value })}</p>`}
    ${isReady && !isLost && (asked.value ? html`<${Question} asked=${asked.value} />` : html`<${Step} />`)}
    <${Last} /></main>`;
}

/** Where a scanner that types puts its text. */
function ScanField() {
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  useLayoutEffect(() => {
    const made = new Scanner({ onScan: (text) => void scanned(text), knows: known });
    if (field.current) made.attach(field.current);
    document.addEventListener("pointerdown", unlock, true);
    return () => {
      made.detach();
      document.removeEventListener("pointerdown", unlock, true);
    };
  }, []);
  const isOver = hand.value.part === null || hand.value.bin === null;
  useEffect(() => {
    if (isOver && field.current) field.current.focus({ preventScroll: true });
  }, [isOver]);
  return html`<input class="dock-scan" type="text" inputmode="none" autocomplete="off" autocorrect="off" autocapitalize="off"
    spellcheck=${false} aria-label=${t("dock_scan_field")} ref=${field} />`;
}

/** @param {{isReady: boolean}} props before what lies here is read, nothing is said about it */
function Head({ isReady }) {
  const waiting = receipts.value.filter((one) => one.state === "waiting").length;
  return html`<header class="dock-head">
    <button type="button" class="dock-back" aria-label=${t("dock_back")} onClick=${() => go("/app/stock")}><${Icon} name="back" size=${28} /></button>
    <h1>${t("dock_title")}</h1>
    <span class="dock-chip" role="status">${isReady && html`<${Icon} name=${waiting ? "saved" : "tick"} size=${20} />${waiting ? t("dock_saved", { n: waiting }) : t("dock_all_sent")}`}</span>
    ${house.value.all.length > 1 && html`<select class="dock-house" aria-label=${t("warehouse")} value=${house.value.code} onChange=${(/** @type {any} */ e) => chooseHouse(e.target.value)}>
      ${house.value.all.map((one) => html`<option key=${one.code} value=${one.code}>${one.name}</option>`)}</select>`}
  </header>`;
}
