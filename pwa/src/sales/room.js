/** @file A new order, on a phone or a desktop: customer, address, goods, wishes, and one button. The draft is kept on this
 * device with every letter; the order exists when the server has answered, and then its own page opens. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed, go, may, me, query, reached, setBusy, title } from "../app.js";
import { between } from "../days.js";
import { Button } from "../kit/button.js";
import { focusOn } from "../kit/focus.js";
import { Icon } from "../kit/icons.js";
import { Link } from "../kit/link.js";
import { Empty } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { Later } from "../gate/later.js";
import { money } from "../money.js";
import { dressed } from "../shell/dress.js";
import { addWords, t } from "../words.js";
import { WORDS } from "../words/sales.js";
import { isOffered, OnAccount } from "./account.js";
import { Buyer, known } from "./buyer.js";
import { change, clear, done, draft, isByUnit, isEmpty, isKept, open, priceOf, sumOf, thrown, undo } from "./draft.js";
import { Goods } from "./goods.js";
import { Rest } from "./rest.js";
import { asNew, byField, isStale, send } from "./send.js";
import { lookHouses } from "./stock.js";
import { Where } from "./where.js";

addWords(WORDS);
const loadSheet = () => Promise.all([import("../promise/sheet.js"), dressed("promise")]).then(([made]) => made.PromiseSheet);
const FIRST_WRONG = ".sales .is-wrong input, .sales .is-wrong textarea, .sales .is-wrong select";

/** @typedef {import("./send.js").Made & {buyer: any, shown: number}} Placed `buyer`: what was known of the customer, and
 * `shown`: the sum that stood there; both leave with the draft */

export function Room() {
  const user = me.value ? me.value.user.name : "";
  const [isReady, ready] = useState(false);
  useEffect(() => {
    title(t("nav_new"));
    open(user);
    ready(true);
    lookHouses().then(reached, (problem) => failed(problem, () => lookHouses().then(reached, () => undefined)));
    return () => setBusy(false);
  }, [user]);
  if (!may("create")) return html`<main><${Empty} title=${t("sales_no_right")} /></main>`;
  return isReady ? html`<${Form} />` : null;
}

function Form() {
  const [errors, say] = useState(/** @type {Object<string, string>} */ ({}));
  const [busy, work] = useState(false);
  const [made, finish] = useState(/** @type {Placed|null} */ (null));
  const [twin, point] = useState("");
  const [isAsking, promise] = useState(query.value.has("promise"));
  const one = draft.value;
  useEffect(() => setBusy(busy || !isEmpty(one)), [busy, isEmpty(one)]);

  /** A field was changed: what was wrong with it counts no more. @param {string} field */
  const mend = (field) => {
    const isLines = field === "lines"; // their places have changed
    say((now) => without(now, (name) => name === field || name === "" || (isLines && /^line/.test(name))));
  };
  /** @param {Object<string, string>} wrong @param {Element|null} [from] where the focus was when it was asked: who has gone elsewhere stays */
  const refuse = (wrong, from = document.activeElement) => {
    say(wrong);
    work(false);
    if (from === document.activeElement) focusOn(FIRST_WRONG);
  };
  const place = async () => {
    const missing = lacks(one);
    if (Object.keys(missing).length) return refuse(missing);
    if (isStale()) return say({ "": "stale" });
    const from = document.activeElement;
    work(true);
    say({});
    point("");
    try {
      const words = { shown: sumOf(one), buyer: known.value };
      const answer = await send();
      reached();
      arrive(Object.assign(words, answer), finish);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 401) failed(problem, () => undefined);
      else if (problem.isAway || problem.status >= 500 || problem.code === "in_progress") return refuse({ "": "unknown" }, from);
      else if (problem.code === "sent_elsewhere") return refuse({ "": "elsewhere" }, from);
      if (problem.code === "duplicate") point(problem.said.order_no || "");
      refuse(byField(problem), from);
    }
  };

  const isNothing = isEmpty(one);
  return html`<main class="sales">
    <header class="sales-head">
      <h1>${t("nav_new")}</h1>
      ${!isNothing && html`<${Button} kind="quiet" size="small" onClick=${() => { clear(); say({}); point(""); focusOn("#sales-buyer input"); }}>${t("sales_clear")}</${Button}>`}
    </header>
    ${!isNothing && html`<p class="sales-kept"><${Icon} name="saved" size=${16} />${t(isKept.value ? "sales_kept" : "sales_not_kept")}</p>`}
    <${Thrown} />
    <${Buyer} errors=${errors} mend=${mend} />
    <${Where} errors=${errors} mend=${mend} />
    <${Goods} errors=${errors} mend=${mend} />
    ${one.promise ? html`<${Kept} promise=${one.promise} error=${errors.promise} mend=${mend} />` : one.lines.length > 0 && may("promise") && html`<section class="sales-part">
      <${Button} icon="clock" onClick=${() => promise(true)}>${t("sales_promise")}</${Button}></section>`}
    <${Rest} errors=${errors} mend=${mend} twin=${twin} />
    ${isAsking && html`<${Later} load=${loadSheet} given=${{ onClose: () => promise(false) }} />`}
    <${Foot} busy=${busy} said=${errors[""] || ""} place=${place} anew=${() => { asNew(); say({}); }} />
    ${made && wordsOn(made) && html`<${Told} made=${made} />`}
    ${made && !wordsOn(made) && html`<${OnAccount} order=${made.order} buyer=${made.buyer} />`}
  </main>`;
}

