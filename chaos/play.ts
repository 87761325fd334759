/** Plays one story of a scenario on a ground on which fans are buying. */
import { setTimeout as wait } from 'node:timers/promises'
import { seededChance } from '../bench/onsale/seeded-chance.ts'
import { waitUntil } from '../regions/local/wait-until.ts'
import type { FaultLog } from './fault-log.ts'
import type { Fault } from './faults/fault.ts'
import { NotHereError } from './faults/fault-maker.ts'
import type { Ground } from './ground/ground.ts'
import type { HallKeeper } from './hall-keeper.ts'
import type { Options } from './options.ts'
import { type Demand, type Drill, now, type Scenario } from './scenario.ts'
import { firstSaleAfter } from './workload/progress.ts'
import type { Workload } from './workload/workload.ts'

/** Looked for beyond that, so that a report can say when they came after all. */
const lookedForMs = 60_000

export type Stage = {
  readonly ground: Ground
  readonly workload: Workload
  readonly halls: HallKeeper
  readonly log: FaultLog
  /** After a healing, unless a scenario gives more time. */
  readonly salesWithinMs: number
  /** Counts of rare things by name. */
  readonly rare: Map<string, number>
  readonly failures: string[]
  /** Stories that this machine or target cannot play to their end; a sentence each. */
  readonly notHere: string[]
  /** Ends the story early, with everything healed. */
  readonly signal: AbortSignal
}

export async function play(scenario: Scenario, options: Options, stage: Stage): Promise<void> {
  const { log, signal, failures } = stage
  const parts = options.parts.join(', ')
  log.note(`${scenario.name}, seed ${options.seed}: ${parts}`)
  try {
    await scenario.tell(drillOf(options, stage))
  } catch (cause) {
    if (signal.aborted) return
    if (cause instanceof NotHereError) stage.notHere.push(`${scenario.name}: ${cause.message}`)
    else failures.push(`${scenario.name} broke off: ${sentenceOf(cause)}`)
  } finally {
    await log.healAll()
  }
}

function drillOf(options: Options, stage: Stage): Drill {
  const { ground, workload, log, rare, signal } = stage
  const chance = seededChance(options.seed, 1)
  const { regions, faults } = ground
  const inject = async (fault: Fault) => {
    signal.throwIfAborted()
    await log.inject(fault)
  }
  const drill: Drill = {
    ground,
    faults,
    workload,
    chance,
    regions,
    one: (items) => {
      const item = items[chance.below(items.length)]
      if (item === undefined) throw new RangeError('there is nothing to choose from')
      return item
    },
    others: (region) => regions.filter((name) => name !== region),
    eventOf: (home) => stage.halls.oldestOf(home).id,
    openEvent: (home) => stage.halls.open(home),
    isOn: (part) => options.parts.includes(part),
    inject,
    heal: (fault) => log.heal(fault),
    strike: async (part, fault, { meanwhile, healed }) => {
      if (!options.parts.includes(part)) return
      await inject(fault)
      await meanwhile()
      await log.heal(fault)
      if (healed !== undefined) await demandSales(stage, healed, {})
    },
    letThemBuy: (ms) => wait(ms, undefined, { signal }),
    demandSales: (after, demand) => demandSales(stage, after, demand ?? {}),
    until: async (what, condition, withinMs) => {
      if (await waitUntil(() => signal.aborted || condition(), withinMs)) return
      stage.failures.push(`${what}: not within ${withinMs / 1000} s`)
    },
    reached: (name) => rare.set(name, (rare.get(name) ?? 0) + 1),
    note: (said) => log.note(said),
  }
  return drill
}

async function demandSales(stage: Stage, after: string, demand: Demand): Promise<void> {
  const { ground, workload, log, failures, signal } = stage
  const { homes = ground.regions, sinceMs = now() } = demand
  const withinMs = Math.max(demand.withinMs ?? 0, stage.salesWithinMs)
  const seconds = await firstSaleAfter(workload.sales, {
    at: sinceMs,
    homes,
    withinMs: lookedForMs,
    signal,
  })
  signal.throwIfAborted()
  log.progress(after, {
    since: sinceMs,
    withinSeconds: withinMs / 1000,
    firstSaleSeconds: seconds,
  })
  for (const [home, took] of Object.entries(seconds)) {
    if (took !== null && took * 1000 <= withinMs) continue
    const came =
      took === null ? `none within ${lookedForMs / 1000} s` : `after ${took.toFixed(1)} s`
    failures.push(`${after}: first sale of ${home} ${came}, demanded within ${withinMs / 1000} s`)
  }
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
