/** Commits of which nobody can say whether they were done. */
import type { Scenario } from '../scenario.ts'

/** The statements of the sale, as the server prepares them. */
const sale = /^sale\./

export const unknownOutcomes: Scenario = {
  name: 'unknown-outcomes',
  title: 'Connections to the database are cut around a commit, and answers say that nobody knows.',
  holds: 'Every outcome is found by its key; nothing is done twice, nothing acknowledged is lost.',
  targets: ['local'],
  parts: {
    before: 'cut before the statement arrives',
    after: 'cut after it was done',
    within: 'cut at a random byte of the reply',
    ambiguous: '40003, done or not',
    internal: 'XXUUU, done or not',
  },
  tell: async (drill) => {
    const { faults } = drill
    const rules = {
      before: [{ kind: 'cut-before' }],
      after: [{ kind: 'cut-after' }],
      within: [{ kind: 'cut-in-reply' }],
      ambiguous: [false, true].map((done) => ({ kind: 'error', code: '40003', done }) as const),
      internal: [false, true].map((done) => ({ kind: 'error', code: 'XXUUU', done }) as const),
    } as const
    for (const [part, strikes] of Object.entries(rules)) {
      for (const strike of strikes) {
        const share = 0.15 + drill.chance.fraction() * 0.35
        const rule = { strike, statements: sale, share }
        await drill.strike(part, faults.databaseStruck(rule), {
          meanwhile: () => drill.letThemBuy(4_000),
        })
      }
    }
    await drill.demandSales('commits are answered again')
  },
}
