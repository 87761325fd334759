/** An upgrade: for some minutes two versions serve the same fans. */
import { prepareOldVersion } from '../old-version.ts'
import type { Scenario } from '../scenario.ts'

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  title: 'One region after the other runs an older version of the program for a while.',
  holds: 'Both versions sell side by side; each server finishes its calls before it goes.',
  targets: ['local'],
  parts: {
    one: 'one region runs the older version',
    two: 'two regions run the older version',
  },
  tell: async (drill) => {
    await using old = await prepareOldVersion()
    const version = `version ${old.commit.slice(0, 10)}`
    drill.note(`the older version is ${old.commit}`)
    const first = drill.one(drill.regions)
    const second = drill.one(drill.others(first))
    const oldOf = (region: string) => drill.faults.serverOldVersion(region, old.folder)
    await drill.strike('one', oldOf(first), {
      meanwhile: async () => {
        await drill.demandSales(`${first} runs ${version}`)
        await drill.letThemBuy(6_000)
      },
      healed: `${first} runs the present version`,
    })
    await drill.strike('two', oldOf(first), {
      meanwhile: async () => {
        const too = oldOf(second)
        await drill.inject(too)
        await drill.demandSales(`${first} and ${second} run ${version}`)
        await drill.letThemBuy(6_000)
        await drill.heal(too)
      },
      healed: 'all run the present version',
    })
  },
}
