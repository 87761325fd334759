/**
 * /v1/payment_methods: a card number becomes a payment method, as Stripe.js would do it. Only
 * Stripe's test numbers are known; nothing of the card is kept beyond the id.
 */
import { jsonAnswer } from './answer.ts'
import { invalidRequest, resourceMissing } from './api-error.ts'
import type { Endpoint } from './endpoint.ts'
import { checkKnown, readFields, requireText } from './parameters.ts'
import { renderPaymentMethod } from './render.ts'
import { findPaymentMethod } from './test-cards.ts'

const collection = '/v1/payment_methods'

export const paymentMethodEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: collection,
    prepare({ fields }) {
      checkKnown(fields, new Set(['billing_details', 'card', 'metadata', 'type']))
      if (requireText(fields, 'type') !== 'card') {
        throw invalidRequest('The simulator knows payment methods of type card only.', {
          param: 'type',
        })
      }
      const number = requireText(readFields(fields, 'card') ?? {}, 'number')
      const id = /^[\d ]+$/.test(number) ? findPaymentMethod(number) : undefined
      if (id === undefined) {
        throw invalidRequest('Your card number is not one of the test cards.', {
          code: 'incorrect_number',
          param: 'card[number]',
        })
      }
      return (unit) => jsonAnswer(renderPaymentMethod(id, unit.nowSeconds))
    },
  },
  {
    method: 'GET',
    path: `${collection}/:id`,
    prepare({ id }) {
      return (unit) => {
        const found = findPaymentMethod(id)
        if (found === undefined) throw resourceMissing('PaymentMethod', id, 'id')
        return jsonAnswer(renderPaymentMethod(found, unit.nowSeconds))
      }
    },
  },
]
