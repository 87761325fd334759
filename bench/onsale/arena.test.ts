import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chooseAdjacent } from '../../server/domain/choose-seats.ts'
import { importSeatMap } from '../../server/domain/seat-map-import.ts'
import { makeArena } from './make-arena.ts'

function file(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url))
}

describe('the arena that the on-sale run sells', () => {
  const result = importSeatMap(file('arena.json'), 'json')

  it('is what its generator makes', () => {
    expect(file('arena.json').toString('utf8') === makeArena()).toBe(true)
  })

  it('is a faultless seat map of about 20,000 places, most of them numbered', () => {
    if (!result.ok) throw new Error(JSON.stringify(result.faults, null, 2))
    const { sections, units } = result.seatMap
    const seated = sections.filter(({ kind }) => kind === 'seated')
    const seats = seated.reduce((sum, section) => sum + section.units, 0)
    expect(units).toBeGreaterThan(19_000)
    expect(units).toBeLessThan(21_000)
    expect(units - seats).toBe(4_000)
    expect(seated).toHaveLength(44)
  })

  it('has four seats together in each of its sections', () => {
    if (!result.ok) throw new Error('not a seat map')
    const { seatMap } = result
    for (const [index, section] of seatMap.sections.entries()) {
      const random = () => 0.5
      const wish = { seatMap, sections: [index], count: 4, random, candidates: 3 }
      const chosen = chooseAdjacent({ ...wish, stateOf: () => 'free' })
      expect(chosen).toHaveLength(section.kind === 'seated' ? 3 : 0)
    }
  })
})

describe('the club that serves as the example of CSV', () => {
  it('is a faultless seat map of about 200 seats and a standing floor', () => {
    const result = importSeatMap(file('club.csv'), 'csv', { name: 'Cellar Club' })
    if (!result.ok) throw new Error(JSON.stringify(result.faults, null, 2))
    expect(result.seatMap.sections.map(({ kind, name, units }) => [kind, name, units])).toEqual([
      ['standing', 'Floor', 350],
      ['seated', 'Stalls', 144],
      ['seated', 'Balcony', 60],
    ])
  })
})
