/** Webhooks as https://docs.stripe.com/webhooks says they may come. */
import type { Scenario } from '../scenario.ts'

export const stripeWebhooks: Scenario = {
  name: 'stripe-webhooks',
  title: "Stripe's webhooks are lost, come twice, late, in another order, or forged.",
  holds: 'They only nudge: orders and money end the same without any of them.',
  targets: ['local', 'compose'],
  parts: {
    lost: 'all are lost',
    doubled: 'all come twice',
    reordered: 'they come in another order',
    delayed: 'they come 4 s late',
    tampered: 'their bodies were changed on the way',
  },
  tell: async (drill) => {
    const kinds = {
      lost: { kind: 'webhook_lost' },
      doubled: { kind: 'webhook_doubled' },
      reordered: { kind: 'webhook_reordered', delayMs: 1_500 },
      delayed: { kind: 'webhook_delayed', delayMs: 4_000 },
      tampered: { kind: 'webhook_tampered' },
    }
    for (const [part, rule] of Object.entries(kinds)) {
      await drill.strike(part, drill.faults.stripeRule(rule), {
        meanwhile: async () => {
          await drill.letThemBuy(2_000)
          await drill.demandSales(`webhooks are ${part}`)
          await drill.letThemBuy(3_000)
        },
      })
    }
    await drill.demandSales('webhooks come as they should')
  },
}
