/**
 * Links stop one after the other and come back one after the other in another order, as in
 * FoundationDB's simulation, where it is said to find the deepest bugs.
 * https://apple.github.io/foundationdb/testing.html
 */
import type { Fault } from '../faults/fault.ts'
import type { Scenario } from '../scenario.ts'

export const swizzleClog: Scenario = {
  name: 'swizzle-clog',
  title:
    'Links between regions and to the database stop one by one and come back in another order.',
  holds: 'Nothing is sold twice or lost meanwhile; sales go on within 10 s of the last return.',
  targets: ['local'],
  parts: {
    regions: 'links between regions are among them',
    database: 'links to the database are among them',
  },
  tell: async (drill) => {
    const { regions, chance, faults } = drill
    const links = [
      ...(drill.isOn('regions')
        ? regions.flatMap((from) => drill.others(from).map((to) => `${from}/${to}`))
        : []),
      ...(drill.isOn('database') ? regions.map((from) => `${from}/database`) : []),
    ].filter(() => chance.fraction() < 0.6)
    const clogs: Fault[] = links.map((link) => faults.link([link], { kind: 'black-hole' }))
    for (const clog of shuffled(clogs, drill.chance.below)) {
      await drill.inject(clog)
      await drill.letThemBuy(chance.below(1_500))
    }
    await drill.letThemBuy(1_000)
    for (const clog of shuffled(clogs, drill.chance.below)) {
      await drill.heal(clog)
      await drill.letThemBuy(chance.below(1_500))
    }
    await drill.demandSales('all links are back')
  },
}

function shuffled<Item>(items: readonly Item[], below: (bound: number) => number): Item[] {
  const rest = [...items]
  return items.flatMap(() => rest.splice(below(rest.length), 1))
}
