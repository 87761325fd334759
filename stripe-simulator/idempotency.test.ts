import { setTimeout as delay } from 'node:timers/promises'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StripeSimulator, startStripeSimulator } from './simulator.ts'
import { connectStripe, control, refusal } from './test-support.ts'

let simulator: StripeSimulator
let stripe: Stripe

beforeEach(async () => {
  simulator = await startStripeSimulator()
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

describe('an idempotency key', () => {
  it('gives the first answer again, and says so', async () => {
    const first = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined()
    await stripe.paymentIntents.cancel(first.id)
    const second = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    expect(second).toEqual(first)
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(second.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  it('does not mind the order of the parameters', async () => {
    const { amount, ...rest } = wish
    const first = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    const second = await stripe.paymentIntents.create({ ...rest, amount }, { idempotencyKey: 'k' })
    expect(second.id).toBe(first.id)
  })

  it('is refused for other parameters and for another path', async () => {
    const { id } = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    const other = await refusal(
      stripe.paymentIntents.create({ ...wish, amount: 6_000 }, { idempotencyKey: 'k' }),
    )
    expect(other).toMatchObject({
      type: 'StripeIdempotencyError',
      statusCode: 400,
      rawType: 'idempotency_error',
    })
    expect(other.message).toContain('same parameters')
    const path = await refusal(stripe.paymentIntents.cancel(id, {}, { idempotencyKey: 'k' }))
    expect(path.message).toContain('same endpoint')
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe('requires_payment_method')
  })

  it('keeps a declined card declined, and a fresh key lets a second card through', async () => {
    const { id } = await stripe.paymentIntents.create(wish)
    const decline = () =>
      stripe.paymentIntents.confirm(
        id,
        { payment_method: 'pm_card_chargeDeclined' },
        { idempotencyKey: 'attempt-1' },
      )
    const first = await refusal(decline())
    const second = await refusal(decline())
    expect(second).toMatchObject({ statusCode: 402, code: 'card_declined', charge: first.charge })
    expect(second.headers?.['idempotent-replayed']).toBe('true')
    expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(1)
    const paid = await stripe.paymentIntents.confirm(
      id,
      { payment_method: 'pm_card_visa' },
      { idempotencyKey: 'attempt-2' },
    )
    expect(paid.status).toBe('requires_capture')
    expect((await refusal(decline())).payment_intent?.status).toBe('requires_payment_method')
  })

  it('keeps a 500, whether or not the work was done', async () => {
    for (const [kind, made] of [
      ['error_500', 0],
      ['error_500_after_success', 1],
    ] as const) {
      await control(simulator, 'reset', {})
      await control(simulator, 'faults', { kind, times: 1, path: '/v1/payment_intents' })
      for (const replayed of [undefined, 'true']) {
        const broken = await refusal(stripe.paymentIntents.create(wish, { idempotencyKey: kind }))
        expect(broken).toMatchObject({ type: 'StripeAPIError', statusCode: 500 })
        expect(broken.headers?.['idempotent-replayed']).toBe(replayed)
      }
      expect((await stripe.paymentIntents.list()).data).toHaveLength(made)
    }
  })

  it('keeps a refusal that came out of execution', async () => {
    const { id } = await stripe.paymentIntents.create(wish)
    const capture = () => stripe.paymentIntents.capture(id, {}, { idempotencyKey: 'c' })
    await refusal(capture())
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    const replayed = await refusal(capture())
    expect(replayed.code).toBe('payment_intent_unexpected_state')
    expect(replayed.headers?.['idempotent-replayed']).toBe('true')
  })

  it('is still free after parameters that failed validation, and after a rate limit', async () => {
    const bad = { ...wish, amount: -1 }
    await refusal(stripe.paymentIntents.create(bad, { idempotencyKey: 'k' }))
    await control(simulator, 'faults', { kind: 'rate_limit', times: 1 })
    const limited = await refusal(stripe.paymentIntents.create(wish, { idempotencyKey: 'k' }))
    expect(limited.type).toBe('StripeRateLimitError')
    const created = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k' })
    expect(created.lastResponse.headers['idempotent-replayed']).toBeUndefined()
  })

  it('refuses a twin while the first is in flight, and answers it afterwards', async () => {
    await control(simulator, 'faults', { kind: 'slow', times: 1, method: 'POST', delayMs: 400 })
    const create = () => stripe.paymentIntents.create(wish, { idempotencyKey: 'twin' })
    const first = create()
    let felt = 0
    while (felt === 0) {
      await delay(5)
      const { felt: kinds } = await control(simulator, 'faults')
      felt = (kinds as { slow?: number }).slow ?? 0
    }
    const twin = await refusal(create())
    expect(twin).toMatchObject({
      statusCode: 409,
      rawType: 'idempotency_error',
      code: 'idempotency_key_in_use',
    })
    expect((await create().catch(() => first)).id).toBe((await first).id)
    expect((await create()).id).toBe((await first).id)
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  it('is forgotten after 24 hours of the simulated clock', async () => {
    const create = () => stripe.paymentIntents.create(wish, { idempotencyKey: 'day' })
    const first = await create()
    await control(simulator, 'clock', { advanceMs: 24 * 3_600_000 - 60_000 })
    expect((await create()).id).toBe(first.id)
    await control(simulator, 'clock', { advanceMs: 60_000 })
    expect((await create()).id).not.toBe(first.id)
  })

  it('has at most 255 characters', async () => {
    const fits = await stripe.paymentIntents.create(wish, { idempotencyKey: 'k'.repeat(255) })
    expect(fits.status).toBe('requires_payment_method')
    const long = await refusal(
      stripe.paymentIntents.create(wish, { idempotencyKey: 'k'.repeat(256) }),
    )
    expect(long.statusCode).toBe(400)
  })

  it('means nothing for a GET', async () => {
    const { id } = await stripe.paymentIntents.create(wish)
    const options = { headers: { 'Idempotency-Key': 'g' } } as Stripe.RequestOptions
    await stripe.paymentIntents.retrieve(id, {}, options)
    await stripe.paymentIntents.cancel(id)
    const after = await stripe.paymentIntents.retrieve(id, {}, options)
    expect(after.status).toBe('canceled')
  })
})
