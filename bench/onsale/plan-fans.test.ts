import { describe, expect, it } from 'vitest'
import { type Crowd, countShares, fateShares, planFans, wishShares } from './plan-fans.ts'

const crowd: Crowd = { fans: 20_000, seed: 7, arrivalsPerSecond: 50, canAuthenticate: true }

describe('the plan of a crowd', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFans(crowd)).toEqual(planFans(crowd))
    expect(planFans({ ...crowd, seed: 8 })).not.toEqual(planFans(crowd))
  })

  it('does not change for the first fans when more come', () => {
    expect(planFans(crowd).slice(0, 100)).toEqual(planFans({ ...crowd, fans: 100 }))
  })

  it('lets fans come one after the other at the rate asked for', () => {
    const arrivals = planFans(crowd).map((fan) => fan.arrivesAtMs)
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b))
    expect(20_000 / ((arrivals.at(-1) ?? 0) / 1000)).toBeCloseTo(50, -0.5)
  })

  it('lets all come at once, without a thought, when no rate is given', () => {
    const burst = planFans({ ...crowd, arrivalsPerSecond: null })
    expect(burst.every((fan) => fan.arrivesAtMs === 0 && fan.thinkMs === 0)).toBe(true)
  })

  it('draws every share as often as it says', () => {
    const plans = planFans(crowd)
    const shareOf = (fits: (fan: (typeof plans)[number]) => boolean) =>
      plans.filter(fits).length / plans.length
    for (const [fate, share] of Object.entries(fateShares)) {
      expect(shareOf((fan) => fan.fate === fate)).toBeCloseTo(share, 1.7)
    }
    for (const [wish, share] of Object.entries(wishShares)) {
      expect(shareOf((fan) => fan.wish === wish)).toBeCloseTo(share, 1.7)
    }
    for (const [count, share] of Object.entries(countShares)) {
      expect(shareOf((fan) => fan.count === Number(count))).toBeCloseTo(share, 1.7)
    }
  })

  it.each([fateShares, wishShares, countShares])('has shares that sum to one', (shares) => {
    expect(Object.values<number>(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
  })

  it('asks nobody for 3-D Secure where it cannot be answered, and changes nobody else', () => {
    const plain = planFans({ ...crowd, canAuthenticate: false })
    expect(plain.some((fan) => fan.fate === 'three-d-secure')).toBe(false)
    const others = planFans(crowd).filter((fan) => fan.fate !== 'three-d-secure')
    expect(others.every((fan) => plain[fan.index]?.fate === fan.fate)).toBe(true)
  })
})
