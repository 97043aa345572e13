/**
 * SHA-256 (FIPS 180-4) over bytes, synchronous: crypto.subtle is asynchronous and absent on plain http.
 * Meant for proofs of a few hundred kilobytes, not for secrets.
 */

/**
 * The first 32 bits of the fractional part of a prime's root; BigInt-free because 2^32 * fraction fits a double.
 * @param {number} prime
 * @param {number} power
 */
function fraction(prime, power) {
  const root = Math.pow(prime, power);
  return Math.floor((root - Math.floor(root)) * 0x100000000) >>> 0;
}

/** @param {number} count */
function primes(count) {
  /** @type {number[]} */
  const found = [];
  for (let n = 2; found.length < count; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

const START = primes(8).map((prime) => fraction(prime, 1 / 2));
const ROUND = primes(64).map((prime) => fraction(prime, 1 / 3));

/**
 * @param {Uint8Array} bytes
 * @returns {string} 64 hex digits
 */
export function sha256(bytes) {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let block = 0; block < blocks; block += 1) mix(state, words, view, block * 64);
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * @param {string} text
 * @returns {string} SHA-256 of its UTF-8 bytes, 64 hex digits
 */
export function sha256Text(text) {
  return sha256(new TextEncoder().encode(text));
}

/**
 * @param {number} word
 * @param {number} by
 */
function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

/**
 * @param {number[]} state
 * @param {Uint32Array} words
 * @param {DataView} view
 * @param {number} offset
 */
function mix(state, words, view, offset) {
  for (let t = 0; t < 16; t += 1) words[t] = view.getUint32(offset + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const x = words[t - 15];
    const y = words[t - 2];
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    words[t] = (words[t - 16] + s0 + words[t - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t += 1) {
    const one = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + one + ((e & f) ^ (~e & g)) + ROUND[t] + words[t]) | 0;
    const two = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (two + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i] + word) | 0;
  });
}
