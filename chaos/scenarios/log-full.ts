import type { Scenario } from '../scenario.ts'

export const logFull: Scenario = {
  name: 'log-full',
  title: "The disk of a server's log is full.",
  holds: 'It goes on selling without a log, and writes it again when there is room.',
  targets: ['local'],
  parts: { one: 'of one region', all: 'of all regions' },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    await drill.strike('one', drill.faults.logFull(region), {
      meanwhile: async () => {
        await drill.letThemBuy(3_000)
        await drill.demandSales(`${region} cannot write its log`)
      },
    })
    const all = drill.regions.map((name) => drill.faults.logFull(name))
    if (!drill.isOn('all')) return
    for (const fault of all) await drill.inject(fault)
    await drill.letThemBuy(3_000)
    await drill.demandSales('no server can write its log')
    for (const fault of all) await drill.heal(fault)
    await drill.demandSales('logs are written again')
  },
}
