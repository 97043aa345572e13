/** @file What else an order may say: a note, what the customer asked for, a warehouse, the customer's own number. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Link } from "../kit/link.js";
import { Field } from "../kit/field.js";
import { t } from "../words.js";
import { change, draft } from "./draft.js";
import { houses } from "./stock.js";

/** What is sent stays Chinese: it is read by rules and printed. @type {[string, string][]} */
const OPTIONS = [
  ["加急", "sales_option_urgent"],
  ["需加装防震泡沫", "sales_option_foam"],
  ["附检验报告", "sales_option_report"],
  ["附合格证", "sales_option_certificate"],
  ["打木架", "sales_option_crate"],
  ["送前电话", "sales_option_call"],
  ["不附价格", "sales_option_no_price"],
];

/** @param {{errors: Object<string, string>, mend: (field: string) => void, twin: string}} props
 * `twin`: the order that has this external number already */
export function Rest({ errors, mend, twin }) {
  const one = draft.value;
  /** @param {"note"|"warehouse"|"external_no"} field */
  const write = (field) => /** @param {any} event */ (event) => {
    change({ [field]: event.target.value });
    mend(field);
  };
  /** @param {string} option */
  const turn = (option) => change({ options: one.options.indexOf(option) < 0 ? one.options.concat([option]) : one.options.filter((other) => other !== option) });
  const [isLeft, leave] = useState(false);
  const isUsed = Boolean(one.warehouse || one.external_no || errors.warehouse || errors.external_no);
  useEffect(() => {
    if (isUsed) leave(true); // and stays open when the last letter is taken out again
  }, [isUsed]);
  const choices = [{ value: "", text: t("sales_house_any") }].concat(houses.value.map((house) => ({ value: house.code, text: house.name })));
  return html`<section class="sales-part">
      <p class="label" id="sales-options">${t("sales_options")}</p>
      <div class="sales-options" role="group" aria-labelledby="sales-options">
        ${OPTIONS.map(([option, word]) => html`<button type="button" key=${option} class="button small" aria-pressed=${String(one.options.indexOf(option) >= 0)}
          onClick=${() => turn(option)}>${t(word)}</button>`)}
      </div>
      ${errors.options && html`<p class="wrong" role="alert">${errors.options}</p>`}
      <${Field} id="sales-note" label=${t("note")} isLong rows="2" maxlength="2000" value=${one.note} placeholder=${t("sales_note_hint")}
        error=${errors.note} onInput=${write("note")} />
    </section>
    <details class="sales-part sales-more" open=${isUsed || isLeft} onToggle=${/** @param {any} event */ (event) => leave(event.target.open)}>
      <summary>${t("sales_more")}</summary>
      <${Field} id="sales-house" label=${t("warehouse")} choices=${choices} value=${one.warehouse} error=${errors.warehouse} onInput=${write("warehouse")} />
      <${Field} id="sales-external" label=${t("sales_external")} value=${one.external_no} maxlength="100" autocomplete="off" hint=${t("sales_external_hint")}
        error=${errors.external_no} onInput=${write("external_no")} />
      ${twin && html`<p><${Link} href=${`/app/orders/${encodeURIComponent(twin)}`}>${t("sales_see", { no: twin })}</${Link}></p>`}
    </details>`;
}
