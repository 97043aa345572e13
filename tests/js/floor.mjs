/** Reads {path, text, loader} lines; for each says what a bundler would have to rewrite for the floor, or cannot. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { transformSync } = createRequire(join(process.cwd(), "package.json"))("esbuild");
const [floor] = process.argv.slice(2);

function made(text, loader, target) {
  try {
    return transformSync(text, { loader, target, charset: "utf8", logLevel: "silent" }).code.split("\n");
  } catch (error) {
    return error.errors.map((one) => `!${one.text}`);
  }
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { path, text, loader } = JSON.parse(line);
  const now = made(text, loader, "esnext");
  const then = made(text, loader, floor);
  const at = then.findIndex((one, n) => one !== now[n]);
  const found = now[0].startsWith("!") ? now[0] : at >= 0 ? then[at].trim() || now[at].trim() : "";
  process.stdout.write(`${JSON.stringify({ path, found })}\n`);
}
