import { describe, expect, it } from 'vitest'
import { faultLines, faultsOf, header } from './seat-map-samples.ts'

describe('rows that overlap', () => {
  const row = (name: string, y: number) =>
    Array.from({ length: 30 }, (_, i) => `A,${name},${i + 1},${i * 0.5},${y},,`)

  it('are both named, once, with the line', () => {
    const text = [header, ...row('1', 0), ...row('2', 0.1), ...row('3', 1)].join('\n')
    const faults = faultsOf(text, 'csv')
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({ line: 32, column: 5, code: 'seats-overlap' })
    expect(faults[0]?.message).toBe(
      'Row "2" of section "A" overlaps row "1" of section "A" (line 2): seat "1" is less than 0.2 m from seat "1", and 29 more. Correct the coordinates.',
    )
  })

  it('are found across sections and across the cells of the grid, as by comparing all with all', () => {
    let seed = 7
    const next = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (let run = 0; run < 200; run += 1) {
      const points = [0, 1].map(() =>
        [next() * 0.8 - 0.4, next() * 0.8 - 0.4].map((v) => v.toFixed(3)),
      )
      const text = [header, ...points.map(([x, y], i) => `S${i},1,1,${x},${y},,`)].join('\n')
      const [a, b] = points.map((point) => point.map(Number))
      const distance = Math.hypot((a?.[0] ?? 0) - (b?.[0] ?? 0), (a?.[1] ?? 0) - (b?.[1] ?? 0))
      expect([faultLines(text, 'csv').length, distance]).toEqual([distance < 0.2 ? 1 : 0, distance])
    }
  })
})
