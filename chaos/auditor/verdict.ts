/** What the auditor finds: each invariant with how often it was checked, and where it broke. */

export type Violation = {
  /** One sentence: what is so, and what should be. */
  readonly said: string
  /** The smallest story around it: lines of history, versions, rows and faults, in their order. */
  readonly story: readonly string[]
}

export type Finding = {
  /** As `I1`. */
  readonly id: string
  /** The invariant in one sentence. */
  readonly title: string
  /** How many things it was held against; 0: there was nothing to hold it against. */
  readonly checked: number
  readonly broken: number
  /** The first ones. */
  readonly violations: readonly Violation[]
  /** Why it was not checked, or not wholly; null where it was. */
  readonly note: string | null
  /** Counted, and no fault: such as holds lost at a change of authority. */
  readonly counts: Readonly<Record<string, number>>
}

export type Verdict = {
  readonly findings: readonly Finding[]
  readonly operations: number
  readonly isBroken: boolean
  /** Acknowledged orders that are not there: a part of I3, as the board wants to read it. */
  readonly lostAcknowledgements: number
  readonly tookMs: number
}
