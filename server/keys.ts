/** Keys from the configuration's JSON Web Key Sets: private ones to sign, public ones to publish. */
import { type CryptoKey, importJWK, type JWK } from 'jose'
import { ConfigError } from './platform/config-fault.ts'

type KeySet = { readonly keys: readonly ({ kid: string; kty: string } & Record<string, unknown>)[] }

export type SigningKeys = {
  readonly active: { readonly kid: string; readonly key: CryptoKey }
  /** All keys of the set without their private parts. */
  readonly publicKeys: readonly JWK[]
}

/**
 * The first key signs; the others are only published, so that what they signed stays valid.
 * @throws ConfigError when the first key is not a private Ed25519 key
 */
export async function signingKeys(name: string, set: KeySet): Promise<SigningKeys> {
  const [first] = set.keys
  if (first === undefined || typeof first['d'] !== 'string' || first['crv'] !== 'Ed25519') {
    throw new ConfigError(`${name}: the first key must be a private Ed25519 key (kty OKP, with d)`)
  }
  const key = await importJWK(first as JWK, 'EdDSA')
  if (key instanceof Uint8Array) throw new ConfigError(`${name}: the first key is not Ed25519`)
  return { active: { kid: first.kid, key }, publicKeys: publicKeys(name, set) }
}

/** @throws ConfigError when one of them is of another kind */
export function publicKeys(name: string, set: KeySet): JWK[] {
  return set.keys.map(({ kid, kty, crv, x }) => {
    if (kty !== 'OKP' || crv !== 'Ed25519') {
      throw new ConfigError(`${name}: all keys must be Ed25519 (kty OKP)`)
    }
    return { kid, kty, crv: String(crv), x: String(x), alg: 'EdDSA', use: 'sig' }
  })
}
