import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StripeSimulator, startStripeSimulator } from './simulator.ts'
import { chargeOf, connectStripe, control, refusal } from './test-support.ts'

let simulator: StripeSimulator
let stripe: Stripe

beforeAll(async () => {
  simulator = await startStripeSimulator()
  stripe = connectStripe(simulator)
})

afterAll(async () => {
  await simulator.close()
})

const held: Stripe.PaymentIntentCreateParams = {
  amount: 5_000,
  currency: 'usd',
  capture_method: 'manual',
  allowed_payment_method_types: ['card'],
}

async function createHeld(): Promise<Stripe.PaymentIntent> {
  return await stripe.paymentIntents.create(held)
}

async function authorizeHeld(card = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
  return await stripe.paymentIntents.create({ ...held, confirm: true, payment_method: card })
}

async function ledgerOf(id: string): Promise<unknown> {
  const ledger = await control(simulator, 'ledger')
  const line = (ledger['intents'] as { intent: string }[]).find(({ intent }) => intent === id)
  return line
}

describe('a payment with manual capture', () => {
  it('goes from no payment method to authorised to captured', async () => {
    const created = await stripe.paymentIntents.create({
      ...held,
      metadata: { order: 'ord_1' },
      description: 'Two seats',
    })
    expect(created.status).toBe('requires_payment_method')
    expect(created.client_secret).toMatch(new RegExp(`^${created.id}_secret_`))
    expect(created.metadata).toEqual({ order: 'ord_1' })

    const authorized = await stripe.paymentIntents.confirm(created.id, {
      payment_method: 'pm_card_visa',
    })
    expect(authorized.status).toBe('requires_capture')
    expect(authorized.amount_capturable).toBe(5_000)
    expect(authorized.amount_received).toBe(0)
    const charge = await stripe.charges.retrieve(chargeOf(authorized))
    expect(charge).toMatchObject({ captured: false, amount_captured: 0, paid: true })

    const captured = await stripe.paymentIntents.capture(created.id)
    expect(captured.status).toBe('succeeded')
    expect(captured.amount_capturable).toBe(0)
    expect(captured.amount_received).toBe(5_000)
    expect(await stripe.paymentIntents.retrieve(created.id)).toMatchObject({ status: 'succeeded' })
    expect(await ledgerOf(created.id)).toMatchObject({
      authorized: 5_000,
      captured: 5_000,
      voided: 0,
      refunded: 0,
    })
  })

  it('waits for confirmation when it was created with a payment method', async () => {
    const created = await stripe.paymentIntents.create({ ...held, payment_method: 'pm_card_visa' })
    expect(created.status).toBe('requires_confirmation')
    expect((await stripe.paymentIntents.confirm(created.id)).status).toBe('requires_capture')
  })

  it('lets the rest go when only a part is captured', async () => {
    const { id } = await authorizeHeld()
    const captured = await stripe.paymentIntents.capture(id, { amount_to_capture: 3_000 })
    expect(captured.amount_received).toBe(3_000)
    expect(await ledgerOf(id)).toMatchObject({ authorized: 5_000, captured: 3_000, voided: 2_000 })
  })

  it('refuses to capture more than is held, before authorisation, and twice', async () => {
    const { id } = await createHeld()
    const early = await refusal(stripe.paymentIntents.capture(id))
    expect(early).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
    expect(early.payment_intent?.status).toBe('requires_payment_method')
    await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    const greedy = await refusal(stripe.paymentIntents.capture(id, { amount_to_capture: 5_001 }))
    expect(greedy).toMatchObject({ code: 'amount_too_large', param: 'amount_to_capture' })
    await stripe.paymentIntents.capture(id)
    const again = await refusal(stripe.paymentIntents.capture(id))
    expect(again.code).toBe('payment_intent_unexpected_state')
    expect(again.message).toContain('already been captured')
  })

  it('gives the money free when it is cancelled, once', async () => {
    const authorized = await authorizeHeld()
    const { id } = authorized
    const canceled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' })
    expect(canceled).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'abandoned',
      amount_capturable: 0,
    })
    expect(canceled.canceled_at).toBeGreaterThan(0)
    expect(await ledgerOf(id)).toMatchObject({ authorized: 5_000, captured: 0, voided: 5_000 })
    const charge = await stripe.charges.retrieve(chargeOf(authorized))
    expect(charge).toMatchObject({ refunded: true, captured: false })
    for (const call of [
      stripe.paymentIntents.cancel(id),
      stripe.paymentIntents.capture(id),
      stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' }),
    ]) {
      expect((await refusal(call)).code).toBe('payment_intent_unexpected_state')
    }
  })

  it('runs out after seven days of the simulated clock', async () => {
    await using aged = await startStripeSimulator()
    const agedStripe = connectStripe(aged)
    const { id } = await agedStripe.paymentIntents.create({
      ...held,
      confirm: true,
      payment_method: 'pm_card_visa',
    })
    await control(aged, 'clock', { advanceMs: 7 * 24 * 3_600_000 - 60_000 })
    expect((await agedStripe.paymentIntents.retrieve(id)).status).toBe('requires_capture')
    await control(aged, 'clock', { advanceMs: 60_000 })
    expect(await agedStripe.paymentIntents.retrieve(id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    })
  })
})

