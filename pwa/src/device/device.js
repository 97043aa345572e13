/**
 * This device: its queue, its picture of the warehouse, and the way between the two and the server. No UI.
 * A pick is safe once `record` resolves (it lies on disk), whether or not anybody can be reached; what is on disk is
 * never changed or cleared here. Screens read signals and call functions; they never await the network.
 *
 * `const device = await openDevice();` once per page, at start. It never rejects: look at `device.broken`.
 * Times in signals are milliseconds of this device's clock unless they are RFC 3339 text from the server.
 */

import { build } from "./build.js";
import { environment } from "./env.js";

/**
 * @template T
 * @typedef {{readonly value: T, subscribe: (fn: (value: T) => void) => () => void, peek: () => T}} Signal
 */

/**
 * @typedef {"pick" | "short" | "void" | "wrong"} Kind
 * @typedef {{kind: Kind, order_no: string, line_no: number, qty?: number, bin?: string, code?: string,
 *   target?: string}} Wish what happened at the shelf; `qty` ≥ 1 for pick and short, nothing for void and wrong;
 *   `target` = the op id that a void takes back
 * @typedef {import("../sync/ops.js").Op} Op the twelve fields as they are sent
 *
 * @typedef {"waiting" | "sending" | "care" | "sent"} Standing
 *   waiting = on disk here, no answer yet · sending = on its way now · care = refused, or in an open conflict that
 *   nobody has answered · sent = answered and in order
 * @typedef {{verdict: "applied" | "conflict" | "refused", why: string, conflict: string, code: string,
 *   at: number}} Result what the server said to it first
 * @typedef {{id: string, op: Op, at: number, standing: Standing, result: Result | null, device: string,
 *   conflict: string}} QueueRow `at` = when it was recorded; `conflict` = id of the open conflict that it stands in, or ""
 * @typedef {{rows: QueueRow[], unsent: number, waiting: number, sending: number, care: number, sent: number,
 *   tallied: string[], last_sent: number | null, oldest: number | null}} Queue newest first; `unsent` = everything without an
 *   answer, queued settlements and counts too; `tallied` = whose counts wait, one name each; `sent` rows are those of the last 24 h; `last_sent` = when the last answer came; `oldest` = when
 *   the oldest op without an answer was recorded
 *
 * @typedef {{line_no: number, sku: string, name: string, gtin: string, uom: string, bin: string, qty: number,
 *   picked: number, short: number, mine: number}} TaskLine `picked`, `short` already have in them what only this device knows yet;
 *   `mine` = how many of the picked pieces the server has not shown back yet
 * @typedef {{order_no: string, version: number, priority: string, tags: string[],
 *   checklist: {item: string, done: boolean}[], lines: TaskLine[], pending: number}} Task
 *   `pending` = ops of this device for it that the server has not shown back yet
 * @typedef {{order_no: string, why: string, by: string, by_name: string, at: string, reason: string, task: Task | null}} Gone
 *   `why` = held, short_stock, moved, packed, shipped, cancelled, amended, …, left (the server tells
 *   no more of it, this device still has work on it); `task` = as it was known here, if it was
 * @typedef {{id: string, order_no: string, kind: string, line_no: number | null, ops: string[],
 *   surplus: {line_no: number, qty: number}[], settled: {choice: string, by: string, at: string} | null,
 *   mine: Op[], is_known: boolean, answer: Answer | null}} Conflict
 *   `mine` = the ops of this device in it; `is_known` = the server knows it too (else this device foresees it);
 *   `answer` = what was chosen here. Open and unanswered = `settled === null && (answer === null || answer.state === "refused")`
 * @typedef {{choice: "keep" | "undo", by: string, at: number, state: "waiting" | "sent" | "refused", code: string,
 *   why: string}} Answer
 * @typedef {{bin: string, code: string, sku: string, name: string, gtin: string}} Bin `code` = what its label's QR says,
 *   with the type letter L; `name`, `gtin` = the SKU's
 * @typedef {{user: string, name: string, role: string}} Person
 * @typedef {{name: string, phone: string}} Lead whom a picker calls
 *
 * @typedef {{is_enrolled: boolean, device: string, label: string, warehouse: string, has_key: boolean, signed_out: boolean,
 *   is_up: boolean, is_stuck: boolean, synced_at: number | null, clock_off_ms: number, clock_wrong: boolean,
 *   storage_lost: boolean, persisted: boolean | null, is_fresh: boolean}} State
 *   `has_key` false = plain http, no signing · `signed_out` = the server refused the token; recording goes on ·
 *   `is_up` = the last request was answered by the server · `is_stuck` = the last push was not · `synced_at` = last pull that proved equality ·
 *   `clock_off_ms` = server − device; `clock_wrong` beyond 5 minutes · `storage_lost` = the browser lost this device's
 *   database: enrol again, tell the lead (see `tellLoss`) · `persisted` = what the browser answered to `persist()` ·
 *   `is_fresh` = tasks have been pulled at least once
 * @typedef {{kind: "synced" | "syncing" | "offline" | "saved" | "care" | "broken", n: number, at: number | null}} Chip
 *   `at` = when last synced (kind "synced"), in ms
 * @typedef {{reason: string, detail: string, at: number}} Broken `reason` = quota, newer_version (another tab runs a
 *   newer app: reload), timeout, open_failed, self_test, not_stored, not_read, no_indexeddb
 * @typedef {{actor: string, waiting: number, care: number}} Share one person's part of the queue
 *
 * @typedef {object} Device
 * @property {Signal<State>} state
 * @property {Signal<Broken | null>} broken not null = the full screen 本机存储损坏; it stays until the page is loaded again
 * @property {Signal<Chip>} chip
 * @property {Signal<Task[]>} tasks by order number; held and gone ones are not among them
 * @property {Signal<Gone[]>} gone what left the list lately and why
 * @property {Signal<Conflict[]>} conflicts of the warehouse and those foreseen here; `mine.length > 0` = ours
 * @property {Signal<Bin[]>} bins
 * @property {Signal<Person[]>} people
 * @property {Signal<Lead | null>} lead as the last pull named it
 * @property {Signal<Queue>} queue for the queue screen
 * @property {Signal<{asked: {bin: string, sku: string, name: string}[], done: (import("./tally.js").Counted &
 *   {heard: import("./tally.js").Heard | null})[]}>} tally bins that people want counted, and those that were counted here
 * @property {Signal<string>} actor who holds the device now ("" = nobody); kept over restarts
 * @property {() => QueueRow[]} ops the rows of `queue`
 * @property {() => Share[]} shares the queue by person, for the hand-over screen
 * @property {(user: string) => Promise<void>} handOver the next person, "" = nobody (locked); nothing is deleted
 * @property {(code: string) => Promise<State>} enrol with the code of the card; rejects with a Problem
 *   ({status, code, isAway}); asks the browser for persistent storage afterwards
 * @property {(wish: Wish, stored?: (op: Op) => void) => Promise<Op>} record resolves with the op once it is on disk, and
 *   calls `stored` in the same breath as the signals that show it; rejects with a DeviceError
 *   whose `code` is a reason of sync/reasons.js, or not_enrolled, no_actor, broken, not_stored
 * @property {(conflictId: string, choice: "keep" | "undo", ops?: string[]) => Promise<void>} settle queued like an op;
 *   `ops` = what the person saw, by default the ops of that conflict in the view
 * @property {(amount: import("./tally.js").Amount) => Promise<void>} count what lies in a bin; queued like an op
 * @property {(id: string) => Promise<void>} noted a refused op has been looked at: out of `care`, never deleted
 * @property {() => Promise<void>} pushNow without waiting for the timer; resolves when the round is over
 * @property {() => Promise<void>} pullNow
 * @property {() => Promise<{bundle: string, sig: string, count: number, left: number}>} bundle what waits (at most 500, `left` =
 *   how many more), signed by this device's key; rejects with `no_key` on plain http
 * @property {(given: {bundle: string, sig: string}) => Promise<{count: number}>} carry another device's queue
 * @property {() => void} tellLoss the loss of storage has been told to a person
 * @property {() => void} close for tests: stops timers, closes both databases
 */

/**
 * Everything from outside may be given, so that tests need no waiting.
 * @typedef {object} Given
 * @property {() => number} [now] ms
 * @property {(url: string, init: RequestInit) => Promise<Response>} [fetch]
 * @property {() => number} [random] 0 ≤ r < 1
 * @property {(fn: () => void, ms: number) => unknown} [later] setTimeout
 * @property {(handle: any) => void} [never] clearTimeout
 * @property {LockManager | null} [locks] null = as in a browser without Web Locks
 * @property {string} [name] prefix of the two databases
 */

/**
 * @param {Given} [given]
 * @returns {Promise<Device>}
 */
export function openDevice(given = {}) {
  return build(environment(given));
}
