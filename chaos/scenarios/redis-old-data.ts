/** A replica that was promoted without the last seconds, or a restored disk: its books are wrong. */
import type { Scenario } from '../scenario.ts'

export const redisOldData: Scenario = {
  name: 'redis-old-data',
  title: 'The Redis of a region comes back with data of some time ago.',
  holds: 'Its books are built anew before anybody is answered from them, in every region.',
  targets: ['local'],
  parts: {
    short: 'data of some seconds ago',
    long: 'data of before a change of authority',
  },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    const old = drill.faults.redisOldData(region)
    await drill.strike('short', old, {
      meanwhile: () => drill.letThemBuy(4_000 + drill.chance.below(6_000)),
      healed: `Redis of ${region} is some seconds old`,
    })
    await drill.strike('long', old, {
      meanwhile: async () => {
        await drill.letThemBuy(3_000)
        const asleep = drill.faults.serverPaused(region)
        await drill.inject(asleep)
        await drill.demandSales(`${region} sleeps`)
        await drill.letThemBuy(3_000)
        await drill.heal(asleep)
      },
      healed: `Redis of ${region} is of before the takeover`,
    })
  },
}
