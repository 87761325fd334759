/**
 * /v1/charges, to read only: charges are made and changed through their intents and refunds.
 */
import { jsonAnswer } from './answer.ts'
import { resourceMissing } from './api-error.ts'
import type { Endpoint } from './endpoint.ts'
import { answerExpanded, readExpand, renderExpanded } from './expansion.ts'
import { cutPage, listBody, pageParameters, readPageQuery } from './list-page.ts'
import { checkKnown, readText } from './parameters.ts'
import type { ChargeRecord } from './records.ts'
import type { RenderOptions } from './render.ts'

const collection = '/v1/charges'

export function chargeEndpoints(render: RenderOptions): Endpoint[] {
  return [
    {
      method: 'GET',
      path: `${collection}/:id`,
      prepare({ fields, id }) {
        const names = readExpand(fields, 'charge')
        return ({ store }) => {
          const charge = store.charges.get(id)
          if (charge === undefined) throw resourceMissing('charge', id, 'id')
          return answerExpanded(charge, { store, render, names })
        }
      },
    },
    {
      method: 'GET',
      path: collection,
      prepare({ fields }) {
        checkKnown(fields, new Set([...pageParameters, 'payment_intent']))
        const query = readPageQuery(fields)
        const intent = readText(fields, 'payment_intent')
        const names = readExpand(fields, 'charge', 'data.')
        const accepts = (charge: ChargeRecord): boolean =>
          intent === undefined || charge.intent === intent
        return ({ store }) => {
          const page = cutPage({ shelf: store.charges, name: 'charge', accepts }, query)
          const data = page.records.map((record) =>
            renderExpanded(record, { store, render, names }),
          )
          return jsonAnswer(listBody(collection, data, page.hasMore))
        }
      },
    },
  ]
}
