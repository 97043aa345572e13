/** @file Whom an order is for: found by the beginning of a name or phone, or written as a new customer. */
import { html, signal, useEffect } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { phone as grouped } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { focusOn } from "../kit/focus.js";
import { Tag } from "../kit/tag.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { change, draft } from "./draft.js";
import { Finder } from "./finder.js";

/** What the company knows of the chosen customer; null: nothing, or not yet.
 * @type {import("../vendor/preact.js").Signal<any>} */
export const known = signal(null);

/** @param {string} id */
export async function lookUp(id) {
  if (known.value && known.value.id !== id) known.value = null;
  if (!id) return;
  try {
    const found = await call("GET", `/api/customers/${encodeURIComponent(id)}`);
    if (draft.value.buyer && draft.value.buyer.id === id) known.value = found;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem; // the draft goes on without it
  }
}

/** @param {any} one a customer of the API */
export const creditLeft = (one) => Math.max(0, one.credit_fen - one.owed_fen);

/** @param {{errors: Object<string, string>, mend: (field: string) => void}} props */
export function Buyer({ errors, mend }) {
  const buyer = draft.value.buyer;
  const id = buyer ? buyer.id : "";
  useEffect(() => {
    lookUp(id);
  }, [id]);
  return html`<section class="sales-part" id="sales-buyer">
    ${!buyer ? html`<${Search} error=${errors.buyer} mend=${mend} />` : buyer.id ? html`<${Chosen} buyer=${buyer} error=${errors.buyer} mend=${mend} />` : html`<${Fresh} buyer=${buyer} errors=${errors} mend=${mend} />`}
  </section>`;
}

/** @param {{error?: string, mend: (field: string) => void}} props */
function Search({ error, mend }) {
  /** @param {import("./draft.js").Buyer} buyer @param {boolean} moves */
  const choose = (buyer, moves) => {
    change({ buyer });
    mend("buyer");
    if (moves) focusOn(buyer.id ? "#sales-address" : buyer.name ? "#sales-phone" : "#sales-name");
  };
  const search = /** @param {string} text */ async (text) => {
    const page = await call("GET", `/api/customers?limit=8&q=${encodeURIComponent(text)}`);
    return page.items.map((/** @type {any} */ one) => ({
      key: one.id,
      row: html`<b>${one.name}</b><span class="sales-aside">${grouped(one.phone)}${one.tier === "vip" && html` <${Tag} tag="VIP" />`}${one.terms === "monthly" && ` ${t("on_account")}`}</span>`,
      isExact: one.phone === text || one.name === text,
      pick: (/** @type {boolean} */ moves) => choose({ id: one.id, name: one.name, phone: one.phone, tier: one.tier, terms: one.terms }, moves),
    }));
  };
  const more = /** @param {string} text */ (text) => {
    const isPhone = /^[+\d][\d\s()-]*$/.test(text);
    return [{ key: "+", row: html`<b>${t("sales_new_customer", { name: text })}</b>`, pick: (/** @type {boolean} */ moves) => choose({ id: "", name: isPhone ? "" : text, phone: isPhone ? text : "" }, moves) }];
  };
  return html`<${Finder} label=${t("customer")} hint=${t("sales_find_customer")} none=${t("sales_nobody")} error=${error} search=${search} more=${more} />`;
}

/** @param {{buyer: import("./draft.js").Buyer, error?: string, mend: (field: string) => void}} props */
function Chosen({ buyer, error, mend }) {
  const about = known.value && known.value.id === buyer.id ? known.value : null;
  const terms = buyer.terms === "monthly" ? t("on_account") : t("sales_prepaid");
  const left = about && about.terms === "monthly" ? t("sales_credit_left", { left: money(creditLeft(about)) }) : "";
  return html`<h2 class="label">${t("customer")}</h2>
    <div class="sales-chosen">
      <div>
        <p class="sales-who"><b>${buyer.name}</b>${buyer.tier === "vip" && html`<${Tag} tag="VIP" />`}</p>
        <p class="sales-aside">${[grouped(buyer.phone), terms].filter(Boolean).join(" · ")}</p>
        ${left && html`<p class="sales-aside">${left}</p>`}
        ${error && html`<p class="wrong" role="alert">${error}</p>`}
      </div>
      <${Button} size="small" onClick=${() => { change({ buyer: null }); mend("buyer"); focusOn("#sales-buyer input"); }}>${t("sales_other_customer")}</${Button}>
    </div>`;
}

/** @param {{buyer: import("./draft.js").Buyer, errors: Object<string, string>, mend: (field: string) => void}} props */
function Fresh({ buyer, errors, mend }) {
  /** @param {"name"|"phone"} field */
  const write = (field) => /** @param {any} event */ (event) => {
    change({ buyer: Object.assign({}, buyer, { [field]: event.target.value }) });
    mend(field === "name" ? "buyer" : "phone");
  };
  return html`<h2 class="label">${t("sales_new_customer", {})}</h2>
    <div class="sales-pair">
      <${Field} id="sales-name" label=${t("sales_name")} value=${buyer.name} maxlength="120" autocomplete="off" error=${errors.buyer} onInput=${write("name")} />
      <${Field} id="sales-phone" label=${t("sales_phone")} type="tel" value=${buyer.phone} maxlength="40" autocomplete="off" error=${errors.phone} onInput=${write("phone")} />
    </div>
    <${Button} kind="quiet" size="small" class="sales-left" onClick=${() => { change({ buyer: null }); focusOn("#sales-buyer input"); }}>${t("sales_find_known")}</${Button}>`;
}
