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

/**
 * One second of one region, as the fans who stand there saw it, by when they were told. Times with
 * a refusal count too: whoever waits for a no has waited.
 */
export type Second = {
  /** Its begin. */
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

/** How often fans met a code: refused for good, refused for now, or left without an answer. */
export type CodeCounts = {
  readonly final: number
  readonly transient: number
  readonly unknown: number
}

/** Of a finding, what a program asks for; the stories are in the verdict. */
export type InvariantCounts = {
  readonly id: string
  readonly title: string
  readonly checked: number
  readonly broken: number
}

export type Report = {
  readonly scenario: string
  readonly seed: number
  readonly run: RunFacts
  readonly title: string
  /** What must hold, as the scenario says it. */
  readonly holds: string
  readonly passed: boolean
  /** Why not, a sentence each. */
  readonly failures: readonly string[]
  readonly faults: readonly FeltFault[]
  readonly timeline: readonly FaultRecord[]
  readonly invariants: readonly InvariantCounts[]
  readonly lostAcknowledgements: number
  /** After each healing: seconds until the first sale of each home region; null: none came. */
  readonly firstSaleSeconds: readonly {
    readonly after: string
    readonly at: number
    readonly seconds: Readonly<Record<string, number | null>>
  }[]
  readonly seconds: readonly Second[]
  /** By code. */
  readonly errors: Readonly<Record<string, number>>
  readonly errorsByOutcome: Readonly<Record<string, CodeCounts>>
  readonly orders: { readonly paid: number; readonly void: number; readonly unknown: number }
  readonly holdsKept: number
  readonly holdsLost: number
  readonly sometimes: readonly Sometimes[]
  readonly verdict: Verdict
}
