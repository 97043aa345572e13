/** This device's signature: ECDSA P-256; the private key cannot be taken out of the browser. */

import { DeviceError } from "./env.js";

const KIND = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/**
 * @param {SubtleCrypto | null} subtle null on plain http
 * @returns {Promise<{keys: CryptoKeyPair, spki: string} | null>}
 */
export async function makeKeys(subtle) {
  if (subtle === null) return null;
  const keys = await subtle.generateKey(KIND, false, ["sign", "verify"]);
  const spki = await subtle.exportKey("spki", keys.publicKey);
  return { keys, spki: base64(new Uint8Array(spki)) };
}

/**
 * @param {SubtleCrypto | null} subtle
 * @param {CryptoKeyPair | null} keys
 * @param {string} body the exact push body
 * @returns {Promise<{bundle: string, sig: string}>}
 */
export async function signed(subtle, keys, body) {
  if (subtle === null || keys === null) throw new DeviceError("no_key");
  const bytes = new TextEncoder().encode(body);
  const sig = await subtle.sign(SIGNING, keys.privateKey, bytes);
  return { bundle: base64(bytes), sig: base64(new Uint8Array(sig)) };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x2000) {
    text += String.fromCharCode.apply(null, Array.from(bytes.subarray(i, i + 0x2000)));
  }
  return btoa(text);
}