describe('a payment with automatic capture', () => {
  it('succeeds at once and cannot be cancelled or confirmed again', async () => {
    const paid = await stripe.paymentIntents.create({
      amount: 700,
      currency: 'eur',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      confirm: true,
      payment_method: 'pm_card_mastercard',
      expand: ['latest_charge'],
    })
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 700 })
    expect(paid.latest_charge).toMatchObject({ object: 'charge', amount_captured: 700 })
    const canceled = await refusal(stripe.paymentIntents.cancel(paid.id))
    expect(canceled.code).toBe('payment_intent_unexpected_state')
    const again = await refusal(stripe.paymentIntents.confirm(paid.id))
    expect(again.message).toContain('already succeeded')
  })

  it('wants a return_url while redirecting payment methods are allowed', async () => {
    const open = await stripe.paymentIntents.create({ amount: 700, currency: 'eur' })
    const confirmation = { payment_method: 'pm_card_visa' }
    const refused = await refusal(stripe.paymentIntents.confirm(open.id, confirmation))
    expect(refused.message).toContain('return_url')
    const paid = await stripe.paymentIntents.confirm(open.id, {
      ...confirmation,
      return_url: 'https://tickets.example/back',
    })
    expect(paid.status).toBe('succeeded')
  })

  it('processes a bank debit until the bank has decided', async () => {
    const outcomes = { succeeded: 'succeeded', failed: 'requires_payment_method' }
    for (const [outcome, status] of Object.entries(outcomes)) {
      const intent = await stripe.paymentIntents.create({
        amount: 700,
        currency: 'usd',
        allowed_payment_method_types: ['us_bank_account'],
        confirm: true,
        payment_method: 'pm_usBankAccount_processing',
      })
      expect(intent.status).toBe('processing')
      await control(simulator, `payment_intents/${intent.id}/settlement`, { outcome })
      expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status)
    }
  })
})

describe('test cards', () => {
  const declines = [
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
    ['pm_card_chargeDeclinedFraudulent', 'card_declined', 'fraudulent'],
    ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ] as const

  it.each(declines)('%s is declined with %s, %s', async (card, code, declineCode) => {
    const { id } = await createHeld()
    const refused = await refusal(stripe.paymentIntents.confirm(id, { payment_method: card }))
    expect(refused).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code: declineCode,
    })
    expect(refused.payment_intent).toMatchObject({ id, status: 'requires_payment_method' })
    const intent = await stripe.paymentIntents.retrieve(id)
    expect(intent.last_payment_error).toMatchObject({ type: 'card_error', code })
    const charge = await stripe.charges.retrieve(chargeOf(intent))
    expect(charge).toMatchObject({ status: 'failed', failure_code: code, paid: false })
  })

  it('takes a second card on the intent that was declined', async () => {
    const { id } = await createHeld()
    await refusal(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_chargeDeclined' }))
    const second = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    expect(second.status).toBe('requires_capture')
    expect(second.last_payment_error).toBeNull()
    const charges = await stripe.charges.list({ payment_intent: id })
    expect(charges.data.map(({ status }) => status)).toEqual(['succeeded', 'failed'])
    expect(await ledgerOf(id)).toMatchObject({ authorized: 5_000 })
  })

  it('turns a test card number into a payment method that can be used', async () => {
    const method = await stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4000000000009995', exp_month: 12, exp_year: 2034, cvc: '123' },
    })
    expect(method.card).toMatchObject({ brand: 'visa', last4: '9995' })
    const refused = await refusal(authorizeHeld(method.id))
    expect(refused.decline_code).toBe('insufficient_funds')
  })

  it('declines instead of asking when the cardholder is not there', async () => {
    const refused = await refusal(
      stripe.paymentIntents.create({
        ...held,
        confirm: true,
        off_session: true,
        payment_method: 'pm_card_authenticationRequired',
      }),
    )
    expect(refused).toMatchObject({ statusCode: 402, code: 'authentication_required' })
  })

  it('refuses a payment method that it does not know', async () => {
    const refused = await refusal(authorizeHeld('pm_card_nobody'))
    expect(refused).toMatchObject({ code: 'resource_missing', param: 'payment_method' })
  })
})

