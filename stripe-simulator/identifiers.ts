/**
 * Ids that look like Stripe's: a prefix and 24 unguessable characters.
 */
import { randomUUID } from 'node:crypto'

/** For example `newId('pi_3')` gives `pi_3` and 24 hexadecimal characters. */
export function newId(prefix: string): string {
  return prefix + randomUUID().replaceAll('-', '').slice(0, 24)
}
