/** @file Tags: quiet words with an edge; 加急 alone is filled. An icon stands where the tag asks for work. */
import { html } from "../vendor/preact.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";

/** @type {Object<string, string>} */
const WORK = { 加急: "urgent", 防震泡沫: "foam", 打木架: "carton", 防潮: "foam", 附检验报告: "report", 附合格证: "report" };
/** @type {Object<string, string>} */
const FROM = { option: "tag_from_option", rule: "tag_from_rule", person: "tag_from_person", people: "tag_from_person" };

/** @param {{tag: string, from?: string, why?: string, size?: "picker"|""}} props `from` and `why`: where it came from */
export function Tag({ tag, from, why, size = "" }) {
  const icon = WORK[tag];
  const origin = from && FROM[from] ? t(FROM[from], { why }) : why;
  return html`<span class=${`tag ${size} ${tag === "加急" ? "is-urgent" : ""}`} title=${origin || undefined}>
    ${icon && html`<${Icon} name=${icon} size=${size === "picker" ? 20 : 14} />`}${tag}
  </span>`;
}

/** @param {{tags: {tag: string, from?: string, why?: string}[], size?: "picker"|""}} props */
export function Tags({ tags, size }) {
  if (!tags || !tags.length) return null;
  return html`<span class="tags">${tags.map((one) => html`<${Tag} key=${one.tag} ...${one} size=${size} />`)}</span>`;
}
