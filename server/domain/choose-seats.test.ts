import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdjacentWish, type Candidate, chooseAdjacent } from './choose-seats.ts'
import type { SeatMap } from './seat-map.ts'

/** Rows as pictures: `.` free, `x` taken, `|` an aisle. Sections are lists of rows, front first. */
function mapOf(sections: readonly (readonly string[])[]): { seatMap: SeatMap; free: Set<number> } {
  const free = new Set<number>()
  let unit = 0
  const built = sections.map((pictures, index) => {
    const firstUnit = unit
    const rows = pictures.map((picture, y) => {
      const row = {
        name: `${y}`,
        firstUnit: unit,
        seats: [] as { name: string; x: number; y: number; gapAfter?: true }[],
      }
      for (const character of picture) {
        const last = row.seats.at(-1)
        if (character === '|') {
          if (last) last.gapAfter = true
          continue
        }
        if (character === '.') free.add(unit)
        row.seats.push({ name: `${row.seats.length}`, x: row.seats.length - picture.length / 2, y })
        unit += 1
      }
      return row
    })
    return { kind: 'seated', name: `${index}`, firstUnit, units: unit - firstUnit, rows } as const
  })
  return { seatMap: { name: 'Hall', units: unit, sections: built }, free }
}

/** A small generator of numbers, so that a failure can be seen again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function choose(
  pictures: readonly (readonly string[])[],
  count: number,
  options: Partial<AdjacentWish> = {},
): Candidate[] {
  const { seatMap, free } = mapOf(pictures)
  return chooseAdjacent({
    seatMap,
    sections: pictures.map((_, index) => index),
    stateOf: (unit) => (free.has(unit) ? 'free' : 'sold'),
    count,
    random: seeded(1),
    candidates: 10_000,
    ...options,
  })
}

/** Every group of free neighbours, by brute force, and whether it would leave a single seat. */
function allGroups(pictures: readonly (readonly string[])[], count: number) {
  const groups: { units: number[]; edges: [number, number][]; isTidy: boolean }[] = []
  let first = 0
  for (const block of pictures.flat().flatMap((row) => row.split('|'))) {
    const at = (offset: number) => (offset >= 0 && offset < block.length ? first + offset : -1)
    const isFree = (offset: number) => block[offset] === '.'
    for (let start = 0; start + count <= block.length; start += 1) {
      const units = Array.from({ length: count }, (_, seat) => first + start + seat)
      if (!units.every((unit) => isFree(unit - first))) continue
      const end = start + count
      const leavesOne = [
        isFree(start - 1) && !isFree(start - 2),
        isFree(end) && !isFree(end + 1),
      ].includes(true)
      const edges: [number, number][] = [
        [at(start - 1), at(start - 2)],
        [at(end), at(end + 1)],
      ]
      groups.push({ units, edges, isTidy: !leavesOne })
    }
    first += block.length
  }
  return groups
}

const row = fc
  .string({ unit: fc.constantFrom('.', '.', '.', 'x', '|'), minLength: 1, maxLength: 14 })
  .filter((text) => /[.x]/.test(text))
const venue = fc.array(fc.array(row, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
})

