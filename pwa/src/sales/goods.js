/** @file The goods of a draft: found by number, name or barcode, each line with its count, price and what is there. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { Button } from "../kit/button.js";
import { focusOn, selectAll } from "../kit/focus.js";
import { Icon } from "../kit/icons.js";
import { money } from "../money.js";
import { t } from "../words.js";
import { add, amountOf, changeLine, draft, MOST, removeLine } from "./draft.js";
import { Finder } from "./finder.js";
import { look, shipping, spread, told, nameOf } from "./stock.js";
import { PriceOf } from "./price.js";
import { Amount, ComesTo, UnitOf, unitsOf } from "./units.js";

/** Stock is asked in the background: a draft goes on without it. @param {string[]} skus */
export function lookQuietly(skus) {
  if (!skus.length) return;
  look(skus).catch((problem) => {
    if (!(problem instanceof Problem)) throw problem;
  });
}

/** @param {{errors: Object<string, string>, mend: (field: string) => void}} props */
export function Goods({ errors, mend }) {
  const { lines } = draft.value;
  const skus = lines.map((line) => line.sku).join(",");
  useEffect(() => {
    lookQuietly(draft.value.lines.map((line) => line.sku));
    const again = () => document.hidden || lookQuietly(draft.value.lines.map((line) => line.sku));
    document.addEventListener("visibilitychange", again);
    return () => document.removeEventListener("visibilitychange", again);
  }, [skus]);
  return html`<section class="sales-part" id="sales-goods">
    ${lines.length > 0 && html`<h2 class="label">${t("goods")}</h2>
      <ul class="sales-lines">${lines.map((line, n) => html`<${Row} key=${line.sku} line=${line} n=${n} error=${errors[`line${n}`]} mend=${mend} />`)}</ul>
      <${Ships} />`}
    <${Search} error=${errors.lines} mend=${mend} />
  </section>`;
}

/** @param {{error?: string, mend: (field: string) => void}} props */
function Search({ error, mend }) {
  /** @param {any} one a SKU of the API @param {boolean} isProven @param {boolean} moves */
  const take = (one, isProven, moves) => {
    const n = add({ sku: one.code, name: one.name, uom: one.uom, list_fen: one.price_fen, price_fen: null, qty: 1, isProven,
      list_per: one.price_uom || one.uom, uoms: unitsOf(one) });
    mend("lines");
    if (moves) selectAll(`sales-qty-${n}`);
  };
  const search = /** @param {string} text */ async (text) => {
    const page = await call("GET", `/api/skus?limit=8&q=${encodeURIComponent(text)}`);
    lookQuietly(page.items.map((/** @type {any} */ one) => one.code));
    return page.items.map((/** @type {any} */ one) => ({
      key: one.code,
      row: html`<${Hit} one=${one} />`,
      isExact: one.code.toUpperCase() === text.toUpperCase() || (one.gtin && one.gtin === text),
      pick: (/** @type {boolean} */ moves) => take(one, true, moves),
    }));
  };
  const more = /** @param {string} text @param {boolean} isAway */ (text, isAway) =>
    isAway && text.length <= 40
      ? [{ key: "+", row: html`<b>${t("sales_by_code", { code: text.toUpperCase() })}</b><span class="sales-aside">${t("sales_unproven")}</span>`,
          pick: (/** @type {boolean} */ moves) => take({ code: text.toUpperCase(), name: text.toUpperCase(), uom: "件", price_fen: null }, false, moves) }]
      : [];
  return html`<${Finder} label=${t("sales_add")} hint=${t("sales_add_hint")} none=${t("sales_no_sku")} error=${error} search=${search} more=${more} />`;
}

/** @param {{one: any}} props */
function Hit({ one }) {
  return html`<span class="sales-hit"><span><b>${one.name}</b> ${one.code}</span><span>${one.price_fen === null ? "" : money(one.price_fen)}${one.price_uom && one.price_uom !== one.uom ? `/${one.price_uom}` : ""}</span></span>
    <span class="sales-aside">${spread(one.code)}</span>`;
}

