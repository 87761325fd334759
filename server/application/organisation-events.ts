/** An organisation's own events in every state, with what its people need to change them. */
import { type Event, type EventStatus, statusAt } from '../domain/event.ts'
import type { PriceTier } from '../domain/pricing.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { listEventRows } from '../stores/events.ts'
import { listTiers } from '../stores/price-tiers.ts'
import { reading } from '../stores/reading.ts'
import { type EventKey, getOwnEvent } from './catalogue-ownership.ts'
import { type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

export type OrganisationEvent = { readonly event: Event; readonly status: EventStatus }

type Needs = Pick<Services, 'db' | 'events'>

/** @throws RefusedError NOT_FOUND */
export async function getOrganisationEvent(
  services: Needs,
  input: EventKey,
): Promise<OrganisationEvent & { readonly tiers: readonly PriceTier[] }> {
  const nowMs = await services.events.databaseNowMs()
  return reading(services.db, 'events.get-own', async (reader) => {
    const event = await getOwnEvent(reader, input)
    const tiers = await listTiers(reader, event.id)
    return { event, tiers, status: statusAt(event, nowMs) }
  })
}

export async function listOrganisationEvents(
  services: Needs,
  input: PageInput & { readonly organisation: OrganisationId },
): Promise<Page<OrganisationEvent>> {
  const { organisation } = input
  const [after = ''] = readPageCursor(input, 1) ?? []
  const page = { organisation, after, limit: rowsToRead(input) }
  const rows = await reading(services.db, 'events.list-own', (reader) =>
    listEventRows(reader, page),
  )
  const nowMs = await services.events.databaseNowMs()
  const items = rows.map((event) => ({ event, status: statusAt(event, nowMs) }))
  return pageOf(items, input, ({ event }) => [event.id])
}
