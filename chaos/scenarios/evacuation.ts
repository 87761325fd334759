/** Planned work on a region, as docs/runbooks/planned-evacuation.md has it done. */
import type { Scenario } from '../scenario.ts'

export const evacuation: Scenario = {
  name: 'evacuation',
  title: 'An operator moves the events of a region away and back, planned, while they are sold.',
  holds: 'No hold and no order is lost; sales stand still for less than a second at a time.',
  targets: ['local', 'compose'],
  parts: {
    calm: 'with nothing else wrong',
    killed: 'the server that is left is killed in the middle of the move',
  },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    if (drill.isOn('calm')) {
      await drill.until(`${region} is drained`, () => drill.workload.drain(region), 30_000)
      await drill.demandSales(`${region} is drained`)
      await drill.letThemBuy(3_000)
      await drill.until(`${region} is restored`, () => drill.workload.restore(region), 60_000)
      await drill.demandSales(`${region} is restored`)
    }
    if (!drill.isOn('killed')) return
    const kill = drill.faults.serverKilled(region)
    const draining = drill.workload.drain(region)
    await drill.letThemBuy(drill.chance.below(400))
    await drill.inject(kill)
    await draining
    await drill.heal(kill)
    await drill.demandSales(`${region} was killed while it was drained`)
    await drill.until(`${region} is restored`, () => drill.workload.restore(region), 60_000)
    await drill.demandSales(`${region} is restored after all`)
  },
}
