/** @file Served as /sw.js where HUODAONA_SHELL_OFFLINE is off: takes the place of the worker that is there, of a broken
 * one too, deletes what it kept of the shell, and is gone. IndexedDB, and with it what waits to be sent, is not touched. */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(leave()));
// A page of any build is not this one's, and begins anew when it is left alone.
worker.addEventListener("message", (event) => {
  if (event.data === "which build" && event.ports[0]) event.ports[0].postMessage("off");
});

async function leave() {
  const names = (await caches.keys()).filter((name) => name.startsWith("shell-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await worker.registration.unregister();
}
