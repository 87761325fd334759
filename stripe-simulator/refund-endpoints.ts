/**
 * /v1/refunds: money back from a captured charge, never more than was captured.
 */
import { jsonAnswer } from './answer.ts'
import { type ApiError, invalidRequest, resourceMissing } from './api-error.ts'
import type { Endpoint } from './endpoint.ts'
import { answerExpanded, readExpand, renderExpanded } from './expansion.ts'
import { newId } from './identifiers.ts'
import { cutPage, listBody, pageParameters, readPageQuery } from './list-page.ts'
import { moneyText } from './money-text.ts'
import { checkKnown, readChoice, readInteger, readMetadata, readText } from './parameters.ts'
import type { ChargeRecord, Metadata, RefundRecord } from './records.ts'
import type { RenderOptions } from './render.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const collection = '/v1/refunds'
const createParameters = new Set(['amount', 'charge', 'metadata', 'payment_intent', 'reason'])
const reasons = ['duplicate', 'fraudulent', 'requested_by_customer'] as const

export function refundEndpoints(render: RenderOptions): Endpoint[] {
  return [
    {
      method: 'POST',
      path: collection,
      prepare({ fields }) {
        checkKnown(fields, createParameters)
        const target = {
          intent: readText(fields, 'payment_intent'),
          charge: readText(fields, 'charge'),
        }
        if (target.intent === undefined && target.charge === undefined) {
          throw invalidRequest(
            'One of the following params should be provided for this request: payment_intent or charge.',
            { code: 'parameter_missing', param: 'payment_intent' },
          )
        }
        const wish: RefundWish = {
          amount: readInteger(fields, 'amount'),
          reason: readChoice(fields, 'reason', reasons) ?? null,
          metadata: readMetadata(fields),
        }
        const names = readExpand(fields, 'refund')
        return (unit) => {
          const refund = refundCharge(unit, findCharge(unit, target), wish)
          return answerExpanded(refund, { store: unit.store, render, names })
        }
      },
    },
    {
      method: 'GET',
      path: `${collection}/:id`,
      prepare({ fields, id }) {
        const names = readExpand(fields, 'refund')
        return ({ store }) => {
          const refund = store.refunds.get(id)
          if (refund === undefined) throw resourceMissing('refund', id, 'id')
          return answerExpanded(refund, { store, render, names })
        }
      },
    },
    listRefunds(render),
  ]
}

interface RefundTarget {
  readonly intent: string | undefined
  readonly charge: string | undefined
}

interface RefundWish {
  /** Absent: all that is left. */
  readonly amount: number | undefined
  readonly reason: string | null
  readonly metadata: Metadata
}

function findCharge({ store }: UnitOfWork, target: RefundTarget): ChargeRecord {
  if (target.charge !== undefined) {
    const charge = store.charges.get(target.charge)
    if (charge === undefined) throw resourceMissing('charge', target.charge, 'charge')
    return charge
  }
  const id = target.intent ?? ''
  const intent = store.intents.get(id)
  if (intent === undefined) throw resourceMissing('payment_intent', id, 'payment_intent')
  const charge = store.charges.get(intent.latestCharge ?? '')
  if (charge === undefined) throw nothingToRefund(id)
  return charge
}

function refundCharge(unit: UnitOfWork, charge: ChargeRecord, wish: RefundWish): RefundRecord {
  if (charge.status !== 'succeeded' || !charge.captured) throw nothingToRefund(charge.intent)
  const left = charge.amount - charge.amountRefunded
  const amount = wish.amount ?? left
  if (left === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  }
  if (amount > left) {
    const [asked, most] = [amount, left].map((sum) => moneyText(sum, charge.currency))
    const message = `Refund amount (${asked}) is greater than unrefunded amount on charge (${most})`
    throw invalidRequest(message, { param: 'amount' })
  }
  const refund = unit.put<RefundRecord>({
    kind: 'refund',
    id: newId('re_3'),
    created: unit.nowSeconds,
    intent: charge.intent,
    charge: charge.id,
    currency: charge.currency,
    ...wish,
    amount,
  })
  const refunded = unit.put<ChargeRecord>({
    ...charge,
    amountRefunded: charge.amountRefunded + amount,
    refunds: [...charge.refunds, refund.id],
  })
  unit.emit('refund.created', refund)
  unit.emit('charge.refunded', refunded)
  return refund
}

function nothingToRefund(intent: string): ApiError {
  const message = `This PaymentIntent (${intent}) does not have a successful charge to refund.`
  return invalidRequest(message, { param: 'payment_intent' })
}

function listRefunds(render: RenderOptions): Endpoint {
  return {
    method: 'GET',
    path: collection,
    prepare({ fields }) {
      checkKnown(fields, new Set([...pageParameters, 'charge', 'payment_intent']))
      const query = readPageQuery(fields)
      const charge = readText(fields, 'charge')
      const intent = readText(fields, 'payment_intent')
      const names = readExpand(fields, 'refund', 'data.')
      const accepts = (refund: RefundRecord): boolean =>
        (charge === undefined || refund.charge === charge) &&
        (intent === undefined || refund.intent === intent)
      return ({ store }) => {
        const page = cutPage({ shelf: store.refunds, name: 'refund', accepts }, query)
        const data = page.records.map((record) => renderExpanded(record, { store, render, names }))
        return jsonAnswer(listBody(collection, data, page.hasMore))
      }
    },
  }
}
