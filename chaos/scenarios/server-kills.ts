/** Crashes, at any step of any call. */
import type { Scenario } from '../scenario.ts'

export const serverKills: Scenario = {
  name: 'server-kills',
  title: 'Servers are killed at random moments of their work, again and again.',
  holds: 'Another server finishes what one began; money and tickets agree, nothing is lost.',
  targets: ['local', 'compose'],
  parts: {
    one: 'the same server, three times',
    turns: 'one server after the other',
  },
  tell: async (drill) => {
    const { chance, faults } = drill
    const victim = drill.one(drill.regions)
    for (let kill = 0; kill < 3; kill += 1) {
      const wait = () => drill.letThemBuy(200 + chance.below(2_000))
      await drill.strike('one', faults.serverKilled(victim), { meanwhile: wait })
    }
    await drill.demandSales(`the server of ${victim} runs again`)
    for (const region of drill.regions) {
      const wait = () => drill.letThemBuy(chance.below(1_500))
      await drill.strike('turns', faults.serverKilled(region), { meanwhile: wait })
    }
    await drill.demandSales('all servers run again')
  },
}
