/**
 * Every procedure and every plain route, by everybody, on their own, other people's and missing
 * things. What must be answered is derived from the declared rule; nothing here lists procedures.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MailSink, startMailSink } from '../../mail-sink/sink.ts'
import { declaredRoutes } from '../garbage/routes.ts'
import {
  apiAt,
  openHall,
  openSaleSystem,
  type SaleSystem,
  tokenFor,
} from '../support/sale-system.ts'
import { always } from './ask.ts'
import { type Belongings, makeBelongings } from './belongings.ts'
import { everyCaller } from './callers.ts'
import { type Ground, gateFaults } from './gates.ts'
import { procedures } from './procedures.ts'
import { namesAThing, thingFaults, unknownThings } from './things.ts'

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
  belongings = await makeBelongings({ url: system.url, fans, halls })
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

  it.each(naming)('$path', async (procedure) => {
    const by = procedure.rule.kind === 'role' ? 'owner' : 'fan'
    const show = ground.callers.find(({ name }) => name === by)?.show ?? always({})
    expect(await thingFaults({ url: system.url, show, belongings, seed: 7 }, procedure)).toEqual([])
  })
})

describe('the plain route', () => {
  it.each(routes)('$method $url answers everybody alike, as it declares', async (route) => {
    const { method, url, access } = route
    const answers = ground.callers.map(async ({ show }) => {
      const headers = await show({ method, url, body: '' })
      const answer = await fetch(`${system.url}${url}`, { method, headers })
      return { status: answer.status, text: method === 'HEAD' ? '' : await answer.text() }
    })
    const [first, ...others] = await Promise.all(answers)
    expect(others.every(({ status }) => status === first?.status)).toBe(true)
    // Whoever does not sign is told so, whatever else they show.
    if (access.kind === 'webhook') expect(first?.status).toBe(400)
    else expect(access.kind).toBe('public')
    expect([401, 403, 500]).not.toContain(first?.status)
  })
})