describe('bad requests', () => {
  const create = (fields: object): Promise<unknown> =>
    stripe.paymentIntents.create(fields as Stripe.PaymentIntentCreateParams)
  const bad: [string, () => Promise<unknown>, object][] = [
    [
      'no amount',
      () => create({ currency: 'usd' }),
      { code: 'parameter_missing', param: 'amount' },
    ],
    [
      'text as amount',
      () => create({ ...held, amount: 'ten' }),
      { code: 'parameter_invalid_integer' },
    ],
    ['a fraction', () => create({ ...held, amount: 10.5 }), { code: 'parameter_invalid_integer' }],
    ['nothing to pay', () => create({ ...held, amount: 0 }), { code: 'parameter_invalid_integer' }],
    ['too little', () => create({ ...held, amount: 49 }), { code: 'amount_too_small' }],
    ['too much', () => create({ ...held, amount: 100_000_000 }), { code: 'amount_too_large' }],
    ['no such currency', () => create({ ...held, currency: 'zzz' }), { param: 'currency' }],
    ['an unknown parameter', () => create({ ...held, colour: 1 }), { code: 'parameter_unknown' }],
    ['__proto__ as a name', () => create({ ...held, '__proto__[x]': 1 }), { param: '__proto__' }],
    [
      'too long metadata',
      () => create({ ...held, metadata: { note: 'x'.repeat(501) } }),
      { param: 'metadata[note]' },
    ],
    [
      'the parameter that Endive removed',
      () => create({ amount: 500, currency: 'usd', payment_method_types: ['card'] }),
      { code: 'payment_method_types_no_longer_supported' },
    ],
    [
      'a bank debit where only cards are allowed',
      () => create({ ...held, confirm: true, payment_method: 'pm_usBankAccount_processing' }),
      { param: 'payment_method' },
    ],
    [
      'a wrong choice',
      () => create({ ...held, capture_method: 'never' }),
      { param: 'capture_method' },
    ],
    [
      'a script as return_url',
      () => create({ ...held, confirm: true, return_url: 'javascript:alert(1)' }),
      { code: 'url_invalid' },
    ],
  ]

  it.each(bad)('%s is a 400 that names the fault', async (_name, call, expected) => {
    expect(await refusal(call())).toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      ...expected,
    })
  })

  it('does not find what is not there', async () => {
    const refused = await refusal(stripe.paymentIntents.retrieve('pi_none'))
    expect(refused).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'intent' })
    expect(refused.message).toBe("No such payment_intent: 'pi_none'")
    expect((await refusal(stripe.charges.retrieve('ch_none'))).statusCode).toBe(404)
    expect((await refusal(stripe.customers.retrieve('cus_1'))).statusCode).toBe(404)
  })

  it('answers 401 without a key and to a live key', async () => {
    const bare = await fetch(`${simulator.url}/v1/payment_intents`)
    expect(bare.status).toBe(401)
    const live = connectStripe(simulator, 'sk_live_never')
    expect((await refusal(live.paymentIntents.list())).type).toBe('StripeAuthenticationError')
  })
})

describe('lists', () => {
  it('pages newest first, within created ranges, and searches by metadata', async () => {
    await using own = await startStripeSimulator()
    const client = connectStripe(own)
    const ids: string[] = []
    for (let number = 0; number < 5; number += 1) {
      const metadata = { number: String(number) }
      ids.unshift((await client.paymentIntents.create({ ...held, metadata })).id)
    }
    const first = await client.paymentIntents.list({ limit: 2 })
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(first.has_more).toBe(true)
    const all: string[] = []
    for await (const { id } of client.paymentIntents.list({ limit: 2 })) all.push(id)
    expect(all).toEqual(ids)
    const before = await client.paymentIntents.list({ ending_before: ids[3]!, limit: 2 })
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(1, 3))
    const later = Math.floor(Date.now() / 1_000) + 60
    expect((await client.paymentIntents.list({ created: { gte: later } })).data).toEqual([])
    expect((await client.paymentIntents.list({ created: { lt: later } })).data).toHaveLength(5)
    const found = await client.paymentIntents.search({ query: "metadata['number']:'3'" })
    expect(found.data.map(({ id }) => id)).toEqual([ids[1]])
  })

  it('keeps to its limit by dropping the oldest finished ones, and the totals stay true', async () => {
    await using small = await startStripeSimulator({ maxIntents: 3 })
    const client = connectStripe(small)
    const open = await client.paymentIntents.create(held)
    for (let number = 0; number < 5; number += 1) {
      await client.paymentIntents.create({
        amount: 100,
        currency: 'usd',
        allowed_payment_method_types: ['card'],
        confirm: true,
        payment_method: 'pm_card_visa',
      })
    }
    const { data } = await client.paymentIntents.list()
    expect(data).toHaveLength(3)
    expect(data.at(-1)?.id).toBe(open.id)
    const ledger = await control(small, 'ledger')
    expect(ledger).toMatchObject({ totals: { usd: { intents: 6, captured: 500 } } })
    for (let number = 0; number < 5; number += 1) await refusalOrDone(client)
    const full = await refusal(client.paymentIntents.create(held))
    expect(full.statusCode).toBe(429)
  })
})

async function refusalOrDone(client: Stripe): Promise<void> {
  await client.paymentIntents.create(held).catch(() => undefined)
}
