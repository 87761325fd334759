/**
 * The text of a machine's key: `frk_` + prefix (16 hexadecimal digits: finds its row) + `_` + secret
 * (32 random bytes, 43 characters of base64url) + checksum (CRC-32 of all before it, 6 characters of
 * base62, as GitHub's tokens have it). The checksum proves nothing: it lets scanners of leaked
 * secrets, and us, tell a key from other text without asking a database.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const prefixBytes = 8
export const secretBytes = 32
const checksumCharacters = 6
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const pattern = /^(frk_([0-9a-f]{16})_([A-Za-z0-9_-]{43}))([0-9A-Za-z]{6})$/

export type ApiKeyText = { readonly prefix: string; readonly secretHash: string }

/** @returns the text, and what of it is kept */
export function newApiKey(random: {
  readonly prefix: Uint8Array
  readonly secret: Uint8Array
}): ApiKeyText & { readonly text: string } {
  const prefix = Buffer.from(random.prefix).toString('hex')
  const secret = Buffer.from(random.secret).toString('base64url')
  const body = `frk_${prefix}_${secret}`
  return { prefix, secretHash: hashOf(secret), text: `${body}${checksumOf(body)}` }
}

/** What a text says of a key, or null for what was never one. */
export function readApiKey(text: string): ApiKeyText | null {
  const [, body = '', prefix = '', secret = '', checksum] = pattern.exec(text) ?? []
  return checksum === checksumOf(body) ? { prefix, secretHash: hashOf(secret) } : null
}

/** In a time that does not tell how much of it is alike. */
export function sameHash(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')]
  return first.length === second.length && timingSafeEqual(first, second)
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let digit = 0; digit < checksumCharacters; digit += 1) {
    text = (base62[rest % 62] ?? '') + text
    rest = Math.floor(rest / 62)
  }
  return text
}
