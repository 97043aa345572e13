/** @file What every room asks of the shell: who is here, which address, what to do with a failure. Signals only; what
 * is drawn stands in main.js and the rooms. */
import { signal } from "./vendor/preact.js";
import { cookie, heardAt, Problem } from "./api.js";
import { clock } from "./format.js";
import { lang, speak, t } from "./words.js";

export { lang };
export { applyUpdate, offline, setBusy, update } from "./update.js";

const RETRY_MS = 5000;

/** @typedef {{user: {name: string, display: string, role: string, phone?: string, warehouse?: string}, rights: string[]}} Me */

/** Who is signed in. @type {import("./vendor/preact.js").Signal<Me|null>} */
export const me = signal(null);
/** The address, without its query. */
export const path = signal(location.pathname);
/** What stands behind the `?`. */
export const query = signal(new URLSearchParams(location.search));
/** "light" or "dark": set by hand, kept on this device. */
export const theme = signal(localStorage.getItem("theme") === "dark" ? "dark" : "light");
/** A sentence over everything, such as no connection; empty if all is well. */
export const band = signal("");
/** Why somebody has to sign in, if there is a reason to say. */
export const doorWords = signal("");

let waiting = 0;
/** @type {(() => void)|null} */
let retry = null;

/** @param {string} right */
export function may(right) {
  return me.value !== null && me.value.rights.indexOf(right) >= 0;
}

/** To an address within the app. @param {string} to @param {boolean} [isInPlace] no new step for "back" */
export function go(to, isInPlace) {
  if (to !== location.pathname + location.search) {
    if (isInPlace) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
  }
  arrived();
}

function arrived() {
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
}

/** For a link's click: within the app, yet still a link for a new tab. @param {string} to */
export function inside(to) {
  return /** @param {MouseEvent} event */ (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(to);
  };
}

/** The page's name in the tab. @param {string} text */
export function title(text) {
  const said = text ? `${text} · ${t("name")}` : t("name");
  if (document.title !== said) document.title = said; // costs a message to the browser, even for the same name
}

/** What every room does with a failure: sign in again, wait for the server; false: say it in place.
 * @param {unknown} problem @param {() => void} again called when the server may be back
 * @returns {boolean} whether nothing is left to say */
export function failed(problem, again) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 401) {
    signedOut(t("session_over"));
    return true;
  }
  if (problem.isAway) {
    const at = heardAt ? clock(heardAt) : "";
    band.value = at ? t(navigator.onLine ? "away_since" : "offline", { at }) : t("away");
    window.clearTimeout(waiting);
    retry = again;
    waiting = window.setTimeout(again, RETRY_MS);
    return true;
  }
  return false;
}

/** The server answered. */
export function reached() {
  window.clearTimeout(waiting);
  retry = null;
  band.value = "";
}

/** Nobody is signed in any more; the address stays, so that who comes back stands where they were. @param {string} why */
export function signedOut(why) {
  localStorage.removeItem("me");
  doorWords.value = why;
  band.value = "";
  me.value = null;
}

/** Whether this browser holds a session. */
export function hasSession() {
  return cookie("csrf") !== "";
}

/** @param {"light"|"dark"} to */
export function dress(to) {
  localStorage.setItem("theme", to);
  document.documentElement.setAttribute("data-theme", to);
  theme.value = to;
}

/** Wires the window; called once, by main.js. */
export function begin() {
  window.addEventListener("popstate", arrived);
  window.addEventListener("online", () => retry && retry());
  speak(lang.value);
  dress(theme.value === "dark" ? "dark" : "light");
}
