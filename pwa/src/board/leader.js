/** @file Which of a browser's tabs does what one tab is to do: the one that holds a Web Lock. It is let go when the tab
 * closes; one that gives no sign of life any more is robbed of it. */

export class Seat {
  /** @param {string} name @param {() => void} took this tab leads now @param {() => void} lost it was robbed */
  constructor(name, took, lost) {
    this.name = name;
    this.took = took;
    this.lost = lost;
    /** @type {AbortController|null} */
    this.wish = null;
    /** @type {((done?: any) => void)|null} */
    this.release = null;
  }

  /** Whether this tab holds it, or stands in line for it. */
  get isWished() {
    return this.wish !== null;
  }

  /** Stands in line; `isTheft`: takes it from whoever holds it. @param {boolean} [isTheft] */
  ask(isTheft) {
    const wish = new AbortController();
    this.wish = wish;
    const given = isTheft ? { steal: true } : { signal: wish.signal };
    const held = () =>
      new Promise((done) => {
        if (this.wish !== wish) {
          done(undefined);
          return;
        }
        this.release = done;
        this.took();
      });
    navigator.locks.request(this.name, given, held).catch(() => {
      if (this.wish !== wish) return;
      this.wish = null;
      this.release = null;
      this.lost();
    });
  }

  /** Neither holds it nor wishes to. */
  drop() {
    const { wish, release } = this;
    this.wish = null;
    this.release = null;
    if (wish) wish.abort();
    if (release) release();
  }
}

/** Tells when the page is put to sleep and when it wakes: into the browser's memory and back, frozen and thawed.
 * @param {() => void} slept @param {() => void} woke @returns {() => void} stops telling */
export function whileAwake(slept, woke) {
  window.addEventListener("pagehide", slept);
  window.addEventListener("pageshow", woke);
  document.addEventListener("freeze", slept);
  document.addEventListener("resume", woke);
  return () => {
    window.removeEventListener("pagehide", slept);
    window.removeEventListener("pageshow", woke);
    document.removeEventListener("freeze", slept);
    document.removeEventListener("resume", woke);
  };
}
