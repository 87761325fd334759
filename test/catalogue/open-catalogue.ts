/**
 * A migrated database with what catalogue use-cases need, real throughout; builders for the things
 * that most tests start from; and a look at every row, to see that a refusal changed none.
 */
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { expect } from 'vitest'
import { Authorities } from '../../server/application/authorities.ts'
import { createEvent } from '../../server/application/create-event.ts'
import { createOrganisation } from '../../server/application/create-organisation.ts'
import { createVenue } from '../../server/application/create-venue.ts'
import { EventCatalogue } from '../../server/application/event-catalogue.ts'
import { importSeatMap } from '../../server/application/import-seat-map.ts'
import { Members } from '../../server/application/members.ts'
import type { Services } from '../../server/application/services.ts'
import { setPriceTiers } from '../../server/application/set-price-tiers.ts'
import type { Person } from '../../server/domain/access.ts'
import type { Event, EventFields } from '../../server/domain/event.ts'
import type { PriceRule, PriceTier } from '../../server/domain/pricing.ts'
import type { RefusalCode } from '../../server/domain/refusal.ts'
import type { Venue, VenueFields } from '../../server/domain/venue.ts'
import { systemClock } from '../../server/platform/clock.ts'
import type { OrganisationId } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { statementLog } from '../../server/statement-log.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { DatabaseClock } from '../../server/stores/database-clock.ts'
import type { SeatMapEntry } from '../../server/stores/seat-maps.ts'
import { SqlHoldBook } from '../../server/stores/sql-hold-book/sql-hold-book.ts'
import { createTestDatabase } from '../support/database.ts'
import { goldenRegions } from '../support/golden.ts'

export type Catalogue = AsyncDisposable &
  Pick<
    Services,
    | 'db'
    | 'events'
    | 'regions'
    | 'region'
    | 'holdBook'
    | 'members'
    | 'mail'
    | 'random'
    | 'clock'
    | 'authorities'
    | 'following'
  > & {
    readonly url: string
    /** A second server on the same database: its own pool and caches. */
    readonly another: () => Omit<Catalogue, 'another'>
  }

