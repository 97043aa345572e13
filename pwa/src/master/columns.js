/** @file The words of a kind's fields, and the columns that a sheet of it may have. Pure. */
import { knows, t } from "../words.js";

/** A field's words: its kind's own, else those that all kinds share; "" where there are none. @param {import("./kinds.js").Kind} kind @param {string} name @param {string} sort "f" label, "h" hint */
export function wordsOf(kind, name, sort) {
  const own = `master_${sort}_${kind.name}_${name}`;
  const shared = `master_${sort}_${name}`;
  return knows(own) ? t(own) : knows(shared) ? t(shared) : "";
}

/** What an empty sheet has as its header. @param {import("./kinds.js").Kind} kind @returns {{label: string, isNeeded: boolean}[]} */
export function columnsOf(kind) {
  const names = kind.fields.filter((field) => field.as !== "password" && field.as !== "uom" && !field.isInside).map((field) => field.name);
  return names.concat(kind.extra || []).map((name) => ({ label: wordsOf(kind, name, "f"), isNeeded: kind.musts.indexOf(name) >= 0 }));
}
