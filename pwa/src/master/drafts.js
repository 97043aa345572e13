/** @file What was typed and not saved: kept in this tab through a closed sheet, a reload, a session that ended; gone when it
 * is saved or dropped by hand. Passwords are never kept. */

import { signal } from "../vendor/preact.js";

const BEGIN = "master:";

/** @param {import("./kinds.js").Kind} kind @param {string} key of one; "" a new one */
const named = (kind, key) => `${BEGIN}${kind.name}:${key}`;

/** Counts changes, so that who tells of drafts is drawn anew. */
export const touched = signal(0);

/** What was typed by field, or nothing. @param {import("./kinds.js").Kind} kind @param {string} key @returns {any} */
export function draftOf(kind, key) {
  try {
    return JSON.parse(sessionStorage.getItem(named(kind, key)) || "null");
  } catch (error) {
    return null;
  }
}

/** @param {import("./kinds.js").Kind} kind @param {string} key @param {any} values by field; null drops it */
export function keepDraft(kind, key, values) {
  const kept = Object.assign({}, values);
  for (const field of kind.fields) if (field.as === "password") delete kept[field.name];
  if (!values || !Object.keys(kept).length) sessionStorage.removeItem(named(kind, key));
  else sessionStorage.setItem(named(kind, key), JSON.stringify(kept));
  touched.value++;
}

/** The keys of a kind that hold a draft. @param {import("./kinds.js").Kind} kind @returns {string[]} */
export function drafted(kind) {
  void touched.value;
  const begin = named(kind, "");
  return Object.keys(sessionStorage).filter((one) => one.indexOf(begin) === 0).map((one) => one.slice(begin.length)).sort();
}
