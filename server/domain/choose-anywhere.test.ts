import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnywhereWish, chooseAnywhere } from './choose-seats.ts'

function lehmer(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return (state - 1) / 2_147_483_646
  }
}

describe('places in a standing area', () => {
  it('are free, inside the area and in one candidate only, whenever enough are free', () => {
    const area = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 })
    const wanted = fc.record({ count: fc.integer({ min: 1, max: 8 }), seed: fc.nat() })
    fc.assert(
      fc.property(area, wanted, (isFree, { count, seed }) => {
        const stateOf = (unit: number) => (isFree[unit - 100] ? 'free' : 'held')
        const random = lehmer(seed)
        const wish: AnywhereWish = {
          firstUnit: 100,
          units: isFree.length,
          stateOf,
          count,
          random,
          candidates: 3,
        }
        const chosen = chooseAnywhere(wish)
        const free = isFree.filter(Boolean).length
        expect(chosen.length > 0).toBe(free >= count)
        expect(chosen.length).toBeLessThanOrEqual(3)
        const units = chosen.flatMap((candidate) => candidate.units)
        expect(new Set(units).size).toBe(chosen.length * count)
        expect(units.every((unit) => stateOf(unit) === 'free')).toBe(true)
        expect(chosen.every(({ edges }) => edges.length === 0)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('differ among a thousand fans who ask at once', () => {
    const random = lehmer(5)
    const wish: AnywhereWish = {
      firstUnit: 0,
      units: 5_000,
      stateOf: () => 'free',
      count: 2,
      random,
      candidates: 1,
    }
    const starts = new Set(Array.from({ length: 1_000 }, () => chooseAnywhere(wish)[0]?.units[0]))
    expect(starts.size).toBeGreaterThan(850)
  })

  it('are found when a few are left among many, without walking past them all for each candidate', () => {
    const left = new Set([17, 49_000, 99_998])
    let asked = 0
    const stateOf = (unit: number) => {
      asked += 1
      return left.has(unit) ? 'free' : 'sold'
    }
    const wish: AnywhereWish = {
      firstUnit: 0,
      units: 100_000,
      stateOf,
      count: 3,
      random: lehmer(9),
      candidates: 8,
    }
    expect(chooseAnywhere(wish).map(({ units }) => units)).toEqual([[17, 49_000, 99_998]])
    expect(asked).toBeLessThan(101_000)
  })
})
