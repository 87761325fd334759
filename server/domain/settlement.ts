/**
 * What to do with a pending order, given what its provider says. The fan is never charged for
 * nothing: seats first, then the money is taken; where the seats are gone, the money is let go.
 */
import { unreachable } from '../platform/assert.ts'
import type { IntentStatus } from './payment.ts'

export type SettlementStep =
  /** Seats and tickets, in one statement. */
  | 'complete'
  /** The fan still has time, or the provider still thinks. */
  | 'wait'
  /** End the order; afterwards no money of it is taken, and what is authorized is let go. */
  | 'void'

export function settlementOf(facts: {
  /** null: a free order. */
  readonly intent: IntentStatus | null
  /** The reservation has run out, by the database's clock. */
  readonly expired: boolean
}): SettlementStep {
  const { intent, expired } = facts
  switch (intent) {
    case null:
    case 'authorized':
    case 'captured':
      return 'complete'
    case 'canceled':
      return 'void'
    case 'needs-card':
    case 'needs-action':
      return expired ? 'void' : 'wait'
    case 'processing':
      return 'wait'
    default:
      return unreachable(intent)
  }
}
