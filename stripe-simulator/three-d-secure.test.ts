import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StripeSimulator, startStripeSimulator } from './simulator.ts'
import { connectStripe, control, refusal } from './test-support.ts'

let simulator: StripeSimulator
let stripe: Stripe

beforeAll(async () => {
  simulator = await startStripeSimulator()
  stripe = connectStripe(simulator)
})

afterAll(async () => {
  await simulator.close()
})

async function ask(card = 'pm_card_threeDSecure2Required', return_url?: string) {
  return await stripe.paymentIntents.create({
    amount: 2_500,
    currency: 'usd',
    capture_method: 'manual',
    allowed_payment_method_types: ['card'],
    description: 'Row <1> & "2"',
    confirm: true,
    payment_method: card,
    ...(return_url ? { return_url } : {}),
  })
}

describe('the 3-D Secure step', () => {
  it.each(['pm_card_threeDSecure2Required', 'pm_card_authenticationRequired'])(
    '%s waits for the cardholder and is authorised after approval',
    async (card) => {
      const asked = await ask(card)
      expect(asked).toMatchObject({ status: 'requires_action', latest_charge: null })
      expect((await refusal(stripe.paymentIntents.capture(asked.id))).statusCode).toBe(400)
      const path = `payment_intents/${asked.id}/authentication`
      expect(await control(simulator, path, { outcome: 'approve' })).toMatchObject({
        status: 'requires_capture',
        amount_capturable: 2_500,
        next_action: null,
      })
      const again = await control(simulator, path, { outcome: 'approve' })
      expect(again).toMatchObject({ error: { code: 'payment_intent_unexpected_state' } })
    },
  )

  it('takes another card after a refusal', async () => {
    const { id } = await ask()
    const refused = await control(simulator, `payment_intents/${id}/authentication`, {
      outcome: 'refuse',
    })
    expect(refused).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    })
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
    expect(paid.status).toBe('requires_capture')
  })

  it('may be declined by the bank although it was approved', async () => {
    const { id } = await ask('pm_card_threeDSecureRequiredChargeDeclined')
    const declined = await control(simulator, `payment_intents/${id}/authentication`, {
      outcome: 'approve',
    })
    expect(declined).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined' },
    })
  })

  it('can be cancelled, or confirmed with another card, while it waits', async () => {
    const first = await ask()
    expect((await stripe.paymentIntents.cancel(first.id)).status).toBe('canceled')
    const second = await ask()
    const paid = await stripe.paymentIntents.confirm(second.id, { payment_method: 'pm_card_visa' })
    expect(paid.status).toBe('requires_capture')
  })
})

describe('the page of the bank', () => {
  const returnUrl = 'https://tickets.example/back?order=7'

  it.each([
    ['approve', 'succeeded', 'requires_capture'],
    ['refuse', 'failed', 'requires_payment_method'],
  ])('%s leads back with redirect_status=%s', async (outcome, redirectStatus, status) => {
    const asked = await ask(undefined, returnUrl)
    expect(asked.next_action?.type).toBe('redirect_to_url')
    const { url, return_url } = asked.next_action?.redirect_to_url ?? {}
    expect(return_url).toBe(returnUrl)
    const page = await (await fetch(String(url))).text()
    expect(page).toContain('$25.00')
    expect(page).toContain('Row &#60;1&#62; &#38; &#34;2&#34;')
    const decided = await fetch(String(url), {
      method: 'POST',
      body: new URLSearchParams({ outcome }),
      redirect: 'manual',
    })
    expect(decided.status).toBe(303)
    const back = new URL(decided.headers.get('location') ?? '')
    expect(back.origin + back.pathname).toBe('https://tickets.example/back')
    expect(Object.fromEntries(back.searchParams)).toEqual({
      order: '7',
      payment_intent: asked.id,
      payment_intent_client_secret: asked.client_secret,
      redirect_status: redirectStatus,
    })
    expect((await stripe.paymentIntents.retrieve(asked.id)).status).toBe(status)
    expect((await fetch(String(url))).status).toBe(200)
  })

  it('is for Stripe.js when there is no place to return to', async () => {
    const asked = await ask()
    expect(asked.next_action?.type).toBe('use_stripe_sdk')
  })

  it('is hidden from those who do not know the client secret', async () => {
    const { id } = await ask()
    const url = `${simulator.url}/_simulator/authenticate/${id}?client_secret=guess`
    expect((await fetch(url)).status).toBe(404)
  })
})
