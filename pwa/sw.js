/** @file The service worker, served as /sw.js with this build's id and its list of files filled in (api/shell/assets.py).
 * It opens the app without the server and keeps one build whole: every file is checked by its hash before any is kept, a
 * page gets its own build's files as long as it is open, and nobody is moved to a newer build without having said so.
 * Everything else goes to the network untouched. It knows nothing of IndexedDB. */
const BUILD = "{build}";
/** @type {{[path: string]: string}} SHA-256 by path below /pwa/<build>/. */
const FILES = JSON.parse('{files}');
const PREFIX = "shell-";
const NAME = PREFIX + BUILD;
const HASH = "x-sha256";
const SHELL = /^\/(?:$|app(?:\/|$)|[sS]\/[^/]+$)/;
const FILE = /^\/pwa\/[0-9a-f]{12}\//;
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => worker.clients.claim())));
worker.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(worker.skipWaiting());
  if (event.data === "which build" && event.ports[0]) event.ports[0].postMessage(BUILD);
});
worker.addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (asked.origin !== worker.location.origin || event.request.method !== "GET") return;
  const isPage = event.request.mode === "navigate";
  if (isPage && SHELL.test(asked.pathname)) event.respondWith(shell(event.request));
  if (!isPage && FILE.test(asked.pathname)) event.respondWith(file(event.request));
});

/** Our caches' names, oldest first. */
const ours = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX));
/** The same bytes, of the same type. @param {string|null} sha256 @param {string} path */
const alike = (sha256, path) => sha256 + path.slice(path.lastIndexOf("."));
/** @param {string} path */
const address = (path) => `/pwa/${BUILD}/${path}`;

/** The file's address names its build, so that it does not matter which cache holds it. @param {Request} request */
const file = async (request) => (await caches.match(request)) || fetch(request);
/** @param {Request} request */
const shell = async (request) => (await caches.match(address("index.html"))) || fetch(request);

/** All or nothing: nothing is written before every file is there and right. */
async function install() {
  const older = await keptByHash();
  const paths = Object.keys(FILES);
  const answers = await Promise.all(paths.map((path) => obtain(path, older)));
  const isNew = !(await caches.has(NAME));
  const cache = await caches.open(NAME);
  try {
    await Promise.all(paths.map((path, n) => cache.put(address(path), answers[n])));
  } catch (full) {
    if (isNew) await caches.delete(NAME); // the same build may be running from it
    throw full;
  }
}

/** @returns {Promise<Map<string, Response>>} what is on this device already, of any build */
async function keptByHash() {
  const kept = new Map();
  for (const name of await ours()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      if (answer) kept.set(alike(answer.headers.get(HASH), request.url), answer);
    }
  }
  return kept;
}

/** A file of this build: from an older cache where the hash is the same, else from the server.
 * @param {string} path @param {Map<string, Response>} older */
async function obtain(path, older) {
  const sha256 = FILES[path];
  const kept = older.get(alike(sha256, path));
  if (kept) {
    const body = await kept.clone().arrayBuffer();
    if ((await digest(body)) === sha256) return fresh(kept, body, sha256);
  }
  const answer = await fetch(address(path), { cache: "reload" });
  const body = await answer.arrayBuffer();
  if (!answer.ok || (await digest(body)) !== sha256) throw new Error(`${path} is not what it should be`);
  return fresh(answer, body, sha256);
}

/** Without an address of its own: a module from an older build's would look for its imports there.
 * @param {Response} answer @param {ArrayBuffer} body @param {string} sha256 */
function fresh(answer, body, sha256) {
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length", "vary"]) headers.delete(name);
  headers.set(HASH, sha256);
  return new Response(body, { headers });
}

/** @param {ArrayBuffer} body */
async function digest(body) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(sum, (byte) => `0${byte.toString(16)}`.slice(-2)).join("");
}

/** Deletes caches older than this one that no open page runs. A page that does not answer may run any of them. */
async function tidy() {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = windows.filter((one) => SHELL.test(new URL(one.url).pathname));
  const used = await Promise.all(pages.map(buildOf));
  if (used.includes("")) return;
  const names = await ours();
  const older = names.slice(0, Math.max(0, names.indexOf(NAME))); // a later one waits, or is being filled
  const idle = older.filter((name) => !used.includes(name.slice(PREFIX.length)));
  await Promise.all(idle.map((name) => caches.delete(name)));
}

/** @param {Client} page @returns {Promise<string>} empty where the page sleeps, or is only just starting */
function buildOf(page) {
  return new Promise((done) => {
    const line = new MessageChannel();
    line.port1.onmessage = (said) => done(said.data);
    setTimeout(done, 2000, "");
    page.postMessage("which build", [line.port2]);
  });
}
