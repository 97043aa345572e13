/** Rebuilds `src/vendor/` from the exact versions of package-lock.json: one module, its licences, and a lock that says
 * what lies in it. Run `npm ci && npm run vendor`; the result is committed, and a test compares it byte by byte. */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
const OUT = process.argv[2] || HERE;
const PARTS = ["preact", "htm", "@preact/signals", "@preact/signals-core", "idb"];
const ENTRY = `
export { Component, Fragment, cloneElement, createContext, createRef, h, render } from "preact";
export { useCallback, useContext, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
export { openDB, deleteDB, unwrap } from "idb";
import htm from "htm";
import { h } from "preact";
export const html = htm.bind(h);
`;

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const lock = JSON.parse(await readFile(join(HERE, "package-lock.json"), "utf8"));

const made = await build({
  stdin: { contents: ENTRY, resolveDir: HERE },
  bundle: true,
  minify: true,
  format: "esm",
  target: "chrome74",
  charset: "utf8",
  legalComments: "none",
  write: false,
});
const names = PARTS.map((name) => `${name} ${lock.packages[`node_modules/${name}`].version}`).join(", ");
const module = `/* ${names}; licences in LICENSES.txt; made by tools/vendor.mjs */\n${made.outputFiles[0].text}`;

const licences = [];
const parts = [];
for (const name of PARTS) {
  const about = lock.packages[`node_modules/${name}`];
  const folder = join(HERE, "node_modules", name);
  const text = await readFile(join(folder, "LICENSE"), "utf8");
  const { license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  licences.push(`${name} ${about.version} (${license})\n\n${text.trim()}\n`);
  parts.push({ name, version: about.version, licence: license, integrity: about.integrity });
}
const rule = `\n${"-".repeat(72)}\n\n`;
const files = { "preact.js": module, "LICENSES.txt": licences.join(rule) };
await mkdir(join(OUT, "src/vendor"), { recursive: true });
for (const [name, text] of Object.entries(files)) await writeFile(join(OUT, "src/vendor", name), text);
const held = Object.entries(files).map(([name, text]) => ({
  path: `src/vendor/${name}`,
  sha256: sha256(text),
  bytes: Buffer.byteLength(text),
}));
await writeFile(join(OUT, "vendor.lock.json"), `${JSON.stringify({ parts, files: held }, null, 2)}\n`);
