/** @file What the list looks for, as it stands in the address: words, a state or a colour, a warehouse. */

/** The chips: a key, its mark, and what it asks for. @type {{key: string, mark: string, ask: Object<string, string>}[]} */
export const CHIPS = [
  { key: "all", mark: "", ask: {} },
  { key: "stuck", mark: "triangle", ask: { colour: "red" } },
  { key: "awaiting_payment", mark: "ring", ask: { state: "awaiting_payment" } },
  { key: "to_pick", mark: "disc", ask: { colour: "green" } },
  { key: "picking", mark: "diamond", ask: { state: "picking" } },
  { key: "packed", mark: "diamond", ask: { state: "packed" } },
  { key: "shipped", mark: "open", ask: { state: "shipped" } },
  { key: "delivered", mark: "box", ask: { state: "delivered" } },
];

/** What the server understands. `tag`, `channel`, `customer` come from links of other rooms. */
const NAMES = ["q", "colour", "state", "warehouse", "tag", "channel", "customer"];

/** @typedef {Object<string, string>} Look only what is asked for, by name */

/** @param {URLSearchParams} query @returns {Look} */
export function lookIn(query) {
  /** @type {Look} */
  const found = {};
  for (const name of NAMES) {
    const said = (query.get(name) || "").trim();
    if (said) found[name] = said;
  }
  return found;
}

/** As it stands in an address, with its `?`; empty for everything. @param {Look} look */
export function searchOf(look) {
  const query = new URLSearchParams();
  for (const name of NAMES) if (look[name]) query.set(name, look[name]);
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** The chip that is pressed; none if the address asks for something that no chip does. @param {Look} look */
export function chipOf(look) {
  const same = (/** @type {any} */ ask) => (look.state || "") === (ask.state || "") && (look.colour || "") === (ask.colour || "");
  const found = CHIPS.find((one) => same(one.ask));
  return found ? found.key : "";
}

/** The look with a chip pressed. @param {Look} look @param {Object<string, string>} ask @returns {Look} */
export function withChip(look, ask) {
  const { state, colour, ...rest } = look;
  return { ...rest, ...ask };
}

/** What the address asks for beyond words, chips and warehouse: shown, so that it can be taken away. @param {Look} look */
export function othersIn(look) {
  return ["tag", "channel", "customer"].filter((name) => look[name]).map((name) => ({ name, said: look[name] }));
}

/** An order's own address, with the list's look kept beside it. @param {string} number @param {Look} look */
export function addressOf(number, look) {
  return `/app/orders/${encodeURIComponent(number)}${searchOf(look)}`;
}
