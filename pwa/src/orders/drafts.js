/** @file What is typed into a command's fields stays until the command is done: through a refusal, a lost answer, a
 * closed sheet, an ended session. It is never kept longer than this tab. */
import { me } from "../app.js";

/** @typedef {{values: Object<string, string>, lost: string}} Draft `lost`: the button whose answer never came */

/** @type {Object<string, Draft>} */
const kept = {};

/** @param {string} orderNo @param {string} form */
function place(orderNo, form) {
  return `${me.value ? me.value.user.name : ""} ${orderNo} ${form}`;
}

/** @param {string} orderNo @param {string} form @returns {Draft|null} */
export function draftOf(orderNo, form) {
  return kept[place(orderNo, form)] || null;
}

/** @param {string} orderNo @param {string} form @param {Draft} draft */
export function keep(orderNo, form, draft) {
  kept[place(orderNo, form)] = draft;
}

/** @param {string} orderNo @param {string} form */
export function forget(orderNo, form) {
  delete kept[place(orderNo, form)];
}
