/** What one tab did, the others show: a word on a channel, upon which they read the databases again. */

/**
 * @typedef {{what: "queue"} | {what: "floor"} | {what: "sending", ids: string[]}} Word
 */

/**
 * @param {string} name
 * @param {(word: Word) => void} hear
 * @returns {{say: (word: Word) => void, close: () => void}}
 */
export function tabs(name, hear) {
  if (typeof BroadcastChannel === "undefined") return { say: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event) => hear(event.data);
  return { say: (word) => channel.postMessage(word), close: () => channel.close() };
}
