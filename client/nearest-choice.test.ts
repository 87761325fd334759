/** Days of measuring, by a seeded model of how long answers take. */
import { describe, expect, it } from 'vitest'
import { clientLimits } from './client-limits.ts'
import type { Endpoint } from './endpoint.ts'
import { EndpointList } from './endpoint-list.ts'

type Model = {
  readonly seed: number
  /** The way to each region and back, without jitter. */
  readonly waysMs: readonly number[]
  /** Of an exponential distribution, added to every single answer. */
  readonly jitterMs: number
}

function regions({ seed, waysMs, jitterMs }: Model) {
  const clock = { nowMs: 0 }
  const random = seeded(seed)
  const ways = [...waysMs]
  const bases = ways.map((_, region) => `https://r${region}.example`)
  const list = new EndpointList(bases, { nowMs: () => clock.nowMs, nearest: true })
  const chosen = () => list.all.indexOf(list.next())
  const at = (region: number) => list.all[region] as Endpoint
  const measure = (...wanted: number[]) => {
    for (let probe = 0; probe < clientLimits.probesPerRound; probe += 1) {
      for (const region of wanted) {
        const jitter = -Math.log(1 - random()) * jitterMs
        list.measured(at(region), (ways[region] ?? 0) + jitter)
      }
    }
    list.roundEnded(new Set(wanted.map(at)))
  }
  const all = ways.map((_, region) => region)
  /** So many rounds of all; answers how often the choice changed. */
  const rounds = (count: number) => {
    let moves = 0
    let before = chosen()
    for (let round = 0; round < count; round += 1) {
      clock.nowMs += clientLimits.roundEveryMs
      measure(...all)
      const now = chosen()
      if (now !== before) moves += 1
      before = now
    }
    return moves
  }
  return { list, clock, ways, at, chosen, measure, rounds, all }
}

const seeds = Array.from({ length: 100 }, (_, index) => index + 1)
const dayRounds = (24 * 3_600_000) / clientLimits.roundEveryMs

describe('the nearest region', () => {
  it.each(seeds)('is found whatever the jitter, and kept for a day (seed %i)', (seed) => {
    const world = regions({ seed, waysMs: [220, 90, 30], jitterMs: 20 })
    world.measure(...world.all)
    world.rounds(3)
    expect(world.chosen()).toBe(2)
    expect(world.rounds(dayRounds)).toBe(0)
  })

  it('of equal regions one is kept: in 100 days no more than ten moves', () => {
    const moves = seeds.map((seed) => {
      const world = regions({ seed, waysMs: [40, 40], jitterMs: 30 })
      world.measure(0, 1)
      return world.rounds(dayRounds)
    })
    const sum = moves.reduce((total, count) => total + count, 0)
    expect(sum).toBeLessThanOrEqual(seeds.length / 10)
    expect(Math.max(...moves)).toBeLessThanOrEqual(1)
  })

  it('the one that answers first is taken, and the first round corrects it', () => {
    const world = regions({ seed: 1, waysMs: [120, 10], jitterMs: 0 })
    world.list.measured(world.at(0), 130)
    expect(world.chosen()).toBe(0)
    world.measure(0, 1)
    expect(world.chosen()).toBe(1)
  })

  it('a little nearer is not worth the move; clearly nearer is, the second time', () => {
    const world = regions({ seed: 1, waysMs: [60, 100], jitterMs: 0 })
    world.measure(0, 1)
    world.ways[1] = 45
    world.rounds(5)
    expect(world.chosen()).toBe(0)
    world.ways[1] = 40
    world.rounds(1)
    expect(world.chosen()).toBe(0)
    world.rounds(1)
    expect(world.chosen()).toBe(1)
  })

  it('another figure of the same measuring is no second time', () => {
    const world = regions({ seed: 1, waysMs: [60, 100], jitterMs: 0 })
    world.measure(0, 1)
    world.ways[1] = 10
    world.rounds(1)
    world.measure(0)
    world.measure(0)
    expect(world.chosen()).toBe(0)
  })

  it('a way that has become long is left: what was fast once is forgotten', () => {
    const world = regions({ seed: 1, waysMs: [10, 40], jitterMs: 0 })
    world.measure(0, 1)
    world.ways[0] = 200
    world.rounds(2)
    expect(world.chosen()).toBe(0)
    world.rounds(2)
    expect(world.chosen()).toBe(1)
  })
})

describe('when the nearest region fails', () => {
  it('the next nearest is used at once, not the next in order', () => {
    const world = regions({ seed: 1, waysMs: [10, 200, 90], jitterMs: 0 })
    world.measure(0, 1, 2)
    world.list.failed(world.at(0))
    expect(world.chosen()).toBe(2)
  })

  it('it is gone home to when it has been steady, and not when its rest is over', () => {
    const world = regions({ seed: 1, waysMs: [10, 90], jitterMs: 0 })
    world.measure(0, 1)
    world.list.failed(world.at(0))
    expect(world.chosen()).toBe(1)
    const homeAfterMs: number[] = []
    for (let secondsPast = 1; secondsPast <= 60; secondsPast += 1) {
      world.clock.nowMs += 1_000
      if (secondsPast % 10 === 1) world.measure(0)
      if (world.chosen() === 0) homeAfterMs.push(secondsPast * 1_000)
    }
    // Measured at 1, 11, 21 … s: steady at 31, and seen to be nearer a second time at 41.
    expect(homeAfterMs[0]).toBe(41_000)
  })

  it.each(seeds.slice(0, 20))(
    'that fails again and again is not gone home to (seed %i)',
    (seed) => {
      const world = regions({ seed, waysMs: [10, 90], jitterMs: 10 })
      const random = seeded(seed)
      world.measure(0, 1)
      let moves = 0
      let before = world.chosen()
      for (let second = 0; second < 3_600; second += 1) {
        world.clock.nowMs += 1_000
        if (second % 10 === 0) world.measure(0)
        // Down for a moment about every ten seconds.
        if (random() < 0.1) world.list.failed(world.at(0))
        const now = world.chosen()
        if (now !== before) moves += 1
        before = now
      }
      // A steady half minute happens by chance; without it there would be hundreds of moves.
      expect(moves).toBeLessThanOrEqual(20)
    },
  )

  it('the choice of one call that avoids it is not the choice of all', () => {
    const world = regions({ seed: 1, waysMs: [10, 90], jitterMs: 0 })
    world.measure(0, 1)
    expect(world.list.next(new Set([world.at(0)]))).toBe(world.at(1))
    expect(world.chosen()).toBe(0)
  })

  it('when all rest, the one whose rest ends first is tried', () => {
    const world = regions({ seed: 1, waysMs: [10, 90], jitterMs: 0 })
    world.measure(0, 1)
    world.list.failed(world.at(1))
    world.clock.nowMs += 10
    world.list.failed(world.at(0))
    expect(world.chosen()).toBe(1)
  })
})

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
