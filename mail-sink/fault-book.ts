/**
 * Faults on demand: what goes wrong, for whom and how often. The book only decides; the SMTP side
 * does the harm. The first rule that strikes wins.
 */
import { z } from 'zod'
import { limits } from './limits.ts'

export const faultSchema = z.strictObject({
  /**
   * refuse_later: a 4xx. refuse: a 5xx. slow: it is taken after delayMs. hang_up: the connection is
   * cut before the mail is taken. hang_up_after: it is taken, and nobody is told.
   */
  kind: z.enum(['refuse_later', 'refuse', 'slow', 'hang_up', 'hang_up_after']),
  /** Always, unless given. */
  times: z.coerce.number().int().min(1).optional(),
  /** Only mails to this address. */
  to: z.string().optional(),
  /** The reply of a refusal, else 451 or 550. */
  reply: z.coerce.number().int().min(400).max(599).optional(),
  delayMs: z.coerce.number().int().min(0).max(limits.faultDelayMs).optional(),
})

export type FaultWish = z.output<typeof faultSchema>
export type FaultRule = FaultWish & { readonly felt: number }

export class FaultBook {
  #rules: { readonly wish: FaultWish; felt: number }[] = []

  /** False when there are too many. */
  add(wish: FaultWish): boolean {
    if (this.#rules.length >= limits.faultRules) return false
    this.#rules.push({ wish, felt: 0 })
    return true
  }

  list(): readonly FaultRule[] {
    return this.#rules.map(({ wish, felt }) => ({ ...wish, felt }))
  }

  removeAll(): void {
    this.#rules = []
  }

  /** What strikes a mail to these; it is counted. */
  draw(recipients: readonly string[]): FaultWish | undefined {
    const rule = this.#rules.find(
      ({ wish, felt }) =>
        (wish.times === undefined || felt < wish.times) &&
        (wish.to === undefined || recipients.includes(wish.to)),
    )
    if (rule !== undefined) rule.felt += 1
    return rule?.wish
  }
}
