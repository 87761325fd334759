/** An event that is rightly signed and speaks of no order of ours is nobody's nudge. */
import { expect, it } from 'vitest'
import { openStripe, orderOfWebhook } from './stripe.ts'

const secret = 'whsec_of_this_test'
const stripe = openStripe({ secretKey: 'sk_test_of_this_test' })
const order = 'ord_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'

function orderOf(object: unknown) {
  const event = { id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data: { object } }
  const payload = JSON.stringify(event)
  const signature = stripe.webhooks.generateTestHeaderString({ payload, secret })
  return orderOfWebhook(stripe, { body: Buffer.from(payload), signature, secret })
}

it('names its order', () => {
  expect(orderOf({ metadata: { order } })).toBe(order)
})

it.each<[string, unknown]>([
  ['no object', null],
  ['no metadata', {}],
  ['metadata that is null', { metadata: null }],
  ['metadata that is text', { metadata: order }],
  ['an order without words', { metadata: { order: { toString: 1 } } }],
  ['a list', { metadata: { order: [order] } }],
  ['another id', { metadata: { order: 'evt_use1_01j8zzzzzzzzzzzzzzzzzzzzzz' } }],
  ['an endless id', { metadata: { order: `${order}${'z'.repeat(100_000)}` } }],
])('with %s names none', (_, object) => {
  expect(orderOf(object)).toBeNull()
})
