// Master data's pure rooms in both languages: on stdin JSON [[name, arguments], …]; on stdout their answers, and each kind's
// columns of an empty sheet.
import { readFileSync } from "node:fs";

const kept = { lang: "zh" };
globalThis.localStorage = { getItem: (name) => kept[name] || null, setItem: () => undefined };
globalThis.document = { documentElement: {} };
const { addWords, speak } = await import("../../pwa/src/words.js");
const { WORDS } = await import("../../pwa/src/words/master.js");
const { KINDS } = await import("../../pwa/src/master/kinds.js");
const { TYPES, checkDigit, gramsOf, weight } = await import("../../pwa/src/master/types.js");
const { columnsOf } = await import("../../pwa/src/master/columns.js");

addWords(WORDS);
const read = (as, said) => TYPES[as].read(said);
const type = (as, value) => TYPES[as].type(value);
const known = { checkDigit, gramsOf, weight, read, type };
const columns = {};
for (const lang of ["en", "zh"]) {
  speak(lang);
  columns[lang] = Object.fromEntries(KINDS.map((kind) => [kind.name, columnsOf(kind).map((one) => one.label)]));
}
const asked = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify({ columns, answers: asked.map(([name, given]) => known[name](...given)) }));
