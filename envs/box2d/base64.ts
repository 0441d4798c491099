/** Bytes as base64 text and back, in Node and in pages: a snapshot of a world is part of a plain JSON state. */

/** Characters that one call of `String.fromCharCode` takes. */
const CHUNK = 8192;

/** Base64 text of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** The bytes of a base64 text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
