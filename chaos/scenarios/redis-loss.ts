/** Redis only advises: whatever becomes of it costs holds at most. */
import type { Scenario } from '../scenario.ts'

export const redisLoss: Scenario = {
  name: 'redis-loss',
  title: 'The Redis of a region is killed, wiped, put to sleep, and filled up.',
  holds:
    'SQL decides: nothing is sold twice; sales in progress end without Redis, and new ones go on.',
  targets: ['local', 'compose'],
  parts: {
    killed: 'it is killed and starts again over its append-only file',
    wiped: 'all that it has is gone',
    paused: 'it sleeps for some seconds, with its connections open',
    full: 'it takes nothing more',
  },
  tell: async (drill) => {
    const region = drill.one(drill.regions)
    const { faults, chance } = drill
    await drill.strike('killed', faults.redisKilled(region), {
      meanwhile: () => drill.letThemBuy(3_000),
      healed: `Redis of ${region} runs again`,
    })
    await drill.strike('wiped', faults.redisWiped(region), {
      meanwhile: () => drill.letThemBuy(2_000),
      healed: `Redis of ${region} was wiped`,
    })
    const sleepMs = 2_000 + chance.below(6_000)
    await drill.strike('paused', faults.redisPaused(region), {
      meanwhile: () => drill.letThemBuy(sleepMs),
      healed: `Redis of ${region} is awake`,
    })
    await drill.strike('full', faults.redisFull(region), {
      meanwhile: () => drill.letThemBuy(5_000),
      healed: `Redis of ${region} has room`,
    })
  },
}
