/**
 * Thousands of virtual minutes of followers, by seed (simulation.ts): what they say of their age is
 * never wrong, and soon after the faults have ended every copy is as the book is. The same seeds in
 * each run, and one by chance, printed, so that each run also looks where none has looked.
 * FRONTROW_SIMULATION_SEED runs one seed alone, FRONTROW_SIMULATION_SEEDS another number of them.
 */
import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { simulate } from './simulation.ts'

const seedsUsual = 2_000
const { FRONTROW_SIMULATION_SEED: only, FRONTROW_SIMULATION_SEEDS: wished } = process.env
const count = Number(wished ?? seedsUsual)
const fixed = Array.from({ length: count }, (_, at) => at + 1)
const seeds = only === undefined ? [...fixed, randomInt(1_000_000_000)] : [Number(only)]

it(`copies end as the book is, for ${seeds.length} seeds, the last ${seeds.at(-1)}`, async () => {
  const sums: Record<string, number> = {}
  for (const seed of seeds) {
    const { broken, counts, trace } = await simulate(seed)
    expect(broken, `seed ${seed}\n${trace}`).toEqual([])
    for (const [what, times] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + times
    // Each tenth once more: what depends on anything but the seed shows here.
    if (seed % 10 === 0) expect((await simulate(seed)).trace, `seed ${seed}`).toBe(trace)
  }
  process.stdout.write(`followers, seeds to ${seeds.at(-1)}: ${JSON.stringify(sums)}\n`)
  if (seeds.length < 100) return
  const faults = ['loss', 'slow', 'cut', 'again', 'store', 'stop', 'wipe', 'move', 'holds kept']
  const snapshots = ['first', 'reset', 'gap'].map((why) => `frontrow.follow.snapshots ${why}`)
  for (const what of [...faults, ...snapshots]) {
    expect(sums[what] ?? 0, `${what}: what never came proves nothing`).toBeGreaterThan(0)
  }
}, 300_000)
