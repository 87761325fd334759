import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StripeSimulator, startStripeSimulator } from './simulator.ts'
import {
  connectStripe,
  control,
  eventually,
  type Received,
  WebhookReceiver,
} from './test-support.ts'

const secret = 'whsec_test'
let receiver: WebhookReceiver
let simulator: StripeSimulator
let stripe: Stripe

beforeEach(async () => {
  receiver = await WebhookReceiver.start()
  simulator = await startStripeSimulator({
    webhooks: [
      {
        url: receiver.url,
        secret,
        events: ['payment_intent.*', 'refund.created', 'charge.refunded'],
      },
    ],
  })
  stripe = connectStripe(simulator)
})

afterEach(async () => {
  await simulator.close()
  await receiver[Symbol.asyncDispose]()
})

const held: Stripe.PaymentIntentCreateParams = {
  amount: 5_000,
  currency: 'usd',
  capture_method: 'manual',
  allowed_payment_method_types: ['card'],
}

async function received(count: number): Promise<void> {
  await eventually(`${count} webhooks`, () => receiver.received.length >= count)
}

function verify({ payload, signature }: Received): Stripe.Event {
  return stripe.webhooks.constructEvent(payload, signature, secret)
}

describe('events', () => {
  it('tell the whole story of a sale, in /v1/events and by webhook', async () => {
    const { id } = await stripe.paymentIntents.create(held)
    await stripe.paymentIntents
      .confirm(id, { payment_method: 'pm_card_chargeDeclined' })
      .catch(() => 0)
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_threeDSecure2Required' })
    await control(simulator, `payment_intents/${id}/authentication`, { outcome: 'approve' })
    await stripe.paymentIntents.capture(id)
    await stripe.refunds.create({ payment_intent: id })
    const told = [
      'payment_intent.created',
      'payment_intent.payment_failed',
      'payment_intent.requires_action',
      'payment_intent.amount_capturable_updated',
      'payment_intent.succeeded',
      'refund.created',
      'charge.refunded',
    ]
    await received(told.length)
    expect(receiver.types.toSorted()).toEqual(told.toSorted())
    const listed = await stripe.events.list({
      types: ['payment_intent.*', 'refund.created', 'charge.refunded'],
    })
    expect(listed.data.map(({ type }) => type).toReversed()).toEqual(told)
    const all = await stripe.events.list({ limit: 100 })
    expect(all.data.map(({ type }) => type)).toContain('charge.captured')
    for (const one of receiver.received) {
      expect(await stripe.events.retrieve(one.id)).toEqual(verify(one))
    }
  })

  it('show the object as it was then', async () => {
    const { id } = await stripe.paymentIntents.create(held, { idempotencyKey: 'once' })
    await stripe.paymentIntents.cancel(id)
    await received(2)
    const created = receiver.received.find(({ type }) => type === 'payment_intent.created')
    const event = verify(created!)
    expect(event.data.object).toMatchObject({ id, status: 'requires_payment_method' })
    expect(event.request).toMatchObject({ idempotency_key: 'once' })
    expect(receiver.types).toContain('payment_intent.canceled')
  })

  it('come from a replay only once', async () => {
    const create = () => stripe.paymentIntents.create(held, { idempotencyKey: 'k' })
    await create()
    await create()
    expect((await stripe.events.list()).data).toHaveLength(1)
  })
})

