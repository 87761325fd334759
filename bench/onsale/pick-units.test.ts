import { describe, expect, it } from 'vitest'
import { frontFirst, pickUnits } from './pick-units.ts'
import { seededChance } from './seeded-chance.ts'

const chance = seededChance(1, 1)

describe('pointing at seats', () => {
  it('takes neighbours that are all free, counted from the first unit of the section', () => {
    for (let time = 0; time < 50; time += 1) {
      const picked = pickUnits({ firstUnit: 100, states: '0120003010000' }, 3, chance)
      expect([
        [103, 104, 105],
        [109, 110, 111],
        [110, 111, 112],
      ]).toContainEqual(picked)
    }
  })

  it('finds nothing where too few are free together', () => {
    expect(pickUnits({ firstUnit: 0, states: '0101001' }, 3, chance)).toBeNull()
    expect(pickUnits({ firstUnit: 0, states: null }, 1, chance)).toBeNull()
  })

  it('wants the front more often than the back, and stays within the bound', () => {
    const drawn = Array.from({ length: 2_000 }, () => frontFirst(10, chance))
    expect(Math.min(...drawn)).toBe(0)
    expect(Math.max(...drawn)).toBe(9)
    expect(drawn.filter((index) => index < 3).length).toBeGreaterThan(1_000)
  })
})
