/** @file A new version of this app: the service worker is registered here, a version that waits is told as a signal, and
 * it is applied between tasks only. It never reloads a page under somebody's hands: not while a room is busy, and without
 * a tap only where the page is hidden or has been left alone. What waits in IndexedDB is not touched by any of this. */
import { signal } from "./vendor/preact.js";

const HOUR_MS = 3600 * 1000;
const LOOK_MS = 60 * 1000;
const QUIET_MS = 5 * 60 * 1000;
const HIDDEN_MS = 3 * 1000; // longer than a page that is being left says "hidden"

/** The build of the page that runs. */
export const build = document.documentElement.getAttribute("data-build") || "";
/** "" or "waiting": a newer version is on this device. */
export const update = signal("");
/** Whether the app opens without the server: "" not known yet, "ready", or why it cannot: "insecure" (the address is
 * not https), "unsupported" (this browser has no service worker), "failed" (told by the console). */
export const offline = signal("");

/** @type {ServiceWorkerRegistration|null} */
let registration = null;
let begun = false;
let busy = false;
/** A tap asked for it. */
let wanted = false;
/** Another worker serves this page's address now, so that only a reload is left to do. */
let changed = false;
let leaving = false;
let touchedAt = Date.now();
let hiddenAt = Date.now();
let askedAt = 0;

/** A room says true while a task is open: a line in hand, a form with words in it. @param {boolean} is */
export function setBusy(is) {
  busy = is;
  consider();
}

/** The chip was tapped. While busy it is kept for the end of the task. */
export function applyUpdate() {
  if (!update.value) return;
  wanted = true;
  consider();
}

function isLeftAlone() {
  return document.hidden ? Date.now() - hiddenAt >= HIDDEN_MS : Date.now() - touchedAt >= QUIET_MS;
}

function consider() {
  if (!update.value || busy || leaving || !(wanted || isLeftAlone())) return;
  const next = registration && registration.waiting;
  if (next) {
    wanted = true; // so that the change of workers that follows reloads at once
    next.postMessage("take over");
  } else if (changed) {
    leaving = true;
    location.reload();
  }
}

/** Asks the server for a newer version, at most hourly. */
function look() {
  if (!registration || Date.now() - askedAt < HOUR_MS) return;
  askedAt = Date.now();
  registration.update().catch(() => undefined); // no connection: the next look will do
}

/** Whether the worker over this page still is its own build's: another tab may have let a newer one in, even while this
 * page was being loaded, or the server has switched workers off. */
function compare() {
  const over = navigator.serviceWorker.controller;
  if (!over) return;
  const line = new MessageChannel();
  line.port1.onmessage = (said) => {
    changed = said.data !== build;
    if (changed) update.value = "waiting";
    consider();
  };
  over.postMessage("which build", [line.port2]);
}

/** @param {ServiceWorkerRegistration} found */
function watch(found) {
  const tell = () => {
    if (found.active && found.waiting) update.value = "waiting";
    else if (!changed) update.value = "";
    consider();
  };
  const attend = () => found.installing && found.installing.addEventListener("statechange", tell);
  found.addEventListener("updatefound", attend);
  attend(); // another tab may have begun
  tell();
}

/** Called once by main.js. Registers the worker, or says in `offline` why there is none. */
export async function startUpdates() {
  if (begun) return;
  begun = true;
  if (!window.isSecureContext || !("serviceWorker" in navigator)) {
    offline.value = window.isSecureContext ? "unsupported" : "insecure";
    return;
  }
  if (document.documentElement.getAttribute("data-offline") === "off") {
    offline.value = "off";
    return;
  }
  const workers = navigator.serviceWorker;
  workers.addEventListener("controllerchange", compare);
  workers.addEventListener("message", (said) => {
    if (said.data === "which build" && said.ports[0]) said.ports[0].postMessage(build);
  });
  workers.startMessages();
  compare();
  for (const kind of ["pointerdown", "keydown", "input"]) {
    window.addEventListener(kind, () => (touchedAt = Date.now()), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    hiddenAt = Date.now();
    if (document.hidden) window.setTimeout(consider, HIDDEN_MS + 50);
    else look();
  });
  window.setInterval(() => {
    look();
    consider();
  }, LOOK_MS);
  // What the page itself needs comes first on a slow line.
  if (document.readyState !== "complete") {
    await new Promise((done) => window.addEventListener("load", done, { once: true }));
  }
  try {
    registration = await workers.register("/sw.js", { updateViaCache: "none" });
    watch(registration);
    look(); // registering alone asks only the first time
    await workers.ready;
    offline.value = "ready";
  } catch (problem) {
    offline.value = "failed";
    console.warn("no service worker:", problem);
  }
}

/** For a part of the app that did not come: where the server has another build by now and no worker kept this one's
 * files, begins anew with that one. @returns {Promise<boolean>} false: it is something else, such as no connection */
export async function reloadIfGone() {
  try {
    const answer = await fetch(import.meta.url, { method: "HEAD", cache: "no-store" });
    if (answer.status !== 404) return false;
  } catch (problem) {
    return false;
  }
  location.reload();
  return true;
}
