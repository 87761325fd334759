/** Refusals once an order exists and money is asked for. */
import type { RefusalGroup } from './refusal-facts.ts'

export const paymentRefusals = {
  ORDER_ENDED: {
    status: 409,
    retryAfterMs: null,
    means: 'the order was paid or has ended; it cannot be paid any more',
    fan: 'looks at the order',
    operator: 'nothing',
    developer: "reads the order's state",
  },
  CARD_DECLINED: {
    status: 402,
    retryAfterMs: null,
    means: 'the card was refused, and nothing was charged',
    fan: 'tries another card: the seats stay reserved',
    operator: 'nothing',
    developer: 'confirms again with a new key',
    details: "`declineCode`: Stripe's own, for example `insufficient_funds`",
  },
  PAYMENT_UNAVAILABLE: {
    status: 503,
    retryAfterMs: 2_000,
    means:
      'the payment provider does not answer; the seats are kept, and money is only taken together with them',
    fan: 'waits a moment',
    operator: "looks at Stripe's status and at `frontrow_outbox_duties_total`",
    developer: 'repeats with the same key',
  },
} as const satisfies RefusalGroup