/** @param {{line: import("./draft.js").Line, n: number, error?: string, mend: (field: string) => void}} props */
function Row({ line, n, error, mend }) {
  const amount = amountOf(line);
  const stock = told(draft.value, line);
  const about = line.isProven ? stock.text : t("sales_unproven");
  return html`<li class=${`sales-line ${error ? "is-wrong" : ""}`} id=${`sales-line-${n}`}>
    <div class="sales-hit"><b>${line.name}</b><span class="sales-sum">${amount === null ? "" : money(amount)}</span></div>
    <p class="sales-aside">${[line.name === line.sku ? "" : line.sku, stock.isShort ? "" : about].filter(Boolean).join(" · ")}</p>
    ${stock.isShort && html`<p class="sales-short" role="status">${about}</p>`}
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <div class="sales-acts">
      ${line.unit ? html`<${Amount} line=${line} n=${n} mend=${mend} />` : html`<${Stepper} line=${line} n=${n} mend=${mend} />`}
      <${UnitOf} line=${line} n=${n} mend=${mend} />
      <${PriceOf} line=${line} n=${n} mend=${mend} />
      <button type="button" class="button quiet square sales-remove" aria-label=${t("sales_remove", { name: line.name })}
        onClick=${() => { removeLine(n); mend("lines"); focusOn("#sales-goods input"); }}><${Icon} name="close" size=${20} /></button>
    </div>
    <${ComesTo} line=${line} n=${n} />
  </li>`;
}

/** @param {{line: import("./draft.js").Line, n: number, mend: (field: string) => void}} props */
function Stepper({ line, n, mend }) {
  // What was typed stands as long as it is no count: a count of 0 in the draft keeps it from being sent.
  const [text, setText] = useState(/** @type {string|null} */ (line.qty ? null : ""));
  const isWrong = text !== null && (text !== "" || line.qty === 0);
  /** @param {number} qty */
  const put = (qty) => {
    setText(null);
    changeLine(n, { qty, told: null });
    mend(`line${n}`);
  };
  const typed = /** @param {any} event */ (event) => {
    const said = event.target.value.trim().replace(/[０-９]/g, (/** @type {string} */ wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
    const qty = /^\d{1,7}$/.test(said) ? Number(said) : 0;
    if (qty >= 1 && qty <= MOST) return put(qty);
    setText(said);
    if (line.qty) changeLine(n, { qty: 0 });
    mend(`line${n}`);
  };
  const key = /** @param {KeyboardEvent} event */ (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      focusOn("#sales-goods .sales-find input");
    }
  };
  const facts = { name: line.name };
  return html`<span class="sales-step">
      <${Button} class="square" icon="minus" label=${t("sales_fewer", facts)} onClick=${() => line.qty > 1 && put(line.qty - 1)} />
      <input id=${`sales-qty-${n}`} type="text" inputmode="numeric" maxlength="7" value=${text === null ? String(line.qty) : text} aria-label=${t("sales_qty_of", facts)}
        aria-invalid=${isWrong ? "true" : undefined} aria-describedby=${isWrong ? `sales-qty-${n}-why` : undefined} onInput=${typed} onKeyDown=${key} />
      <${Button} class="square" icon="plus" label=${t("sales_one_more", facts)} onClick=${() => line.qty < MOST && put(line.qty + 1)} />
    </span>
    ${isWrong && html`<p class="wrong" id=${`sales-qty-${n}-why`} role="alert">${t("sales_bad_qty")}</p>`}`;
}

/** Where it all comes from, or that it will wait. */
function Ships() {
  const ships = shipping(draft.value);
  if (!ships) return null;
  if (!ships.hasAll) return html`<p class="sales-note" role="status">${t("sales_waits")}</p>`;
  if (ships.isNearest && !draft.value.warehouse) return null;
  return html`<p class="sales-note">${t("sales_from", { house: nameOf(ships.house) })}</p>`;
}
