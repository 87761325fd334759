/** Everybody lives, and some do not hear each other. */
import type { Scenario } from '../scenario.ts'

export const partition: Scenario = {
  name: 'partition',
  title: 'Two regions lose sight of each other, and one of them the database too.',
  holds:
    'Who has lost the database sells nothing and is taken over; late statements write nothing.',
  targets: ['local', 'compose'],
  parts: {
    pair: 'two regions do not hear each other; both see the third and the database',
    island: 'a region hears no other region and no database; what it had sent arrives at the end',
    refused: 'the same, with connections reset',
  },
  tell: async (drill) => {
    const one = drill.one(drill.regions)
    const other = drill.one(drill.others(one))
    const both = [`${one}/${other}`, `${other}/${one}`]
    await drill.strike('pair', drill.faults.link(both, { kind: 'black-hole' }), {
      meanwhile: async () => {
        await drill.letThemBuy(6_000)
        await drill.demandSales(`${one} and ${other} do not hear each other`)
      },
      healed: `${one} and ${other} hear each other`,
    })
    const island = drill.one(drill.regions)
    const around = [
      `${island}/database`,
      ...drill.others(island).flatMap((name) => [`${island}/${name}`, `${name}/${island}`]),
    ]
    for (const [part, kind] of [
      ['island', 'black-hole'],
      ['refused', 'cut'],
    ] as const) {
      await drill.strike(part, drill.faults.link(around, { kind }), {
        meanwhile: async () => {
          await drill.demandSales(`${island} is an island (${kind})`)
          await drill.letThemBuy(4_000)
        },
        healed: `${island} is no island any more (${kind})`,
      })
    }
  },
}
