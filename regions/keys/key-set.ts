/**
 * Sets of private Ed25519 keys (JSON Web Key Sets, RFC 8037) as the server's settings take them:
 * the first key signs, all are published. Each step of a rotation is a function from set to set.
 */
import { createHash, generateKeyPairSync } from 'node:crypto'

export type PrivateKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly d: string
  readonly kid: string
}
export type KeySet = { readonly keys: readonly PrivateKey[] }

/** One sentence for whoever ran the command. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError'
}

const kidCharacters = 16

export function newKey(): PrivateKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid: kidOf(x) }
}

export function newKeySet(): KeySet {
  return { keys: [newKey()] }
}

/** A next key that is published and signs nothing yet, so that all learn it before it is used. */
export function withNext(set: KeySet): KeySet {
  if (set.keys.length > 1) throw new KeySetError('There are two keys already: rotate, or retire.')
  return { keys: [...set.keys, newKey()] }
}

/** The next key signs; the one that did stays published, for what it signed. */
export function rotated(set: KeySet): KeySet {
  const [signing, next] = set.keys
  if (signing === undefined || next === undefined) {
    throw new KeySetError('There is no next key: publish one first, and let all servers learn it.')
  }
  return { keys: [next, signing] }
}

/** Only the key that signs is left; what the other signed is nothing from now on. */
export function retired(set: KeySet): KeySet {
  if (set.keys.length < 2) throw new KeySetError('There is only one key: nothing to retire.')
  return { keys: set.keys.slice(0, 1) }
}

/** The set as anybody may see it. */
export function published(set: KeySet) {
  return { keys: set.keys.map(({ kty, crv, x, kid }) => ({ kid, kty, crv, x })) }
}

/** @throws KeySetError */
export function parseKeySet(text: string): KeySet {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown }
    if (Array.isArray(keys) && keys.length > 0 && keys.every(isPrivateKey)) return { keys }
  } catch {
    // Said below, without a word of what was in it.
  }
  throw new KeySetError('The file is not a set of private Ed25519 keys.')
}

function isPrivateKey(key: unknown): key is PrivateKey {
  const { kty, crv, x, d, kid } = (key ?? {}) as Record<string, unknown>
  return kty === 'OKP' && crv === 'Ed25519' && [x, d, kid].every((part) => typeof part === 'string')
}

/** The beginning of the key's own thumbprint (RFC 7638): no two keys share it. */
function kidOf(x: string): string {
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
  return thumbprint.digest('base64url').slice(0, kidCharacters)
}
