/**
 * Every procedure and every plain route, by everybody, on their own, other people's and missing
 * things. What must be answered is derived from the declared rule; nothing here lists procedures.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import { idPatterns } from '../../server/platform/ids.ts'
import { declaredRoutes } from '../garbage/routes.ts'
import {
  apiAt,
  openHall,
  openSaleSystem,
  type SaleSystem,
  tokenFor,
} from '../support/sale-system.ts'
import { type Belongings, makeBelongings } from './belongings.ts'
import { everyCaller } from './callers.ts'
import { expected } from './expectation.ts'
import { type Ground, gateFaults } from './gates.ts'
import { everyCallerOfRoutes, routeFaults, serverThatBelievesWebhooks } from './plain-routes.ts'
import { procedures } from './procedures.ts'
import { differences, namesAThing, ownerOfThings, thingFaults, unknownThings } from './things.ts'

const routes = await declaredRoutes()

let sink: MailSink
let system: SaleSystem
let ground: Ground
let belongings: Belongings
beforeAll(async () => {
  sink = await startMailSink()
  const settings = { SMTP_URL: sink.smtpUrl, MAIL_FROM: 'tickets@example.test' }
  system = await openSaleSystem({ book: 'redis', settings })
  const halls = { own: await openHall(system.url), foreign: await openHall(system.url) }
  const organisations = {
    own: halls.own.organisation,
    foreign: halls.foreign.organisation,
  }
  const callers = await everyCaller(system, organisations)
  const fan = async (name: string) => apiAt(system.url, await tokenFor(system.url, { name }))
  const fans = { own: await fan('matrix-fan'), foreign: await fan('matrix-other-fan') }
  belongings = await makeBelongings({ url: system.url, letters: sink, fans, halls })
  ground = { url: system.url, callers, organisations }
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
  await sink[Symbol.asyncDispose]()
})

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

describe('things of others look like things that are not there, to', () => {
  const naming = procedures.filter(namesAThing)
  it('all of which are known here', () => {
    expect(procedures.flatMap(unknownThings)).toEqual([])
  })

  it('also of a procedure that nobody thought of yet', () => {
    const rules = [...new Map(procedures.map(({ rule }) => [rule.kind, rule])).values()]
    const input = z.strictObject({ ofSomebody: z.string().regex(idPatterns.ord) })
    for (const rule of rules) {
      expect(unknownThings({ path: 'new', rule, input })).toEqual(['new: ofSomebody'])
    }
  })

  it.each(naming)('$path, by those who got as far as the thing', async (procedure) => {
    const others = ground.callers.filter(
      ({ name, facts }) =>
        // To the other fan, what is foreign here is their own.
        name !== 'other fan' && expected(procedure.rule, facts, 'own') === 'through',
    )
    const asking = { url: system.url, belongings, seed: 7 }
    const found = others.map(async ({ name, show }) =>
      (await differences({ ...asking, show }, procedure)).map((fault) => `${name}: ${fault}`),
    )
    expect(others.length).toBeGreaterThan(1)
    expect((await Promise.all(found)).flat()).toEqual([])
  })

  it.each(naming)('$path, by whom one is their own', async (procedure) => {
    const show = belongings.shows[ownerOfThings(procedure)]
    expect(await thingFaults({ url: system.url, show, belongings, seed: 7 }, procedure)).toEqual([])
  })
})

describe('the plain route', () => {
  it.each(routes)('$method $url answers everybody alike, as it declares', async (route) => {
    expect(await routeFaults(system.url, everyCallerOfRoutes(ground.callers), route)).toEqual([])
  })

  it.each(routes)('$method $url with another rule than it declares is noticed', async (route) => {
    const kind = route.access.kind === 'webhook' ? 'public' : 'webhook'
    const callers = everyCallerOfRoutes(ground.callers)
    const other = { ...route, access: { kind } as const }
    expect(await routeFaults(system.url, callers, other)).not.toEqual([])
  })

  it('that takes every signature is noticed', async () => {
    await using taking = await serverThatBelievesWebhooks()
    const webhooks = routes.filter(({ access }) => access.kind === 'webhook')
    expect(webhooks).not.toEqual([])
    for (const route of webhooks) {
      expect(await routeFaults(taking.url, everyCallerOfRoutes([]), route)).not.toEqual([])
    }
  })
})
