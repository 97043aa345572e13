/** @file An order's tags: where each came from is in its spoken name; with the right they can be put on and taken off. */
import { html, useState } from "../vendor/preact.js";
import { may } from "../app.js";
import { Button } from "../kit/button.js";
import { Icon } from "../kit/icons.js";
import { Tag } from "../kit/tag.js";
import { t } from "../words.js";

/** @param {import("./boxes.js").Needs} props */
export function Labels({ order, run, open, said }) {
  const [isEdited, edit] = useState(false);
  if (!order.tags.length && !may("tag")) return null;
  const off = (/** @type {string} */ tag) => run({ name: "tag", body: { remove: [tag] } });
  return html`<div class="orders-tags">
    ${order.tags.map((/** @type {any} */ one) => isEdited
      ? html`<button type="button" class="tag orders-tag-off" key=${one.tag} aria-label=${t("order_tag_off", { tag: one.tag })} aria-busy=${said.busy === "tag" ? "true" : undefined}
          onClick=${() => off(one.tag)}>${one.tag}<${Icon} name="close" size=${16} /></button>`
      : html`<${Tag} key=${one.tag} ...${one} />`)}
    ${may("tag") && html`<${Button} kind="quiet" size="small" icon="tag" onClick=${() => open("tag")}>${t("order_do_tag")}</${Button}>`}
    ${may("tag") && order.tags.length > 0 && html`<${Button} kind="quiet" size="small" pressed=${isEdited} onClick=${() => edit(!isEdited)}>${t("order_tags_edit")}</${Button}>`}
  </div>`;
}
