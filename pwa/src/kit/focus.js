/** @file The focus moves in the very task of the choice that asks for it. Preact draws in a microtask that the change has
 * queued, so a microtask asked for after the change finds the new page. A timer would come a task later: whoever has
 * begun to write elsewhere by then (a scanner, a fast thumb) would find the letters in another field. */

/** After what was just changed is drawn. @param {() => void} move */
export function onceDrawn(move) {
  Promise.resolve().then(move);
}

/** The first that a selector finds, once it is drawn. @param {string} selector */
export function focusOn(selector) {
  onceDrawn(() => {
    const found = /** @type {HTMLElement|null} */ (document.querySelector(selector));
    if (found) found.focus();
  });
}

/** A field whose text is to be written over, once it is drawn. @param {string} id */
export function selectAll(id) {
  onceDrawn(() => {
    const field = /** @type {HTMLInputElement|null} */ (document.getElementById(id));
    if (!field) return;
    field.focus();
    field.select();
  });
}
