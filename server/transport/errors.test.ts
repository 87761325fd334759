/** What the wire says of a refusal is what the table says. */
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { describe, expect, it } from 'vitest'
import { type RefusalCode, RefusedError, refusal, refusals } from '../domain/refusal.ts'
import { refusalTable } from '../domain/refusals/refusal-table.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  GuardFailedError,
  UnknownOutcomeError,
} from '../stores/outcome.ts'
import { refusalOf, retryAfterMsOf, trpcErrorOf, waitOf } from './errors.ts'

const codes = Object.keys(refusalTable) as RefusalCode[]

describe('the wire', () => {
  it.each(codes)('%s has the HTTP status of the table', (code) => {
    const error = trpcErrorOf(refusal(code, 'm'), null)
    expect(getHTTPStatusCodeFromError(error)).toBe(refusalTable[code].status)
  })

  it.each(codes)('%s asks for a wait exactly when it is transient', (code) => {
    const waitMs = waitOf(refusal(code, 'm'))
    expect(waitMs !== undefined).toBe(refusals[code].transient)
    expect(waitMs ?? 1).toBeGreaterThan(0)
  })

  it('says nothing of a later try with a status that stands for a final answer', () => {
    const passing: readonly number[] = [429, 503]
    for (const code of codes) {
      expect(passing.includes(refusalTable[code].status), code).toBe(refusals[code].transient)
    }
  })

  it('prefers the wait that the refusal itself knows', () => {
    expect(waitOf({ ...refusal('RATE_LIMITED', 'm'), retryAfterMs: 60_000 })).toBe(60_000)
  })

  it('gives what stores throw the refusal that is true of it', () => {
    const code = (cause: unknown) => refusalOf(cause)?.code ?? null
    expect(code(new UnknownOutcomeError('x'))).toBe('OUTCOME_UNKNOWN')
    expect(code(new ContentionError('x'))).toBe('CONTENTION')
    expect(code(new DatabaseUnavailableError('x'))).toBe('UNAVAILABLE')
    expect(code(new GuardFailedError('x'))).toBeNull()
    expect(code(new TypeError('x'))).toBeNull()
  })

  it('passes a refusal on unchanged and knows how long to wait', () => {
    const refused = new RefusedError(refusal('SEATS_TAKEN', 'm', { units: [1] }))
    expect(refusalOf(refused)).toEqual({
      code: 'SEATS_TAKEN',
      message: 'm',
      details: { units: [1] },
    })
    expect(retryAfterMsOf(refused)).toBe(0)
    expect(retryAfterMsOf(new UnknownOutcomeError('x'))).toBeGreaterThan(0)
  })
})
