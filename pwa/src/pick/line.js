/** @file One line to take: the shelf, the part, one number, one thing to press. Part scans count one each, on disk. */
import { html, useEffect } from "../vendor/preact.js";
import { setBusy, title } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Tags } from "../kit/tag.js";
import { t } from "../words.js";
import { take } from "./acts.js";
import { Foot, Head, NotReady, Rack } from "./frame.js";
import { bins, here, item, leave, pad, sheet, standing, step, walk } from "./hand.js";
import { LastStep, tagged, uom } from "./tasks.js";
import { levelOf, levelsOf, tail } from "./walk.js";

export function Line() {
  useEffect(() => {
    setBusy(true);
    return () => setBusy(false);
  }, []);
  const held = item.value;
  const stop = standing.value;
  if (!held || !stop) return null;
  const { line, task, left } = held;
  const place = walk.value.done + 1;
  const unit = uom(line.uom);
  const isChecked = here.value !== null && here.value.isChecked;
  const isPart = line.picked > 0 || line.short > 0;
  title(`${stop.bin} ${line.name}`);
  const key = `${task.order_no}/${line.line_no}`;
  return html`<${Head} onBack=${leave} title=${t("pick_at", { n: place, of: walk.value.stops.length })} />
    <main class="pick-main pick-line" key=${key}>
      <div class="pick-band"><p class=${`pick-bin-small ${stop.bin.length > 9 ? "long" : ""}`}>${stop.bin || t("pick_no_bin")}</p>
        ${isChecked
          ? html`<p class="pick-checked"><${Icon} name="tick" size=${22} />${t("pick_checked")}</p>`
          : html`<button type="button" class="pick-unchecked" onClick=${() => (sheet.value = "code")}>${t("pick_unchecked")}</button>`}
      </div>
      <div class="pick-part">
        <div class="pick-picture"><${Rack} level=${levelOf(stop.bin)} levels=${levelsOf(stop.bin, bins.value)} size=${44} /></div>
        <div class="pick-what"><h2>${line.name}</h2><p class="pick-code">${line.sku}</p>
          <p class="pick-second">${t("pick_for", { no: tail(task.order_no) })}${stop.open.length > 1 ? ` · ${t("pick_after", { n: stop.open.length - 1 })}` : ""}</p></div>
      </div>
      <p class="pick-number"><span><span>${t(isPart ? "pick_again" : "pick_take")}</span>
        <button type="button" class=${left > 999 ? "most" : left > 99 ? "many" : ""} aria-label=${t("pick_other", { n: left })} onClick=${() => (pad.value = "some")}>${left}</button>
        <span>${unit}</span></span></p>
      ${isPart && html`<p class="pick-second pick-so-far">${t("pick_so_far", { n: line.picked, of: line.qty })}</p>`}
      <div class="pick-tags"><${Tags} tags=${tagged(task.tags).slice(0, 4)} size="picker" /></div>
      <${NotReady} />
    </main>
    ${step.value ? html`<${LastStep} />` : html`<p class="pick-hint">${t("pick_hint")}</p>`}
    <${Foot}>
      <${Button} size="picker" class="pick-short" onClick=${() => (pad.value = "short")}>${t("pick_short")}</${Button}>
      <${Button} size="picker" kind="primary" class="pick-wide" onClick=${() => take(left)}>${t(isPart ? "pick_rest" : "pick_took", { n: left, unit })}</${Button}>
    </${Foot}>`;
}
