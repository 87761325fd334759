/** What every sale waits for is away for a moment. */
import type { Scenario } from '../scenario.ts'

export const databaseLoss: Scenario = {
  name: 'database-loss',
  title: 'The database is killed and starts again, then stands still for five seconds.',
  holds:
    'What was acknowledged is there; what was not is known by its key; sales go on within 10 s.',
  targets: ['local', 'compose'],
  parts: {
    killed: 'it is killed, and starts again over its log',
    stalled: 'it answers nothing for 5 s, and then everything',
  },
  tell: async (drill) => {
    const { faults } = drill
    await drill.strike('killed', faults.databaseKilled(), {
      meanwhile: () => drill.letThemBuy(500),
      healed: 'the database runs again',
    })
    await drill.letThemBuy(2_000)
    await drill.strike('stalled', faults.databaseStalled(), {
      meanwhile: () => drill.letThemBuy(5_000),
      healed: 'the database answers again',
    })
  },
}
