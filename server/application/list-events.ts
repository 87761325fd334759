/** What fans browse: published events in the order of their start. Cancelled ones are left out. */
import { type Event, type EventStatus, statusAt } from '../domain/event.ts'
import type { Venue } from '../domain/venue.ts'
import type { EventId } from '../platform/ids.ts'
import { listPublicEvents } from '../stores/public-events.ts'
import { readingStale } from '../stores/stale-reading.ts'
import { badCursor, type Page, type PageInput, pageOf, readPageCursor, rowsToRead } from './page.ts'
import type { Services } from './services.ts'

export type ListEventsInput = PageInput & {
  /** Exactly as the venue spells it. */
  readonly city?: string | undefined
  readonly category?: string | undefined
  /** Starts at or after. */
  readonly from?: Date | undefined
  /** Starts before. */
  readonly to?: Date | undefined
  /** Leaves out events whose sale is over, by the database's clock. */
  readonly hideEnded?: boolean | undefined
}

export type EventSummary = {
  readonly event: Event
  readonly venue: Venue
  readonly status: EventStatus
}

/** An event that was published some seconds ago may be missing; by its id it is found at once. */
const asked = { name: 'events.list', staleOk: 'browsing' } as const

/** @throws RefusedError BAD_INPUT */
export async function listEvents(
  services: Pick<Services, 'db' | 'events'>,
  input: ListEventsInput,
): Promise<Page<EventSummary>> {
  const nowMs = await services.events.databaseNowMs()
  const page = {
    filter: {
      city: input.city ?? null,
      category: input.category ?? null,
      from: input.from ?? null,
      to: input.to ?? null,
      notEndedAtMs: input.hideEnded === true ? nowMs : null,
    },
    after: lastSeen(input),
    limit: rowsToRead(input),
  }
  const rows = await readingStale(services.db, asked, (reader) => listPublicEvents(reader, page))
  const items = rows.map((row) => ({ ...row, status: statusAt(row.event, nowMs) }))
  return pageOf(items, input, ({ event }) => [event.startsAt.toISOString(), event.id])
}

function lastSeen(input: PageInput): { startsAt: Date; id: EventId } | null {
  const key = readPageCursor(input, 2)
  if (key === null) return null
  const [instant = '', id = ''] = key
  const startsAt = new Date(instant)
  return Number.isNaN(startsAt.getTime()) ? badCursor() : { startsAt, id: id as EventId }
}
