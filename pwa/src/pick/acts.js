/** @file What the picker does, and what a scan does. Each act is written to the device first; sound, tick and next screen
 * come only when it lies on disk. One act at a time: scans wait their turn, and a scan that meets a full stop is gone. */
import { play } from "../kit/sound.js";
import { path } from "../app.js";
import { arrive, counter, device, here, item, leave, next, pad, question, sheet, standing, step, stopped, tasks, bins, walk, whole } from "./hand.js";
import { drawn, mark } from "./pace.js";
import { readScan } from "./read.js";
import { isWhole, toAttach } from "./walk.js";

/**
 * @typedef {import("../device/device.js").Wish} Wish
 * @typedef {import("../device/device.js").Op} Op
 * @typedef {import("./hand.js").Item} Item
 */

/** @type {Promise<unknown>} */
let line = Promise.resolve();
let isActing = false;

/** @typedef {{isTyped?: boolean, isOpened?: boolean}} How by hand; by a label's address, which may lead off the walk */

/** Scans in their order, each after the one before has been stored. @param {string} text @param {How} [how] */
export function scanned(text, how = {}) {
  mark("scan");
  const done = line.then(() => heard(text, how));
  line = done.catch((error) => console.error(error));
  return done;
}

/** @param {string} text @param {How} how */
async function heard(text, { isTyped, isOpened }) {
  if (!device.value || !device.value.actor.value || stopped.value || question.value) return;
  const found = readScan(text, { bins: bins.value, tasks: tasks.value }, isTyped);
  if (counter.value) return counter.value(found);
  const held = item.value;
  if (found.is === "bin" && isOpened) return goTo(found.bin, true);
  if (found.is === "bin") return binScanned(found.bin, found.text);
  if (found.is === "part" && held) {
    if (found.part.sku === held.line.sku) return take(1, found.text);
    return stop({ kind: "wrong_item", held, found: found.part, text: found.text }, held, found.text);
  }
  if (found.is === "part") return stop({ kind: "bin_first", found: found.part, to: next.value ? next.value.bin : "" }, null, "");
  const told = { kind: found.is, text: found.text, letter: found.is === "label" ? found.letter : "" };
  return stop(told, held || firstOf(), found.text);
}

/** Whether a text says something as it stands. @param {string} text */
export function known(text) {
  const { is } = readScan(text, { bins: bins.value, tasks: tasks.value });
  return is !== "unknown" && is !== "bad_check";
}

/** @returns {Item|null} */
function firstOf() {
  return next.value ? next.value.open[0] : null;
}

/** @param {string} bin @param {string} text */
async function binScanned(bin, text) {
  const held = item.value;
  const wanted = held ? standing.value : next.value;
  if (!wanted) return stop({ kind: "nothing_left", bin }, null, "");
  whole.value = null;
  if (wanted.bin === bin) {
    arrive(bin, true);
    play("bin");
    return drawn();
  }
  const hasWork = walk.value.open.some((one) => one.bin === bin);
  return stop({ kind: "wrong_bin", bin, to: wanted.bin, hasWork }, held || wanted.open[0], text, bin);
}

/** A label was opened by its address, or a stop was chosen in spite of the walk. @param {string} bin @param {boolean} isChecked */
export function goTo(bin, isChecked) {
  if (!walk.value.open.some((one) => one.bin === bin)) {
    return stop({ kind: "nothing_here", bin, to: next.value ? next.value.bin : "" }, null, "");
  }
  arrive(bin, isChecked);
  if (isChecked) play("bin");
  return Promise.resolve();
}

/** The full red stop; the wrong scan is put on record, it counts nothing.
 * @param {import("./hand.js").Stopped} told @param {Item|null} held @param {string} code @param {string} [bin] */
async function stop(told, held, code, bin) {
  stopped.value = told;
  sheet.value = "";
  play("wrong");
  drawn();
  if (!held || !device.value) return;
  const at = here.value;
  const place = bin === undefined ? (at && at.isChecked ? at.bin : "") : bin;
  try {
    await device.value.record({ kind: "wrong", order_no: held.task.order_no, line_no: held.line.line_no, bin: place, code });
  } catch (error) {
    console.error(error); // a broken store takes the screen by itself; the stop stays
  }
}

/** Pieces taken. @param {number} qty @param {string} [code] the part's code, if it was scanned */
export function take(qty, code = "") {
  return act((held) => record("pick", held, qty, code, (op) => done([op], "pick_step_took", held, qty)));
}

/** What the shelf had, and what it did not. @param {number} taken @param {number} missing */
export function takeShort(taken, missing) {
  return act(async (held) => {
    const ops = taken > 0 ? [await record("pick", held, taken, "")] : [];
    await record("short", held, missing, "", (op) => done(ops.concat(op), "pick_step_short", held, missing));
  });
}

/** Takes back what `step` names. */
export async function undo() {
  const last = step.value;
  if (!last || !last.ops.length || isActing) return;
  await takeBack(last.ops);
}

/** @param {Op[]} ops picks and shorts of this device */
export async function takeBack(ops) {
  isActing = true;
  try {
    let qty = 0;
    for (const op of ops.slice().reverse()) {
      await write({ kind: "void", order_no: op.order_no, line_no: op.line_no, bin: op.bin, target: op.id });
      if (op.kind === "pick") qty += op.qty;
    }
    step.value = { ops: [], key: qty ? "pick_step_undone" : "pick_step_unshort", facts: { n: qty }, isBack: true };
    play("stored");
  } catch (error) {
    failed(error);
  } finally {
    isActing = false;
  }
}

/** @param {(held: Item) => Promise<unknown>} work */
async function act(work) {
  const held = item.value;
  if (!held || isActing) return;
  isActing = true;
  try {
    await work(held);
  } catch (error) {
    failed(error);
  } finally {
    isActing = false;
  }
}

/** @param {unknown} error nothing was stored, so nothing is ticked */
function failed(error) {
  const code = /** @type {any} */ (error).code;
  if (!code) throw error;
  stopped.value = { kind: "not_stored", code };
  play("wrong");
}

/** @param {"pick"|"short"} kind @param {Item} held @param {number} qty @param {string} code
 * @param {(op: Op) => void} [stored] what is to be seen, once it lies on disk */
function record(kind, held, qty, code, stored) {
  const at = here.value;
  const bin = at && at.isChecked ? at.bin : "";
  return write({ kind, order_no: held.task.order_no, line_no: held.line.line_no, qty, bin, code }, stored);
}

/** @param {Wish} wish @param {(op: Op) => void} [stored] */
function write(wish, stored) {
  if (!device.value) return Promise.reject(new Error("no device"));
  return device.value.record(wish, stored);
}

/** It lies on disk: say so, and go on. @param {Op[]} ops @param {string} key @param {Item} held @param {number} n */
function done(ops, key, held, n) {
  step.value = { ops, key, facts: { n, uom: held.line.uom || "", bin: held.line.bin, name: held.line.name } };
  pad.value = "";
  const task = tasks.value.find((one) => one.order_no === held.task.order_no);
  if (task && isWhole(task) && toAttach(task).length) whole.value = task;
  if (!walk.value.open.some((one) => one.bin === held.line.bin) && path.value === "/app/pick/line") leave();
  play(walk.value.open.length ? "stored" : "finished");
  drawn();
}
