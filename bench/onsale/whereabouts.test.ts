import { describe, expect, it } from 'vitest'
import { whereaboutsOf } from './whereabouts.ts'

describe('whereabouts', () => {
  it('are the only place where there is one', () => {
    for (let fan = 0; fan < 50; fan += 1) {
      expect(whereaboutsOf(1, fan, 1)).toEqual({ place: 0, event: 0 })
    }
  })

  it('spread over all places, and over all other events of those who go far', () => {
    const all = Array.from({ length: 9_000 }, (_, fan) => whereaboutsOf(7, fan, 3))
    const count = (place: number, event: number) =>
      all.filter((one) => one.place === place && one.event === event).length
    for (const place of [0, 1, 2]) {
      expect(count(place, place)).toBeGreaterThan(1_600)
      expect(count(place, place)).toBeLessThan(2_000)
      for (const event of [0, 1, 2].filter((other) => other !== place)) {
        expect(count(place, event)).toBeGreaterThan(500)
        expect(count(place, event)).toBeLessThan(700)
      }
    }
  })

  it('are the same again for one seed, and others for another', () => {
    const of = (seed: number) => Array.from({ length: 40 }, (_, fan) => whereaboutsOf(seed, fan, 3))
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
  })
})