export async function openCatalogue(): Promise<Catalogue> {
  const database = await createTestDatabase()
  const opened: Database[] = []
  const recordings = process.env['STATEMENT_LOG']
  const open = () => {
    const db = openDatabase({
      ...(recordings === undefined ? {} : { onStatement: statementLog(recordings) }),
      url: database.url,
      poolMax: 8,
      clock: systemClock,
      random: systemRandom,
    })
    opened.push(db)
    const regions = new RegionTable(goldenRegions)
    const authorities = new Authorities({ region: 'us-east1', clock: systemClock })
    const databaseClock = new DatabaseClock(db)
    const events = new EventCatalogue({ db, regions, databaseClock, authorities })
    const close = async () => {
      for (const each of opened) await each[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    }
    return {
      db,
      events,
      regions,
      region: 'us-east1',
      holdBook: new SqlHoldBook({ db }),
      members: new Members(db),
      mail: { isConfigured: false, send: () => undefined },
      random: systemRandom,
      clock: systemClock,
      authorities,
      following: null,
      url: database.url,
      [Symbol.asyncDispose]: close,
    }
  }
  return { ...open(), another: open }
}

export const admin: Person = { kind: 'person', id: 'admin', session: null }

export const newKey = () => randomUUID()

export const venueFields: VenueFields = {
  name: 'Konzerthaus',
  timeZone: 'Europe/Vienna',
  address: 'Lothringerstraße 20',
  city: 'Wien',
  country: 'AT',
  latitude: 48.2003,
  longitude: 16.377,
}

const hourMs = 3_600_000
const fromNow = (hours: number) => new Date(Math.trunc(Date.now() + hours * hourMs))

/** On sale since an hour ago, for a week; the event is in two weeks. */
export const eventFields = (): Omit<EventFields, 'venue' | 'seatMapHash'> => ({
  name: 'Winter concert',
  description: '',
  category: 'concert',
  startsAt: fromNow(14 * 24),
  opensAt: fromNow(-1),
  closesAt: fromNow(7 * 24),
  limitPerBuyer: 8,
  holdMinutes: 10,
  currency: 'EUR',
  fees: { fixed: 100, basisPoints: 250 },
})

/** Two rows of two seats and a standing area. */
export const seatMapCsv = (standing = 6) => `section,row,seat,x,y,gap_after,capacity
A,1,1,0,0,,
A,1,2,1,0,,
A,2,1,0,-1,,
A,2,2,1,-1,,
Floor,,,,,,${standing}
`

export const bytesOf = (text: string) => new TextEncoder().encode(text)

export const always = (price: number): PriceRule => ({
  price,
  from: null,
  until: null,
  whileTakenBelow: null,
})

export const tiers: readonly PriceTier[] = [
  { id: 'seats', name: 'Seats', sections: ['A'], rules: [always(5_000)] },
  { id: 'floor', name: 'Floor', sections: ['Floor'], rules: [always(3_000)] },
]

export async function newOrganisation(catalogue: Catalogue): Promise<OrganisationId> {
  const made = await createOrganisation(catalogue, admin, { key: newKey(), name: 'Concerts Ltd' })
  return made.id
}

export type Stage = {
  readonly organisation: OrganisationId
  readonly venue: Venue
  readonly map: SeatMapEntry
}

/** An organisation with a venue that has a small seat map. */
export async function newStage(catalogue: Catalogue): Promise<Stage> {
  const organisation = await newOrganisation(catalogue)
  const venue = await createVenue(catalogue, { organisation, key: newKey(), ...venueFields })
  const map = await importSeatMap(catalogue, {
    organisation,
    venue: venue.id,
    format: 'csv',
    bytes: bytesOf(seatMapCsv()),
    name: 'Hall',
  })
  return { organisation, venue, map }
}

export type DraftChanges = Partial<EventFields & { homeRegion: string }>

/** A draft on this stage, without prices. */
export function newDraft(
  catalogue: Catalogue,
  stage: Stage,
  changes: DraftChanges = {},
): Promise<Event> {
  return createEvent(catalogue, {
    ...eventFields(),
    organisation: stage.organisation,
    key: newKey(),
    venue: stage.venue.id,
    seatMapHash: stage.map.hash,
    ...changes,
  })
}

/** A draft with a price for each section: ready to be published. */
export async function newPricedDraft(
  catalogue: Catalogue,
  stage: Stage,
  changes: DraftChanges = {},
): Promise<Event> {
  const draft = await newDraft(catalogue, stage, changes)
  const { organisation } = stage
  const set = { organisation, event: draft.id, version: draft.version, tiers }
  return (await setPriceTiers(catalogue, set)).event
}

/** Expects this refusal, and that no row of any table is different afterwards. */
export async function expectRefused(
  catalogue: Catalogue,
  code: RefusalCode,
  act: () => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const before = await allRows(catalogue)
  let refused: unknown
  await act().catch((cause: unknown) => {
    refused = cause
  })
  expect(refused).toMatchObject({ name: 'RefusedError', refusal: { code } })
  expect(await allRows(catalogue)).toEqual(before)
  const { details } = (refused as { refusal: { details?: Record<string, unknown> } }).refusal
  return details ?? {}
}

/** Past the product's pool: what tests prepare and look up is no statement of the product. */
export async function onTheSide<Row extends object>(
  { url }: Pick<Catalogue, 'url'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** Every row of every table but the runner's own, as text. */
async function allRows(catalogue: Catalogue): Promise<string[]> {
  const tables = await onTheSide<{ name: string }>(
    catalogue,
    `select tablename as name from pg_tables
     where schemaname = 'public' and tablename not like 'migration%' order by tablename`,
  )
  const each = tables.map(({ name }) => `select '${name} ' || t::text as row from ${name} t`)
  const rows = await onTheSide<{ row: string }>(catalogue, each.join(' union all '))
  return rows.map(({ row }) => row).sort()
}
