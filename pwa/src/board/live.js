/** @file The board of this tab as it lives: read once, told what changes, read anew where something was missed. What it
 * looks at is kept here too; rooms read its signals. */
import { batch, signal } from "../vendor/preact.js";
import { call, Problem } from "../api.js";
import { failed, reached } from "../app.js";
import { opened, renewed, told } from "./store.js";
import { Stream } from "./stream.js";

/** Events are taken together, so that a rush of them is drawn once. */
const TOGETHER_MS = 50;
/** A row that moved keeps its tint so long. */
const TINT_MS = 1200;
/** A gap of a cut column, or figures of a filter that nobody tells, are not read more often than this. */
const REFILL_MS = 3000;
const RETRY_MS = 3000;
const MINUTE = 60000;

/** @typedef {import("./store.js").Filter} Filter */

export class Live {
  /** @param {string} user @param {string} lang */
  constructor(user, lang) {
    /** @type {import("../vendor/preact.js").Signal<import("./store.js").Board|null>} */
    this.board = signal(null);
    /** Whether the line to the server lives; null until that is known. @type {import("../vendor/preact.js").Signal<boolean|null>} */
    this.isLive = signal(null);
    /** Why the server stores nothing at the moment. @type {import("../vendor/preact.js").Signal<{zh: string, en: string}|null>} */
    this.storage = signal(null);
    /** The server's moment at which it was last heard, ms. */
    this.heardAt = signal(0);
    /** The server's moment, once a minute: what ages are counted from. */
    this.now = signal(Date.now());
    /** Changes up to this number have lost their tint. */
    this.settled = signal(0);
    /** @type {import("../vendor/preact.js").Signal<unknown>} */
    this.problem = signal(null);
    this.offset = "+00:00";
    this.skew = 0;
    /** @type {Filter} */
    this.filter = { warehouse: "", tag: "", priority: "" };
    this.limit = 50;
    /** @type {[string, any, string][]} */
    this.events = [];
    this.reads = 0;
    this.isReading = false;
    this.isOver = false;
    /** @type {Object<string, number>} */
    this.timers = {};
    this.stream = new Stream(user, lang, {
      hear: (name, data, id) => this.hear(name, data, id),
      state: (isLive) => this.turned(isLive),
      hole: () => this.again(0),
      refused: () => this.again(0),
      doubt: () => void this.ask(user),
      over: () => void failed(new Problem(401, "signed_out", ""), () => {}),
    });
    this.tick();
  }

  /** @param {string} name @param {() => void} act @param {number} ms */
  later(name, act, ms) {
    window.clearTimeout(this.timers[name]);
    this.timers[name] = window.setTimeout(() => {
      delete this.timers[name];
      if (!this.isOver) act();
    }, ms);
  }

  serverNow() {
    return Date.now() + this.skew;
  }

  /** Ages move on once a minute, all together. */
  tick() {
    this.now.value = this.serverNow();
    this.later("tick", () => this.tick(), MINUTE - (this.now.value % MINUTE));
  }

  /** What to look at. @param {Filter} filter @param {number} limit rows a column */
  look(filter, limit) {
    this.filter = filter;
    this.limit = limit;
    return this.read();
  }

  async read() {
    const turn = ++this.reads;
    const { filter, limit } = this;
    this.isReading = true;
    const asked = new URLSearchParams({ limit: String(limit) });
    for (const name of /** @type {(keyof Filter)[]} */ (["warehouse", "tag", "priority"])) {
      if (filter[name]) asked.set(name, filter[name]);
    }
    try {
      const answer = await call("GET", `/api/board?${asked}`);
      if (turn !== this.reads || this.isOver) return;
      this.put(answer, filter, limit);
    } catch (problem) {
      if (turn === this.reads && !this.isOver) this.lost(problem);
    }
  }

  /** @param {any} answer @param {Filter} filter @param {number} limit */
  put(answer, filter, limit) {
    const fresh = opened(answer, filter, limit);
    const old = this.board.peek();
    const isSame = old && JSON.stringify(old.filter) === JSON.stringify(filter);
    this.isReading = false;
    this.skew = Date.parse(answer.server_time) - Date.now();
    this.offset = answer.server_time.slice(-6);
    reached();
    batch(() => {
      this.board.value = old && isSame ? renewed(old, fresh) : fresh;
      if (!isSame) this.settled.value = fresh.n;
      this.problem.value = null;
      this.heardAt.value = this.serverNow();
      this.tick();
    });
    this.fade();
    this.stream.seen(answer.cursor);
    this.flush();
  }

  /** Who is signed in: one browser has one user. @param {string} user whom this board is for */
  async ask(user) {
    const found = await call("GET", "/api/me").catch(() => null);
    if (this.isOver || !found) return;
    if (found.user.name === user) this.stream.knock();
    else this.stream.end();
  }

  /** @param {unknown} problem */
  lost(problem) {
    this.isReading = false;
    // What is known stays on the screen while the server is away or busy.
    const isPassing = problem instanceof Problem && (problem.isAway || problem.status >= 500 || problem.status === 429);
    if (isPassing && this.board.peek() !== null) {
      this.isLive.value = problem.isAway ? false : this.isLive.peek();
      this.again(RETRY_MS);
    } else if (!failed(problem, () => void this.read())) this.problem.value = problem;
  }

  /** Reads anew, not at the same moment as everybody else. @param {number} ms at the earliest */
  again(ms) {
    if (this.timers.again === undefined) this.later("again", () => void this.read(), ms + Math.random() * 500);
  }

  /** @param {string} name @param {any} data @param {string} id */
  hear(name, data, id) {
    if (name === "beat") this.storage.value = data.storage || null;
    this.events.push([name, data, id]);
    if (this.timers.flush === undefined) this.later("flush", () => this.flush(), TOGETHER_MS);
  }

  flush() {
    const before = this.board.peek();
    // While the board is being read its events wait: they may say more than the answer, or less.
    if (!before || this.isReading || !this.events.length) return;
    const events = this.events;
    this.events = [];
    let board = before;
    for (const [name, data, id] of events) board = told(board, name, data, id);
    batch(() => {
      this.board.value = board;
      this.heardAt.value = this.serverNow();
    });
    if (board.n !== before.n) this.fade();
    if (board.isStale) this.again(events.some(([name]) => name === "reset") ? 0 : REFILL_MS);
  }

  fade() {
    const board = this.board.peek();
    if (!board || board.n <= this.settled.peek()) return;
    window.setTimeout(() => {
      this.settled.value = board.n;
    }, TINT_MS);
  }

  /** @param {boolean} isLive */
  turned(isLive) {
    if (this.isOver) return;
    batch(() => {
      this.isLive.value = isLive;
      if (isLive) this.heardAt.value = this.serverNow();
    });
  }

  /** A moment on the company's clock. @param {number} ms @param {boolean} [hasSeconds] */
  clock(ms, hasSeconds) {
    const sign = this.offset[0] === "-" ? -1 : 1;
    const [hours, minutes] = this.offset.slice(1).split(":").map(Number);
    const there = new Date(ms + sign * (hours * 60 + minutes) * MINUTE);
    return there.toISOString().slice(11, hasSeconds ? 19 : 16);
  }

  stop() {
    this.isOver = true;
    for (const name of Object.keys(this.timers)) window.clearTimeout(this.timers[name]);
    this.stream.leave();
  }
}