describe('best available seats', () => {
  it('are groups of free neighbours that obey the orphan rule whenever any group does', () => {
    fc.assert(
      fc.property(venue, fc.integer({ min: 1, max: 5 }), fc.nat(), (pictures, count, seed) => {
        const groups = allGroups(pictures, count)
        const tidy = groups.filter(({ isTidy }) => isTidy)
        const chosen = choose(pictures, count, { random: seeded(seed) })
        const allowed = tidy.length > 0 ? tidy : groups.map((group) => ({ ...group, edges: [] }))
        expect(chosen.length > 0).toBe(groups.length > 0)
        for (const { units, edges } of chosen) {
          expect(
            allowed.map((group) => ({ units: group.units, edges: group.edges })),
          ).toContainEqual({ units, edges })
        }
        expect(new Set(chosen.map(({ units }) => units.join())).size).toBe(chosen.length)
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    ['............', 2, 'leave no seat between two groups'],
    ['x.....x', 3, 'fill five as three and two'],
    ['...', 1, 'take an end of three'],
    ['xx.xx|..', 1, 'fill a single seat'],
  ])('in %j for %d %s', (picture, count) => {
    for (const { units } of choose([[picture]], count)) {
      expect(
        allGroups([[picture]], count).find((group) => group.units.join() === units.join())?.isTidy,
      ).toBe(true)
    }
  })

  it('leave a single seat only where nothing else is to be had, and then without a check', () => {
    const chosen = choose([['x...x']], 2)
    expect(chosen.map(({ units }) => units.join()).sort()).toEqual(['1,2', '2,3'])
    expect(chosen.every(({ edges }) => edges.length === 0)).toBe(true)
    expect(
      choose([['x...x'], ['x....x']], 2)
        .map(({ units }) => units.join())
        .sort(),
    ).toEqual(['6,7', '8,9'])
  })

  it('name the units beyond both ends, up to a wall or an aisle', () => {
    const [candidate] = choose([['xx..x|..']], 2, { sections: [0] }).filter(
      ({ units }) => units[0] === 2,
    )
    expect(candidate?.edges).toEqual([
      [1, 0],
      [4, -1],
    ])
  })

  it('come from the searched sections only, never from a standing one', () => {
    const chosen = choose([['....'], ['....']], 2, { sections: [1] })
    expect(chosen.flatMap(({ units }) => units).every((unit) => unit >= 4)).toBe(true)
    const { seatMap } = mapOf([['..']])
    const floor = { kind: 'standing', name: 'Floor', firstUnit: 2, units: 9 } as const
    const sections = [...seatMap.sections, floor]
    expect(
      choose([['xx']], 1, { seatMap: { ...seatMap, units: 11, sections }, sections: [1] }),
    ).toEqual([])
  })

  it('are offered once, though their section is named twice', () => {
    expect(choose([['..']], 2, { sections: [0, 0, 7] })).toHaveLength(1)
  })

  it('are near the middle of the front', () => {
    const hall = Array.from({ length: 30 }, () => '.'.repeat(40))
    const units = choose([hall], 2).flatMap((candidate) => candidate.units)
    expect(Math.max(...units)).toBeLessThan(16 * 40)
    expect(units.some((unit) => unit === 19 || unit === 20)).toBe(true)
    expect(units).not.toContain(0)
  })

  it('differ among a thousand fans who ask at once', () => {
    const hall = Array.from({ length: 20 }, () => '.'.repeat(25))
    const { seatMap } = mapOf([hall])
    const random = seeded(42)
    const wish: AdjacentWish = {
      seatMap,
      sections: [0],
      stateOf: () => 'free',
      count: 2,
      random,
      candidates: 8,
    }
    const firsts = new Map<number, number>()
    for (let fan = 0; fan < 1_000; fan += 1) {
      const candidates = chooseAdjacent(wish)
      expect(new Set(candidates.flatMap(({ units }) => units)).size).toBe(16)
      const first = candidates[0]?.units[0] ?? -1
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    expect(firsts.size).toBeGreaterThanOrEqual(44)
    expect(Math.max(...firsts.values())).toBeLessThan(60)
  })

  it('are as many alternatives as were asked for, without a common seat while that is possible', () => {
    const chosen = choose([['.'.repeat(12)]], 2, { candidates: 4 })
    expect(new Set(chosen.flatMap(({ units }) => units)).size).toBe(8)
    expect(choose([['.'.repeat(12)]], 2, { candidates: 1 })).toHaveLength(1)
  })

  it.each([0, -1, 1.5])('cannot be asked for %d seats', (count) => {
    expect(() => choose([['...']], count)).toThrow('a count of seats')
  })
})

describe('seats apart', () => {
  const split = (pictures: string[][], count: number) =>
    choose(pictures, count, { allowSplit: true })

  it('are offered only when they will do, and only where none are together', () => {
    expect(choose([['..x..']], 4)).toEqual([])
    expect(split([['..x..']], 4).map(({ units }) => units)).toEqual([[0, 1, 3, 4]])
    expect(split([['..x..', '....']], 4).map(({ units }) => units)).toEqual([[5, 6, 7, 8]])
  })

  it('are free, distinct and in one section, whenever one has enough', () => {
    fc.assert(
      fc.property(venue, fc.integer({ min: 1, max: 9 }), (pictures, count) => {
        const { seatMap, free } = mapOf(pictures)
        const counts = seatMap.sections.map(({ firstUnit, units }) => {
          return [...free].filter((unit) => unit >= firstUnit && unit < firstUnit + units).length
        })
        const chosen = split(pictures, count)
        expect(chosen.length > 0).toBe(counts.some((freeHere) => freeHere >= count))
        for (const { units } of chosen) {
          expect(new Set(units).size).toBe(count)
          expect(units.every((unit) => free.has(unit))).toBe(true)
          expect(units).toEqual(units.toSorted((a, b) => a - b))
          const home = seatMap.sections.findLast(({ firstUnit }) => firstUnit <= (units[0] ?? 0))
          expect(units.at(-1)).toBeLessThan((home?.firstUnit ?? 0) + (home?.units ?? 0))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('leave nobody alone if it can be helped', () => {
    expect(split([['....x', '..x.x']], 6)[0]?.units).toEqual([0, 1, 2, 3, 5, 6])
    expect(split([['....x', '...xx']], 5)[0]?.units).toHaveLength(5)
    for (const { units } of split([['....x', '...xx']], 5)) {
      const inFront = units.filter((unit) => unit < 5).length
      expect([2, 3]).toContain(inFront)
    }
  })

  it('are found when only one way to seat everybody is left', () => {
    expect(split([['....x.']], 5).map(({ units }) => units)).toEqual([[0, 1, 2, 3, 5]])
    expect(split([['.x.x...']], 5).map(({ units }) => units)).toEqual([[0, 2, 4, 5, 6]])
  })

  it('are in rows near one another', () => {
    const rows = ['..x', 'xxx', 'xxx', '..x', '..x']
    expect(split([rows], 4).map(({ units }) => units)).toContainEqual([9, 10, 12, 13])
  })

  it('have edges to check when they leave no single seat', () => {
    const [candidate] = split([['..x..']], 4)
    expect(candidate?.edges).toEqual([
      [-1, -1],
      [2, 3],
      [2, 1],
      [-1, -1],
    ])
  })
})
