/** The hash by which a device proves that its tasks equal the server's; the twin of sync/wire.py's part for devices. */

import { canonicalJson, compareText } from "./canon.js";
import { splitId } from "./ops.js";
import { sha256Text } from "./sha256.js";

export const MAX_OPS = 500;

/**
 * @param {string} id
 * @param {string} device
 */
export function belongs(id, device) {
  const parts = splitId(id);
  return parts !== null && parts[0] === device;
}

/**
 * @param {Iterable<{order_no: string}>} tasks
 * @returns {string} SHA-256 hex over canonical JSON of the tasks sorted by order_no
 */
export function tasksHash(tasks) {
  const bodies = Array.from(tasks).map((task) => ({ order_no: task.order_no, body: canonicalJson(task) }));
  bodies.sort((a, b) => compareText(a.order_no, b.order_no) || compareText(a.body, b.body));
  return sha256Text("[" + bodies.map((task) => task.body).join(",") + "]");
}
