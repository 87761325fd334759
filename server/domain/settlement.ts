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
  /** Make sure that no money can come, then end the order. */
  | 'cancel'
  /** No money can come: end the order. */
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
      return expired ? 'cancel' : 'wait'
    case 'processing':
      return 'wait'
    default:
      return unreachable(intent)
  }
}
