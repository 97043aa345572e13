/** @file What stands in the way until it is read: a code that nobody knows or that comes out of turn fills the screen; the
 * same carton twice, or a very large number, is asked about. */
import { html, useEffect, useRef } from "../vendor/preact.js";
import { span } from "../format.js";
import { Button } from "../kit/button.js";
import { t } from "../words.js";
import { asked as question, over, stop, store } from "./hand.js";

/** @param {{told: import("./hand.js").Stopped}} props */
export function Stop({ told }) {
  const button = useRef(/** @type {HTMLButtonElement|null} */ (null));
  useEffect(() => {
    if (button.current) button.current.focus();
  }, []);
  return html`<main class="dock dock-stop" role="alertdialog" aria-modal="true" aria-labelledby="dock-stop">
    <header><svg viewBox="0 0 24 24" width="52" height="52" aria-hidden="true"><path d="M12 1.600 23.800 22.400H.200z" class="dock-on-red" /><path d="M12 8.500v6.500" class="dock-cut" /><circle cx="12" cy="18.600" r="1.300" class="dock-cut-dot" /></svg>
      <h1 id="dock-stop">${told.title}</h1></header>
    <div class="dock-compare"><p>${t("dock_stop_scanned")}</p><p class="dock-compared" translate="no">${told.text}</p></div>
    <p class="dock-todo">${told.todo}</p>
    <button type="button" class="dock-known" ref=${button} onKeyDown=${swallow} onClick=${() => (stop.value = null)}>${t("dock_known")}</button>
  </main>`;
}

/** A scanner's Enter presses nothing here. @param {KeyboardEvent} event */
function swallow(event) {
  if (event.key === "Enter") event.preventDefault();
}

/** @param {{asked: import("./hand.js").Asked}} props */
export function Question({ asked }) {
  const { given, kind, at } = asked;
  const facts = { n: given.qty, name: given.name, bin: given.bin || t("dock_nowhere"), span: span(Date.now() - at + 60000) };
  const isSame = kind === "same";
  const no = () => {
    if (isSame) over();
    else question.value = null;
  };
  return html`<section class="dock-step dock-question" role="alertdialog" aria-labelledby="dock-question">
    <h2 id="dock-question">${t(isSame ? "dock_same" : "dock_many", facts)}</h2>
    <p>${isSame ? t("dock_same_why", facts) : given.name}</p>
    <div class="dock-acts"><${Button} size="picker" onClick=${no}>${t(isSame ? "dock_same_no" : "dock_many_no")}</${Button}>
      <${Button} size="picker" onClick=${() => void store(given)}>${t(isSame ? "dock_same_yes" : "dock_many_yes", facts)}</${Button}></div>
  </section>`;
}
