/** What a seed makes of a scenario: printed at the start of each story, so that it can be had again. */
import { seededChance } from '../bench/onsale/seeded-chance.ts'
import type { Scenario } from './scenario.ts'

/** Of ten seeds so many have a given part. */
const shareOn = 0.7

export type Options = {
  readonly scenario: string
  readonly seed: number
  /** The parts that are played. */
  readonly parts: readonly string[]
  /** Fans a second who come to the sale. */
  readonly arrivalsPerSecond: number
}

export type OptionsWish = {
  readonly seed: number
  /** All of these and no others; the seed decides unless told. */
  readonly parts?: readonly string[]
  readonly arrivalsPerSecond: number
}

/** @throws RangeError for a part that the scenario does not have */
export function makeOptions(scenario: Scenario, wish: OptionsWish): Options {
  const { seed, arrivalsPerSecond } = wish
  const parts = wish.parts === undefined ? drawn(scenario, seed) : chosen(scenario, wish.parts)
  return { scenario: scenario.name, seed, parts, arrivalsPerSecond }
}

function drawn({ parts }: Scenario, seed: number): readonly string[] {
  const chance = seededChance(seed, 0)
  const all = Object.keys(parts)
  const on = all.filter(() => chance.fraction() < shareOn)
  if (on.length > 0) return on
  return all.slice(chance.below(all.length)).slice(0, 1)
}

function chosen({ name, parts }: Scenario, wished: readonly string[]): readonly string[] {
  const unknown = wished.find((part) => !(part in parts))
  if (unknown === undefined) return wished
  const there = Object.keys(parts).join(', ')
  throw new RangeError(`${name} has no part ${unknown}; it has ${there}.`)
}
