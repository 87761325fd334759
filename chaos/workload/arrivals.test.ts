import { describe, expect, it } from 'vitest'
import { seededChance } from '../../bench/onsale/seeded-chance.ts'
import { eventually } from '../../test/support/eventually.ts'
import { Arrivals, gapMs } from './arrivals.ts'

describe('gaps between fans', () => {
  it('are on average what the rate says, and as uneven as chance', () => {
    const chance = seededChance(1, 1)
    const gaps = Array.from({ length: 20_000 }, () => gapMs(chance.fraction(), 20))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(mean).toBeCloseTo(50, -1)
    // Of an exponential distribution both are the same.
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
  })
})

describe('arrivals', () => {
  const begin = (ratePerSecond: number, onArrival: (dueMs: number) => void) =>
    new Arrivals({ chance: seededChance(7, 0), ratePerSecond, onArrival })

  it('come at the same moments with the same seed, whatever they meet', async () => {
    const runs: number[][] = []
    for (const busyMs of [0, 15]) {
      const dues: number[] = []
      const arrivals = begin(200, (dueMs) => {
        dues.push(dueMs)
        const endMs = performance.now() + busyMs
        while (performance.now() < endMs);
      })
      await eventually(() => dues.length >= 40, { what: 'forty fans' })
      await arrivals.end()
      runs.push(dues.slice(0, 40).map((due) => due - (dues[0] ?? 0)))
    }
    const [quick = [], slow = []] = runs
    slow.forEach((due, index) => expect(due).toBeCloseTo(quick[index] ?? 0, 3))
  })

  it('step up, and end', async () => {
    let came = 0
    const arrivals = begin(0.001, () => (came += 1))
    arrivals.step(1_000_000)
    // The first gap was drawn before the step: nobody waits for a quarter of an hour.
    await arrivals.end()
    expect(came).toBe(0)
    expect(() => arrivals.step(0)).toThrow(RangeError)
  })
})
