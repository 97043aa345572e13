/** @file The walk: which shelves in which order, what is left at each, how far it has come. Pure; all is computed from
 * the device's tasks, so a reload, a kill or another picker's work changes nothing but the numbers. */

/**
 * @typedef {import("../device/device.js").Task} Task
 * @typedef {import("../device/device.js").TaskLine} TaskLine
 * @typedef {{task: Task, line: TaskLine, left: number}} Item a line of an order at a stop
 * @typedef {{bin: string, items: Item[], open: Item[], left: number, short: number, isUrgent: boolean, isDone: boolean}} Stop
 * @typedef {{stops: Stop[], open: Stop[], done: number, left: number}} Walk `left` in pieces
 */

const LEVELS = 4;

/** What is still to take. @param {TaskLine} line */
export function leftOf(line) {
  return Math.max(0, line.qty - line.picked - line.short);
}

/** As people walk: area, rack, level, numbers as numbers; no bin comes last. @param {string} a @param {string} b */
export function compareBins(a, b) {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  const [x, y] = [a, b].map((bin) => bin.match(/\d+|[^\d-]+/g) || []);
  for (let n = 0; n < Math.max(x.length, y.length); n += 1) {
    const [p, q] = [x[n], y[n]];
    if (p === undefined || q === undefined) return p === undefined ? -1 : 1;
    const isNumber = /^\d/.test(p) && /^\d/.test(q);
    const by = isNumber ? Number(p) - Number(q) : p < q ? -1 : p > q ? 1 : 0;
    if (by) return by;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param {Task} task */
export function isUrgent(task) {
  return task.priority === "urgent";
}

/**
 * One walk over all tasks by bin; a stop with an urgent line comes before those without. `skipped` bins go to the end.
 * @param {Task[]} tasks
 * @param {string[]} [skipped]
 * @returns {Walk}
 */
export function walkOf(tasks, skipped = []) {
  /** @type {Map<string, Stop>} */
  const byBin = new Map();
  for (const task of tasks) {
    for (const line of task.lines) {
      const stop = byBin.get(line.bin) || newStop(line.bin);
      byBin.set(line.bin, stop);
      const item = { task, line, left: leftOf(line) };
      stop.items.push(item);
      stop.short += line.short;
      if (item.left > 0) {
        stop.open.push(item);
        stop.left += item.left;
        stop.isUrgent = stop.isUrgent || isUrgent(task);
      }
    }
  }
  const stops = Array.from(byBin.values());
  for (const stop of stops) {
    stop.isDone = stop.open.length === 0;
    stop.open.sort((a, b) => Number(isUrgent(b.task)) - Number(isUrgent(a.task)) || (a.task.order_no < b.task.order_no ? -1 : 1));
  }
  const late = (/** @type {Stop} */ stop) => skipped.indexOf(stop.bin);
  stops.sort(
    (a, b) => late(a) - late(b) || Number(b.isUrgent) - Number(a.isUrgent) || compareBins(a.bin, b.bin)
  );
  const open = stops.filter((stop) => !stop.isDone);
  const left = open.reduce((sum, stop) => sum + stop.left, 0);
  return { stops, open, done: stops.length - open.length, left };
}

/** @param {string} bin @returns {Stop} */
function newStop(bin) {
  return { bin, items: [], open: [], left: 0, short: 0, isUrgent: false, isDone: false };
}

/** Level from the floor, as a bin's name says (area-rack-level); 0 if it does not. @param {string} bin */
export function levelOf(bin) {
  const found = /-0*(\d{1,2})$/.exec(bin);
  return found ? Number(found[1]) : 0;
}

/** How many levels the bin's rack has, as far as the bins' names tell. @param {string} bin @param {{bin: string}[]} bins */
export function levelsOf(bin, bins) {
  const rack = bin.replace(/-\d+$/, "-");
  return bins.reduce((most, one) => (one.bin.indexOf(rack) === 0 ? Math.max(most, levelOf(one.bin)) : most), LEVELS);
}

/** The digits by which people tell orders apart. @param {string} orderNo */
export function tail(orderNo) {
  const found = /(\d{5,}(?:-P\d+)?(?:-V\d+)?)$/.exec(orderNo);
  return found ? found[1] : orderNo;
}

/** Nothing of this order is left to take. @param {Task} task */
export function isWhole(task) {
  return task.lines.every((line) => leftOf(line) === 0);
}

/** What the packer still has to attach. @param {Task} task */
export function toAttach(task) {
  return task.checklist.filter((one) => !one.done).map((one) => one.item);
}
