/** @file The customer's link: fetched, shown, copied, handed to the phone's own sharing, opened, taken back. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { date } from "../format.js";
import { Button } from "../kit/button.js";
import { Field } from "../kit/field.js";
import { Icon } from "../kit/icons.js";
import { Loading } from "../kit/notes.js";
import { Sheet } from "../kit/sheet.js";
import { t } from "../words.js";

/** @param {{order: any, onClose: () => void, onChanged: () => void}} props */
export function Share({ order, onClose, onChanged }) {
  const [link, put] = useState(/** @type {{url: string, expires_at: string}|null} */ (null));
  const [wrong, tell] = useState("");
  const [isRevoked, revoked] = useState(false);
  const path = `/api/orders/${encodeURIComponent(order.order_no)}/tracking-link`;
  /** The same link each time, so asking twice does no harm. @param {string} method @param {(answer: any) => void} then */
  const ask = async (method, then) => {
    tell("");
    try {
      then(await call(method, path));
      reached();
      onChanged();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.isAway) tell(t("order_no_answer"));
      else if (!failed(problem, () => {})) tell(problem.message);
    }
  };
  const make = () => {
    revoked(false);
    void ask("POST", put);
  };
  const revoke = () => void ask("DELETE", () => {
    put(null);
    revoked(true);
  });
  useEffect(make, []);
  return html`<div onKeyDown=${(/** @type {Event} */ e) => e.stopPropagation()}><${Sheet} title=${t("link")} onClose=${onClose}>
    <div class="orders-share">
      ${wrong && html`<div class="orders-refused" role="alert"><p>${wrong}</p><${Button} onClick=${link ? revoke : make}>${t("again")}</${Button}></div>`}
      ${link && html`<${Shown} link=${link} order=${order} onRevoke=${revoke} />`}
      ${!link && !wrong && (isRevoked ? html`<p class="orders-says" role="status">${t("order_link_revoked")}</p><${Button} onClick=${make}>${t("order_link_new")}</${Button}>` : html`<${Loading} />`)}
    </div>
  </${Sheet}></div>`;
}

/** @param {{link: {url: string, expires_at: string}, order: any, onRevoke: () => void}} props */
function Shown({ link, order, onRevoke }) {
  const field = useRef(/** @type {HTMLInputElement|null} */ (null));
  const [isCopied, copied] = useState(false);
  const copy = async () => {
    if (field.current) {
      field.current.focus();
      field.current.select();
    }
    // Without https there is no clipboard object; the old command still works on a selection.
    if (navigator.clipboard) await navigator.clipboard.writeText(link.url).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
    copied(true);
  };
  const own = /** @type {any} */ (navigator).share;
  const hand = () => own.call(navigator, { title: order.order_no, url: link.url }).catch(() => {}); // put away again
  return html`<div>
    <${Field} label=${t("link_ready", { at: date(link.expires_at) })} inputRef=${field} value=${link.url} readonly onFocus=${(/** @type {any} */ e) => e.target.select()} />
    <div class="orders-buttons">
      <${Button} kind="primary" onClick=${copy}>${t(isCopied ? "copied" : "copy")}</${Button}>
      ${typeof own === "function" && html`<${Button} onClick=${hand}>${t("order_link_hand")}</${Button}>`}
      <a class="button" href=${link.url} target="_blank" rel="noopener noreferrer"><${Icon} name="look" size=${18} />${t("look")}</a>
    </div>
    <p class="orders-revoke"><small>${t("order_link_revoke_hint")}</small> <${Button} kind="quiet" size="small" onClick=${onRevoke}>${t("order_link_revoke")}</${Button}></p>
  </div>`;
}
