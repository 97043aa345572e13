/** @file What is in the picker's hand: the device, the shelf that was checked, the line, the last step, and what stands in
 * the way. Only the device's store remembers anything that matters; the rest is convenience and may be lost. */
import { computed, signal } from "../vendor/preact.js";
import { go, path } from "../app.js";
import { openDevice } from "../device/device.js";
import { walkOf } from "./walk.js";

/**
 * @typedef {import("../device/device.js").Device} Device
 * @typedef {import("../device/device.js").Op} Op
 * @typedef {import("../device/device.js").Task} Task
 * @typedef {import("../device/device.js").Conflict} Conflict
 * @typedef {import("./walk.js").Item} Item
 * @typedef {{bin: string, isChecked: boolean}} Here
 * @typedef {{kind: string, [fact: string]: any}} Stopped a full stop; scans are swallowed until it is acknowledged
 * @typedef {{ops: Op[], key: string, facts: Object<string, unknown>, isBack?: boolean}} Step the last thing done; none of
 *   `ops` = nothing to take back
 */

const KEPT = "pick_here";

/** @type {import("../vendor/preact.js").Signal<Device|null>} */
export const device = signal(null);
/** The shelf at which the picker stands. */
export const here = signal(kept());
/** A stop that the picker chose as the next one. */
export const chosen = signal("");
/** Stops put to the end of the walk. */
export const skipped = signal(/** @type {string[]} */ ([]));
/** @type {import("../vendor/preact.js").Signal<Stopped|null>} */
export const stopped = signal(null);
/** @type {import("../vendor/preact.js").Signal<Step|null>} */
export const step = signal(null);
/** The number pad: "" closed, "some" takes a part, "short" says what is missing. */
export const pad = signal("");
/** An order whose last line was taken and that wants something attached. @type {import("../vendor/preact.js").Signal<Task|null>} */
export const whole = signal(null);
/** Conflicts put aside by this person: they stay in the queue screen. */
export const aside = signal(/** @type {string[]} */ ([]));
/** Where scans go while bins are counted. @type {import("../vendor/preact.js").Signal<((found: any) => void)|null>} */
export const counter = signal(null);
/** The sheet that lies over the screen: "" none, "menu", "code". */
export const sheet = signal("");

/** @type {Promise<Device>|null} */
let opening = null;

/** The one device of this page. */
export function opened() {
  if (!opening) {
    opening = openDevice();
    opening.then((made) => {
      device.value = made;
    });
  }
  return opening;
}

/** @type {{text: string, tasks: Task[]}} */
let drawn = { text: "", tasks: [] };

/** The same list while nothing in it has changed: each push and pull makes it anew, and a redrawn screen costs an old
 * device more than this comparison. */
export const tasks = computed(() => {
  const now = device.value ? device.value.tasks.value : [];
  const text = JSON.stringify(now);
  if (text !== drawn.text) drawn = { text, tasks: now };
  return drawn.tasks;
});
/** @type {{value: boolean}} */
export const isEnrolled = computed(() => device.value !== null && device.value.state.value.is_enrolled);
export const bins = computed(() => (device.value ? device.value.bins.value : []));
export const walk = computed(() => walkOf(tasks.value, skipped.value));
/** The stop to go to. */
export const next = computed(() => walk.value.open.find((stop) => stop.bin === chosen.value) || walk.value.open[0] || null);
/** The stop at which the picker stands, while something is left to take there. */
export const standing = computed(() => {
  const at = here.value;
  return at && path.value === "/app/pick/line" ? walk.value.open.find((stop) => stop.bin === at.bin) || null : null;
});
/** The line in hand. @type {{value: Item|null}} */
export const item = computed(() => (standing.value ? standing.value.open[0] : null));

/** This device's conflicts that nobody has answered. */
export const questions = computed(() => {
  const all = device.value ? device.value.conflicts.value : [];
  return all.filter(isAsked);
});

/** The order that was in hand when it left the walk. */
export const lost = signal("");

/** The one to ask now: of the order in hand at once, others between the lines. */
export const question = computed(() => {
  const open = questions.value.filter((one) => aside.value.indexOf(one.id) < 0);
  const held = item.value;
  const isNow = (/** @type {Conflict} */ one) => !held || one.order_no === held.task.order_no || one.order_no === lost.value;
  return open.find(isNow) || null;
});

/** @param {Conflict} one */
export function isAsked(one) {
  return one.mine.length > 0 && one.settled === null && (one.answer === null || one.answer.state === "refused");
}

/** @returns {Here|null} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) || "null");
  } catch (error) {
    return null;
  }
}

/** @param {string} bin @param {boolean} isChecked */
export function arrive(bin, isChecked) {
  here.value = { bin, isChecked };
  sessionStorage.setItem(KEPT, JSON.stringify(here.value));
  sheet.value = "";
  go("/app/pick/line");
}

/** Back to the walk. */
export function leave() {
  here.value = null;
  chosen.value = "";
  pad.value = "";
  sessionStorage.removeItem(KEPT);
  go("/app/pick", true);
}

/** A person's name, as pulled; else the user name itself. @param {string} user */
export function nameOf(user) {
  const found = device.value && device.value.people.value.find((one) => one.user === user);
  return found ? found.name : user;
}

/** What a part is called, wherever this device knows it from. @param {string} orderNo @param {number} lineNo @param {string} bin */
export function partOf(orderNo, lineNo, bin) {
  const gone = device.value ? device.value.gone.value.find((one) => one.order_no === orderNo) : null;
  const task = tasks.value.find((one) => one.order_no === orderNo) || (gone ? gone.task : null);
  const line = task ? task.lines.find((one) => one.line_no === lineNo) : null;
  if (line) return { sku: line.sku, name: line.name, bin: line.bin };
  const place = bins.value.find((one) => one.bin === bin);
  return { sku: place ? place.sku : "", name: place ? place.name : "", bin };
}
