/** @file Which pairs `[path, one, other]` on stdin are not the same code, by a bundler that drops comments and spaces. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { transformSync } = createRequire(join(process.cwd(), "package.json"))("esbuild");
const how = { minifyWhitespace: true, charset: "utf8", legalComments: "none" };
const bare = (path, text) => transformSync(text, { ...how, loader: path.endsWith(".css") ? "css" : "js" }).code;
const differ = JSON.parse(readFileSync(0, "utf8")).filter(([path, one, other]) => bare(path, one) !== bare(path, other));
console.log(JSON.stringify(differ.map(([path]) => path)));
