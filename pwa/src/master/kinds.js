/** @file The kinds of master data as values: where each is read, what a row shows, what its form asks. What is the same for
 * all of them stands in list.js, form.js and sheet.js; a new kind is a row here. Pure. */

/**
 * @typedef {Object} Field
 * @property {string} name as the API calls it; its label is `master_f_<name>`, its hint `master_h_<name>` where there is one
 * @property {string} as a type of types.js
 * @property {boolean} [isNeeded]
 * @property {boolean} [isNew] asked of a new one alone; an old one shows it
 * @property {number} [most] characters
 * @property {any} [start] a new one's
 * @property {string[]} [choices] their words are `master_<name>_<value>`
 * @property {string} [of] the kind that `one` is chosen from
 * @property {(values: any) => boolean} [isAsked] only then
 * @property {boolean} [isInside] of the form alone, no column of a sheet
 */

/**
 * @typedef {Object} Kind
 * @property {string} name its list stands at `/api/<name>`, each at `/api/<name>/<key>`
 * @property {string} key the field that names one
 * @property {string} right who may change it
 * @property {string} icon
 * @property {boolean} [isFound] the list takes `q`
 * @property {string[]} musts the columns without which a sheet's row is refused
 * @property {string[]} [extra] columns of a sheet that no form asks for
 * @property {string[]} columns names of fields, beside the key; the first is the name that people say
 * @property {Field[]} fields
 * @property {Object<string, string>} [blames] which field a refusal without a path is about
 * @property {boolean} [hasPicture]
 * @property {string} [labels] where its labels are printed
 * @property {(one: any) => string} [opens] the page that tells of it, where that is no form
 * @property {string[]} [keys] what tells its rows apart, where one field does not
 * @property {string} [list] where its rows are read, if not at its name
 * @property {(values: any) => {path: string, body: any}} [post] how a new one is sent that is a move of its own
 */

/** @type {Field} */
const CODE = { name: "code", as: "code", isNeeded: true, isNew: true, most: 40 };
/** @type {Field} */
const WAREHOUSE = { name: "warehouse", as: "one", of: "warehouses" };
/** @param {any} values */
const isMonthly = (values) => values.terms === "monthly";

/** @type {Kind[]} */
export const KINDS = [
  {
    name: "skus",
    key: "code",
    right: "master",
    icon: "carton",
    isFound: true,
    musts: ["code", "name"],
    columns: ["name", "price_fen", "uom", "weight_g", "gtin"],
    fields: [
      CODE,
      { name: "name", as: "text", isNeeded: true, most: 200 },
      { name: "price_fen", as: "money", most: 14 },
      { name: "uom", as: "text", isNeeded: true, most: 10, start: "件" },
      { name: "units", as: "units", isInside: true },
      { name: "price_uom", as: "uom", isAsked: (values) => Boolean(values.units && values.units.length), start: "" },
      { name: "weight_g", as: "weight", most: 16 },
      { name: "gtin", as: "gtin" },
      { name: "lots", as: "yes", choices: ["no", "yes"], start: false },
      { name: "active", as: "yes", choices: ["yes", "no"], start: true, isInside: true },
    ],
    hasPicture: true,
  },
  {
    name: "bins",
    key: "code",
    right: "master",
    icon: "label",
    isFound: true,
    musts: ["code"],
    columns: ["sku", "warehouse"],
    fields: [CODE, { ...WAREHOUSE, isNeeded: true, isNew: true }, { name: "sku", as: "one", of: "skus", most: 40 }],
    blames: { unknown_sku: "sku", unknown_warehouse: "warehouse" },
    labels: "/app/labels?kind=bins",
  },
  {
    name: "stock",
    key: "sku",
    right: "move_stock",
    icon: "saved",
    opens: (one) => `/app/stock/${encodeURIComponent(one.sku)}`,
    isFound: true,
    keys: ["warehouse", "bin", "sku"],
    list: "/api/stock/bins",
    musts: ["sku", "qty"],
    extra: ["lot", "expires"],
    columns: ["name", "bin", "qty", "warehouse"],
    fields: [
      { ...WAREHOUSE, isNeeded: true },
      { name: "bin", as: "one", of: "bins", most: 40 },
      { name: "sku", as: "one", of: "skus", isNeeded: true, most: 40 },
      { name: "qty", as: "count", isNeeded: true },
    ],
    blames: { unknown_sku: "sku", unknown_warehouse: "warehouse", unknown_bin: "bin" },
    post: (values) => ({ path: "/api/stock/moves", body: Object.assign({ kind: "count", why: "期初库存" }, values) }),
  },
  {
    name: "customers",
    key: "id",
    right: "master",
    icon: "person",
    isFound: true,
    musts: ["name"],
    columns: ["name", "phone", "tier", "terms", "credit_fen", "salesperson"],
    fields: [
      { name: "id", as: "code", isNeeded: true, isNew: true, most: 40 },
      { name: "name", as: "text", isNeeded: true, most: 120 },
      { name: "phone", as: "phone", most: 40 },
      { name: "tier", as: "choice", choices: ["normal", "vip"], start: "normal" },
      { name: "terms", as: "choice", choices: ["prepaid", "monthly"], start: "prepaid" },
      { name: "credit_fen", as: "money", most: 16, start: 0, isAsked: isMonthly },
      { name: "salesperson", as: "one", of: "salespeople", most: 120 },
      { name: "addresses", as: "addresses" },
    ],
    blames: { duplicate: "name", unknown_user: "salesperson" },
  },
  {
    name: "users",
    key: "name",
    right: "users",
    icon: "person",
    isFound: true,
    musts: ["name", "role"],
    columns: ["display", "role", "warehouse", "phone"],
    fields: [
      { name: "name", as: "code", isNeeded: true, isNew: true, most: 60 },
      { name: "display", as: "text", isNeeded: true, most: 60 },
      { name: "role", as: "choice", choices: ["picker", "sales", "finance", "supervisor", "owner"], start: "picker" },
      WAREHOUSE,
      { name: "phone", as: "phone", most: 40 },
      { name: "password", as: "password", most: 1000 },
      { name: "active", as: "yes", choices: ["yes", "no"], start: true, isInside: true },
    ],
    blames: { unknown_warehouse: "warehouse", last_owner: "role" },
  },
  {
    name: "warehouses",
    key: "code",
    right: "master",
    icon: "pick",
    musts: ["code"],
    columns: ["name", "cutoff", "adcode"],
    fields: [
      { ...CODE, most: 20 },
      { name: "name", as: "text", isNeeded: true, most: 60 },
      { name: "cutoff", as: "clock", isNeeded: true, start: "17:00" },
      { name: "adcode", as: "adcode" },
      { name: "lng", as: "lng", most: 12 },
      { name: "lat", as: "lat", most: 12 },
    ],
  },
];

/** @param {string} name @returns {Kind|undefined} */
export function kindOf(name) {
  return KINDS.filter((one) => one.name === name)[0];
}

/** What tells a row from all others. @param {Kind} kind @param {any} one @returns {string} */
export function keyOf(kind, one) {
  return kind.keys ? kind.keys.map((name) => one[name]).join("|") : one[kind.key];
}

/** @param {Kind} kind @param {string} [key] of one @returns {string} */
export function addressOf(kind, key) {
  return `/api/${kind.name}${key === undefined ? "" : `/${encodeURIComponent(key)}`}`;
}
