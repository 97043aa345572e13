/** @file What a field of master data may hold: how a value is shown in a row, how it stands in its field, and how what was
 * typed is read. Money is typed in yuan and kept in fen, weight with its unit and kept in grams, both exactly. Pure. */
import { phone } from "../format.js";
import { fenOf, money, yuan } from "../money.js";
import { knows, t } from "../words.js";

/** @typedef {{value?: any, why?: string}} Read `why`: the sentence beneath the field, where it cannot be read */

/**
 * @typedef {Object} Type
 * @property {(value: any, field: import("./kinds.js").Field) => string} show in a row
 * @property {(value: any) => any} type as it stands in the field: a text, or rows of texts
 * @property {(text: any) => Read} read
 * @property {(text: string) => string} [echo] said beneath while it is typed
 * @property {object} [input] attributes
 */

/** @param {any} value */
const plain = (value) => (value === null || value === undefined ? "" : String(value));

/** @type {Type} */
const text = { show: plain, type: plain, read: (said) => ({ value: said.trim() }) };

const UNITS = { g: 1, 克: 1, kg: 1000, 公斤: 1000, 千克: 1000, 斤: 500, t: 1000000, 吨: 1000000 };

/** Whole grams of `500 g`, `3.27kg`, `1 吨`; null where it is none. @param {string} said */
export function gramsOf(said) {
  const found = /^(\d{1,9})(?:[.．。](\d{1,6}))?\s*(克|公斤|千克|斤|吨|[a-z]+)$/.exec(said.trim().toLowerCase().replace(/[,，]/g, ""));
  const unit = found ? /** @type {Object<string, number>} */ (UNITS)[found[3]] : 0;
  if (!found || !unit) return null;
  const rest = (found[2] || "").replace(/0+$/, "");
  // In integers all the way: 3.27 * 1000 is no whole number of grams in floating point.
  const parts = Number(rest || 0) * unit;
  const scale = Math.pow(10, rest.length);
  return parts % scale === 0 ? Number(found[1]) * unit + parts / scale : null;
}

/** @param {number} grams */
export function weight(grams) {
  if (grams < 1000) return `${grams} g`;
  const rest = `00${grams % 1000}`.slice(-3).replace(/0+$/, "");
  return `${Math.floor(grams / 1000)}${rest ? `.${rest}` : ""} kg`;
}

