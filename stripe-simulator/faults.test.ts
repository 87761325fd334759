import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StripeSimulator, startStripeSimulator } from './simulator.ts'
import { connectStripe, control, refusal } from './test-support.ts'

let simulator: StripeSimulator
let stripe: Stripe

beforeEach(async () => {
  simulator = await startStripeSimulator({ seed: 7 })
  stripe = connectStripe(simulator)
})

afterEach(async () => {
  await simulator.close()
})

const wish: Stripe.PaymentIntentCreateParams = {
  amount: 5_000,
  currency: 'usd',
  capture_method: 'manual',
  allowed_payment_method_types: ['card'],
}

async function felt(): Promise<unknown> {
  return (await control(simulator, 'faults'))['felt']
}

async function madeIntents(): Promise<number> {
  return (await stripe.paymentIntents.list({ limit: 100 })).data.length
}

describe('faults of the transport', () => {
  it.each([
    ['timeout_before', 0],
    ['timeout_after_success', 1],
  ] as const)('%s: the caller hears nothing, and %i intents are made', async (kind, made) => {
    await control(simulator, 'faults', { kind, times: 1, method: 'POST' })
    const create = (timeout: number) =>
      stripe.paymentIntents.create(wish, { idempotencyKey: kind, timeout })
    const lost = await refusal(create(100))
    expect(lost.type).toBe('StripeConnectionError')
    expect(await madeIntents()).toBe(made)
    const found = await create(5_000)
    expect(found.lastResponse.headers['idempotent-replayed']).toBe(made ? 'true' : undefined)
    expect(await madeIntents()).toBe(1)
  })

  it('closes a hanging connection after the given time', async () => {
    await control(simulator, 'faults', { kind: 'timeout_before', times: 1, delayMs: 20 })
    // The SDK sends a request whose connection was closed once more by itself.
    const created = await stripe.paymentIntents.create(wish)
    expect(created.status).toBe('requires_payment_method')
    expect(await felt()).toEqual({ timeout_before: 1 })
  })

  it.each([
    ['connection_reset', 0],
    ['connection_reset_after_success', 1],
  ] as const)('%s: the connection breaks, and %i intents are made', async (kind, made) => {
    // Twice, because the SDK sends a request whose connection was reset once more by itself.
    await control(simulator, 'faults', { kind, times: 2, method: 'POST' })
    const create = () => stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    expect((await refusal(create())).type).toBe('StripeConnectionError')
    expect(await madeIntents()).toBe(made)
    await create()
    expect(await madeIntents()).toBe(1)
  })

  it('limits the rate with a 429', async () => {
    await control(simulator, 'faults', { kind: 'rate_limit', times: 1 })
    expect(await refusal(madeIntents())).toMatchObject({
      type: 'StripeRateLimitError',
      code: 'rate_limit',
    })
    expect(await madeIntents()).toBe(0)
  })

  it('is slow', async () => {
    await control(simulator, 'faults', { kind: 'slow', times: 1, delayMs: 300 })
    const early = stripe.paymentIntents.create(wish, { timeout: 100 })
    expect((await refusal(early)).type).toBe('StripeConnectionError')
  })
})

describe('rules', () => {
  it('strike only where method and path say', async () => {
    const path = '/v1/payment_intents/*/capture'
    await control(simulator, 'faults', { kind: 'error_500_after_success', path, method: 'POST' })
    const { id } = await stripe.paymentIntents.create(wish)
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    const broken = await refusal(stripe.paymentIntents.capture(id))
    expect(broken.statusCode).toBe(500)
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('succeeded')
    expect(await felt()).toEqual({ error_500_after_success: 1 })
  })

  it('strike with a probability that the seed repeats', async () => {
    const run = async (): Promise<boolean[]> => {
      await control(simulator, 'reset', {})
      await control(simulator, 'faults', { kind: 'error_500', probability: 0.3 })
      const outcomes: boolean[] = []
      for (let number = 0; number < 40; number += 1) {
        const call = stripe.paymentIntents.create(wish)
        outcomes.push(await call.then(() => true).catch(() => false))
      }
      return outcomes
    }
    const first = await run()
    expect(await run()).toEqual(first)
    const struck = first.filter((succeeded) => !succeeded).length
    expect(struck).toBeGreaterThan(3)
    expect(struck).toBeLessThan(25)
    expect(await felt()).toEqual({ error_500: struck })
  })

  it('are listed with how often they were felt, and removed', async () => {
    const { id } = await control(simulator, 'faults', { kind: 'rate_limit', times: 2 })
    await control(simulator, 'faults', { kind: 'slow', probability: 0 })
    await refusal(stripe.paymentIntents.create(wish))
    const { rules } = await control(simulator, 'faults')
    expect(rules).toMatchObject([
      { id, kind: 'rate_limit', times: 2, felt: 1 },
      { kind: 'slow', felt: 0 },
    ])
    await fetch(`${simulator.url}/_simulator/faults/${String(id)}`, { method: 'DELETE' })
    await stripe.paymentIntents.create(wish)
    await fetch(`${simulator.url}/_simulator/faults`, { method: 'DELETE' })
    expect((await control(simulator, 'faults'))['rules']).toEqual([])
  })

  it('may be asked before those that are there', async () => {
    await control(simulator, 'faults', { kind: 'slow', delayMs: 1 })
    await control(simulator, 'faults', { kind: 'rate_limit', times: 1, first: true })
    await refusal(stripe.paymentIntents.create(wish))
    expect(await felt()).toEqual({ rate_limit: 1 })
    await stripe.paymentIntents.create(wish)
    expect(await felt()).toEqual({ rate_limit: 1, slow: 1 })
  })

  it('are refused when they make no sense', async () => {
    for (const wrong of [
      { kind: 'earthquake' },
      { kind: 'slow', probability: 2 },
      { kind: 'slow', times: 0 },
      { kind: 'slow', colour: 'red' },
    ]) {
      expect((await control(simulator, 'faults', wrong))['error']).toEqual(expect.any(String))
    }
    expect(await control(simulator, 'nonsense')).toMatchObject({ error: expect.any(String) })
  })
})

describe('the control API', () => {
  it('takes forms as well as JSON, so that plain curl works', async () => {
    const body = new URLSearchParams({ kind: 'rate_limit', times: '1' })
    const response = await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', body })
    expect(await response.json()).toMatchObject({ kind: 'rate_limit', times: 1 })
  })

  it('shows the state and forgets everything at a reset', async () => {
    await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    expect(await control(simulator, 'state')).toMatchObject({
      counts: { intents: 1, charges: 0, refunds: 0, events: 1, idempotencyKeys: 1 },
      intents: [{ object: 'payment_intent' }],
    })
    expect((await control(simulator, 'state?limit=0'))['intents']).toEqual([])
    await control(simulator, 'reset', {})
    expect(await control(simulator, 'state')).toMatchObject({
      counts: { intents: 0, charges: 0, refunds: 0, events: 0, idempotencyKeys: 0 },
    })
  })
})
