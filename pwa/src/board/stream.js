/** @file One live stream a browser for all its tabs: the tab that leads listens to the server and tells the others. When
 * it closes, freezes or falls silent, another goes on from the last id that it heard. Without Web Locks (plain http,
 * old browsers) each tab listens by itself. */
import { Seat, whileAwake } from "./leader.js";
import { isNewer, readCursor } from "./store.js";

const NAMES = ["ready", "order", "counts", "beat", "reset", "signed_out"];
/** The server says something every 15 s; beyond this the line is dead. */
const SILENCE_MS = 40000;
/** A leader that says nothing at all for so long is frozen. */
const FROZEN_MS = 60000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

/**
 * @typedef {{hear: (name: string, data: any, id: string) => void, state: (isLive: boolean) => void,
 *   hole: () => void, refused: () => void, doubt: () => void, over: () => void}} Ears `hear`: an event; `state`: whether the line lives;
 *   `hole`: something may have been missed, read the board; `refused`: the server took no stream, ask it why; `doubt`:
 *   a tab of somebody else is here, ask who is signed in; `over`: the session is over
 */

export class Stream {
  /** @param {string} user @param {string} lang @param {Ears} ears */
  constructor(user, lang, ears) {
    this.user = user;
    this.lang = lang;
    this.ears = ears;
    this.position = "";
    this.isLive = this.leads = this.isOver = false;
    this.failures = this.timer = 0;
    this.source = /** @type {EventSource|null} */ (null);
    const name = `board:${user}:${lang}`;
    const isShared = typeof BroadcastChannel === "function" && Boolean(navigator.locks);
    this.seat = isShared ? new Seat(name, () => this.lead(), () => this.robbed()) : null;
    this.channel = isShared ? new BroadcastChannel(name) : null;
    this.door = isShared ? new BroadcastChannel("board:who") : null;
    this.begin();
  }

  begin() {
    if (this.channel) this.channel.onmessage = (message) => this.said(message.data);
    if (this.door) {
      this.door.onmessage = (message) => void (message.data !== this.user && this.ears.doubt());
      this.knock();
    }
    const sleep = () => {
      this.drop();
      this.turned(false);
    };
    this.unwatch = whileAwake(sleep, () => this.wake());
    this.queue();
    this.tell({ kind: "who" });
  }

  /** Tells tabs of others who is here. */
  knock() {
    if (this.door && !this.isOver) this.door.postMessage(this.user);
  }

  /** Stands in line for leading. @param {boolean} [isTheft] from a leader that gives no sign of life */
  queue(isTheft) {
    this.expect();
    if (this.seat) this.seat.ask(isTheft);
    else this.lead();
  }

  robbed() {
    this.close();
    this.leads = false;
    if (!this.isOver) this.queue();
  }

  lead() {
    this.leads = true;
    this.tell({ kind: "leads", from: this.position });
    this.open();
  }

  /** Listens to the server; waits for a position first, so that nothing lies between a board and its events. */
  open() {
    if (!this.leads || !this.position || this.source || this.isOver) return;
    const source = new EventSource(`/api/board/events?cursor=${encodeURIComponent(this.position)}&lang=${this.lang}`);
    this.source = source;
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        const { data, lastEventId } = /** @type {MessageEvent} */ (event);
        if (this.source !== source) return;
        this.failures = 0;
        this.tell({ kind: "event", name, data, id: lastEventId });
        this.heard(name, data, lastEventId);
      });
    }
    source.onerror = () => void (this.source === source && this.broken());
    this.expect();
  }

  /** The browser tries again by itself, except where the server answered with a no. */
  broken() {
    this.turned(false);
    this.tell({ kind: "state", isLive: false });
    if (!this.source || this.source.readyState !== EventSource.CLOSED) return;
    this.source = null;
    window.clearTimeout(this.timer);
    const pause = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] * (0.5 + Math.random() / 2);
    this.timer = window.setTimeout(() => this.open(), pause);
    this.ears.refused();
  }

  /** Waits for a sign of life. */
  expect() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.silent(), this.leads ? SILENCE_MS : FROZEN_MS);
  }

  silent() {
    this.turned(false);
    if (this.leads) {
      this.close();
      this.open();
    } else if (this.seat) {
      this.drop();
      this.queue(true);
    }
  }

  /** @param {string} name @param {string} data @param {string} id */
  heard(name, data, id) {
    this.expect();
    if (id) this.seen(id);
    this.turned(name !== "signed_out");
    if (name === "signed_out") this.end();
    else this.ears.hear(name, JSON.parse(data), id);
  }

  /** How far this tab knows the board. @param {string} cursor */
  seen(cursor) {
    const known = readCursor(this.position);
    const at = readCursor(cursor);
    if (at.epoch !== known.epoch || isNewer(at, known)) this.position = cursor;
    this.open();
  }

  /** Another tab speaks. @param {any} message */
  said(message) {
    if (this.isOver) return;
    if (this.leads) {
      if (message.kind === "who") this.tell({ kind: "state", isLive: this.isLive });
      return;
    }
    if (message.kind === "event") this.heard(message.name, message.data, message.id);
    else this.expect();
    if (message.kind === "state") this.turned(message.isLive);
    // The new leader may begin later than where this tab is.
    else if (message.kind === "leads" && this.position && isNewer(readCursor(message.from), readCursor(this.position))) this.ears.hole();
  }

  /** @param {boolean} isLive */
  turned(isLive) {
    this.isLive = isLive;
    this.ears.state(isLive);
  }

  /** @param {object} message */
  tell(message) {
    if (this.channel) this.channel.postMessage(message);
  }

  close() {
    if (this.source) this.source.close();
    this.source = null;
  }

  /** Neither leads nor wishes to. */
  drop() {
    this.close();
    this.leads = false;
    if (this.seat) this.seat.drop();
    window.clearTimeout(this.timer);
  }

  /** Back from the browser's memory: what happened meanwhile is not known. */
  wake() {
    if (this.isOver || this.leads || (this.seat && this.seat.isWished)) return;
    this.queue();
    this.ears.hole();
  }

  end() {
    this.leave();
    this.ears.over();
  }

  leave() {
    if (this.isOver) return;
    this.isOver = true;
    this.drop();
    if (this.channel) this.channel.close();
    if (this.door) this.door.close();
    if (this.unwatch) this.unwatch();
  }
}
