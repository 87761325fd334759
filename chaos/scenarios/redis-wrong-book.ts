/** Redis is wrong and does not know: what SQL decides must not depend on it. */
import type { Scenario } from '../scenario.ts'

export const redisWrongBook: Scenario = {
  name: 'redis-wrong-book',
  title: 'The hold books of a region forget who has sold places, and give them again.',
  holds: 'SQL refuses each of them before anybody pays, and the book learns what is so.',
  targets: ['local'],
  parts: {
    some: 'a third of the sold places',
    all: 'all sold places',
  },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    await drill.letThemBuy(6_000)
    for (const [part, share] of [
      ['some', 1 / 3],
      ['all', 1],
    ] as const) {
      await drill.strike(part, drill.faults.redisWrongBook(region, share), {
        meanwhile: async () => {
          await drill.letThemBuy(6_000)
          await drill.demandSales(`the hold books of ${region} are wrong (${part})`)
        },
        healed: `the hold books of ${region} are built anew (${part})`,
      })
    }
  },
}
