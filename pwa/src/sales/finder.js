/** @file Something found while it is typed: a field with a list under it, by hand or by the keyboard alone. What comes
 * late for an older text is dropped. Enter before the list is there (a scanner types so) waits for it, and takes the
 * first hit only where it is what was typed, or the only one. */
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed } from "../app.js";
import { t } from "../words.js";

const PAUSE_MS = 160;
let made = 0;

/**
 * @typedef {{key: string, row: any, isExact?: boolean, pick: () => void}} Hit
 * @param {{label: string, hint: string, none: string, error?: string, inputRef?: any, isScan?: boolean,
 *   search: (text: string) => Promise<Hit[]>, more: (text: string, isAway: boolean) => Hit[]}} props
 * `more`: what can be taken besides what was found. `isScan`: codes are typed here.
 */
export function Finder({ label, hint, none, error, inputRef, isScan, search, more }) {
  const [id] = useState(() => `find-${++made}`);
  const [text, setText] = useState("");
  const [state, setState] = useState(/** @type {{hits: Hit[], of: string, isAway: boolean, why: string}} */ (NOTHING));
  const [at, move] = useState(0);
  const wanted = useRef("");
  const typed = text.trim();

  useEffect(() => {
    if (!typed) return void setState(NOTHING);
    let isLate = false;
    const timer = window.setTimeout(() => {
      search(typed).then(
        (hits) => isLate || setState({ hits, of: typed, isAway: false, why: "" }),
        (problem) => isLate || setState({ hits: [], of: typed, ...lost(problem) })
      );
    }, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [typed]);

  const isReady = state.of === typed;
  const extra = typed && isReady ? more(typed, state.isAway) : [];
  const list = typed ? state.hits.concat(extra) : [];
  /** @param {Hit} hit */
  const take = (hit) => {
    setText("");
    setState(NOTHING);
    move(0);
    wanted.current = "";
    hit.pick();
  };
  useEffect(() => {
    move(0);
    if (!typed || !isReady || wanted.current !== typed) return;
    wanted.current = "";
    if (state.hits.length && (state.hits[0].isExact || state.hits.length === 1)) take(state.hits[0]);
  }, [state]);

  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.isComposing) return; // Enter ends a Chinese word here, nothing else
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!list.length) return;
      event.preventDefault();
      move((at + (event.key === "ArrowDown" ? 1 : list.length - 1)) % list.length);
    } else if (event.key === "Enter" && typed) {
      event.preventDefault();
      if (!isReady) wanted.current = typed;
      else if (list[at]) take(list[at]);
    } else if (event.key === "Escape" && text) {
      event.preventDefault();
      setText("");
    }
  };

  useEffect(() => {
    const chosen = document.getElementById(`${id}-${at}`);
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  }, [at, state]);

  const said = !typed || !isReady ? "" : state.why || (state.hits.length ? "" : none);
  return html`<div class="sales-find">
    <div class=${`field ${error ? "is-wrong" : ""}`}>
      <label for=${id}>${label}</label>
      <input id=${id} type="search" role="combobox" autocomplete="off" autocapitalize="off" spellcheck=${false} enterkeyhint="search"
        placeholder=${hint} value=${text} ref=${inputRef} onInput=${/** @param {any} e */ (e) => setText(e.target.value)} onKeyDown=${key}
        aria-expanded=${String(list.length > 0)} aria-controls=${`${id}-list`} aria-autocomplete="list" inputmode=${isScan ? "text" : undefined}
        aria-activedescendant=${list[at] ? `${id}-${at}` : undefined} aria-invalid=${error ? "true" : undefined}
        aria-describedby=${error ? `${id}-error` : undefined} />
      ${error && html`<p class="wrong" id=${`${id}-error`} role="alert">${error}</p>`}
    </div>
    <p class="sales-said" role="status">${said}</p>
    <ul id=${`${id}-list`} class="sales-hits" role="listbox" aria-label=${label} hidden=${!list.length}>
      ${list.map((hit, n) => html`<li key=${hit.key} id=${`${id}-${n}`} role="option" aria-selected=${String(n === at)}
        onMouseDown=${/** @param {Event} e */ (e) => e.preventDefault()} onClick=${() => take(hit)}>${hit.row}</li>`)}
    </ul>
  </div>`;
}

const NOTHING = { hits: [], of: "", isAway: false, why: "" };

/** @param {unknown} problem */
function lost(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.isAway) return { isAway: true, why: t("sales_no_network") };
  if (problem.status === 401) failed(problem, () => undefined);
  return { isAway: false, why: problem.message };
}
