/** @file What the picker hears and feels. Two sounds that nobody mistakes: rising and short for done, low and double for
 * wrong. Each can be switched off by itself; until the first tap a browser may keep silent, and `isSilent` says so. */
import { signal } from "../vendor/preact.js";

/** @typedef {"bin"|"stored"|"wrong"|"conflict"|"finished"} Moment */

/** Tones as [Hz, from ms, for ms], and the vibration in ms. @type {Object<Moment, {tones: number[][], shake: number[]}>} */
export const MOMENTS = {
  bin: { tones: [[1320, 0, 60]], shake: [30] },
  stored: { tones: [[880, 0, 45], [1320, 45, 45]], shake: [60] },
  wrong: { tones: [[220, 0, 250], [220, 370, 250]], shake: [200, 100, 200] },
  conflict: { tones: [[440, 0, 80], [440, 140, 80], [440, 280, 80]], shake: [100, 60, 100, 60, 100] },
  finished: { tones: [[660, 0, 90], [880, 90, 90], [1320, 180, 90]], shake: [120] },
};

const KEY = "silenced";
/** Sound is there, but the browser waits for a tap. */
export const isSilent = signal(true);
/** @type {AudioContext|null} */
let context = null;

/** Call it from a tap: browsers let sound begin only there. */
export function unlock() {
  const Made = window.AudioContext || /** @type {any} */ (window).webkitAudioContext;
  if (!context && Made) context = new Made();
  if (!context) return;
  const here = context;
  const tell = () => {
    isSilent.value = here.state !== "running";
  };
  if (here.state === "running") tell();
  else here.resume().then(tell, tell);
}

/** @returns {string[]} the moments that are switched off; `shake` stands for all vibration */
export function silenced() {
  return (localStorage.getItem(KEY) || "").split(" ").filter(Boolean);
}

/** @param {string} moment @param {boolean} isOn */
export function turn(moment, isOn) {
  const others = silenced().filter((one) => one !== moment);
  localStorage.setItem(KEY, (isOn ? others : others.concat(moment)).join(" "));
}

/** @param {Moment} moment */
export function play(moment) {
  const off = silenced();
  const { tones, shake } = MOMENTS[moment];
  if (navigator.vibrate && off.indexOf("shake") < 0) navigator.vibrate(shake);
  if (!context || context.state !== "running" || off.indexOf(moment) >= 0) return;
  for (const [hertz, from, length] of tones) tone(context, hertz, context.currentTime + from / 1000, length / 1000);
}

/** @param {AudioContext} where @param {number} hertz @param {number} from s @param {number} length s */
function tone(where, hertz, from, length) {
  const source = where.createOscillator();
  const gain = where.createGain();
  source.type = hertz < 300 ? "square" : "triangle";
  source.frequency.value = hertz;
  gain.gain.setValueAtTime(0.0001, from);
  gain.gain.exponentialRampToValueAtTime(0.5, from + 0.005);
  gain.gain.setValueAtTime(0.5, from + length - 0.01);
  gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
  source.connect(gain);
  gain.connect(where.destination);
  source.start(from);
  source.stop(from + length);
}
