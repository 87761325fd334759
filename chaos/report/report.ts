/** A run as the board reads it, and programs too: `--json <file>` writes exactly this. */

import type { Verdict } from '../auditor/verdict.ts'
import type { FaultRecord, RunFacts } from '../evidence/evidence.ts'

/** Something rare that a drill hopes to see: reached or not, by name. */
export type Sometimes = { readonly name: string; readonly times: number }

export type FeltFault = {
  readonly kind: string
  readonly where: string
  readonly said: string
  readonly injectedAt: number
  readonly healedAt: number | null
  readonly felt: number
  /** The scenario lives by it: unfelt, the run has failed. */
  readonly mustBeFelt: boolean
}

/** One second of one region, as the fans there saw it. */
export type Second = {
  readonly at: number
  readonly region: string
  readonly sales: number
  readonly holds: number
  readonly refusals: number
  readonly unknowns: number
  /** Milliseconds, of all answered calls; null: none. */
  readonly p50: number | null
  readonly p99: number | null
}

export type Report = {
  readonly run: RunFacts
  readonly title: string
  /** What must hold, as the scenario says it. */
  readonly holds: string
  readonly passed: boolean
  /** Why not, a sentence each. */
  readonly failures: readonly string[]
  readonly faults: readonly FeltFault[]
  readonly timeline: readonly FaultRecord[]
  /** After each healing: seconds until the first sale of each home region; null: none came. */
  readonly firstSaleSeconds: readonly {
    readonly after: string
    readonly at: number
    readonly seconds: Readonly<Record<string, number | null>>
  }[]
  readonly seconds: readonly Second[]
  /** By code. */
  readonly errors: Readonly<Record<string, number>>
  readonly orders: { readonly paid: number; readonly void: number; readonly unknown: number }
  readonly holdsKept: number
  readonly holdsLost: number
  readonly sometimes: readonly Sometimes[]
  readonly verdict: Verdict
}
