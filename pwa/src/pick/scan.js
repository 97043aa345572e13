/** @file The scanner as a keyboard: one field that input methods can see, read by value, and the keys where the focus is
 * elsewhere. A scan ends with Enter or Tab, or with silence; the ending key never presses a button. It knows nothing of
 * what was scanned. Times are injectable, so that tests and slow scanners set their own. */
import { signal } from "../vendor/preact.js";

/** A person's single key is no scan; every code of ours, and every part's, is longer. */
const SHORTEST = 3;
/** Text that comes as one piece of this length is a whole scan: an input method's commit, not typing. */
const WHOLE = 4;
/** How much longer silence must last where keys came one by one and say nothing yet: a busy device stalls in mid-scan. */
const STALL_MS = 1000;
/** A suffix may come after the silence has already ended the scan. */
const LATE_SUFFIX_MS = 300;
const REFOCUS_MS = 250;

/**
 * @typedef {Object} Given
 * @property {(text: string) => void} onScan
 * @property {(text: string) => boolean} [knows] whether this is a whole code as it stands
 * @property {number} [idle] ms of silence that end a scan without a suffix
 * @property {(fn: () => void, ms: number) => number} [later]
 * @property {(handle: number) => void} [never]
 * @property {() => number} [now]
 */

/** Whether text of a scanner arrives: the field has the focus. */
export const isReady = signal(true);

/** @param {EventTarget|null} target another field that takes text by itself */
function takesText(target) {
  const element = /** @type {HTMLInputElement} */ (target);
  if (!element || !element.tagName) return false;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable;
}

/** The field and the keys of one page. */
export class Scanner {
  /** @param {Given} given */
  constructor(given) {
    this.onScan = given.onScan;
    this.knows = given.knows || (() => true);
    this.idle = given.idle || 100;
    this.later = given.later || ((fn, ms) => window.setTimeout(fn, ms));
    this.never = given.never || ((handle) => window.clearTimeout(handle));
    this.now = given.now || (() => performance.now());
    /** @type {HTMLInputElement|null} */
    this.field = null;
    this.keys = this.whole = "";
    this.isStalled = false;
    this.length = this.timer = this.focusTimer = 0;
    this.endedAt = -Infinity;
    this.isComposing = false;
    this.isByKeyboard = false;
    this.listeners = /** @type {[EventTarget, string, any, boolean][]} */ ([]);
  }

  /** @param {HTMLInputElement} field */
  attach(field) {
    this.detach();
    this.field = field;
    this.on(field, "input", () => this.typed());
    this.on(field, "compositionstart", () => {
      this.isComposing = true;
      this.never(this.timer);
    });
    this.on(field, "compositionend", () => {
      this.isComposing = false;
      this.whole = field.value;
      this.length = field.value.length;
      this.wait();
    });
    this.on(field, "focus", () => (isReady.value = true));
    this.on(field, "blur", () => {
      this.isComposing = false;
      this.refocus();
    });
    this.on(document, "keydown", (/** @type {KeyboardEvent} */ event) => this.key(event), true);
    this.on(document, "pointerdown", () => (this.isByKeyboard = false), true);
    this.on(document, "mousedown", (/** @type {MouseEvent} */ event) => this.pressed(event), true);
    this.on(document, "focusout", () => this.refocus());
    this.on(document, "visibilitychange", () => this.refocus());
    this.on(window, "focus", () => this.refocus());
    this.focus();
  }

  detach() {
    this.listeners.forEach(([target, name, fn, isCapture]) => target.removeEventListener(name, fn, isCapture));
    this.listeners = [];
    this.never(this.timer);
    this.never(this.focusTimer);
    this.field = null;
  }

  /** @param {EventTarget} target @param {string} name @param {any} fn @param {boolean} [isCapture] */
  on(target, name, fn, isCapture = false) {
    target.addEventListener(name, fn, isCapture);
    this.listeners.push([target, name, fn, isCapture]);
  }

  /** A tap leaves the focus where scans arrive, or text of the next moment is lost. @param {MouseEvent} event */
  pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (document.activeElement !== this.field || !target.closest) return;
    if (target.closest("button") && !target.closest("label, input, select, textarea")) event.preventDefault();
  }

  /** Into the field, with what the keys have brought so far: the rest of that scan arrives there. */
  enter() {
    if (this.field) this.field.focus({ preventScroll: true });
    if (!this.field || this.keys === "" || document.activeElement !== this.field) return;
    this.field.value = this.keys;
    this.length = this.keys.length;
    this.keys = "";
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  /** From a tap on 扫描未就绪: back into the field. */
  focus() {
    this.isByKeyboard = false;
    this.enter();
    isReady.value = this.field !== null && document.activeElement === this.field;
  }

  /** After a while, unless a person is typing elsewhere, reads a sheet, or walks the page by keyboard. */
  refocus() {
    this.never(this.focusTimer);
    this.focusTimer = this.later(() => {
      if (!this.field || document.hidden || document.activeElement === this.field) return;
      const isTaken = takesText(document.activeElement) || document.querySelector("[role=dialog]") !== null;
      if (!isTaken && !this.isByKeyboard) this.enter();
      isReady.value = isTaken || document.activeElement === this.field;
    }, REFOCUS_MS);
  }

  /** The field's value changed. */
  typed() {
    if (!this.field || this.isComposing) return;
    const isPiece = this.field.value.length - this.length >= WHOLE;
    if (isPiece && this.whole !== "" && this.field.value.indexOf(this.whole) === 0) {
      this.give(this.whole);
      this.field.value = this.field.value.slice(this.whole.length);
    }
    this.whole = isPiece ? this.field.value : "";
    this.length = this.field.value.length;
    this.wait();
  }

  wait() {
    this.never(this.timer);
    this.isStalled = false;
    this.timer = this.later(() => this.silent(), this.idle);
  }

  /** Silence ends what came in one piece, or is known; keys that say nothing yet get more time. */
  silent() {
    const text = (this.field ? this.field.value : "") + this.keys;
    if (this.isStalled || this.whole === text || this.knows(text)) return this.end();
    this.isStalled = true;
    this.timer = this.later(() => this.silent(), STALL_MS);
  }

  /** Takes what has come as one scan. */
  end() {
    this.never(this.timer);
    if (this.isComposing) return;
    const text = (this.field ? this.field.value : "") + this.keys;
    this.keys = this.whole = "";
    this.length = 0;
    this.isStalled = false;
    if (this.field) this.field.value = "";
    if (text !== "") this.give(text);
  }

  /** @param {string} text */
  give(text) {
    if (text.trim().length < SHORTEST) return;
    this.endedAt = this.now();
    this.onScan(text);
  }

  /** @param {KeyboardEvent} event firmware may set altKey on every key, so it says nothing */
  key(event) {
    const isOurs = event.target === this.field;
    if (event.key === "Enter" || event.key === "Tab") {
      const isPending = this.keys !== "" || (this.field !== null && this.field.value !== "" && !this.isComposing);
      const isLate = this.now() - this.endedAt < LATE_SUFFIX_MS;
      if (isPending || (isLate && !takesText(event.target)) || (isOurs && event.key === "Enter")) {
        event.preventDefault();
        event.stopPropagation();
        if (isPending) this.end();
      } else if (event.key === "Tab") this.isByKeyboard = true;
      return;
    }
    if (isOurs || takesText(event.target) || event.ctrlKey || event.metaKey || event.key.length !== 1) return;
    if (event.key === " " && this.keys === "") return;
    event.preventDefault();
    this.keys += event.key;
    this.wait();
  }
}