/** The check digit of a GTIN without it (GS1: threes and ones from the right). @param {string} digits */
export function checkDigit(digits) {
  const sum = digits.split("").reverse().reduce((all, one, n) => all + Number(one) * (n % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

const LENGTHS = [8, 12, 13, 14];

/** What is wrong with a barcode, "" where nothing is. @param {string} said */
export function gtinWrong(said) {
  if (!said) return "";
  if (!/^\d+$/.test(said)) return t("master_gtin_digits");
  if (LENGTHS.indexOf(said.length) < 0) return t("master_gtin_length", { n: said.length });
  const right = checkDigit(said.slice(0, -1));
  return right === said.slice(-1) ? "" : t("master_gtin_check", { is: said.slice(-1), right });
}

/** @param {number} most */
function degrees(most) {
  return {
    show: plain,
    type: plain,
    input: { inputmode: "decimal" },
    read: (/** @type {string} */ said) => {
      if (!said.trim()) return { value: null };
      const is = /^-?\d{1,3}(\.\d+)?$/.test(said.trim()) && Math.abs(Number(said)) <= most;
      return is ? { value: Number(said) } : { why: t("master_bad_degrees", { most }) };
    },
  };
}

const WEIGHED = /^(克|斤|公斤|千克|吨|g|jin|kg|t|ton)$/;

/** The other units as typed: `per` of one are `pieces` of the base unit; no number: by weight. @param {any} rows @returns {Read} */
function unitsOf(rows) {
  /** @type {any[]} */
  const units = [];
  for (const row of rows) {
    const uom = row.uom.trim();
    if (!uom && !row.pieces.trim()) continue;
    if (!uom) return { why: t("master_unit_nameless") };
    if (!row.pieces.trim() && !WEIGHED.test(uom)) return { why: t("master_unit_countless", { uom }) };
    if (!/^[1-9]\d{0,8}$/.test(row.per.trim()) || !/^([1-9]\d{0,8})?$/.test(row.pieces.trim())) return { why: t("master_unit_whole", { uom }) };
    units.push({ uom, pieces: Number(row.pieces), per: row.pieces.trim() ? Number(row.per) : 1, round: row.round });
  }
  return { value: units };
}

/** @param {any[]|undefined} list */
const first = (list) => (list && list.length ? list : []);

/** @type {Object<string, Type>} */
export const TYPES = {
  text,
  code: { ...text, input: { spellcheck: false, autocapitalize: "characters", autocomplete: "off" } },
  phone: { ...text, show: (value) => phone(plain(value)), input: { type: "tel", autocomplete: "off" } },
  choice: { ...text, show: (value, field) => (knows(`master_v_${field.name}_${value}`) ? t(`master_v_${field.name}_${value}`) : plain(value)) },
  one: text,
  password: { ...text, show: () => "", type: () => "", read: (said) => ({ value: said }), input: { type: "password", autocomplete: "new-password" } },
  money: {
    show: (value) => (value === null || value === undefined ? "" : money(value)),
    type: (value) => (value === null || value === undefined ? "" : yuan(value)),
    input: { inputmode: "decimal" },
    read: (said) => {
      const fen = said.trim() ? fenOf(said) : null;
      return said.trim() && fen === null ? { why: t("master_bad_money") } : { value: fen };
    },
  },
  weight: {
    show: (value) => (value ? weight(value) : ""),
    type: (value) => (value ? weight(value) : ""),
    read: (said) => {
      const grams = said.trim() ? gramsOf(said) : 0;
      return grams === null ? { why: t(/^[\d.,，．。\s]+$/.test(said) ? "master_no_unit" : "master_bad_weight") } : { value: grams };
    },
  },
  gtin: {
    ...text,
    input: { inputmode: "numeric", autocomplete: "off" },
    echo: (said) => (said.trim().length >= 8 ? gtinWrong(said.trim()) : ""),
    read: (said) => (gtinWrong(said.trim()) ? { why: gtinWrong(said.trim()) } : { value: said.trim() }),
  },
  clock: {
    ...text,
    input: { inputmode: "numeric" },
    read: (said) => {
      const found = /^([01]?\d|2[0-3])[:：]?([0-5]\d)$/.exec(said.trim());
      return found ? { value: `${found[1].length < 2 ? "0" : ""}${found[1]}:${found[2]}` } : { why: t("master_bad_clock") };
    },
  },
  adcode: {
    ...text,
    input: { inputmode: "numeric" },
    read: (said) => (/^(\d{6})?$/.test(said.trim()) ? { value: said.trim() } : { why: t("master_bad_adcode") }),
  },
  count: {
    show: plain,
    type: plain,
    input: { inputmode: "numeric" },
    read: (said) => (/^\d{1,9}$/.test(said.trim()) ? { value: Number(said) } : { why: t("master_bad_count") }),
  },
  units: {
    show: (value) => first(value).map((one) => one.uom).join("、"),
    type: (value) => first(value).map((one) => ({ uom: one.uom, pieces: one.pieces ? String(one.pieces) : "", per: String(one.per), round: one.round })),
    read: (rows) => unitsOf(rows),
  },
  uom: text,
  yes: { show: () => "", type: (value) => (value ? "yes" : "no"), read: (said) => ({ value: said === "yes" }) },
  addresses: {
    show: (value) => first(value).map((one) => one.text)[0] || "",
    type: (value) => first(value),
    read: (rows) => ({ value: /** @type {any} */ (rows).filter((/** @type {any} */ one) => one.text.trim()) }),
  },
  lng: degrees(180),
  lat: degrees(90),
};
