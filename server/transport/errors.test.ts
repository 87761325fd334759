/** The one table of refusals, the documentation and the wire say the same. */
import { readFileSync } from 'node:fs'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { describe, expect, it } from 'vitest'
import { type RefusalCode, RefusedError, refusal, refusals } from '../domain/refusal.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  GuardFailedError,
  UnknownOutcomeError,
} from '../stores/outcome.ts'
import { refusalOf, retryAfterMsOf, wireOf } from './errors.ts'

const codes = Object.keys(refusals) as RefusalCode[]
const documented = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const rows = documented
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^`[A-Z_]+`$/.test(cells[1] ?? ''))

describe('the table of refusals', () => {
  it('is documented code for code, and nothing else is', () => {
    const names = rows.map((cells) => cells[1]?.replaceAll('`', ''))
    expect(new Set(names)).toEqual(new Set(codes))
    expect(names).toHaveLength(codes.length)
  })

  it.each(codes)('%s is documented with its status and whether it is transient', (code) => {
    const row = rows.find((cells) => cells[1] === `\`${code}\``)
    const error = new TRPCError({ code: wireOf[code].trpc })
    expect(row?.[2]).toBe(String(getHTTPStatusCodeFromError(error)))
    expect(row?.[3]).toBe(refusals[code].transient ? 'yes' : 'no')
    expect(row?.slice(4, 8).every((cell) => cell.length > 0)).toBe(true)
  })

  it.each(codes)('%s asks for a wait exactly when it is transient', (code) => {
    expect(wireOf[code].retryAfterMs !== undefined).toBe(refusals[code].transient)
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