describe('signatures', () => {
  it('do not fit a changed payload, another secret or an old time', async () => {
    await stripe.paymentIntents.create(held)
    await received(1)
    const [one] = receiver.received as [Received]
    expect(verify(one).type).toBe('payment_intent.created')
    const { constructEvent } = stripe.webhooks
    const wrong: [string, string, string][] = [
      [one.payload.replace('5000', '1'), one.signature, secret],
      [one.payload, one.signature, 'whsec_other'],
      [one.payload, one.signature.replace(/^t=\d+/, 't=1000'), secret],
    ]
    for (const [payload, signature, key] of wrong) {
      expect(() => constructEvent.call(stripe.webhooks, payload, signature, key)).toThrow(
        Stripe.errors.StripeSignatureVerificationError,
      )
    }
  })

  it('are wrong on demand', async () => {
    await control(simulator, 'faults', { kind: 'webhook_tampered', times: 1 })
    await stripe.paymentIntents.create(held)
    await stripe.paymentIntents.create(held)
    await received(2)
    const verdicts = receiver.received.map((one) => {
      try {
        return verify(one).type
      } catch {
        return 'refused'
      }
    })
    expect(verdicts.toSorted()).toEqual(['payment_intent.created', 'refused'])
  })

  it('are right although the simulated clock runs ahead', async () => {
    await control(simulator, 'clock', { advanceMs: 5 * 3_600_000 })
    await stripe.paymentIntents.create(held)
    await received(1)
    expect(verify(receiver.received[0]!).type).toBe('payment_intent.created')
  })
})

describe('delivery', () => {
  it('is tried again until the endpoint accepts it', async () => {
    receiver.statuses.push(500, 404)
    await stripe.paymentIntents.create(held)
    await received(3)
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
    await eventually('delivered', async () => {
      const { webhooks } = await control(simulator, 'state')
      return (webhooks as { delivered: number }).delivered === 1
    })
    expect((await control(simulator, 'state'))['webhooks']).toMatchObject({
      pending: 0,
      failedAttempts: 2,
    })
  })

  it('is lost, doubled, delayed or overtaken on demand', async () => {
    const faults = [
      { kind: 'webhook_lost', times: 1, event: 'payment_intent.created' },
      { kind: 'webhook_doubled', times: 1, event: 'payment_intent.created' },
      { kind: 'webhook_delayed', times: 1, event: 'payment_intent.created', delayMs: 50 },
      { kind: 'webhook_reordered', times: 1, event: 'payment_intent.created' },
    ]
    for (const fault of faults) await control(simulator, 'faults', fault)
    await stripe.paymentIntents.create(held)
    const doubled = await stripe.paymentIntents.create(held)
    await received(2)
    expect(receiver.received.map((one) => (verify(one).data.object as { id: string }).id)).toEqual([
      doubled.id,
      doubled.id,
    ])
    await stripe.paymentIntents.create(held)
    await received(3)
    const overtaken = await stripe.paymentIntents.create(held)
    await stripe.paymentIntents.cancel(overtaken.id)
    await received(5)
    expect(receiver.types.slice(3)).toEqual(['payment_intent.canceled', 'payment_intent.created'])
    const { felt } = await control(simulator, 'faults')
    expect(felt).toEqual({
      webhook_lost: 1,
      webhook_doubled: 1,
      webhook_delayed: 1,
      webhook_reordered: 1,
    })
  })

  it('stops at a reset, and counts from nothing again', async () => {
    receiver.statuses.push(500, 500, 500, 500, 500, 500, 500, 500)
    await stripe.paymentIntents.create(held)
    await received(1)
    await control(simulator, 'reset', {})
    receiver.statuses.length = 0
    await stripe.paymentIntents.create(held)
    await eventually('delivered', async () => {
      const { webhooks } = await control(simulator, 'state')
      return (webhooks as { delivered: number }).delivered === 1
    })
    expect((await control(simulator, 'state'))['webhooks']).toEqual({
      pending: 0,
      delivered: 1,
      failedAttempts: 0,
      exhausted: 0,
      overflowed: 0,
    })
  })

  it('goes to endpoints that come later, and no more to those that go', async () => {
    await using second = await WebhookReceiver.start()
    const { id } = await control(simulator, 'webhook-endpoints', {
      url: second.url,
      secret: 'whsec_2',
    })
    await stripe.paymentIntents.create(held)
    await eventually('both', () => receiver.received.length + second.received.length === 2)
    const [one] = second.received as [Received]
    expect(stripe.webhooks.constructEvent(one.payload, one.signature, 'whsec_2').id).toBe(one.id)
    const url = `${simulator.url}/_simulator/webhook-endpoints/${String(id)}`
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(200)
    await stripe.paymentIntents.create(held)
    await received(2)
    expect(second.received).toHaveLength(1)
  })
})
