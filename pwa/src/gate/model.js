/** @file A mapping as the page holds it: one flat object of field to value, and what joining a row to a field makes of it. */

/** @typedef {{path: string, name: string, depth: number, kind: string, text: string, n: number}} Row */
/** @typedef {string|{path?: string, as?: string, is?: Object<string, string>, tz?: string, const?: any, first?: any[], join?: any[], with?: string}} Value */
/** @typedef {Object<string, any>} Mapping */
/** @typedef {{name: string, zh: string, en: string, kind: string, default: string, blocks: boolean, fitting: string[]}} FieldKind */

export const EACH = "lines.each";
export const RULE = "lines.by_weight";
export const WEIGHT = "lines.by_weight.weight";
export const PER_WEIGHT = "lines.by_weight.price";
const GROUPS = ["customer", "address", "lines"];
const FORMS = ["path", "const", "first", "join"];

/** @param {any} raw */
function isValue(raw) {
  return typeof raw === "string" || (raw && typeof raw === "object" && FORMS.some((form) => form in raw));
}

/** The contract's mapping, nested or dotted, as one flat object. @param {any} raw @returns {Mapping} */
export function flat(raw) {
  /** @type {Mapping} */
  const found = {};
  for (const name of Object.keys(raw || {})) {
    const value = raw[name];
    if (name === "address" && isValue(value)) found["address.text"] = value;
    else if (GROUPS.indexOf(name) >= 0) for (const inner of Object.keys(value)) found[`${name}.${inner}`] = value[inner];
    else found[name] = value;
  }
  return found;
}

/** What stands at a field; the rule by weight has two values of its own. @param {Mapping} mapping @param {string} field @returns {Value|undefined} */
export function valueAt(mapping, field) {
  if (field !== WEIGHT && field !== PER_WEIGHT) return mapping[field];
  const rule = mapping[RULE];
  return rule ? rule[field === WEIGHT ? "weight" : "price"] : undefined;
}

/** @param {Mapping} mapping @param {string} field @param {Value|undefined} value undefined: nothing any more @returns {Mapping} */
export function withValue(mapping, field, value) {
  const next = Object.assign({}, mapping);
  if (field === WEIGHT || field === PER_WEIGHT) {
    const rule = Object.assign({ per: "ton", pieces: { "*": { g: 1000, round: "even" } } }, next[RULE]);
    const key = field === WEIGHT ? "weight" : "price";
    if (value === undefined) delete rule[key];
    else rule[key] = value;
    if (rule.weight === undefined) delete next[RULE];
    else next[RULE] = rule;
    return next;
  }
  if (value === undefined) delete next[field];
  else next[field] = value;
  return next;
}

/** The lines' list without its `[]`. @param {Mapping} mapping */
function eachOf(mapping) {
  return typeof mapping[EACH] === "string" ? mapping[EACH].replace(/\[\*?\]$/, "") : "";
}

/** @param {string} field */
export function isLine(field) {
  return field.indexOf("lines.") === 0 && field !== EACH;
}

/** The paths that a value names, as it writes them. @param {Value|undefined} value @returns {string[]} */
function pathsOf(value) {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  if (value.path !== undefined) return [value.path];
  return (value.first || value.join || []).map(pathsOf).reduce((/** @type {string[]} */ all, some) => all.concat(some), []);
}

/** The rows that a field is joined to. @param {Mapping} mapping @param {string} field @param {Row[]} tree @returns {Row[]} */
export function joined(mapping, field, tree) {
  const each = eachOf(mapping);
  const paths = pathsOf(valueAt(mapping, field)).map((path) => (field === EACH ? path.replace(/\[\*?\]$/, "") : path));
  return tree.filter((row) =>
    paths.some((path) => {
      if (!isLine(field) || !each || each === "@") return row.path === path;
      return row.path === `${each}[0].${path}` || row.path === `${each}.${path}`;
    })
  );
}

/** The innermost list that a row stands in. @param {string} path */
function listOf(path) {
  const at = path.lastIndexOf("[0].");
  return at < 0 ? "" : path.slice(0, at);
}

/** Whether a line's row can be read from the lines' list. @param {Mapping} mapping @param {string} path @returns {string|null} the path within an element */
function within(mapping, path) {
  const each = eachOf(mapping);
  for (const head of [`${each}[0].`, `${each}.`]) if (each && path.indexOf(head) === 0) return path.slice(head.length);
  return null;
}

/** A row joined to a field, with the conversion that its text speaks for.
 * @param {Mapping} mapping @param {string} field @param {Row} row @param {boolean} isSheet @returns {Mapping|null} null: the row stands in another list */
export function join(mapping, field, row, isSheet) {
  if (field === EACH) return withValue(mapping, EACH, row.path);
  if (field === "event") return withValue(mapping, "event", { path: row.path, is: { [row.text || "?"]: "create" } });
  if (!isLine(field) || isSheet) return withValue(mapping, field, guess(field, row.path, row.text, isSheet));
  const here = within(mapping, row.path);
  if (here !== null) return withValue(mapping, field, guess(field, here, row.text, false));
  const others = Object.keys(mapping).filter((name) => isLine(name) && name !== field);
  if (others.length) return null;
  const list = listOf(row.path);
  const next = withValue(mapping, EACH, list || "@");
  return withValue(next, field, guess(field, list ? row.path.slice(list.length + 4) : row.path, row.text, false));
}

/** @param {string} field @param {string} path @param {string} text @param {boolean} isSheet @returns {Value} */
function guess(field, path, text, isSheet) {
  if (field === "paid_at" || field === "created_at") {
    return { path, as: /^\d{10}$/.test(text) ? "epoch_s" : /^\d{13}$/.test(text) ? "epoch_ms" : "date" };
  }
  if (field === "paid_fen" || field === "lines.price_fen" || field === PER_WEIGHT) {
    return { path, as: isSheet || text.indexOf(".") >= 0 ? "yuan" : "fen" };
  }
  return field === "options" ? { path, as: "list" } : path;
}

/** The conversion that holds at a field. @param {Value|undefined} value @param {string} usual */
export function conversionOf(value, usual) {
  return value && typeof value === "object" && value.as ? value.as : usual;
}

/** @param {Value} value @param {string} as @returns {Value} */
export function converted(value, as) {
  if (typeof value === "string") return { path: value, as };
  return value.path === undefined ? value : Object.assign({}, value, { as });
}

/** What a field came to in a draft; of the lines the first one's. @param {any} draft @param {string} field @returns {any} */
export function drafted(draft, field) {
  if (!draft) return undefined;
  const name = { "address.lng": "address.lng_e6", "address.lat": "address.lat_e6" }[field] || field;
  if (isLine(field)) return draft.lines && draft.lines[0] ? draft.lines[0][name.slice(6)] : undefined;
  return name.split(".").reduce((at, key) => (at === undefined || at === null ? undefined : at[key]), draft);
}
