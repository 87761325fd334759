import fastCheck from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'
import { systemRandom } from './random.ts'

const bounds = { baseMs: 5, maxMs: 500 }
const drawing = (fraction: number) => ({ ...systemRandom, fraction: () => fraction })

describe('a wait before the next attempt', () => {
  it('is anywhere below a ceiling that doubles up to its bound', () => {
    const almost = drawing(1 - Number.EPSILON)
    const ceilings = [0, 1, 2, 3, 6, 7, 20].map((attempt) =>
      Math.round(backoffMs(attempt, bounds, almost)),
    )
    expect(ceilings).toEqual([5, 10, 20, 40, 320, 500, 500])
    expect(backoffMs(3, bounds, drawing(0))).toBe(0)
    expect(backoffMs(3, bounds, drawing(0.5))).toBe(20)
  })

  it('is finite and within its bound after any number of attempts', () => {
    fastCheck.assert(
      fastCheck.property(fastCheck.nat(5_000), (attempt) => {
        const waitMs = backoffMs(attempt, bounds, systemRandom)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThanOrEqual(bounds.maxMs)
      }),
    )
  })
})
