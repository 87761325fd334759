/** Traces of a whole system, as a collector receives them: one trace shows a sale to its end. */
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../client/index.ts'
import { findFreePort } from '../../regions/local/free-port.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { openSaleSystem, region, type SaleSystem, tokenFor } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { type ReceivedSpan, type Receiver, startReceiver } from './otlp-receiver.ts'

const newTraceId = () => randomBytes(16).toString('hex')
const callerSpan = 'c0ffee00c0ffee00'

type Shopper = { readonly url: string; readonly token: string; readonly traceparent: string }

/** A fan whose every call carries the same traceparent, as an app does that is traced itself. */
function shopper({ url, token, traceparent }: Shopper) {
  return createClient({
    endpoints: [url],
    token,
    fetch: (address, init) => {
      const headers = new Headers(init?.headers)
      headers.set('traceparent', traceparent)
      return fetch(address, { ...init, headers })
    },
  })
}

async function buyTraced(system: SaleSystem, flags: '00' | '01', units: readonly number[]) {
  const traceId = newTraceId()
  const token = await tokenFor(system.url, { name: 'traced-fan' })
  const traceparent = `00-${traceId}-${callerSpan}-${flags}`
  const client = shopper({ url: system.url, token, traceparent })
  const event = await system.newEvent()
  const { order } = await client.buy({
    key: randomUUID(),
    event,
    seats: { kind: 'units', units: [...units] },
    paymentMethod: 'pm_card_visa',
  })
  expect(order.state).toBe('paid')
  return { traceId, token, order }
}

