/** @file What every page of the gateway reads: the list of choices, once; and a form that is sent as a file. */
import { cookie, Problem } from "../api.js";
import { lang } from "../app.js";

/** The words of a thing that the server names in both languages. @param {{zh: string, en: string}} one */
export function said(one) {
  return lang.value === "en" ? one.en : one.zh;
}

/** Sends a form with a file, or the file itself. @param {string} path @param {FormData|Blob} body @param {string} [method] @returns {Promise<any>} */
export async function send(path, body, method = "POST") {
  let answer;
  try {
    const headers = { "Accept-Language": lang.value === "en" ? "en" : "zh-CN", "X-CSRF-Token": cookie("csrf") };
    answer = await fetch(path, { method, headers, body, credentials: "same-origin", cache: "no-store" });
  } catch (error) {
    throw new Problem(0, "away", "");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, told.code || "fault", told.detail || "", told);
  return told;
}

/** Letters, digits and signs that nobody can guess. @param {number} count of bytes @returns {Uint8Array} */
export function random(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A key of 26 letters for an address. */
export function addressKey() {
  return Array.from(random(26), (n) => "abcdefghijkmnpqrstuvwxyz23456789"[n % 32]).join("");
}

/** A signing secret as Standard Webhooks writes it. */
export function signingSecret() {
  return `whsec_${btoa(String.fromCharCode.apply(null, Array.from(random(32))))}`;
}
