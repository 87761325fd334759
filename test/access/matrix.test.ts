/**
 * Every procedure and every plain route, by everybody, on their own, other people's and missing
 * things. What must be answered is derived from the declared rule; nothing here lists procedures.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHall, openSaleSystem, type SaleSystem } from '../support/sale-system.ts'
import { everyCaller } from './callers.ts'
import { type Ground, gateFaults } from './gates.ts'
import { procedures } from './procedures.ts'

let system: SaleSystem
let ground: Ground
beforeAll(async () => {
  system = await openSaleSystem({ book: 'redis' })
  const other = await openHall(system.url)
  const organisations = { own: system.organisation, foreign: other.organisation }
  const callers = await everyCaller(system, organisations)
  ground = { url: system.url, callers, organisations }
})
afterAll(() => system[Symbol.asyncDispose]())

describe('the gate of', () => {
  it.each(procedures)('$path opens to whom its rule says', async (procedure) => {
    expect(await gateFaults(ground, procedure)).toEqual([])
  })
})

describe('a rule that is taken away is missed at', () => {
  const guarded = procedures.filter(({ rule }) => rule.kind !== 'public')
  it.each(guarded)('$path', async (procedure) => {
    const { middlewares } = procedure
    // Before the gates stands what turns errors into answers; behind them the input's parser.
    const gates = middlewares.findIndex((each) => '_type' in (each as object)) - 1
    const taken = middlewares.splice(1, gates)
    try {
      expect(taken.length).toBeGreaterThan(0)
      expect(await gateFaults(ground, procedure)).not.toEqual([])
    } finally {
      middlewares.splice(1, 0, ...taken)
    }
  })
})