describeUnless(redisMissing(), 'a bought order', () => {
  let receiver: Receiver
  let system: SaleSystem
  let bought: Awaited<ReturnType<typeof buyTraced>>
  let trace: ReceivedSpan[]

  beforeAll(async () => {
    receiver = await startReceiver()
    system = await openSaleSystem({
      book: 'redis',
      settings: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_SERVICE_NAME: 'tickets',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=box%20office',
      },
    })
    bought = await buyTraced(system, '01', [3, 4])
    const ofTrace = () => receiver.spans.filter((span) => span.traceId === bought.traceId)
    await eventually(() => ofTrace().some((span) => span.name === 'payments.captured'), {
      what: 'the capture is in the trace',
    })
    await eventually(() => ofTrace().some((span) => span.name === 'duty order.paid'), {
      what: 'the duty is in the trace',
    })
    trace = ofTrace()
  })
  afterAll(async () => {
    await system[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  const named = (name: string) => {
    const span = trace.find((each) => each.name === name)
    if (span === undefined) {
      throw new Error(`no ${name} among: ${trace.map((each) => each.name).join(', ')}`)
    }
    return span
  }
  const above = (span: ReceivedSpan) => {
    const parent = trace.find((each) => each.spanId === span.parent)
    if (parent === undefined) throw new Error(`${span.name} has no parent`)
    return parent
  }

  it('is one trace of HTTP, calls, SQL, Redis, Stripe and the worker that takes the money', () => {
    const call = named('call holds.place')
    expect(call.attributes).toEqual({ 'rpc.system.name': 'trpc', 'rpc.method': 'holds.place' })
    expect(above(call).name).toBe('POST /trpc/*')
    expect(above(named('hold-book.place')).spanId).toBe(call.spanId)
    expect(named('hold-book.place').attributes).toEqual({
      'db.system.name': 'redis',
      'db.operation.name': 'hold-book.place',
    })
    expect(above(named('sale.start-orders')).name).toBe('call checkout.start')
    expect(named('sale.start-orders').attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'sale.start-orders',
    })
    expect(above(named('POST /v1/payment_intents')).name).toBe('call checkout.start')
    expect(above(named('sale.complete-orders')).name).toBe('call checkout.confirm')
    const duty = named('duty order.paid')
    expect(above(duty).name).toBe('call checkout.confirm')
    const capture = named('POST /v1/payment_intents/{id}/capture')
    expect(above(capture).spanId).toBe(duty.spanId)
    expect(capture.attributes).toMatchObject({ 'http.response.status_code': 200 })
    expect(above(named('payments.captured')).spanId).toBe(duty.spanId)
  })

  it('continues the caller’s trace: every request stands under the caller’s span', () => {
    const requests = trace.filter((span) => span.name === 'POST /trpc/*')
    expect(requests).toHaveLength(3)
    for (const request of requests) {
      expect(request.parent).toBe(callerSpan)
      expect(request.attributes).toEqual({
        'http.request.method': 'POST',
        'http.route': '/trpc/*',
        'http.response.status_code': 200,
      })
    }
    const ids = new Set(trace.map((span) => span.spanId))
    const orphans = trace.filter((span) => span.parent !== callerSpan && !ids.has(span.parent))
    expect(orphans.map((span) => span.name)).toEqual([])
  })

  it('says which server it was', () => {
    expect(named('call holds.place').resource).toEqual({
      'service.name': 'tickets',
      'cloud.region': region,
      'deployment.environment.name': 'test',
      team: 'box office',
    })
  })

  it('shows nothing of the person, the card, the order or the keys', async () => {
    const raw = receiver.raw()
    const [payment] = await system.sql<{ intent_id: string; buyer: string }>(
      `select p.intent_id, o.buyer from payments p join orders o on o.id = p.order_id
       where o.id = $1`,
      [bought.order.id],
    )
    if (payment === undefined) throw new Error('the order has a payment')
    const secrets = {
      token: bought.token.split('.')[2] ?? '',
      person: payment.buyer,
      card: 'pm_card_visa',
      order: bought.order.id,
      intent: payment.intent_id,
      stripeKey: system.config.STRIPE_SECRET_KEY,
      query: 'input=',
      database: new URL(system.databaseUrl).pathname.slice(1),
    }
    for (const [what, secret] of Object.entries(secrets)) {
      expect(secret, what).not.toBe('')
      expect(raw.includes(secret), what).toBe(false)
    }
  })

  it('marks a refusal as an answer, and not as a failure', async () => {
    const traceId = newTraceId()
    const token = await tokenFor(system.url, { name: 'late-fan' })
    const client = shopper({
      url: system.url,
      token,
      traceparent: `00-${traceId}-${callerSpan}-01`,
    })
    const order = 'ord_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'
    await expect(client.checkout.status.query({ order })).rejects.toThrow()
    const call = () =>
      receiver.spans.find((span) => span.traceId === traceId && span.name.startsWith('call'))
    await eventually(() => call() !== undefined, { what: 'the refused call is exported' })
    expect(call()).toMatchObject({ failed: false, attributes: { 'frontrow.outcome': 'NOT_FOUND' } })
  })

  it('is linked from what is done much later, which has a trace of its own', async () => {
    const { order, traceId } = bought
    const reminder = [region, `order.started:${order.id}`]
    await system.sql(
      `update outbox set due_at = now(), created_at = now() - interval '1 minute'
       where region = $1 and id = $2`,
      reminder,
    )
    const duty = () => receiver.spans.find((span) => span.name === 'duty order.started')
    await eventually(() => duty() !== undefined, { what: 'the reminder is exported' })
    expect(duty()).toMatchObject({ parent: '', links: [traceId], failed: false })
    expect(duty()?.traceId).not.toBe(traceId)
  })

  it('is all that workers tell: looking for work is no trace', () => {
    expect(receiver.spans.filter((span) => span.name.startsWith('outbox.'))).toEqual([])
  })

  it('names a path that does not exist by its method alone', async () => {
    const traceId = newTraceId()
    const headers = { traceparent: `00-${traceId}-${callerSpan}-01` }
    await fetch(`${system.url}/no/such/secret-path?and=secret-query`, { headers })
    const found = () => receiver.spans.find((span) => span.traceId === traceId)
    await eventually(() => found() !== undefined, { what: 'the request is exported' })
    expect(found()?.name).toBe('GET')
    expect(receiver.raw()).not.toContain('secret-')
  })

  it('joins also when the body comes later than the headers', async () => {
    const traceId = newTraceId()
    const body = JSON.stringify({ holdToken: 'none' })
    const headers = {
      traceparent: `00-${traceId}-${callerSpan}-01`,
      authorization: `Bearer ${bought.token}`,
      'content-type': 'application/json',
      'content-length': body.length,
    }
    const call = request(`${system.url}/trpc/checkout.start`, { method: 'POST', headers })
    const answered = once(call, 'response')
    call.flushHeaders()
    await fetch(`${system.url}/livez`)
    call.write(body.slice(0, 5))
    await fetch(`${system.url}/livez`)
    call.end(body.slice(5))
    const [answer] = (await answered) as [IncomingMessage]
    answer.resume()
    const spanOf = (name: string) =>
      receiver.spans.find((span) => span.traceId === traceId && span.name === name)
    await eventually(() => spanOf('POST /trpc/*') !== undefined, { what: 'it is exported' })
    expect(spanOf('call checkout.start')?.parent).toBe(spanOf('POST /trpc/*')?.spanId)
  })

  it('makes no trace of health checks, and takes no traceparent that is none', async () => {
    const broken = { traceparent: '00-00000000000000000000000000000000-c0ffee00c0ffee00-01' }
    await fetch(`${system.url}/readyz`, { headers: broken })
    const jwks = () => receiver.spans.find((span) => span.name === 'GET /.well-known/jwks.json')
    await fetch(`${system.url}/.well-known/jwks.json`, { headers: broken })
    await eventually(() => jwks() !== undefined, { what: 'a request after it is exported' })
    expect(jwks()?.parent).toBe('')
    expect(receiver.spans.filter((span) => span.name.includes('readyz'))).toEqual([])
  })
})

describe('a server', () => {
  it('exports nothing of calls whose trace is not sampled', async () => {
    await using receiver = await startReceiver()
    await using system = await openSaleSystem({
      settings: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0',
      },
    })
    const silent = await buyTraced(system, '00', [1])
    const rows = await system.sql<{ trace: string }>(
      `select payload ->> 'trace' as trace from outbox where payload ->> 'order' = $1`,
      [silent.order.id],
    )
    expect(rows.map((row) => row.trace)).toEqual(['', ''])
    const told = await buyTraced(system, '01', [2])
    await eventually(() => receiver.spans.some((span) => span.traceId === told.traceId), {
      what: 'a trace that the caller samples is exported',
    })
    expect(receiver.spans.filter((span) => span.traceId !== told.traceId)).toEqual([])
  })

  it('decides itself where the caller is not to be believed', async () => {
    await using receiver = await startReceiver()
    await using system = await openSaleSystem({
      settings: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/elsewhere`,
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0',
      },
    })
    await buyTraced(system, '01', [1])
    await system[Symbol.asyncDispose]()
    expect(receiver.raw()).toBe('')
  })

  it('makes no traces when it is told not to', async () => {
    await using receiver = await startReceiver()
    await using system = await openSaleSystem({
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'true' },
    })
    await buyTraced(system, '01', [1])
    await system[Symbol.asyncDispose]()
    expect(receiver.raw()).toBe('')
  })

  it('sells while no collector answers, and while one refuses', async () => {
    await using refusing = await startReceiver(503)
    for (const url of [`http://127.0.0.1:${await findFreePort()}`, refusing.url]) {
      await using system = await openSaleSystem({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })
      await buyTraced(system, '01', [1])
      await buyTraced(system, '01', [2])
    }
    expect(refusing.raw()).not.toBe('')
  })
})
