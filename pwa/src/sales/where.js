/** @file Where the goods go: the text as the customer says it, what the hub reads in it, and where they went before. */
import { html, useEffect, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { Field } from "../kit/field.js";
import { t } from "../words.js";
import { known } from "./buyer.js";
import { change, draft } from "./draft.js";
import { houses, nameOf, near } from "./stock.js";

const PAUSE_MS = 500;

/** @param {{errors: Object<string, string>, mend: (field: string) => void}} props */
export function Where({ errors, mend }) {
  const { address, buyer } = draft.value;
  const [read, put] = useState(/** @type {{of: string, names: string[]|null}} */ ({ of: "", names: null }));
  const text = address.trim();
  useEffect(() => {
    if (!text) {
      near.value = [];
      return;
    }
    let isLate = false;
    const timer = window.setTimeout(async () => {
      try {
        const found = await call("POST", "/api/places/read", { text });
        if (isLate) return;
        near.value = found.warehouses;
        put({ of: text, names: found.place ? found.place.names : null });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem; // read back later, by the server
      }
    }, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [text]);

  const house = near.value.length ? nameOf(near.value[0]) : "";
  const isRead = text !== "" && read.of === text && house !== "" && houses.value.length > 0;
  const hint = !isRead ? "" : read.names ? t("sales_read", { place: read.names.join(" "), house }) : t("sales_not_read", { house });
  const usual = buyer && buyer.id && known.value && known.value.id === buyer.id ? [...(known.value.addresses || []), ...(known.value.recent || [])] : [];
  const others = usual.filter((/** @type {any} */ one, /** @type {number} */ at) =>
    one.text !== address && usual.findIndex((/** @type {any} */ other) => other.text === one.text) === at);
  return html`<section class="sales-part">
    <${Field} id="sales-address" label=${t("address")} isLong rows="2" maxlength="2000" value=${address} placeholder=${t("sales_address_hint")}
      hint=${hint} error=${errors.address} onInput=${/** @param {any} e */ (e) => { change({ address: e.target.value }); mend("address"); }} />
    ${!text && others.length > 0 && html`<p class="label sales-usual-label">${t("sales_last_address")}</p>
      <ul class="sales-usual">${others.map((/** @type {any} */ one) => html`<li key=${one.text}>
        <button type="button" onClick=${() => { change({ address: one.text }); mend("address"); }}>${one.text}</button></li>`)}</ul>`}
  </section>`;
}
