/** @file One of a kind between the server and its form: what it holds, what was typed over it, what of that differs, and
 * the body that saves it. Pure but for the reading. */
import { call, Problem } from "../api.js";
import { t } from "../words.js";
import { addressOf } from "./kinds.js";
import { TYPES } from "./types.js";

/** @typedef {import("./kinds.js").Kind} Kind */
/** @typedef {import("./kinds.js").Field} Field */

/** What the form of a new one begins with. @param {Kind} kind */
export function begun(kind) {
  /** @type {any} */
  const values = {};
  for (const field of kind.fields) values[field.name] = field.start === undefined ? null : field.start;
  return values;
}

/** What stands in a field: what was typed, else what the one holds. @param {Field} field @param {any} base @param {any} typed @returns {any} */
export function standing(field, base, typed) {
  return typed[field.name] !== undefined ? typed[field.name] : TYPES[field.as].type(base[field.name]);
}

/** Only what differs from the one as it is. @param {Kind} kind @param {any} base @param {any} typed */
export function differing(kind, base, typed) {
  /** @type {any} */
  const left = {};
  for (const field of kind.fields) {
    const said = typed[field.name];
    if (said !== undefined && JSON.stringify(said) !== JSON.stringify(TYPES[field.as].type(base[field.name]))) left[field.name] = said;
  }
  return left;
}

/** The values that a form would save, and what is wrong with its fields. @param {Kind} kind @param {any} base @param {any} typed @param {boolean} isNew */
export function readAll(kind, base, typed, isNew) {
  /** @type {any} */
  const values = {};
  /** @type {Object<string, string>} */
  const wrong = {};
  for (const field of kind.fields) {
    const read = TYPES[field.as].read(standing(field, base, typed));
    if (read.why) wrong[field.name] = read.why;
    else if ((field.isNeeded || (field.as === "password" && isNew)) && (read.value === "" || read.value === null)) wrong[field.name] = t("master_needed");
    values[field.name] = read.value;
  }
  for (const field of kind.fields) if (field.isAsked && !field.isAsked(values)) delete wrong[field.name];
  return { values, wrong };
}

/** The body of its PUT. @param {Kind} kind @param {any} values */
export function bodyOf(kind, values) {
  const body = Object.assign({}, values);
  delete body[kind.key];
  for (const field of kind.fields) {
    if (field.as === "password" && !body[field.name]) delete body[field.name];
    else if (field.isAsked && !field.isAsked(values)) body[field.name] = field.start;
  }
  return body;
}

/** As the server has it now, or null where it has none. @param {Kind} kind @param {string} key @returns {Promise<any>} */
export function readOne(kind, key) {
  return call("GET", addressOf(kind, key)).catch((problem) => {
    if (problem instanceof Problem && problem.status === 404) return null;
    throw problem;
  });
}

/** Which of the kind's fields somebody else has changed since `base` was read. @param {Kind} kind @param {any} base @param {any} now @returns {Field[]} */
export function moved(kind, base, now) {
  return kind.fields.filter((field) => JSON.stringify(base[field.name]) !== JSON.stringify(now[field.name]));
}

/** Where a refusal is told: by field, or "" for the whole form. @param {Kind} kind @param {Problem} problem */
export function refusedBy(kind, problem) {
  /** @type {Object<string, string>} */
  const wrong = {};
  const known = kind.fields.map((field) => field.name);
  const errors = /** @type {{path: string, why: string}[]} */ (problem.said.errors || []);
  for (const { path, why } of errors) {
    const name = String(path).replace(/^(path|\$)\.?/, "").split(/[.[]/)[0];
    wrong[known.indexOf(name) >= 0 ? name : ""] = why;
  }
  if (!errors.length) wrong[(kind.blames || {})[problem.code] || ""] = problem.message;
  return wrong;
}
