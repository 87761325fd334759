/**
 * The `Stripe-Signature` header: `t=<unix seconds>,v1=<HMAC-SHA256 of "t.payload">`, as the SDK's
 * constructEvent verifies it.
 */
import { createHmac } from 'node:crypto'

export interface Signing {
  readonly secret: string
  readonly payload: string
  /** Unix seconds of the machine's clock: the receiver refuses what is older than minutes. */
  readonly atSeconds: number
}

export function signatureHeader({ secret, payload, atSeconds }: Signing): string {
  const digest = createHmac('sha256', secret).update(`${atSeconds}.${payload}`).digest('hex')
  return `t=${atSeconds},v1=${digest}`
}
