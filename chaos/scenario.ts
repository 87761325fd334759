/**
 * A scenario: one file that reads as a story of what is done to the system and when sales are
 * demanded again. What must hold all the time is the auditor's business.
 */
import type { Chance } from '../bench/onsale/seeded-chance.ts'
import type { Fault } from './faults/fault.ts'
import type { FaultMaker } from './faults/fault-maker.ts'
import type { Ground } from './ground/ground.ts'
import type { Workload } from './workload/workload.ts'

export type Target = Ground['target']

export type Scenario = {
  /** As it is typed. */
  readonly name: string
  /** What is done, in one sentence. */
  readonly title: string
  /** What must hold, and when sales must go on, in one sentence. */
  readonly holds: string
  readonly targets: readonly Target[]
  /**
   * What it may do, by name: each seed switches a random part of them off, so that faults are also
   * met alone. Swarm testing: https://users.cs.utah.edu/~regehr/papers/swarm12.pdf
   */
  readonly parts: Readonly<Record<string, string>>
  /** Why it cannot be played yet; unset: it can. */
  readonly notYet?: string
  readonly tell: (drill: Drill) => Promise<void>
}

/** What a story may say. All chance comes from the story's seed. */
export type Drill = {
  readonly ground: Ground
  readonly faults: FaultMaker
  readonly workload: Workload
  readonly chance: Chance
  readonly regions: readonly string[]
  readonly one: <Item>(items: readonly Item[]) => Item
  /** The others than this region. */
  readonly others: (region: string) => readonly string[]
  /** The oldest event on sale at home in this region. */
  readonly eventOf: (home: string) => string
  /** One more goes on sale there, and fans come for it too. */
  readonly openEvent: (home: string) => Promise<void>
  readonly isOn: (part: string) => boolean
  readonly inject: (fault: Fault) => Promise<void>
  /** Waits until it is healed to the eye; that it was felt is demanded. */
  readonly heal: (fault: Fault) => Promise<void>
  /** Nothing where the seed has switched this part off. */
  readonly strike: (part: string, fault: Fault, strike: Strike) => Promise<void>
  /** Fans go on for so long. */
  readonly letThemBuy: (ms: number) => Promise<void>
  /** From now on, or from a moment before: the first sale of each home must come in time. */
  readonly demandSales: (after: string, demand?: Demand) => Promise<void>
  /** Waits for a condition; when it does not come the run has failed, and the story goes on. */
  readonly until: (
    what: string,
    condition: () => boolean | Promise<boolean>,
    withinMs: number,
  ) => Promise<void>
  /** Something rare happened that such runs hope to see. */
  readonly reached: (rare: string) => void
  readonly note: (said: string) => void
}

export type Strike = {
  /** While the fault stands. */
  readonly meanwhile: () => Promise<void>
  /** For people: what is so when it is healed. Sales are demanded from then on, where this is told. */
  readonly healed?: string
}

export type Demand = {
  /** All homes unless told. */
  readonly homes?: readonly string[]
  /** By `now`; the call itself unless told. */
  readonly sinceMs?: number
  /** When it takes longer than usual. */
  readonly withinMs?: number
}

/** Milliseconds since the Unix epoch, of a clock that never steps. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
