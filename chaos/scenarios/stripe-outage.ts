/** Money that cannot be asked for, or that was taken and nobody was told. */
import type { Scenario } from '../scenario.ts'

export const stripeOutage: Scenario = {
  name: 'stripe-outage',
  title: 'Stripe is away, then slow, then fails after it has done what was asked.',
  holds:
    'Holds are kept, nobody pays for nothing or twice, and money and tickets agree at the end.',
  targets: ['local', 'compose'],
  parts: {
    down: 'no call gets through',
    slow: 'half of the calls take 3 s',
    lies: 'calls are answered with 500 after they were done, and so again under the same key',
    lost: 'answers are lost after the call was done',
  },
  tell: async (drill) => {
    const { faults } = drill
    await drill.strike('down', faults.stripeDown(), {
      meanwhile: () => drill.letThemBuy(5_000),
      healed: 'Stripe is back',
    })
    const slow = { kind: 'slow', probability: 0.5, delayMs: 3_000 }
    await drill.strike('slow', faults.stripeRule(slow), {
      meanwhile: async () => {
        await drill.letThemBuy(3_000)
        await drill.demandSales('Stripe is slow')
      },
    })
    const lies = { kind: 'error_500_after_success', probability: 0.4, method: 'POST' } as const
    await drill.strike('lies', faults.stripeRule(lies), {
      meanwhile: () => drill.letThemBuy(6_000),
    })
    const lost = { kind: 'timeout_after_success', probability: 0.3, delayMs: 2_000 }
    await drill.strike('lost', faults.stripeRule(lost), {
      meanwhile: () => drill.letThemBuy(6_000),
      healed: 'Stripe answers again',
    })
  },
}
