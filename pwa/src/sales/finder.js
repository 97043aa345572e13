/** @file Something found while it is typed: a field with a list under it, by hand or by the keyboard alone. What comes
 * late for an older text is dropped. Enter before the list is there (a scanner types so) waits for it, and takes the
 * first hit only where it is what was typed, or the only one; the focus stays then with whoever has gone elsewhere. */
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { Problem } from "../api.js";
import { failed } from "../app.js";
import { t } from "../words.js";

const PAUSE_MS = 160;
let made = 0;

/**
 * @typedef {{key: string, row: any, isExact?: boolean, pick: (moves: boolean) => void}} Hit `moves`: the focus may go on
 * @typedef {{hits: Hit[], of: string, isAway: boolean, why: string}} Found what was found, and for which text
 */

/** @type {Found} */
const NOTHING = { hits: [], of: "", isAway: false, why: "" };

/** @param {string} typed @param {(text: string) => Promise<Hit[]>} search @returns {Found} */
function useFound(typed, search) {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    if (!typed) return void setState(NOTHING);
    let isLate = false;
    const timer = window.setTimeout(() => {
      search(typed).then(
        (hits) => isLate || setState({ hits, of: typed, isAway: false, why: "" }),
        (problem) => isLate || setState(Object.assign({ hits: [], of: typed }, lost(problem)))
      );
    }, PAUSE_MS);
    return () => {
      isLate = true;
      window.clearTimeout(timer);
    };
  }, [typed]);
  return state;
}

/** @param {unknown} problem */
function lost(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.isAway) return { isAway: true, why: t("sales_no_network") };
  if (problem.status === 401) failed(problem, () => undefined);
  return { isAway: false, why: problem.message };
}

/**
 * @param {{label: string, hint: string, none: string, error?: string, search: (text: string) => Promise<Hit[]>,
 *   more: (text: string, isAway: boolean) => Hit[]}} props
 * `more`: what can be taken besides what was found.
 */
export function Finder({ label, hint, none, error, search, more }) {
  const [id] = useState(() => `find-${++made}`);
  const [text, setText] = useState("");
  const [at, move] = useState(0);
  const wanted = useRef("");
  const typed = text.trim();
  const state = useFound(typed, search);
  const isReady = typed !== "" && state.of === typed;
  const list = typed ? state.hits.concat(isReady ? more(typed, state.isAway) : []) : [];

  /** @param {Hit} hit @param {boolean} [moves] */
  const take = (hit, moves = true) => {
    setText("");
    move(0);
    wanted.current = "";
    hit.pick(moves);
  };
  useLayoutEffect(() => {
    move(0);
    if (!isReady || wanted.current !== typed) return;
    wanted.current = "";
    if (state.hits.length && (state.hits[0].isExact || state.hits.length === 1)) take(state.hits[0], isHere());
  }, [state]);
  useEffect(() => {
    const chosen = document.getElementById(`${id}-${at}`);
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  }, [at, state]);

  const isHere = () => document.activeElement === document.getElementById(id);
  /** @type {Object<string, () => unknown>} */
  const keys = {
    ArrowDown: () => list.length && move((at + 1) % list.length),
    ArrowUp: () => list.length && move((at + list.length - 1) % list.length),
    Enter: () => {
      if (!isReady) wanted.current = typed;
      else if (list[at]) take(list[at]);
    },
    Escape: () => setText(""),
  };
  const press = /** @param {KeyboardEvent} event */ (event) => {
    if (event.isComposing || !typed || !keys[event.key]) return; // Enter ends a Chinese word here, nothing else
    event.preventDefault();
    keys[event.key]();
  };
  const said = isReady ? state.why || (state.hits.length ? "" : none) : "";
  return html`<div class="sales-find">
    <div class=${`field ${error ? "is-wrong" : ""}`}>
      <label for=${id}>${label}</label>
      <input id=${id} type="search" role="combobox" autocomplete="off" autocapitalize="off" spellcheck=${false} enterkeyhint="search"
        placeholder=${hint} value=${text} onInput=${/** @param {any} event */ (event) => setText(event.target.value)} onKeyDown=${press}
        aria-expanded=${String(list.length > 0)} aria-controls=${`${id}-list`} aria-autocomplete="list"
        aria-activedescendant=${list[at] ? `${id}-${at}` : undefined} aria-invalid=${error ? "true" : undefined}
        aria-describedby=${error ? `${id}-error` : undefined} />
      ${error && html`<p class="wrong" id=${`${id}-error`} role="alert">${error}</p>`}
    </div>
    <p class="sales-said" role="status">${said}</p>
    <${Hits} id=${id} label=${label} list=${list} at=${at} take=${take} />
  </div>`;
}

/** @param {{id: string, label: string, list: Hit[], at: number, take: (hit: Hit) => void}} props */
function Hits({ id, label, list, at, take }) {
  return html`<ul id=${`${id}-list`} class="sales-hits" role="listbox" aria-label=${label} hidden=${!list.length}>
    ${list.map((hit, n) => html`<li key=${hit.key} id=${`${id}-${n}`} role="option" aria-selected=${String(n === at)}
      onMouseDown=${/** @param {Event} event */ (event) => event.preventDefault()} onClick=${() => take(hit)}>${hit.row}</li>`)}
  </ul>`;
}
