/** The loss that everything is built for: a whole region, without a warning. */
import { restored } from '../restored.ts'
import type { Scenario } from '../scenario.ts'

export const regionLoss: Scenario = {
  name: 'region-loss',
  title: 'A region dies in the middle of the sale, comes back, and gets its events back.',
  holds: 'Its events are sold from another region within 10 s, with the holds; no order is lost.',
  targets: ['local', 'compose'],
  parts: { loss: 'all processes of a region are killed and its links are cut' },
  tell: async (drill) => {
    const lost = drill.one(drill.regions)
    const loss = drill.faults.regionLost(lost)
    await drill.strike('loss', loss, {
      meanwhile: async () => {
        await drill.demandSales(`${lost} is lost`)
        await drill.letThemBuy(8_000 + drill.chance.below(8_000))
      },
      healed: `${lost} is back`,
    })
    await restored(drill, lost)
    await drill.demandSales(`${lost} has its events again`)
  },
}
