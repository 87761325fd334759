/**
 * /v1/events, newest first: what a reconciler reads when webhooks were lost.
 */
import { jsonAnswer, recordAnswer } from './answer.ts'
import { resourceMissing } from './api-error.ts'
import type { Endpoint } from './endpoint.ts'
import { eventMatcher } from './event-matcher.ts'
import { cutPage, listBody, pageParameters, readPageQuery } from './list-page.ts'
import { checkKnown, readList, readText } from './parameters.ts'
import type { EventRecord } from './records.ts'
import { type RenderOptions, renderEvent } from './render.ts'

const collection = '/v1/events'

export function eventEndpoints(render: RenderOptions): Endpoint[] {
  return [
    {
      method: 'GET',
      path: `${collection}/:id`,
      prepare({ id }) {
        return ({ store }) => {
          const event = store.events.get(id)
          if (event === undefined) throw resourceMissing('event', id, 'id')
          return recordAnswer(event)
        }
      },
    },
    {
      method: 'GET',
      path: collection,
      prepare({ fields }) {
        checkKnown(fields, new Set([...pageParameters, 'type', 'types']))
        const query = readPageQuery(fields)
        const type = readText(fields, 'type')
        const matches = eventMatcher(readList(fields, 'types') ?? (type ? [type] : ['*']))
        const accepts = (event: EventRecord): boolean => matches(event.type)
        return ({ store }) => {
          const page = cutPage({ shelf: store.events, name: 'event', accepts }, query)
          const data = page.records.map((event) => renderEvent(event, render))
          return jsonAnswer(listBody(collection, data, page.hasMore))
        }
      },
    },
  ]
}
