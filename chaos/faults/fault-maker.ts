/**
 * The faults that a target can set. Each call makes one; nothing happens before it is injected.
 * What a target cannot do throws NotHereError when it is made, so that a scenario is refused with a
 * sentence before anything was harmed.
 */
import type { LinkFault } from '../../regions/local/links/link-plan.ts'
import type { Fault } from './fault.ts'

export class NotHereError extends Error {
  override readonly name = 'NotHereError'
}

/** What happens to statements on their way to the database, or to the answers. */
export type Strike =
  /** The server never hears of it: the connection is cut first. */
  | { readonly kind: 'cut-before' }
  /** Done, and the reply is lost. */
  | { readonly kind: 'cut-after' }
  /** Done, and the reply breaks off after a random number of its bytes. */
  | { readonly kind: 'cut-in-reply' }
  /** Answered with this SQLSTATE, without the effect or with it. */
  | { readonly kind: 'error'; readonly code: string; readonly done: boolean }
  /** Done or not, the answer comes so much later, without an error. */
  | { readonly kind: 'wait'; readonly ms: number }

export type StrikeRule = {
  readonly strike: Strike
  /** Which statements, by the name under which the server prepares them; all of them unless told. */
  readonly statements?: RegExp
  /** Of those, drawn by the seed. */
  readonly share: number
  /** How often one statement is struck in a row once it was drawn; 1 unless told. */
  readonly inARow?: number
}

/** As the simulator's fault book takes it: stripe-simulator/README.md. */
export type StripeRule = {
  readonly kind: string
  readonly probability?: number
  readonly times?: number
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly event?: string
  readonly delayMs?: number
}

export type FaultMaker = {
  /** All of its processes are killed and its links cut; healed by starting it again. */
  readonly regionLost: (region: string) => Fault
  /** All of its processes sleep; its connections stay open. */
  readonly regionPaused: (region: string) => Fault
  /** SIGKILL for its server alone, which its keeper starts again. */
  readonly serverKilled: (region: string) => Fault
  readonly serverPaused: (region: string) => Fault
  /** Its server runs as another version of the program, given as a folder of it. */
  readonly serverOldVersion: (region: string, folder: string) => Fault
  /** @param patterns `from/to`, where a star stands for every end; all get the same fault */
  readonly link: (patterns: readonly string[], fault: LinkFault) => Fault
  readonly redisKilled: (region: string) => Fault
  readonly redisWiped: (region: string) => Fault
  readonly redisPaused: (region: string) => Fault
  readonly redisFull: (region: string) => Fault
  /** What it has now is kept when injected; healed by a restart over that old data. */
  readonly redisOldData: (region: string) => Fault
  /** @param share of the sold places that its hold books take for free, from 0 to 1 */
  readonly redisWrongBook: (region: string, share: number) => Fault
  readonly databaseKilled: () => Fault
  /** No statement of any region is answered; what was asked is done when it goes on. */
  readonly databaseStalled: () => Fault
  /** @param region whose statements; all regions' unless told */
  readonly databaseStruck: (rule: StrikeRule, region?: string) => Fault
  /**
   * Refused at once unless told; one that hangs takes what it is asked and does it when it goes on,
   * after everybody has given up.
   */
  readonly stripeDown: (form?: 'refuses' | 'hangs') => Fault
  readonly stripeRule: (rule: StripeRule) => Fault
  /** The wall clock of the region's server jumps by so much, or stands still; healed: it is right again. */
  readonly clockShifted: (region: string, shift: { readonly byMs: number } | 'frozen') => Fault
  /** Nothing more can be written to the log of the region's server. */
  readonly logFull: (region: string) => Fault
}
