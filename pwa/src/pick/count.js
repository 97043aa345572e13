/** @file Counting bins: which are to be counted, one bin with its number, what was counted here. A count is blind: the record's
 * number is not shown, or people would see what they expect. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { title } from "../app.js";
import "../device/tallying.js";
import { clock } from "../format.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { play } from "../kit/sound.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/count.js";
import { Keys } from "./amount.js";
import { Foot, Head } from "./frame.js";
import { bins, counter, device, sheet, stopped } from "./hand.js";
import { uom } from "./tasks.js";

/** @typedef {{bin: string, sku: string, name: string}} Place */

addWords(WORDS);

const SHOWN = 20;

export function Count() {
  const [place, go] = useState(/** @type {Place|null} */ (null));
  const [said, say] = useState(/** @type {{text: string, isBad: boolean}|null} */ (null));
  title(t("pick_count"));
  /** @param {string} bin */
  const open = (bin) => {
    const found = bins.value.find((one) => one.bin === bin);
    const wrong = !found ? "pick_count_unknown" : !found.sku ? "pick_count_no_sku" : "";
    if (wrong || !found) return (say({ text: t(wrong), isBad: true }), play("wrong"));
    say(null);
    go(found);
    play("bin");
  };
  useEffect(() => {
    counter.value = (found) => (found.is === "bin" ? open(found.bin) : (say({ text: t("pick_count_unknown"), isBad: true }), play("wrong")));
    return () => (counter.value = null);
  }, []);
  /** @param {number} qty */
  const note = async (qty) => {
    const here = device.value;
    if (!here || !place) return;
    try {
      await here.count({ bin: place.bin, sku: place.sku, qty });
    } catch (error) {
      stopped.value = { kind: "not_stored", code: /** @type {any} */ (error).code };
      return play("wrong");
    }
    say({ text: t("pick_count_noted", { bin: place.bin, n: qty }), isBad: false });
    go(null);
    play("stored");
  };
  if (place) return html`<${One} key=${place.bin} place=${place} onNote=${note} onBack=${() => go(null)} />`;
  return html`<${List} said=${said} onOpen=${open} />`;
}

/** @param {{said: {text: string, isBad: boolean}|null, onOpen: (bin: string) => void}} props */
function List({ said, onOpen }) {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  const { asked, done } = here.tally.value;
  return html`<${Head} to="/app/pick" title=${t("pick_count")} />
    <main class="pick-main">
      ${!asked.length && html`<div class="pick-end"><h2>${t("pick_count_none")}</h2><p class="pick-second">${t("pick_count_any")}</p></div>`}
      <ol class="pick-walk">${asked.map((one) => html`<li key=${one.bin}><button type="button" onClick=${() => onOpen(one.bin)}><i></i><b>${one.bin}</b><span>${one.name || one.sku}</span></button></li>`)}</ol>
      ${done.length > 0 && html`<h3 class="pick-sub">${t("pick_count_done")}</h3>`}
      <ul class="pick-rows">${done.slice(0, SHOWN).map((one) => html`<${Done} key=${one.id} one=${one} />`)}</ul>
    </main>
    ${said && html`<div class="pick-step" role="status"><span>${html`<${Icon} name=${said.isBad ? "close" : "tick"} size=${22} />`}${said.text}</span></div>`}
    <${Foot}><${Button} size="picker" kind="primary" icon="scan" class="pick-wide" onClick=${() => (sheet.value = "code")}>${t("pick_count_hint")}</${Button}></${Foot}>`;
}

/** @param {{one: any}} props */
function Done({ one }) {
  const told = one.heard;
  const isWaiting = !told || told.is_lost;
  const isCare = !isWaiting && told.verdict !== "applied";
  const text = isWaiting ? t("pick_count_waits") : isCare ? t("pick_count_care", { why: told.why }) : t("pick_count_taken");
  return html`<li><div class="pick-row"><${Icon} name=${isWaiting ? "saved" : isCare ? "care" : "tick"} size=${28} />
    <span class="pick-row-what"><b>${one.bin}</b><span class=${isCare ? "pick-care" : "pick-second"}>${clock(one.at)} · ${text}</span></span>
    <b class="pick-row-qty">${one.qty} ${uom("")}</b></div></li>`;
}

/** @param {{place: Place, onNote: (qty: number) => void, onBack: () => void}} props */
function One({ place, onNote, onBack }) {
  const [typed, type] = useState("");
  const [isBusy, busy] = useState(false);
  const n = Number(typed);
  const unit = uom("");
  const act = () => {
    busy(true);
    onNote(n);
  };
  const label = typed === "" ? t("pick_count_write") : n === 0 ? t("pick_count_empty", { unit }) : t("pick_count_note", { n, unit });
  return html`<${Head} onBack=${onBack} title=${t("pick_count")} hasChip=${false} />
    <main class="pick-main pick-pad">
      <p class="pick-pad-what"><b>${place.bin}</b> ${place.name || place.sku}</p>
      <p class="pick-pad-ask">${t("pick_count_ask")}</p>
      <p class="pick-pad-number" role="status"><b>${typed === "" ? "–" : typed}</b> ${unit}</p>
      <${Keys} typed=${typed} type=${type} />
      <p class="pick-second">${t("pick_count_other")}</p>
    </main>
    <${Foot}>
      <${Button} size="picker" kind="primary" class="pick-wide" cannot=${typed === "" ? t("pick_count_write") : ""} busy=${isBusy ? label : false} onClick=${act}>${label}</${Button}>
    </${Foot}>`;
}
