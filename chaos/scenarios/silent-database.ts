/** What losing a CockroachDB node looks like from a client: waiting, and no error. */
import type { Scenario } from '../scenario.ts'

export const silentDatabase: Scenario = {
  name: 'silent-database',
  title: 'Statements wait for twenty seconds without an error, as when CockroachDB loses a node.',
  holds: 'Callers get a clear answer within their deadline, and find the outcome by its key.',
  targets: ['local'],
  parts: {
    one: 'of one region, one statement in three',
    sales: 'of all regions, one of eight statements of the sale',
  },
  tell: async (drill) => {
    const { faults } = drill
    const strike = { kind: 'wait', ms: 20_000 } as const
    const region = drill.one(drill.regions)
    const one = faults.databaseStruck({ strike, share: 1 / 3 }, region)
    await drill.strike('one', one, {
      meanwhile: async () => {
        await drill.letThemBuy(2_000)
        await drill.demandSales(`${region} waits for its database`, {
          homes: drill.others(region),
        })
        await drill.letThemBuy(12_000)
      },
    })
    const sales = faults.databaseStruck({ strike, statements: /^sale\./, share: 1 / 8 })
    await drill.strike('sales', sales, {
      meanwhile: () => drill.letThemBuy(12_000),
      healed: 'the database answers at once',
    })
  },
}
