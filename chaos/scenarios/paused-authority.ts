/** A long pause of a process or a machine: whoever sleeps does not know that it did. */
import type { Scenario } from '../scenario.ts'

export const pausedAuthority: Scenario = {
  name: 'paused-authority',
  title: 'A region falls asleep with sales in its hands, is taken over, and wakes up.',
  holds: 'It writes nothing any more when it wakes up; its events are sold from another region.',
  targets: ['local', 'compose'],
  parts: {
    region: 'the server and the Redis of a region sleep',
    server: 'its server sleeps alone',
    short: 'a server sleeps for less than its lease',
  },
  tell: async (drill) => {
    const one = drill.one(drill.regions)
    await drill.strike('short', drill.faults.serverPaused(one), {
      meanwhile: () => drill.letThemBuy(1_500),
    })
    const asleep = drill.one(drill.regions)
    for (const [part, sleep] of [
      ['region', drill.faults.regionPaused(asleep)],
      ['server', drill.faults.serverPaused(asleep)],
    ] as const) {
      await drill.strike(part, sleep, {
        meanwhile: async () => {
          await drill.demandSales(`${asleep} sleeps (${part})`)
          await drill.letThemBuy(2_000 + drill.chance.below(4_000))
        },
        healed: `${asleep} is awake (${part})`,
      })
    }
  },
}
