/** @file The one thing to do now: scan the goods, scan the bin, say how many. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { language, t } from "../words.js";
import { hand, over, putInto, receive, scanned } from "./hand.js";

export function Step() {
  const { part, bin } = hand.value;
  if (!part) return html`<section class="dock-step" key="part"><h2>${t("dock_scan_part")}</h2><${Typed} label=${t("dock_type_part")} /></section>`;
  return html`<section class="dock-step" key=${part.raw}>
    <p class="dock-name">${part.name}</p>
    <p class="dock-code">${part.sku ? part.sku : t("dock_unproven")}</p>
    ${bin === null
      ? html`<h2>${t("dock_scan_bin")}</h2>
        ${part.bins[0] && html`<p class="dock-usual">${t("dock_usual", { bin: part.bins[0] })}</p>`}
        <${Typed} label=${t("dock_type_bin")} />
        <div class="dock-acts"><${Button} size="picker" onClick=${() => putInto("")}>${t("dock_no_bin")}</${Button}><${Button} size="picker" kind="quiet" onClick=${over}>${t("dock_again")}</${Button}></div>`
      : html`<p class="dock-bin">${bin || t("dock_nowhere")}</p><${Amount} part=${part} />`}
  </section>`;
}

/** A code by hand, for labels that do not scan. @param {{label: string}} props */
function Typed({ label }) {
  const [isOpen, open] = useState(false);
  const [text, write] = useState("");
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => {
    if (isOpen && field.current) field.current.focus();
  }, [isOpen]);
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    if (!text.trim()) return;
    open(false);
    write("");
    void scanned(text, true);
  };
  if (!isOpen) return html`<p class="dock-acts"><${Button} size="picker" onClick=${() => open(true)}>${t("dock_type")}</${Button}></p>`;
  return html`<form onSubmit=${take}><${Field} label=${label} value=${text} inputRef=${field} maxlength="100" autocomplete="off" autocapitalize="characters" onInput=${(/** @type {any} */ e) => write(e.target.value)} />
    <p class="dock-acts"><${Button} size="picker" kind="primary" type="submit">${t("dock_take")}</${Button}></p></form>`;
}

/** How many. A scanner's text that ends up here is a scan, not a number. @param {{part: import("./hand.js").Part}} props */
function Amount({ part }) {
  const [text, write] = useState("");
  const [lot, name] = useState("");
  const [expires, until] = useState("");
  const [wrong, say] = useState({ field: "", why: "" });
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => {
    if (field.current) field.current.focus();
  }, []);
  const said = text.trim().replace(/[０-９]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
  const qty = /^\d{1,6}$/.test(said) ? Number(said) : 0;
  /** @param {Event} event */
  const book = (event) => {
    event.preventDefault();
    if (said.length > 6 || /[^\d]/.test(said)) {
      write("");
      return void scanned(said);
    }
    if (!qty) return say({ field: "qty", why: t("dock_bad_qty") });
    if (part.isByLots && !lot.trim()) return say({ field: "lot", why: t("dock_bad_lot") });
    receive(qty, lot.trim(), expires);
  };
  return html`<form class="dock-amount" onSubmit=${book}>
    <${Field} label=${t("dock_qty")} class="dock-qty" value=${text} inputRef=${field} inputmode="numeric" autocomplete="off" enterkeyhint="done"
      error=${wrong.field === "qty" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => { write(e.target.value); say({ field: "", why: "" }); }} />
    ${part.isByLots && html`<${Field} label=${t("dock_lot")} value=${lot} maxlength="40" autocomplete="off" error=${wrong.field === "lot" ? wrong.why : ""} onInput=${(/** @type {any} */ e) => name(e.target.value)} />
      <${Field} label=${t("dock_expires")} type="date" value=${expires} onInput=${(/** @type {any} */ e) => until(e.target.value)} />`}
    <div class="dock-acts"><${Button} size="picker" kind="primary" type="submit">${qty ? t("dock_book_n", { n: language() === "en" ? qty : `${qty} ${part.uom || "件"}` }) : t("dock_book")}</${Button}>
      <${Button} size="picker" kind="quiet" onClick=${over}>${t("dock_again")}</${Button}></div>
  </form>`;
}
