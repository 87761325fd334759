/**
 * Crockford's base32 in lower case (no i, l, o, u), as TypeID uses it for UUIDs:
 * 16 bytes become 26 characters that sort like the bytes. https://www.crockford.com/base32.html
 */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** 16 bytes to 26 characters. The first character carries three bits, so it is 0 to 7. */
export function encodeUuid(bytes: Uint8Array): string {
  let value = 0n
  for (const byte of bytes.subarray(0, 16)) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let digit = 0; digit < 26; digit += 1) {
    text = (alphabet[Number(value & 31n)] ?? '') + text
    value >>= 5n
  }
  return text
}

/** What `encodeUuid` can have made: nothing else is an identifier. */
export const base32UuidPattern = '[0-7][0-9a-hjkmnp-tv-z]{25}'
