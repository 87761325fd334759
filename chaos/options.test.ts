import { expect, it } from 'vitest'
import { makeOptions } from './options.ts'
import { scenarios } from './scenarios/index.ts'
import { anyScenario, sameScenario } from './stories.ts'

const scenario = {
  name: 'sample',
  title: '',
  holds: '',
  targets: ['local'] as const,
  parts: { a: 'one', b: 'two', c: 'three' },
  tell: () => Promise.resolve(),
}
const drawn = (seed: number) => makeOptions(scenario, { seed, arrivalsPerSecond: 1 }).parts

it('makes the same of the same seed, switches parts off by seed, and never all of them', () => {
  const all = Array.from({ length: 200 }, (_, seed) => drawn(seed))
  expect(all).toEqual(Array.from({ length: 200 }, (_, seed) => drawn(seed)))
  expect(all.every((parts) => parts.length > 0)).toBe(true)
  for (const part of ['a', 'b', 'c']) {
    const on = all.filter((parts) => parts.includes(part)).length
    expect(on, part).toBeGreaterThan(100)
    expect(on, part).toBeLessThan(190)
  }
})

it('plays the parts that are asked for, and no unknown ones', () => {
  const wish = { seed: 1, arrivalsPerSecond: 1 }
  expect(makeOptions(scenario, { ...wish, parts: ['c'] }).parts).toEqual(['c'])
  expect(() => makeOptions(scenario, { ...wish, parts: ['d'] })).toThrow(/has no part d/)
})

it('repeats a scenario with the next seeds', () => {
  const stories = sameScenario(scenario, { seed: 5, arrivalsPerSecond: 1 })
  const seeds = [1, 2, 3].map(() => stories.next().value.options.seed)
  expect(seeds).toEqual([5, 6, 7])
})

it('soaks in each playable scenario once before any comes twice, the same by the same seed', () => {
  const playable = scenarios.filter(({ notYet }) => notYet === undefined)
  const names = (seed: number) => {
    const stories = anyScenario(scenarios, 'local', { seed, arrivalsPerSecond: 1 })
    return playable.map(() => stories.next().value.scenario.name)
  }
  expect(new Set(names(1)).size).toBe(playable.length)
  expect(names(1)).toEqual(names(1))
  expect(names(1)).not.toEqual(names(2))
})

it('has scenarios of distinct names that say what they do', () => {
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length)
  for (const { name, title, holds, parts, notYet } of scenarios) {
    expect(title, name).toMatch(/\.$/)
    expect(holds, name).toMatch(/\.$/)
    if (notYet === undefined) expect(Object.keys(parts), name).not.toEqual([])
  }
})
