/** @file What lies over a screen: the menu, and the entry of a code by hand. */
import { html, useState } from "../vendor/preact.js";
import { dress, go, me, theme } from "../app.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Sheet } from "../kit/sheet.js";
import { lang, speak, t } from "../words.js";
import { goTo, scanned } from "./acts.js";
import { device, item, nameOf, next, sheet, skipped, standing } from "./hand.js";

const close = () => (sheet.value = "");

export function Menu() {
  const here = /** @type {import("./hand.js").Device} */ (device.value);
  /** @param {string} to */
  const to = (to) => () => {
    close();
    go(to);
  };
  const stop = next.value;
  const skip = () => {
    close();
    if (stop) skipped.value = skipped.value.filter((bin) => bin !== stop.bin).concat(stop.bin);
  };
  /** @type {[string, string, string, () => void][]} */
  const rows = [
    ["saved", t("pick_queue"), "", to("/app/pick/queue")],
    ["person", t("pick_handover"), nameOf(here.actor.value), to("/app/pick/handover")],
  ];
  const asked = here.tally.value.asked.length;
  rows.push(["list", t("pick_count"), asked ? t("pick_count_asked", { n: asked }) : "", to("/app/pick/count")]);
  if (stop) rows.push(["ahead", t("pick_skip"), stop.bin, skip]);
  rows.push([theme.value === "dark" ? "day" : "night", theme.value === "dark" ? t("to_day") : t("to_night"), "", () => dress(theme.value === "dark" ? "light" : "dark")]);
  rows.push(["said", t("other_language"), "", () => speak(lang.value === "en" ? "zh" : "en")]);
  rows.push(["sound", t("me_sounds"), "", to(me.value ? "/app/me" : "/app/pick/sounds")]);
  if (me.value) rows.push(["list", t("nav_orders"), "", to("/app/orders")]);
  return html`<${Sheet} title=${t("pick_menu")} onClose=${close}><ul class="pick-menu-rows">
    ${rows.map(([icon, text, aside, act]) => html`<li><button type="button" onClick=${act}><${Icon} name=${icon} size=${28} /><b>${text}</b><span class="pick-second">${aside}</span></button></li>`)}
  </ul></${Sheet}>`;
}

/** The shelf's code by hand, with its check character; or no code at all, then the bin stays unchecked. */
export function CodeEntry() {
  const [text, type] = useState("");
  const held = item.value;
  const stop = held ? standing.value : next.value;
  /** @param {Event} event */
  const send = (event) => {
    event.preventDefault();
    close();
    if (text.trim()) void scanned(text, { isTyped: true });
  };
  const without = () => {
    close();
    if (stop) void goTo(stop.bin, false);
  };
  const name = stop ? stop.bin : "";
  return html`<${Sheet} title=${t("pick_scan_bin", { bin: name })} onClose=${close}><form class="pick-code-form" onSubmit=${send}>
    <p class="pick-dashed"><${Icon} name="scan" size=${28} /><b>${t("pick_scan_now")}</b></p>
    <${Field} label=${t("pick_code_typed")} hint=${t("pick_code_hint")} value=${text} autocomplete="off" autocapitalize="characters" spellcheck=${false}
      class="pick-field" onInput=${(/** @type {any} */ event) => type(event.target.value)} />
    <${Button} size="picker" kind="primary" type="submit" class="pick-wide">${t("pick_code_read")}</${Button}>
    ${stop && !held && html`<${Button} size="picker" kind="quiet" class="pick-wide" onClick=${without}>${t("pick_without")}</${Button}>`}
  </form></${Sheet}>`;
}
