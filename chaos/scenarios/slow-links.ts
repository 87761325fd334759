/** Links that are not dead and not well either. */
import type { Scenario } from '../scenario.ts'

export const slowLinks: Scenario = {
  name: 'slow-links',
  title: 'Links become late, then narrow, then only look alive.',
  holds: 'Calls that are passed on are slow or are refused in time; nothing is done twice.',
  targets: ['local', 'compose'],
  parts: {
    late: 'all links of a region are 400 ms later in each direction',
    narrow: 'all links of a region carry 20 kB a second',
    'half-open': 'the far side of a link is gone and the near side does not know',
    'half-open-database': 'the same on a link to the database',
  },
  tell: async (drill) => {
    const one = drill.one(drill.regions)
    const around = drill.others(one).flatMap((name) => [`${one}/${name}`, `${name}/${one}`])
    const late = drill.faults.link(around, { kind: 'late', byMs: 400 })
    await drill.strike('late', late, {
      meanwhile: async () => {
        await drill.letThemBuy(4_000)
        await drill.demandSales(`${one} is late`)
      },
    })
    const narrow = drill.faults.link(around, { kind: 'slow', bytesPerSecond: 20_000 })
    await drill.strike('narrow', narrow, {
      meanwhile: () => drill.letThemBuy(8_000),
      healed: `${one} is wide again`,
    })
    const [pair = ''] = around
    const halfOpen = drill.faults.link([pair], { kind: 'half-open' })
    await drill.strike('half-open', halfOpen, {
      meanwhile: () => drill.letThemBuy(6_000),
      healed: `${pair} is whole`,
    })
    const database = drill.faults.link([`${one}/database`], { kind: 'half-open' })
    await drill.strike('half-open-database', database, {
      meanwhile: async () => {
        await drill.demandSales(`${one} speaks to a database that is gone`)
        await drill.letThemBuy(3_000)
      },
      healed: `${one} has its database`,
    })
  },
}
