/** @file Bins are asked to be counted: those that nobody counted for so many days, the most moved first. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { useSend } from "./send.js";
import { whole } from "./task.js";

const NUMBERS = ["days", "most"];

/** @param {{houses: any[], house: string, onClose: () => void, done: (said: {text: string}) => void}} props */
export function PlanSheet({ houses, house, onClose, done }) {
  const [given, put] = useState(() => ({ warehouse: house || (houses[0] ? houses[0].code : ""), days: "30", most: "20" }));
  const { wrong, say, isBusy, send } = useSend(["warehouse"].concat(NUMBERS), { unknown_warehouse: "warehouse" });
  /** @param {"warehouse"|"days"|"most"} name */
  const tied = (name) => ({
    value: given[name],
    onInput: (/** @type {any} */ event) => {
      put(Object.assign({}, given, { [name]: event.target.value }));
      say("", "");
    },
    error: wrong.field === name ? wrong.why : "",
  });
  /** @param {Event} event */
  const ask = async (event) => {
    event.preventDefault();
    const [days, most] = [whole(given.days), whole(given.most)];
    if (isNaN(days) || isNaN(most)) return say(isNaN(days) ? "days" : "most", t("stock_bad_qty"));
    const answer = await send("/api/counts/plan", { warehouse: given.warehouse, days, most });
    if (answer) done({ text: answer.bins.length ? t("floor_planned", { n: answer.bins.length, bins: answer.bins.join(" ") }) : t("floor_planned_none") });
  };
  return html`<${Sheet} title=${t("floor_plan")} onClose=${onClose}><form class="stock-move" onSubmit=${ask}>
    <${Field} label=${t("warehouse")} ...${tied("warehouse")} choices=${houses.map((one) => ({ value: one.code, text: one.name }))} />
    ${NUMBERS.map((name) => html`<${Field} key=${name} label=${t(`floor_plan_${name}`)} ...${tied(/** @type {"days"|"most"} */ (name))} inputmode="numeric" maxlength="4" autocomplete="off" />`)}
    <p class="stock-second">${t("floor_plan_hint")}</p>
    ${wrong.why && !wrong.field && html`<p class="stock-refused" role="alert">${wrong.why}</p>`}
    <p class="stock-do"><${Button} kind="primary" type="submit" busy=${isBusy && t("acting")}>${t("floor_plan_do")}</${Button}></p>
  </form></${Sheet}>`;
}
