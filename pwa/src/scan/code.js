/**
 * The grammar of every printed code, in the browser: the twin of `qr/codes.py`, held to the same vectors
 * (`qr/vectors/codes.json`). It proves codes while offline and refuses all that is not provably ours.
 * Plain ES module, nothing above Chrome 74; reasons in words live with the other texts of the app.
 */

export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** @type {Readonly<Record<string, string>>} */
export const KINDS = Object.freeze({
  L: 'bin', D: 'order', C: 'carton', T: 'tote', V: 'device', P: 'person', R: 'register',
});

export const MAX_BODY = 24;
export const MAX_TEXT = 300;

const BASE = ALPHABET.length;
const IN_ALPHABET = /^[0-9A-HJKMNP-TV-Z]+$/;
const ADDRESS = /^(?:HTTPS?:\/\/[^/?#]+)?\/S\/([^/?#]+)\/*(?:[?#][^]*)?$/;
// Not trim(): its idea of a blank differs from Python's, and the twins must agree on every input.
const EDGES = /^[\u0000-\u0020\u007f\u00a0\u200b\ufeff]+|[\u0000-\u0020\u007f\u00a0\u200b\ufeff]+$/g;

/**
 * @typedef {{kind: string, body: string}} Code
 * @typedef {{refused: 'empty'|'too_long'|'not_ours'|'unknown_kind'|'bad_check'}} Refused
 */

/**
 * The check character of a body in ALPHABET: ISO 7064's hybrid scheme, MOD 33,32.
 * @param {string} body
 * @returns {string}
 */
export function check(body) {
  let product = BASE;
  for (const letter of body) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) throw new RangeError('bad_body');
    product = (((product + value) % BASE || BASE) * 2) % (BASE + 1);
  }
  return ALPHABET[(BASE + 1 - product) % BASE];
}

/**
 * The code's text. Throws RangeError `unknown_kind` or `bad_body`.
 * @param {string} kind a key of KINDS
 * @param {string} body 1 to MAX_BODY letters of ALPHABET
 * @returns {string}
 */
export function make(kind, body) {
  if (!Object.prototype.hasOwnProperty.call(KINDS, kind)) throw new RangeError('unknown_kind');
  if (body.length > MAX_BODY || !IN_ALPHABET.test(body)) throw new RangeError('bad_body');
  return kind + body + check(body);
}

/**
 * What a scanner, a camera or a hand gave: a bare code, or its address on any host.
 * `typed` also reads O as 0 and I, L as 1 after the type letter; scanned text is taken as it is.
 * @param {string} text
 * @param {{typed?: boolean}} [how]
 * @returns {Code | Refused}
 */
export function read(text, how) {
  if (Array.from(text).length > MAX_TEXT) return { refused: 'too_long' };
  let plain = text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(EDGES, '')
    .replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 32));
  if (plain === '') return { refused: 'empty' };
  const at = ADDRESS.exec(plain);
  if (at) plain = at[1];
  const kind = plain[0];
  let rest = plain.slice(1);
  if (how && how.typed) rest = rest.replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!/[A-Z]/.test(kind) || rest.length < 2 || !IN_ALPHABET.test(rest)) return { refused: 'not_ours' };
  if (rest.length - 1 > MAX_BODY) return { refused: 'too_long' };
  const body = rest.slice(0, -1);
  const isProven = check(body) === rest.slice(-1);
  if (!Object.prototype.hasOwnProperty.call(KINDS, kind)) return { refused: isProven ? 'unknown_kind' : 'not_ours' };
  return isProven ? { kind, body } : { refused: 'bad_check' };
}
