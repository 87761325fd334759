/**
 * What a language must have to say every refusal to a fan. A language is one object of this type,
 * and so one file; the compiler names each code that it lacks.
 */
import type { FailureCode } from '../failure.ts'
import type { Facts } from './facts.ts'
import type { Say } from './say.ts'

/** Whole sentences for a fan, without blame and without words of programs. */
export type Words = {
  /** What happened: a heading. */
  readonly happened: string
  /** What to do now: the line under it. */
  readonly next: string
}

/** Words that are always the same, or those for the facts of a case. */
export type Phrase = Words | ((facts: Facts, say: Say) => Words)

export type Language = {
  /** BCP 47, for example `de`; numbers and times are written as it asks. */
  readonly locale: string
  readonly codes: Readonly<Record<FailureCode, Phrase>>
  /** Takes the place of `next` when a write may have been done or not. */
  readonly unknownOutcome: string
  /** A code that is newer than this client. */
  readonly newer: { readonly final: Words; readonly transient: Phrase }
}
