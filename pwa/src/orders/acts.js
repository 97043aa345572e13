/** @file The buttons of an order: what this person may do with it as it stands, the next step first. On phones they stand
 * at the foot, and what does not fit behind “more”. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { may } from "../app.js";
import { Button } from "../kit/button.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";
import { actsOf } from "./rules.js";

const NARROW = "(max-width: 767px)";
/** What is done by one press; the others ask for something first. */
const AT_ONCE = ["clear", "start_picking", "pack", "lift"];
/** @type {Object<string, string>} */
const ICON = { hold: "hold", lift: "lift", comment: "said", share: "link", pay: "money", clear: "money", ship: "road" };

/** @param {string} name @param {import("./panel.js").Run} run @param {import("./panel.js").Open} open @param {any} [of] */
export function press(name, run, open, of) {
  if (AT_ONCE.indexOf(name) >= 0) run({ name, body: name === "clear" ? { method: "on_account" } : {} });
  else open(name, of);
}

function useIsNarrow() {
  const [isNarrow, turn] = useState(() => window.matchMedia(NARROW).matches);
  useEffect(() => {
    const media = window.matchMedia(NARROW);
    const heard = () => turn(media.matches);
    media.addListener(heard);
    return () => media.removeListener(heard);
  }, []);
  return isNarrow;
}

/** @param {import("./boxes.js").Needs & {boxed: string}} props `boxed`: what the box above offers already */
export function Acts({ order, run, open, said, boxed }) {
  const isNarrow = useIsNarrow();
  const [isMore, more] = useState(false);
  const found = actsOf(order, may).filter((act) => act.name !== boxed);
  if (may("link")) found.splice(found.length && found[0].isNext ? 1 : 0, 0, { name: "share", cannot: "", isNext: false });
  const last = found.length && found[found.length - 1].name === "cancel" ? found.length - 1 : found.length;
  if (may("comment")) found.splice(last, 0, { name: "comment", cannot: "", isNext: false });
  if (!found.length) return null;
  // The customer's link is what sales come for once the goods have left; before, the next step is.
  const able = found.filter((one) => !one.cannot);
  const chief = boxed || order.state === "amended" ? "" : (able.find((one) => one.isNext && !(one.name === "deliver" && may("link"))) || able.find((one) => one.name === "share") || { name: "" }).name;
  const one = (/** @type {any} */ act) => html`<${Button} key=${act.name} kind=${act.name === chief ? "primary" : "second"} icon=${ICON[act.name]}
    cannot=${act.cannot} busy=${said.busy === act.name} class=${`act-${act.name}`} onClick=${() => {
      more(false);
      press(act.name, run, open);
    }}>${t(`order_do_${act.name}`)}</${Button}>`;
  if (!isNarrow) return html`<div class="orders-acts">${found.map(one)}</div>`;
  // The next step stands there also when it cannot be done: with its reason.
  const first = found.filter((act) => act.name === chief || (act.isNext && act.cannot));
  const front = first.concat(able.filter((act) => first.indexOf(act) < 0)).slice(0, 2);
  const rest = found.filter((act) => front.indexOf(act) < 0);
  return html`<div>
    <div class="orders-acts is-foot">
      ${front.map(one)}
      ${rest.length > 0 && html`<${Button} class="square" icon="more" label=${t("order_more")} expanded=${isMore} onClick=${() => more(true)} />`}
    </div>
    ${isMore && html`<div onKeyDown=${(/** @type {Event} */ e) => e.stopPropagation()}><${Sheet} title=${t("order_more")} onClose=${() => more(false)}>
      <div class="orders-more">${rest.map(one)}</div></${Sheet}></div>`}
  </div>`;
}
