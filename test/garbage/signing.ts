/** Signs whatever it is given: libraries refuse to sign what is forged here. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import type { JWK } from 'jose'

type Claims = Readonly<Record<string, unknown>>

/** A JWT over Ed25519, whatever its header says. */
export function signedBy(
  key: JWK,
  { header, claims }: { readonly header: Claims; readonly claims: Claims },
): string {
  const encode = (part: Claims) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const body = `${encode(header)}.${encode(claims)}`
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
  return `${body}.${sign(null, Buffer.from(body), privateKey).toString('base64url')}`
}
