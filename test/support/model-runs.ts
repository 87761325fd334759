/**
 * How often a model is tried, and from which seeds: some fixed ones, so that a run of today says the
 * same as that of yesterday, and one by chance, printed, so that each run also looks where none has
 * looked. FRONTROW_MODEL_RUNS tries so many of each; FRONTROW_MODEL_SEED has one seed alone.
 */
import { randomInt } from 'node:crypto'

const { FRONTROW_MODEL_RUNS: wished, FRONTROW_MODEL_SEED: only } = process.env

export const modelSeeds: readonly number[] =
  only === undefined ? [1, 2, randomInt(1_000_000_000)] : [Number(only)]

/** @param usual of all seeds together, where nothing else is wished */
export function runsPerSeed(usual: number): number {
  return Number(wished ?? Math.ceil(usual / modelSeeds.length))
}

/** How often each thing was reached, as a line to read. */
export function shownCounts(seen: ReadonlyMap<string, number>): string {
  const sorted = [...seen].toSorted(([one], [other]) => one.localeCompare(other))
  return JSON.stringify(Object.fromEntries(sorted))
}
