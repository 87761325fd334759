/** A broken switch or a wrong firewall rule: one direction of a link is lost. */
import type { Scenario } from '../scenario.ts'

export const oneWayPartition: Scenario = {
  name: 'one-way-partition',
  title: 'What a region says arrives, and the answers do not; or the other way round.',
  holds: 'A write whose answer is lost is done once; sales go on elsewhere.',
  targets: ['local'],
  parts: {
    regions: 'answers between two regions are lost',
    database: 'answers of the database to one region are lost',
    asks: 'what one region asks the database is lost',
  },
  tell: async (drill) => {
    const one = drill.one(drill.regions)
    const between = [`${one}/${drill.one(drill.others(one))}`]
    const lost = drill.chance.fraction() < 0.5 ? 'back' : 'there'
    await drill.strike('regions', drill.faults.link(between, { kind: 'one-way', lost }), {
      meanwhile: () => drill.letThemBuy(6_000),
    })
    const deaf = drill.one(drill.regions)
    for (const [part, way] of [
      ['database', 'back'],
      ['asks', 'there'],
    ] as const) {
      const fault = drill.faults.link([`${deaf}/database`], { kind: 'one-way', lost: way })
      await drill.strike(part, fault, {
        meanwhile: async () => {
          await drill.demandSales(
            `${deaf} and the database hear each other one way (${way} is lost)`,
          )
          await drill.letThemBuy(3_000)
        },
        healed: `${deaf} and the database hear each other`,
      })
    }
  },
}
