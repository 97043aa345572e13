/** @file What lies over the page: a drawer at the right on desktops, a sheet from below on phones. The focus stays
 * inside, Esc closes, and the focus goes back to where it was. */
import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";

const REACHED = "a[href], button, input, select, textarea, summary, [tabindex]";
let made = 0;

/**
 * @param {{title: any, onClose: () => void, kind?: "drawer"|"bottom", acts?: any, children?: any}} props
 * `acts`: what stands beside the close button.
 */
export function Sheet({ title, onClose, kind = "bottom", acts, children }) {
  const [id] = useState(() => `sheet-${++made}`);
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const heading = useRef(/** @type {HTMLElement|null} */ (null));
  useLayoutEffect(() => {
    const before = /** @type {HTMLElement|null} */ (document.activeElement);
    if (heading.current) heading.current.focus();
    document.body.classList.add("has-sheet");
    return () => {
      document.body.classList.remove("has-sheet");
      if (before && before.isConnected) before.focus();
    };
  }, []);

  /** @param {KeyboardEvent} event */
  const typed = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Tab" && box.current) keep(event, box.current);
  };

  return html`<div class=${`over over-${kind}`} onKeyDown=${typed}>
    <div class="scrim" onClick=${onClose}></div>
    <section class=${`sheet ${kind}`} role="dialog" aria-modal="true" aria-labelledby=${id} ref=${box}>
      <header class="sheet-head">
        <h2 id=${id} tabindex="-1" ref=${heading}>${title}</h2>
        ${acts}
        <button type="button" class="button quiet square" aria-label=${t("close")} onClick=${onClose}><${Icon} name="close" size=${22} /></button>
      </header>
      <div class="sheet-body">${children}</div>
    </section>
  </div>`;
}

/** @param {KeyboardEvent} event @param {HTMLElement} inside */
function keep(event, inside) {
  const all = /** @type {HTMLElement[]} */ (Array.from(inside.querySelectorAll(REACHED)));
  const reached = all.filter((one) => one.tabIndex >= 0 && one.offsetHeight > 0);
  if (!reached.length) return;
  const edge = event.shiftKey ? reached[0] : reached[reached.length - 1];
  const isOut = !inside.contains(document.activeElement);
  if (document.activeElement === edge || isOut) {
    event.preventDefault();
    (event.shiftKey ? reached[reached.length - 1] : reached[0]).focus();
  }
}
