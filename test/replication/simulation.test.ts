/**
 * Thousands of virtual minutes of followers, by seed (simulation.ts): what they say of their age is
 * never wrong, and soon after the faults have ended every copy is as the book is.
 * FRONTROW_SIMULATION_SEED runs one seed alone, FRONTROW_SIMULATION_SEEDS another number of them.
 */
import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { simulate } from './simulation.ts'

const seedsUsual = 2_000
const { FRONTROW_SIMULATION_SEED: only, FRONTROW_SIMULATION_SEEDS: wished } = process.env
const first = only === undefined ? randomInt(1_000_000_000) : Number(only)
const count = only === undefined ? Number(wished ?? seedsUsual) : 1

it(`copies end as the book is, for ${count} seeds from ${first} on`, async () => {
  const sums: Record<string, number> = {}
  for (let seed = first; seed < first + count; seed += 1) {
    const { broken, counts, trace } = await simulate(seed)
    expect(broken, `seed ${seed}\n${trace}`).toEqual([])
    for (const [what, times] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + times
    // Each tenth once more: what depends on anything but the seed shows here.
    if (seed % 10 === 0) expect((await simulate(seed)).trace).toBe(trace)
  }
  process.stdout.write(`seeds ${first} to ${first + count - 1}: ${JSON.stringify(sums)}\n`)
  if (count < 100) return
  const faults = ['loss', 'slow', 'cut', 'again', 'store', 'stop', 'wipe', 'move', 'holds kept']
  const snapshots = ['first', 'reset', 'gap'].map((why) => `frontrow.follow.snapshots ${why}`)
  for (const what of [...faults, ...snapshots]) {
    expect(sums[what] ?? 0, `${what}: what never came proves nothing`).toBeGreaterThan(0)
  }
}, 300_000)
