/**
 * The organiser's part, through the admin API like any organiser's: a venue, the arena's seat map
 * from its file, an event of this run alone, prices by ring with a cheaper start, and the opening.
 */
import { readFileSync } from 'node:fs'
import type { Answer, Client } from '../../client/index.ts'
import type { SaleEvent } from './fan.ts'

const currency = 'USD'
const limitPerBuyer = 8
/** As short as the system allows, so that what silent fans hold comes back during the run. */
const holdMinutes = 1
const salesDays = 1
const dayMs = 86_400_000
const hourMs = 3_600_000
/** A large file on a busy machine. */
const importDeadlineMs = 120_000

const venue = {
  name: 'Harbour Arena',
  timeZone: 'America/New_York',
  address: '1 Harbour Walk',
  city: 'Boston',
  country: 'US',
  latitude: 42.3505,
  longitude: -71.0445,
}

type SeatMap = Answer<Client['admin']['seatMaps']['get']['query']>
type Section = SeatMap['sections'][number]

type Tier = {
  readonly id: string
  readonly name: string
  readonly takes: (section: Section) => boolean
  /** Minor units; each but the last for the first so many places of the tier. */
  readonly rules: readonly { readonly price: number; readonly whileTakenBelow?: number }[]
}

const tiers: readonly Tier[] = [
  {
    id: 'standing',
    name: 'Pit and floor',
    takes: ({ kind }) => kind === 'standing',
    rules: [{ price: 7_900 }],
  },
  {
    id: 'lower',
    name: 'Lower ring',
    takes: ({ kind, name }) => kind === 'seated' && name.startsWith('1'),
    rules: [{ price: 10_900, whileTakenBelow: 500 }, { price: 12_900 }],
  },
  {
    id: 'upper',
    name: 'Upper ring',
    takes: ({ kind, name }) => kind === 'seated' && name.startsWith('2'),
    rules: [{ price: 4_950, whileTakenBelow: 300 }, { price: 5_950 }],
  },
]

/** The same organisation in every run on one system. @param client of a platform admin */
export async function makeOrganiser({ admin }: Client): Promise<string> {
  const organisation = { key: 'onsale-organisation', name: 'On-sale run' }
  return (await admin.organisations.create.mutate(organisation)).id
}

/** The same venue in every run; the event is of this run alone. @param client of a manager */
export async function publishArena(client: Client, organisation: string): Promise<SaleEvent> {
  const { admin } = client
  const place = { organisation, key: 'onsale-venue', ...venue }
  const { id: venueId } = await admin.venues.create.mutate(place)
  const content = readFileSync(new URL('arena.json', import.meta.url)).toString('base64')
  const { hash } = await admin.seatMaps.import.mutate(
    { organisation, venue: venueId, format: 'json', content },
    { context: { deadlineMs: importDeadlineMs } },
  )
  const seatMap = await admin.seatMaps.get.query({ organisation, venue: venueId, hash })
  const event = await createEvent(client, { organisation, venue: venueId, seatMapHash: hash })
  const { id, version, homeRegion } = event
  const priced = tiers.map(({ takes, ...tier }) => ({
    ...tier,
    rules: [...tier.rules],
    sections: namesOf(seatMap, takes),
  }))
  await admin.events.setPrices.mutate({ organisation, event: id, version, tiers: priced })
  await admin.events.publish.mutate({ organisation, event: id })
  return {
    id,
    homeRegion,
    currency,
    units: seatMap.units,
    seated: namesOf(seatMap, ({ kind }) => kind === 'seated'),
    standing: namesOf(seatMap, ({ kind }) => kind === 'standing'),
    tiers: tiers
      .filter((tier) => tier.id !== 'standing')
      .map(({ takes }) => namesOf(seatMap, takes)),
  }
}

function createEvent(
  client: Client,
  of: { readonly organisation: string; readonly venue: string; readonly seatMapHash: string },
) {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  return client.admin.events.create.mutate({
    ...of,
    name: 'Night Trains: the farewell tour',
    description: 'On sale for the crowd of a measured run.',
    category: 'concert',
    // A clock that is an hour ahead of the database's still opens the sale.
    opensAt: at(-hourMs),
    closesAt: at(salesDays * dayMs),
    startsAt: at(salesDays * dayMs),
    limitPerBuyer,
    holdMinutes,
    currency,
    fees: { fixed: 150, basisPoints: 250 },
  })
}

function namesOf({ sections }: SeatMap, takes: (section: Section) => boolean): string[] {
  return sections.filter(takes).map(({ name }) => name)
}
