/**
 * Signs witnessed heads with the region's key for calls to other regions, as compact JWS (RFC 7515)
 * of a type of their own: none can be taken for a call, and no call for one.
 */
import { createPublicKey, type JsonWebKey, KeyObject, sign, verify } from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
import {
  type HeadSigner,
  type SignatureFinding,
  type SignedHead,
  witnessedText,
} from '../../domain/audit-witness.ts'

const type = 'frontrow-audit-head+jws'

export function headSigner(active: { readonly kid: string; readonly key: CryptoKey }): HeadSigner {
  const key = KeyObject.from(active.key as Parameters<typeof KeyObject.from>[0])
  const header = encoded(JSON.stringify({ alg: 'EdDSA', kid: active.kid, typ: type }))
  return {
    sign: (head) => {
      const input = `${header}.${encoded(witnessedText(head))}`
      return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
    },
    isOwn: (signature) => signature.startsWith(`${header}.`),
  }
}

/** @param keys public keys of each region; old ones too, as long as rows are signed with them */
export function headSignatures(keys: ReadonlyMap<string, readonly JWK[]>) {
  return {
    findingOf: (head: SignedHead): SignatureFinding => {
      const own = keys.get(head.witness)
      if (own === undefined) return 'unknown'
      const [header = '', payload = '', signature = ''] = head.signature.split('.')
      const kid = kidIn(header)
      if (kid === null || payload !== encoded(witnessedText(head))) return 'forged'
      const jwk = own.find((one) => one.kid === kid)
      if (jwk === undefined) return 'unknown'
      const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      const input = Buffer.from(`${header}.${payload}`)
      return verify(null, input, key, Buffer.from(signature, 'base64url')) ? 'witnessed' : 'forged'
    },
  }
}

/** Null for what is no header of ours. */
function kidIn(header: string): string | null {
  try {
    const { alg, typ, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Header
    return alg === 'EdDSA' && typ === type && typeof kid === 'string' ? kid : null
  } catch {
    return null
  }
}

type Header = { readonly alg?: unknown; readonly typ?: unknown; readonly kid?: unknown }

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}
