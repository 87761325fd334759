/** Refusals outside of tRPC: plain routes, and calls that never reached a procedure. */
import { type RefusalCode, refusal, refusals } from '../domain/refusal.ts'
import { waitOf } from './errors.ts'

/** The same fields as a tRPC error. INTERNAL is a fault of ours: no refusal, but shown as one. */
export function plainRefusal(
  code: RefusalCode | 'INTERNAL',
  message: string,
  retryAfterMs?: number,
) {
  const facts = factsOf(code, message)
  const refused = retryAfterMs === undefined ? facts : { ...facts, retryAfterMs }
  return { error: { message, data: { refusal: refused, issues: null } } }
}

function factsOf(code: RefusalCode | 'INTERNAL', message: string) {
  if (code === 'INTERNAL') {
    return { code, message, transient: false, retryAfterMs: null, details: null }
  }
  const retryAfterMs = waitOf(refusal(code, message)) ?? null
  return { code, message, ...refusals[code], retryAfterMs, details: null }
}
