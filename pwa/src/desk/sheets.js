/** @file What is to be printed, as a value: its address, how many labels, how many pages. Pure. */

/**
 * @typedef {Object} Wish
 * @property {string} kind
 * @property {string} which all, area, list or one
 * @property {string} house
 * @property {string} area
 * @property {string} ids as typed
 * @property {string} paper
 * @property {string} skip
 * @property {string} copies
 * @property {string} content
 */

/** Each kind's own paper, and in which ways its labels can be chosen. @type {Object<string, {paper: string, ways: string[]}>} */
export const KINDS = {
  bins: { paper: "a4-24", ways: ["all", "area", "list", "one"] },
  orders: { paper: "60x40", ways: ["list", "one"] },
  cartons: { paper: "60x40", ways: ["list", "one"] },
  devices: { paper: "a4-8", ways: ["all", "list", "one"] },
};

/** What was typed or pasted, each once, in its order. @param {string} text */
export function idsOf(text) {
  const found = text.split(/[\s,;，、；]+/).filter(Boolean);
  return found.filter((one, n) => found.indexOf(one) === n);
}

/** @param {Wish} wish */
export function isNamed(wish) {
  return wish.which === "list" || wish.which === "one";
}

/** The sheets' address without its format, or "" where nothing is named yet. @param {Wish} wish */
export function address(wish) {
  const ids = idsOf(wish.ids);
  if (isNamed(wish) && !ids.length) return "";
  const given = new URLSearchParams();
  given.set("paper", wish.paper);
  if (isNamed(wish)) given.set("ids", (wish.which === "one" ? ids.slice(0, 1) : ids).join(","));
  else if (wish.house) given.set("warehouse", wish.house);
  if (wish.which === "area" && wish.area) given.set("area", wish.area);
  if (Number(wish.skip)) given.set("skip", wish.skip);
  if (wish.copies !== "1") given.set("copies", wish.copies);
  if (wish.content !== "address") given.set("content", wish.content);
  return given.toString();
}

/** How many labels, 0 where it is not known. @param {Wish} wish @param {any[]} areas @param {number} devices */
export function countOf(wish, areas, devices) {
  const copies = Number(wish.copies) || 0;
  if (wish.which === "one") return copies;
  if (wish.which === "list") return idsOf(wish.ids).length * copies;
  if (wish.kind === "devices") return devices * copies;
  const mine = areas.filter((one) => (!wish.house || one.warehouse === wish.house) && (wish.which !== "area" || one.area === wish.area));
  return mine.reduce((sum, one) => sum + one.bins, 0) * copies;
}

/** @param {Wish} wish @param {number} count @param {any} paper */
export function pagesOf(wish, count, paper) {
  return paper ? Math.ceil((count + (Number(wish.skip) || 0)) / (paper.columns * paper.rows)) : 0;
}
