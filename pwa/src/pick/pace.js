/** @file How long a scan takes to be seen: two marks on the browser's own timeline, read by `bench/scan.py`. */

/** @param {"scan"|"tick"} name how long a scan takes to be seen; only the last one is kept */
export function mark(name) {
  performance.clearMarks(`pick-${name}`);
  performance.mark(`pick-${name}`);
}

/** Once the screen with the tick is painted: a message that a frame sends is read after that frame. */
export function drawn() {
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => {
      after.port1.close();
      mark("tick");
    };
    after.port2.postMessage("");
  });
}

