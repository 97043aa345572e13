/** @file The living page: every component in every state, by day and night, in both languages. What is not here is not
 * part of the language. */
import { html, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { dress, theme, title } from "../app.js";
import { Button } from "../kit/button.js";
import { SyncChip } from "../kit/chip.js";
import { Field } from "../kit/field.js";
import { Icon, ICONS } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Mark, MARKS } from "../kit/marks.js";
import { Empty, Loading, Trouble } from "../kit/notes.js";
import { Segments } from "../kit/segments.js";
import { Sheet } from "../kit/sheet.js";
import { Tag } from "../kit/tag.js";
import { Way } from "../kit/way.js";
import { Sounds } from "../me/sounds.js";
import { addWords, lang, speak, t } from "../words.js";
import { WORDS } from "../words/living.js";

addWords(WORDS);

const STATES = ["awaiting_payment", "to_pick", "picking", "packed", "shipped", "delivered"];
const INKS = ["ground", "paper", "sunk", "line", "line2", "ink3", "ink2", "ink"];
const COLOURS = ["green", "green-ink", "green-tint", "yellow-fill", "yellow", "yellow-ink", "yellow-tint", "red", "red-ink", "red-tint", "blue", "blue-ink", "blue-tint"];
const TYPE = [["quantity", "4"], ["bin", "A-01-03"], ["stop", "拿错了"], ["heading", "货已在你手上"], ["press", "扫货架码开始"], ["customer", "明天 9:00–12:00 送到"], ["state", "在途"], ["title", "货到哪"], ["body", "前刹车片"], ["second", "缺 2 件"], ["smallest", "看板"]];
const CHIPS = [{ kind: "synced", at: "10:42" }, { kind: "syncing", n: 3 }, { kind: "offline" }, { kind: "saved", n: 3 }, { kind: "care", n: 1 }, { kind: "broken" }];

export function Room() {
  title(t("living_title"));
  return html`<main class="living">
    <header><${Link} href="/">${t("home")}</${Link}><h1>${t("living_title")}</h1><p class="second">${t("living_hint")}</p>
      <p><${Segments} label=${t("me_language")} value=${lang.value} onChange=${speak} items=${[{ key: "zh", text: "中文" }, { key: "en", text: "English" }]} />
      <${Segments} label=${t("me_theme")} value=${theme.value} onChange=${dress} items=${[{ key: "light", text: t("me_day") }, { key: "dark", text: t("me_night") }]} /></p>
    </header>
    <${Part} name="marks"><div class="living-row">${MARKS.map((name) => html`<p class="living-one" key=${name}><${Mark} name=${name} size=${40} /><b>${t(`living_${name}`)}</b></p>`)}</div></${Part}>
    <${Part} name="colours"><${Swatches} names=${INKS} /><${Swatches} names=${COLOURS} /></${Part}>
    <${Part} name="line">${STATES.map((state) => html`<${Way} key=${state} order=${{ state, colour: { code: "" } }} />`)}
      <${Way} order=${{ state: "picking", colour: { code: "red" } }} /></${Part}>
    <${Part} name="buttons"><${Buttons} /></${Part}>
    <${Part} name="tags"><p class="tags"><${Tag} tag="加急" /><${Tag} tag="防震泡沫" /><${Tag} tag="附检验报告" /><${Tag} tag="避周一" /></p>
      <p class="tags"><${Tag} tag="加急" size="picker" /><${Tag} tag="防震泡沫" size="picker" /><${Tag} tag="避周一" size="picker" /></p></${Part}>
    <${Part} name="chips"><div class="living-row">${CHIPS.map((chip) => html`<${SyncChip} key=${chip.kind} chip=${chip} />`)}</div></${Part}>
    <${Part} name="fields"><${Fields} /></${Part}>
    <${Part} name="notes"><${Loading} /><${Empty} title=${t("empty")} hint=${t("no_place_hint")} />
      <${Trouble} problem=${new Problem(409, "lines_open", t("living_refused"))} again=${() => undefined} /></${Part}>
    <${Part} name="sheets"><${Sheets} /></${Part}>
    <${Part} name="type">${TYPE.map(([name, text]) => html`<p key=${name} class=${`type-${name}`}>${text}</p>`)}</${Part}>
    <${Part} name="icons"><div class="living-row">${ICONS.map((name) => html`<p class="living-one" key=${name}><${Icon} name=${name} size=${28} /><small>${name}</small></p>`)}</div></${Part}>
    <${Part} name="sounds"><${Sounds} /></${Part}>
  </main>`;
}

/** @param {{name: string, children: any}} props */
function Part({ name, children }) {
  return html`<section class="living-part panel"><h2>${t(`living_${name}`)}</h2>${children}</section>`;
}

/** @param {{names: string[]}} props */
function Swatches({ names }) {
  return html`<div class="living-row">${names.map((name) => html`<p class="living-one" key=${name}><i class=${`swatch swatch-${name}`}></i><small>${name}</small></p>`)}</div>`;
}

function Buttons() {
  return html`<div class="living-row">
      <${Button} kind="primary">${t("living_primary")}</${Button}><${Button}>${t("living_second")}</${Button}><${Button} kind="quiet">${t("living_quiet")}</${Button}>
      <${Button} busy>${t("living_second")}</${Button}><${Button} cannot=${t("living_reason")}>${t("living_second")}</${Button}>
      <${Button} icon="link">${t("share")}</${Button}><${Button} size="small">${t("living_second")}</${Button}>
    </div>
    <div class="living-row"><${Button} size="picker">${t("living_second")}</${Button}><${Button} size="picker" kind="primary" icon="scan">${t("living_primary")}</${Button}></div>`;
}

function Fields() {
  const [one, choose] = useState("a");
  return html`<${Field} label=${t("living_field")} hint=${t("find_hint")} value="BP-1023" />
    <${Field} label=${t("living_field")} error=${t("living_reason")} value="BP-1O23" />
    <${Field} label=${t("living_long")} isLong value="" />
    <${Field} label=${t("living_choice")} value="b" choices=${[{ value: "a", text: "A" }, { value: "b", text: "B" }]} />
    <p><${Segments} label=${t("living_choice")} value=${one} onChange=${choose} items=${[{ key: "a", text: "A", count: 412 }, { key: "b", text: "B", count: 238 }]} /></p>`;
}

function Sheets() {
  const [kind, open] = useState(/** @type {""|"drawer"|"bottom"} */ (""));
  return html`<div class="living-row"><${Button} onClick=${() => open("drawer")}>${t("living_drawer")}</${Button}><${Button} onClick=${() => open("bottom")}>${t("living_sheet")}</${Button}></div>
    ${kind && html`<${Sheet} kind=${kind} title="HD260122-00009" onClose=${() => open("")}><p class="living-row"><${Button} kind="primary">${t("living_primary")}</${Button}></p></${Sheet}>`}`;
}
