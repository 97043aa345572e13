/** @file A line's price: the list's, or another that was agreed; written in yuan, kept in fen. */
import { html, useState } from "../vendor/preact.js";
import { Button } from "../kit/button.js";
import { selectAll } from "../kit/focus.js";
import { fenOf, money } from "../money.js";
import { t } from "../words.js";
import { changeLine, isByUnit, perOf, priceOf } from "./draft.js";

/** @param {{line: import("./draft.js").Line, n: number, mend: (field: string) => void}} props */
export function PriceOf({ line, n, mend }) {
  const price = priceOf(line);
  const per = isByUnit(line) ? `/${perOf(line)}` : "";
  const isMissing = line.isProven && price === null;
  const [isOpen, open] = useState(false);
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const begin = () => {
    setText(price === null ? "" : String(price / 100));
    setWrong(false);
    open(true);
    selectAll(`sales-price-${n}`);
  };
  const end = () => {
    const said = text.trim();
    const fen = said ? fenOf(said) : null;
    if (said && fen === null) return setWrong(true);
    changeLine(n, { price_fen: fen === line.list_fen && !line.unit ? null : fen, told: null });
    mend(`line${n}`);
    setWrong(false);
    open(false);
  };
  const key = /** @param {KeyboardEvent} event */ (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      end();
    } else if (event.key === "Escape") open(false);
  };
  if (!isOpen && !isMissing) {
    const shown = price === null ? t("sales_price_ask") : `× ${money(price)}${per}`;
    const spoken = price === null ? line.name : t("sales_price_of", { name: line.name });
    return html`<${Button} kind="quiet" size="small" class="sales-price" label=${`${spoken} ${shown}`} onClick=${begin}>${shown}</${Button}>`;
  }
  const why = isWrong ? t("sales_bad_price") : isMissing ? t("sales_no_price") : line.list_fen !== null ? t("sales_list_price", { price: `${money(line.list_fen)}${line.list_per && line.list_per !== line.uom ? `/${line.list_per}` : ""}` }) : "";
  return html`<span class=${`sales-priced ${isWrong ? "is-wrong" : ""}`}>
    <input id=${`sales-price-${n}`} type="text" inputmode="decimal" maxlength="14" value=${text} aria-label=${t("sales_price_of", { name: line.name })}
      aria-invalid=${isWrong ? "true" : undefined} aria-describedby=${`sales-price-${n}-why`}
      onInput=${/** @param {any} e */ (e) => setText(e.target.value)} onKeyDown=${key} onBlur=${end} />
    <small id=${`sales-price-${n}-why`} class=${isWrong ? "wrong" : ""} role=${isWrong ? "alert" : undefined}>${why}</small>
  </span>`;
}
