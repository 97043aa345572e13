/** @file Served as /sw.js where HUODAONA_SHELL_OFFLINE is off: takes the place of the worker that is there, of a broken
 * one too, deletes what it kept of the shell, and is gone. IndexedDB, and with it what waits to be sent, is not touched. */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = (await caches.keys()).filter((name) => name.startsWith("shell-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await worker.registration.unregister();
}
