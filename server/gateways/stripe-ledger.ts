/** All PaymentIntents of a time, as Stripe has them, for whoever compares them with our orders. */
import type Stripe from 'stripe'
import type { PaymentLedger } from '../domain/payment.ts'
import { intentFrom, stripeGateway } from './stripe.ts'

/** The most that Stripe gives on one page. */
const pageIntents = 100

export function stripeLedger(stripe: Stripe): PaymentLedger {
  return {
    intents: async function* ({ from, to }) {
      const created = { gte: secondsOf(from), lt: secondsOf(to) }
      const listed = stripe.paymentIntents.list({
        created,
        limit: pageIntents,
        expand: ['data.latest_charge'],
      })
      for await (const intent of listed) {
        const { id, status, order, amount } = intentFrom(intent)
        yield { id, status, order, amount, madeAt: new Date(intent.created * 1000) }
      }
    },
    cancel: (id) => stripeGateway(stripe, '').cancel(id),
    refund: async (id) => {
      await stripe.refunds.create({ payment_intent: id }, { idempotencyKey: `${id}:refund` })
    },
  }
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
