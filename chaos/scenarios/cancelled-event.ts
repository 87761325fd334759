/** Money that is on its way when its seats are no more. */
import type { Scenario } from '../scenario.ts'

export const cancelledEvent: Scenario = {
  name: 'cancelled-event',
  title: 'An event is cancelled while its places are being paid, with Stripe slow or unheard.',
  holds: 'Money that comes too late for its seats is let go; whoever has tickets keeps them.',
  targets: ['local', 'compose'],
  parts: {
    calm: 'with nothing else wrong',
    slow: 'while calls to Stripe take 2 s',
    unheard: 'while no webhook arrives',
  },
  tell: async (drill) => {
    const { faults } = drill
    const rules = {
      slow: { kind: 'slow', probability: 0.8, delayMs: 2_000 },
      unheard: { kind: 'webhook_lost' },
    }
    if (drill.isOn('calm')) await cancelOne()
    for (const [part, rule] of Object.entries(rules)) {
      await drill.strike(part, faults.stripeRule(rule), {
        meanwhile: async () => {
          await drill.letThemBuy(3_000)
          await cancelOne()
        },
        healed: `an event was cancelled (${part})`,
      })
    }

    /** Another one of the same home is opened first, so that fans have where to go. */
    async function cancelOne(): Promise<void> {
      const home = drill.one(drill.regions)
      const event = drill.eventOf(home)
      await drill.openEvent(home)
      await drill.letThemBuy(1_500)
      const said = `an event of ${home} is cancelled`
      await drill.until(said, () => drill.workload.cancel(event), 30_000)
      drill.note(said)
      await drill.letThemBuy(2_000)
    }
  },
}
