/** From a hold to a paid order. Starting twice is one order: its id is the hold's id. */
import { z } from 'zod'
import { checkoutStatus } from '../../application/checkout-status.ts'
import { confirmPayment } from '../../application/confirm-payment.ts'
import { seatMapOf } from '../../application/sale-view.ts'
import { startCheckout } from '../../application/start-checkout.ts'
import { presentCheckout } from '../present.ts'
import * as shapes from '../shapes.ts'
import { procedure, router } from '../trpc.ts'

/** Stripe's test payment methods begin so; real cards are confirmed in the browser by Stripe.js. */
const testPaymentMethod = z
  .string()
  .max(100)
  .regex(/^pm_card_[A-Za-z0-9_]+$/, { error: "must be one of Stripe's test cards, pm_card_…" })

export const checkout = router({
  start: procedure
    .owner('hold')
    .meta({ at: 'authority' })
    .input(z.strictObject({ holdToken: shapes.holdToken }))
    .output(shapes.checkout)
    .mutation(async ({ ctx: { services, caller, session }, input }) => {
      const { record, intent } = await startCheckout(services, caller, input)
      session.shows(record.order)
      const labels = await seatMapOf(services, record.order.event)
      return presentCheckout(record, labels, { clientSecret: intent?.clientSecret ?? null })
    }),

  confirm: procedure
    .owner('order')
    .meta({ at: 'authority' })
    .input(
      z.strictObject({
        order: shapes.orderId,
        key: shapes.key,
        paymentMethod: testPaymentMethod,
      }),
    )
    .output(shapes.checkout)
    .mutation(async ({ ctx: { services, caller, session }, input }) => {
      const { record, actionUrl } = await confirmPayment(services, caller, input)
      session.shows(record.order)
      return presentCheckout(record, await seatMapOf(services, record.order.event), {
        actionUrl,
      })
    }),

  status: procedure
    .owner('order')
    .meta({ at: 'authority' })
    .input(z.strictObject({ order: shapes.orderId }))
    .output(shapes.checkout)
    .query(async ({ ctx: { services, caller, session }, input }) => {
      const { record, actionUrl } = await checkoutStatus(services, caller, input)
      session.shows(record.order)
      return presentCheckout(record, await seatMapOf(services, record.order.event), {
        actionUrl,
      })
    }),
})
