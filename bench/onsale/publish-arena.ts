/** The arena goes on sale: its seat map from its file, prices by ring with a cheaper start. */
import { readFileSync } from 'node:fs'
import type { Client } from '../../client/index.ts'
import type { SaleEvent } from './fan.ts'
import { namesOf, publishShow, type ShowTier } from './publish-show.ts'

const terms = {
  currency: 'USD',
  limitPerBuyer: 8,
  /** As short as the system allows, so that what silent fans hold comes back during the run. */
  holdMinutes: 1,
  fees: { fixed: 150, basisPoints: 250 },
} as const

const venue = {
  name: 'Harbour Arena',
  timeZone: 'America/New_York',
  address: '1 Harbour Walk',
  city: 'Boston',
  country: 'US',
  latitude: 42.3505,
  longitude: -71.0445,
}

const tiers: readonly ShowTier[] = [
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
  const { id, homeRegion, seatMap } = await publishShow(client, {
    name: 'Night Trains: the farewell tour',
    description: 'On sale for the crowd of a measured run.',
    venue: { organisation, key: 'onsale-venue', ...venue },
    seatMap: readFileSync(new URL('arena.json', import.meta.url)),
    tiers,
    terms,
  })
  return {
    id,
    homeRegion,
    currency: terms.currency,
    units: seatMap.units,
    seated: namesOf(seatMap, ({ kind }) => kind === 'seated'),
    standing: namesOf(seatMap, ({ kind }) => kind === 'standing'),
    tiers: tiers
      .filter((tier) => tier.id !== 'standing')
      .map(({ takes }) => namesOf(seatMap, takes)),
  }
}