/** The order exists: the draft goes, and its page opens, after what is to be said. @param {Placed} made
 * @param {(made: Placed) => void} finish */
function arrive(made, finish) {
  const no = made.order.order_no;
  done();
  if (wordsOn(made) || isOffered(made.order, made.buyer)) finish(made);
  else go(`/app/orders/${encodeURIComponent(no)}`, true);
}

/** What has to be said before anybody believes that the order is as it stood here. @param {Placed} made */
function wordsOn({ order, isOlder, shown, buyer }) {
  if (isOlder) return t("sales_older", { no: order.order_no });
  if (order.amount_fen === shown || isOffered(order, buyer)) return ""; // that step says the sum by itself
  return t("sales_repriced", { was: money(shown), now: money(order.amount_fen) });
}

/** @param {{made: Placed}} props */
function Told({ made }) {
  const no = made.order.order_no;
  const see = () => go(`/app/orders/${encodeURIComponent(no)}`, true);
  return html`<${Sheet} title=${t("sales_placed", { no })} onClose=${see}>
    <p class="sales-why">${wordsOn(made)}</p>
    <div class="sales-choices"><${Button} kind="primary" onClick=${see}>${t("sales_see", { no })}</${Button}></div>
  </${Sheet}>`;
}

/** What is missing before it is worth asking. @param {import("./draft.js").Draft} one */
function lacks(one) {
  /** @type {Object<string, string>} */
  const wrong = {};
  if (!one.buyer || !(one.buyer.id || one.buyer.name.trim())) wrong.buyer = t("sales_need_customer");
  if (!one.address.trim()) wrong.address = t("sales_need_address");
  if (!one.lines.length) wrong.lines = t("sales_need_lines");
  one.lines.forEach((line, n) => {
    if (line.qty < 1 || (isByUnit(line) && !line.told)) wrong[`line${n}`] = t(line.unit ? "sales_bad_amount" : "sales_bad_qty");
    else if (line.isProven && priceOf(line) === null) wrong[`line${n}`] = t("sales_no_price");
  });
  return wrong;
}

/** @param {Object<string, string>} all @param {(name: string) => boolean} gone */
function without(all, gone) {
  /** @type {Object<string, string>} */
  const left = {};
  for (const name of Object.keys(all)) if (!gone(name)) left[name] = all[name];
  return left;
}

/** The promise that this order keeps; without it its stock stays held until its time is over.
 * @param {{promise: {id: string, eta_from: string, eta_to: string}, error?: string, mend: (field: string) => void}} props */
function Kept({ promise, error, mend }) {
  const drop = () => {
    change({ promise: null });
    mend("promise");
  };
  return html`<section class=${`sales-part sales-promise ${error ? "is-wrong" : ""}`}>
    <p><${Icon} name="reserve" size=${18} /><b>${t("sales_promised", { window: between(promise.eta_from, promise.eta_to, true) })}</b></p>
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <p><${Link} class="button small" href=${`/app/promises/${encodeURIComponent(promise.id)}`}>${t("sales_promise_see")}</${Link}>
      <${Button} size="small" kind="quiet" onClick=${drop}>${t("sales_promise_drop")}</${Button}></p>
  </section>`;
}

/** What went by hand can come back. */
function Thrown() {
  if (!thrown.value) return null;
  const { name } = thrown.value;
  return html`<p class="sales-thrown" role="status"><span>${name ? t("sales_removed", { name }) : t("sales_cleared")}</span>
    <${Button} size="small" icon="undo" onClick=${undo}>${t("sales_undo")}</${Button}></p>`;
}

/** @param {{busy: boolean, said: string, place: () => void, anew: () => void}} props */
function Foot({ busy, said, place, anew }) {
  const one = draft.value;
  const pieces = one.lines.reduce((sum, line) => sum + line.qty, 0);
  const sum = sumOf(one);
  const isUnpriced = one.lines.some((line) => priceOf(line) === null);
  const isUnknown = said === "unknown" || (one.tries.length > 0 && !said);
  const words = isUnknown ? t("sales_unknown") : said === "stale" ? t("sales_stale") : said === "elsewhere" ? t("sales_elsewhere_sent") : said;
  const isLooking = said === "stale" || said === "elsewhere";
  return html`<footer class="sales-foot">
    <div class="sales-foot-in">
    ${words && !busy && html`<p class="sales-unsent" role="alert">${words}
      ${isLooking && html` <${Link} href="/app/orders">${t("orders")}</${Link}`}</p>`}
    <div class="sales-total">
      <p>${sum > 0 && html`<b>${money(sum)}</b>`}
        <span class="sales-aside">${one.lines.length ? t("pieces", { kinds: one.lines.length, n: pieces }) : t("sales_no_lines")}${isUnpriced && ` · ${t("sales_unpriced")}`}</span></p>
      ${isLooking
        ? html`<${Button} onClick=${anew}>${t("sales_as_new")}</${Button}>`
        : html`<${Button} kind="primary" class="sales-send" busy=${busy && t("sales_sending")} onClick=${place}>${t(isUnknown ? "sales_send_again" : "sales_send")}</${Button}>`}
    </div></div>
  </footer>`;
}
