/** Gives a keyed mutation its idempotency key, once, above all retries. */
import { findMutation } from '../mutations.ts'
import { asyncLink } from './async-link.ts'

export function keyLink(newKey: () => string) {
  return asyncLink((op, send) => {
    const input = op.input
    const keyed = op.type === 'mutation' && findMutation(op.path)?.keyed === true
    const lacksKey = typeof input === 'object' && input !== null && keyOf(input) === null
    return send(keyed && lacksKey ? { ...op, input: { ...input, key: newKey() } } : op)
  })
}

/** The key that a call's input carries. */
export function keyOf(input: unknown): string | null {
  const key = typeof input === 'object' && input !== null && 'key' in input ? input.key : null
  return typeof key === 'string' ? key : null
}
