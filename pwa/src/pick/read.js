/** @file What a scan means here: a bin of this warehouse, a part, another of our labels, or nothing known. Pure: the
 * world (bins and tasks) is given. Hosts in addresses are ignored; nothing is guessed from half a code. */
import { read } from "../scan/code.js";

/**
 * @typedef {import("../device/device.js").Bin} Bin
 * @typedef {import("../device/device.js").Task} Task
 * @typedef {{sku: string, name: string, bins: string[]}} Part
 * @typedef {{is: "bin", bin: string, text: string} | {is: "part", part: Part, text: string} |
 *   {is: "label", letter: string, text: string} | {is: "bad_check", text: string} | {is: "unknown", text: string}} Found
 */

const MAX_CODE = 512;

/** What a scanner adds or an input method widens, taken away: AIM prefix, full width, invisible characters, edges.
 * GS, and `|` that some scanners send in its place, stay as `|`.
 * @param {string} text */
export function plain(text) {
  return Array.from(
    text
      .normalize("NFKC")
      .replace(/\u001d/g, "|")
      .replace(/[\u0000-\u001f\u007f\u200b-\u200f\u2060\ufeff]/g, "")
      .trim()
      .replace(/^\][A-Za-z][0-9A-Za-z]/, "")
      .replace(/^\|+|\|+$/g, "")
  )
    .slice(0, MAX_CODE)
    .join("")
    .trim();
}

/** The 14 digits of a package's number, from EAN, UPC, GS1 element strings and Digital Links; "" if there are none.
 * @param {string} text */
export function gtinOf(text) {
  const digits = /^\d{8}$|^\d{12,14}$/.exec(text);
  if (digits) return digits[0].padStart(14, "0");
  const element = /^\|?(?:\(01\)|01)(\d{14})/.exec(text);
  if (element) return element[1];
  const link = /^HTTPS?:\/\/[^/]+\/(?:[^?#]*\/)?01\/(\d{8}|\d{12,14})(?:[/?#]|$)/i.exec(text);
  return link ? link[1].padStart(14, "0") : "";
}

/** @type {{bins: Bin[], tasks: Task[], parts: (Part & {gtin: string})[]}} */
let last = { bins: [], tasks: [], parts: [] };

/** The same until the picture changes: a scan has no time to list a thousand shelves. @param {Bin[]} bins @param {Task[]} tasks */
function partsIn(bins, tasks) {
  if (last.bins !== bins || last.tasks !== tasks) last = { bins, tasks, parts: Array.from(partsOf(bins, tasks).values()) };
  return last.parts;
}

/** Every part that this device knows. @param {Bin[]} bins @param {Task[]} tasks @returns {Map<string, Part & {gtin: string}>} */
export function partsOf(bins, tasks) {
  /** @type {Map<string, Part & {gtin: string}>} */
  const parts = new Map();
  for (const one of bins) {
    if (!one.sku) continue;
    const known = parts.get(one.sku);
    if (known) known.bins.push(one.bin);
    else parts.set(one.sku, { sku: one.sku, name: one.name || "", gtin: one.gtin || "", bins: [one.bin] });
  }
  for (const task of tasks) {
    for (const line of task.lines) {
      const bins = line.bin ? [line.bin] : [];
      if (!parts.has(line.sku)) parts.set(line.sku, { sku: line.sku, name: line.name, gtin: line.gtin || "", bins });
    }
  }
  return parts;
}

/**
 * @param {string} raw
 * @param {{bins: Bin[], tasks: Task[]}} world
 * @param {boolean} [isTyped] by hand: O reads as 0, I and L as 1, dashes and blanks in a bin's code do not count
 * @returns {Found}
 */
export function readScan(raw, world, isTyped = false) {
  const text = plain(raw);
  const upper = text.toUpperCase();
  const code = read(text, { typed: isTyped });
  const bin = binOf(code, world.bins) || (isTyped ? typedBin(upper, world.bins) : null);
  if (bin) return { is: "bin", bin: bin.bin, text };
  const gtin = gtinOf(text);
  const all = partsIn(world.bins, world.tasks);
  const found =
    all.find((part) => part.sku.toUpperCase() === upper) ||
    (gtin ? all.find((part) => part.gtin !== "" && part.gtin.padStart(14, "0") === gtin) : undefined);
  if (found) return { is: "part", part: found, text };
  if ("kind" in code && code.kind !== "L") return { is: "label", letter: code.kind, text };
  const looksLikeBin = isTyped && world.bins.some((one) => bare(one.bin) === bare(upper));
  if (looksLikeBin || ("refused" in code && code.refused === "bad_check" && /^L/.test(upper))) return { is: "bad_check", text };
  return { is: "unknown", text };
}

/** @param {ReturnType<typeof read>} code @param {Bin[]} bins */
function binOf(code, bins) {
  if (!("kind" in code) || code.kind !== "L") return null;
  return bins.find((one) => one.code.slice(1, -1) === code.body) || null;
}

/** As people type it from a label: with or without the L, with dashes; the check character is never left out.
 * @param {string} upper @param {Bin[]} bins */
function typedBin(upper, bins) {
  const rest = bare(upper);
  const code = read("L" + rest, { typed: true });
  return binOf(code, bins);
}

/** @param {string} text */
function bare(text) {
  return text.toUpperCase().replace(/[-\s._]/g, "");
}

/**
 * Where two codes differ, letter by letter, as runs of equal and unequal.
 * @param {string} a @param {string} b
 * @returns {{a: {text: string, isOther: boolean}[], b: {text: string, isOther: boolean}[]}}
 */
export function differing(a, b) {
  const [x, y] = [Array.from(a), Array.from(b)];
  /** @param {string[]} mine @param {string[]} theirs */
  const runs = (mine, theirs) => {
    /** @type {{text: string, isOther: boolean}[]} */
    const found = [];
    mine.forEach((letter, n) => {
      const isOther = letter !== theirs[n];
      const last = found[found.length - 1];
      if (last && last.isOther === isOther) last.text += letter;
      else found.push({ text: letter, isOther });
    });
    return found;
  };
  return { a: runs(x, y), b: runs(y, x) };
}
