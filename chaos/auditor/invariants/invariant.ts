/** An invariant: a sentence, and how it is held against the evidence; or why it is not, here. */
import type { Facts } from '../facts/facts.ts'
import type { Judge } from '../judge.ts'

export type Invariant = {
  /** As section 1.6 of the reference has it, such as `I1`. */
  readonly id: string
  readonly title: string
  readonly check: (facts: Facts, judge: Judge) => void
}
