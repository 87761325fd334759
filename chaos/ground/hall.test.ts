import { describe, expect, it } from 'vitest'
import { drawHall } from './hall.ts'

type Drawn = { readonly sections: readonly { readonly kind: string }[] }

describe('a hall of a drill', () => {
  it('is the same for the same seed, and another for another event', () => {
    const [one, again, other] = [drawHall(3, 0), drawHall(3, 0), drawHall(3, 1)]
    expect(again.seatMap.equals(one.seatMap)).toBe(true)
    expect(again.tiers.map(({ rules }) => rules)).toEqual(one.tiers.map(({ rules }) => rules))
    expect(other.seatMap.equals(one.seatMap)).toBe(false)
  })

  it('is small enough to be sold out, and has seats, standing room and a cheaper start', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const { units, seatMap, tiers } = drawHall(seed, seed % 5)
      expect(units).toBeGreaterThanOrEqual(600)
      expect(units).toBeLessThanOrEqual(1_500)
      const { sections } = JSON.parse(seatMap.toString()) as Drawn
      expect(new Set(sections.map(({ kind }) => kind))).toEqual(new Set(['standing', 'seated']))
      const rules = tiers.flatMap((tier) => tier.rules)
      expect(rules.filter(({ whileTakenBelow }) => whileTakenBelow !== undefined)).toHaveLength(1)
      // The fee's share of a price is whole, so that nobody has to round.
      expect(rules.filter(({ price }) => price <= 0 || price % 40 !== 0)).toEqual([])
    }
  })
})
