/**
 * The control API under /_simulator: what a test or a drill may see and do that Stripe would not
 * let it. It needs no key; the simulator listens on the loopback interface unless told otherwise.
 */
import { type Answer, answerText } from './answer.ts'
import { handleAuthenticationPage } from './authentication-page.ts'
import {
  authenticationSchema,
  ControlError,
  clockSchema,
  faultSchema,
  readBody,
  settlementSchema,
  webhookEndpointSchema,
} from './control-input.ts'
import { authenticateIntent, settleProcessing } from './intents.ts'
import type { IntentRecord } from './records.ts'
import { readLedger, readState } from './state-report.ts'
import type { UnitOfWork } from './unit-of-work.ts'
import type { WireRequest, WireResponse } from './wire.ts'
import type { World } from './world.ts'

export const controlPrefix = '/_simulator/'

export function handleControl(world: World, request: WireRequest): WireResponse {
  const [, , thing = '', id = '', verb = ''] = request.path.split('/')
  try {
    if (thing === 'authenticate') return handleAuthenticationPage(world, request, id)
    if (thing === 'payment_intents' && request.method === 'POST') {
      return intentStep(world, request, { id, verb })
    }
    const action = actions[`${request.method} ${thing}${id ? '/:id' : ''}`]
    if (action === undefined || verb !== '') {
      throw new ControlError(404, `Unknown control call ${request.method} ${request.path}.`)
    }
    return json(200, action(world, request, id))
  } catch (error) {
    if (error instanceof ControlError) return json(error.status, { error: error.message })
    throw error
  }
}

type Action = (world: World, request: WireRequest, id: string) => unknown

const actions: Readonly<Record<string, Action>> = {
  'GET state': (world, { query }) => readState(world, query),
  'GET ledger': (world) => readLedger(world.store),
  'POST reset': (world) => {
    world.reset()
    return { reset: true }
  },
  'GET clock': clockReport,
  'POST clock': (world, { body }) => {
    world.advanceClock(readBody(clockSchema, body).advanceMs)
    return clockReport(world)
  },
  'GET faults': ({ faults }) => ({ rules: faults.list(), felt: faults.felt() }),
  'POST faults': ({ faults }, { body }) => {
    const wish = readBody(faultSchema, body)
    if (faults.isFull) throw new ControlError(409, 'There are too many fault rules.')
    return faults.add(wish)
  },
  'DELETE faults': ({ faults }) => {
    faults.removeAll()
    return { removed: true }
  },
  'DELETE faults/:id': ({ faults }, _request, id) => removed(faults.remove(id), id),
  'GET webhook-endpoints': ({ webhooks }) => ({ endpoints: webhooks.list() }),
  'POST webhook-endpoints': ({ webhooks }, { body }) => {
    const wish = readBody(webhookEndpointSchema, body)
    if (webhooks.isFull) throw new ControlError(409, 'There are too many webhook endpoints.')
    return webhooks.add(wish)
  },
  'DELETE webhook-endpoints/:id': ({ webhooks }, _request, id) => removed(webhooks.remove(id), id),
}

function clockReport({ clock }: World): object {
  return { now: new Date(clock.nowMs()).toISOString(), offsetMs: clock.offsetMs }
}

function removed(done: boolean, id: string): object {
  if (!done) throw new ControlError(404, `There is no ${id}.`)
  return { removed: true }
}

/** What a cardholder or a bank decides outside of the API. */
function intentStep(
  world: World,
  { body }: WireRequest,
  { id, verb }: { id: string; verb: string },
): WireResponse {
  const step = readStep(verb, body)
  const intent = world.store.intents.get(id)
  if (intent === undefined) throw new ControlError(404, `There is no ${id}.`)
  const answer = decide(world, intent, step)
  return jsonText(answer.status, answerText(answer, world.render))
}

type Step = (unit: UnitOfWork, intent: IntentRecord) => IntentRecord

function readStep(verb: string, body: string): Step {
  if (verb === 'authentication') {
    const { outcome } = readBody(authenticationSchema, body)
    return (unit, intent) => authenticateIntent(unit, intent, outcome === 'approve')
  }
  if (verb === 'settlement') {
    const { outcome } = readBody(settlementSchema, body)
    return (unit, intent) => settleProcessing(unit, intent, outcome === 'succeeded')
  }
  throw new ControlError(404, `Unknown step ${verb}; there are authentication and settlement.`)
}

function decide(world: World, intent: IntentRecord, step: Step): Answer {
  return world.execute((unit) => ({ kind: 'record', status: 200, record: step(unit, intent) }), {
    requestId: null,
  })
}

function json(status: number, body: unknown): WireResponse {
  return jsonText(status, JSON.stringify(body))
}

function jsonText(status: number, body: string): WireResponse {
  return { kind: 'send', status, headers: { 'content-type': 'application/json' }, body }
}
