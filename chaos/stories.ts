/** Which stories a run plays: one scenario again and again, or scenarios by chance. */
import { seededChance } from '../bench/onsale/seeded-chance.ts'
import { makeOptions, type Options } from './options.ts'
import type { Scenario, Target } from './scenario.ts'

export type Story = { readonly scenario: Scenario; readonly options: Options }

export type StoriesWish = {
  readonly seed: number
  readonly arrivalsPerSecond: number
  readonly parts?: readonly string[]
}

/** The first has the seed itself, so that a single story is had again by its seed. */
export function* sameScenario(scenario: Scenario, wish: StoriesWish): Generator<Story, never> {
  for (let seed = wish.seed; ; seed += 1) {
    yield { scenario, options: makeOptions(scenario, { ...wish, seed }) }
  }
}

/** Each of those that this target can play, by a seed of its own with which it can be played alone. */
export function* anyScenario(
  scenarios: readonly Scenario[],
  target: Target,
  wish: Omit<StoriesWish, 'parts'>,
): Generator<Story, never> {
  const chance = seededChance(wish.seed, 2)
  const playable = scenarios.filter(
    ({ targets, notYet }) => targets.includes(target) && notYet === undefined,
  )
  let rest: Scenario[] = []
  for (;;) {
    // Each once before any of them twice.
    if (rest.length === 0) rest = [...playable]
    const [scenario] = rest.splice(chance.below(rest.length), 1)
    if (scenario === undefined) throw new RangeError('there is no scenario to play')
    const seed = chance.below(1_000_000)
    yield { scenario, options: makeOptions(scenario, { ...wish, seed }) }
  }
}
