import { describe, expect, it } from 'vitest'
import { Measurements } from './measurements.ts'

describe('measurements', () => {
  it('rate what was paid while the sale was full, not what came after', () => {
    const measured = new Measurements()
    for (let paidAtMs = 1_100; paidAtMs <= 5_000; paidAtMs += 100) measured.paid(paidAtMs, 2)
    const figures = measured.figures({ openedAtMs: 1_000, fullUntilMs: 3_000 })
    expect(figures.ordersPerSecond).toBe(10)
    expect(figures.ticketsPerSecond).toBe(20)
    expect(figures.warmUpMs).toBe(0)
  })

  it('leave the first seconds of a long run out of percentiles and rates', () => {
    const measured = new Measurements()
    measured.took('hold', 4_999, 900)
    measured.took('hold', 5_000, 10)
    measured.paid(4_000, 9)
    measured.paid(6_000, 1)
    const figures = measured.figures({ openedAtMs: 0, fullUntilMs: 25_000 })
    expect(figures.warmUpMs).toBe(5_000)
    expect(figures.steps.hold).toMatchObject({ count: 1, max: 10 })
    expect(figures.ticketsPerSecond).toBe(1 / 20)
  })

  it('count refusals and outcomes, the most frequent first', () => {
    const measured = new Measurements()
    for (const code of ['SOLD_OUT', 'SEATS_TAKEN', 'SEATS_TAKEN']) measured.refused(code)
    measured.ended('bought')
    const figures = measured.figures({ openedAtMs: 0, fullUntilMs: 1 })
    expect(Object.entries(figures.refusals)).toEqual([
      ['SEATS_TAKEN', 2],
      ['SOLD_OUT', 1],
    ])
    expect(figures.outcomes).toEqual({ bought: 1 })
  })

  it('take every send beyond the calls for a retry', () => {
    const measured = new Measurements()
    for (let call = 0; call < 5; call += 1) measured.called()
    measured.sent(2)
    measured.sent(5)
    expect(measured.figures({ openedAtMs: 0, fullUntilMs: 1 }).retries).toBe(2)
  })
})
