/** What CockroachDB does under contention: transactions are to be run again. */
import type { Scenario } from '../scenario.ts'

export const retries: Scenario = {
  name: 'retries',
  title: 'The database asks to run statements again, ten times in a row.',
  holds: 'Retries are bounded and change nothing twice; calls end in an answer or a clear refusal.',
  targets: ['local'],
  parts: {
    few: 'one statement in four meets 40001 once',
    many: 'one statement in ten meets 40001 ten times in a row',
    all: 'every statement of a region meets 40001 for some seconds',
  },
  tell: async (drill) => {
    const { faults } = drill
    const strike = { kind: 'error', code: '40001', done: false } as const
    const few = faults.databaseStruck({ strike, share: 0.25 })
    await drill.strike('few', few, {
      meanwhile: async () => {
        await drill.letThemBuy(3_000)
        await drill.demandSales('a quarter of all statements is run again')
      },
    })
    const many = faults.databaseStruck({ strike, share: 0.1, inARow: 10 })
    await drill.strike('many', many, { meanwhile: () => drill.letThemBuy(5_000) })
    const region = drill.one(drill.regions)
    const all = faults.databaseStruck({ strike, share: 1 }, region)
    await drill.strike('all', all, {
      meanwhile: () => drill.letThemBuy(4_000),
      healed: 'statements run at once again',
    })
  },
}
