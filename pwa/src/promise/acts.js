/** @file What is done with a promise: the order is made from it, its words are copied, its pieces are given back. */
import { html, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, go, may, me } from "../app.js";
import { moment } from "../days.js";
import { Button } from "../kit/button.js";
import { t } from "../words.js";
import { copy, useNow, wordsFor } from "./answer.js";
import { giveBack } from "./asking.js";

/**
 * @param {{made: import("./asking.js").Promised, about: (sku: string) => {name: string, uom: string}, use: () => unknown,
 *   gone: (made: import("./asking.js").Promised) => void, again?: () => void}} props
 * `use`: the order is made from it; `gone`: its pieces are back; `again`: it is asked for anew
 */
export function Acts({ made, about, use, gone, again }) {
  const now = useNow(made.expires_at);
  const [isCopied, copied] = useState(false);
  const [busy, work] = useState("");
  const [why, say] = useState("");
  /** @param {string} name @param {() => unknown} act */
  const run = async (name, act) => {
    work(name);
    say("");
    try {
      await act();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.isAway) say(t("no_answer"));
      else if (!failed(problem, () => undefined)) say(problem.message);
    }
    work("");
  };
  const isOpen = made.state === "open" && Date.parse(made.expires_at) > now;
  const isMine = (me.value && made.by.user === me.value.user.name) || may("others_promises");
  if (made.order_no) return html`<div class="promise-acts"><${Button} kind="primary" onClick=${() => go(`/app/orders/${encodeURIComponent(String(made.order_no))}`)}>${t("promise_order", { no: made.order_no })}</${Button}></div>`;
  return html`${why && html`<p class="wrong" role="alert">${why}</p>`}
    ${isCopied && html`<p class="promise-second" role="status">${t("promise_copied", { at: moment(made.expires_at) })}</p>`}
    <div class="promise-acts">
      ${isOpen && html`<${Button} kind="primary" busy=${busy === "use"} onClick=${() => run("use", use)}>${t("promise_use")}</${Button}>
        <${Button} onClick=${() => run("copy", () => copy(wordsFor(made, about)).then(() => copied(true)))}>${t("promise_copy")}</${Button}>
        ${isMine && html`<${Button} kind="quiet" busy=${busy === "back" && t("promise_backing")} onClick=${() => run("back", async () => gone(await giveBack(made.id)))}>${t("promise_back")}</${Button}>`}`}
      ${!isOpen && again && html`<${Button} kind="primary" onClick=${again}>${t("promise_again")}</${Button}>`}
    </div>`;
}
