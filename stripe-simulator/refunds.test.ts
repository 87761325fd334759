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

async function pay(capture_method: 'automatic' | 'manual' = 'automatic') {
  return await stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    capture_method,
    allowed_payment_method_types: ['card'],
    confirm: true,
    payment_method: 'pm_card_visa',
  })
}

describe('refunds', () => {
  it('gives all of it back, by intent or by charge', async () => {
    const byIntent = await pay()
    const refund = await stripe.refunds.create({ payment_intent: byIntent.id })
    expect(refund).toMatchObject({
      amount: 1_000,
      status: 'succeeded',
      charge: byIntent.latest_charge,
    })
    const byCharge = await pay()
    await stripe.refunds.create({
      charge: chargeOf(byCharge),
      metadata: { why: 'rain' },
    })
    const charge = await stripe.charges.retrieve(chargeOf(byCharge))
    expect(charge).toMatchObject({ refunded: true, amount_refunded: 1_000 })
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ id: refund.id })
  })

  it('gives it back in parts, and never more than was captured', async () => {
    const { id } = await pay()
    await stripe.refunds.create({ payment_intent: id, amount: 400 })
    const over = await refusal(stripe.refunds.create({ payment_intent: id, amount: 601 }))
    expect(over).toMatchObject({ statusCode: 400, param: 'amount' })
    expect(over.message).toBe(
      'Refund amount ($6.01) is greater than unrefunded amount on charge ($6.00)',
    )
    await stripe.refunds.create({ payment_intent: id, amount: 600 })
    const again = await refusal(stripe.refunds.create({ payment_intent: id, amount: 1 }))
    expect(again.code).toBe('charge_already_refunded')
    const listed = await stripe.refunds.list({ payment_intent: id })
    expect(listed.data.map(({ amount }) => amount)).toEqual([600, 400])
    const { intents } = await control(simulator, 'ledger')
    const line = (intents as { intent: string }[]).find(({ intent }) => intent === id)
    expect(line).toMatchObject({ captured: 1_000, refunded: 1_000, voided: 0 })
  })

  it('has nothing to give back of what was not captured', async () => {
    const { id } = await pay('manual')
    const early = await refusal(stripe.refunds.create({ payment_intent: id }))
    expect(early.message).toContain('does not have a successful charge to refund')
    await stripe.paymentIntents.capture(id, { amount_to_capture: 300 })
    const over = await refusal(stripe.refunds.create({ payment_intent: id, amount: 301 }))
    expect(over.param).toBe('amount')
    expect(await stripe.refunds.create({ payment_intent: id })).toMatchObject({ amount: 300 })
  })

  it('refuses what it does not know', async () => {
    expect((await refusal(stripe.refunds.create({}))).code).toBe('parameter_missing')
    const missing = await refusal(stripe.refunds.create({ payment_intent: 'pi_none' }))
    expect(missing).toMatchObject({ code: 'resource_missing', param: 'payment_intent' })
    expect((await refusal(stripe.refunds.retrieve('re_none'))).statusCode).toBe(404)
  })
})
