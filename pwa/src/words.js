/** @file Every word of the app in both languages: one key, one pair. A room brings its own table when it is loaded;
 * a test holds that no half is missing and no key stands twice. */
import { signal } from "./vendor/preact.js";
import { WORDS as COMMON } from "./words/common.js";

const KEY = "lang";
const PLURAL = /\b1 (kind|order|parcel|piece|stop|line|change|label|device|photo|file|item|row|field)s\b/g;

/** @type {Object<string, [string, string]>} */
const all = Object.assign({}, COMMON);

/** "zh" or "en"; whoever reads it is drawn anew when it changes. */
export const lang = signal(start());

/** @returns {"zh"|"en"} */
function start() {
  const kept = localStorage.getItem(KEY);
  if (kept === "zh" || kept === "en") return kept;
  return /^en\b/i.test(navigator.language || "") ? "en" : "zh";
}

/** @param {Object<string, [string, string]>} table of a room */
export function addWords(table) {
  Object.assign(all, table);
}

/** @returns {"zh"|"en"} */
export function language() {
  return lang.value;
}

/** @param {"zh"|"en"} to */
export function speak(to) {
  localStorage.setItem(KEY, to);
  document.documentElement.lang = to === "en" ? "en" : "zh-CN";
  lang.value = to;
}

/** Whether a key has words. @param {string} key */
export function knows(key) {
  return Object.prototype.hasOwnProperty.call(all, key);
}

/**
 * The words of a key with its facts put in; an unknown key is shown as it is, so that nothing is hidden.
 * @param {string} key
 * @param {Object<string, unknown>} [facts]
 * @returns {string}
 */
export function t(key, facts) {
  const pair = knows(key) ? all[key] : null;
  const isEnglish = lang.value === "en";
  const text = pair ? pair[isEnglish ? 1 : 0] : key;
  const said = text.replace(/\{(\w+)\}/g, (_, name) => fact(facts, name)).replace(/[\s:：]+$/, "");
  return isEnglish ? said.replace(PLURAL, "1 $1") : said;
}

/** @param {Object<string, unknown>|undefined} facts @param {string} name */
function fact(facts, name) {
  const value = facts ? facts[name] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
