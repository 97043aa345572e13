/** @file The second step for a customer on account (月结): the order is there and unpaid; clearing it lets it be picked,
 * the money stays owed. Offered only within the limit; the server has the last word. */
import { html, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, go, may } from "../app.js";
import { Button } from "../kit/button.js";
import { Sheet } from "../kit/sheet.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { creditLeft } from "./buyer.js";

/** @param {any} order @param {any} buyer what is known of the customer, or null */
export function isOffered(order, buyer) {
  return order.state === "awaiting_payment" && order.terms === "monthly" && Boolean(buyer) && buyer.id === order.customer.id && may("on_account");
}

/** @param {{order: any, buyer: any}} props */
export function OnAccount({ order, buyer }) {
  const [busy, work] = useState(false);
  const [why, say] = useState("");
  const left = creditLeft(buyer);
  const facts = { left: money(left), sum: money(order.amount_fen) };
  const see = () => go(`/app/orders/${encodeURIComponent(order.order_no)}`, true);
  const clear = async () => {
    work(true);
    say("");
    try {
      await call("POST", `/api/orders/${encodeURIComponent(order.order_no)}/pay`, { method: "on_account" });
      see();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "wrong_state") return see(); // cleared by the try before, whose answer was lost
      if (problem.status === 401) failed(problem, () => undefined);
      else say(problem.isAway ? t("no_answer") : problem.message);
      work(false);
    }
  };
  const fits = order.amount_fen <= left;
  return html`<${Sheet} title=${t("sales_placed", { no: order.order_no })} onClose=${see}>
    <p class="sales-why">${t(fits ? "sales_account_why" : "sales_over_credit", facts)}</p>
    ${why && html`<p class="wrong" role="alert">${why}</p>`}
    <div class="sales-choices">
      ${fits && html`<${Button} kind="primary" busy=${busy && t("sales_clearing")} onClick=${clear}>${t("sales_clear_on_account")}</${Button}>`}
      <${Button} kind=${fits ? "second" : "primary"} onClick=${see}>${fits ? t("sales_not_now") : t("sales_see", { no: order.order_no })}</${Button}>
    </div>
  </${Sheet}>`;
}
