/** The demo data as data: an arena with a standing area and a small club, and what plays there. */

type Section = { readonly name: string; readonly kind: 'seated' | 'standing' }

export type DemoVenue = {
  readonly key: string
  readonly fields: {
    readonly name: string
    readonly timeZone: string
    readonly address: string
    readonly city: string
    readonly country: string
    readonly latitude: number
    readonly longitude: number
  }
  readonly map: {
    readonly file: URL
    readonly format: 'json' | 'csv'
    /** A JSON file names itself. */
    readonly name?: string
  }
}

export type DemoEvent = {
  readonly key: string
  readonly name: string
  readonly description: string
  readonly category: string
  /** From the day on which the demo data is made. */
  readonly inDays: number
  readonly venue: DemoVenue
  readonly limitPerBuyer: number
  readonly currency: string
  readonly fees: { readonly fixed: number; readonly basisPoints: number }
  readonly tiers: readonly {
    readonly id: string
    readonly name: string
    /** Minor units. */
    readonly price: number
    readonly takes: (section: Section) => boolean
  }[]
}

export const demoOrganisation = { key: 'demo-organisation', name: 'Northside Live' }

const isStanding = ({ kind }: Section) => kind === 'standing'
const isSeated = ({ kind }: Section) => kind === 'seated'

const arena: DemoVenue = {
  key: 'demo-venue-arena',
  fields: {
    name: 'Harbour Arena',
    timeZone: 'America/New_York',
    address: '1 Harbour Walk',
    city: 'Boston',
    country: 'US',
    latitude: 42.3505,
    longitude: -71.0445,
  },
  map: { file: new URL('../../bench/onsale/arena.json', import.meta.url), format: 'json' },
}

const club: DemoVenue = {
  key: 'demo-venue-club',
  fields: {
    name: 'Cellar Club',
    timeZone: 'America/New_York',
    address: '27 Vine Street',
    city: 'Philadelphia',
    country: 'US',
    latitude: 39.9553,
    longitude: -75.1475,
  },
  map: {
    file: new URL('../../bench/onsale/club.csv', import.meta.url),
    format: 'csv',
    name: 'Cellar Club',
  },
}

const clubTiers = [
  { id: 'seated', name: 'Stalls and balcony', price: 3_200, takes: isSeated },
  { id: 'standing', name: 'Standing', price: 1_800, takes: isStanding },
]

export const demoEvents: readonly DemoEvent[] = [
  {
    key: 'demo-event-night-trains',
    name: 'Night Trains: the farewell tour',
    description: 'Two hours, thirty years of songs, one last time round the harbour.',
    category: 'concert',
    inDays: 45,
    venue: arena,
    limitPerBuyer: 8,
    currency: 'USD',
    fees: { fixed: 150, basisPoints: 250 },
    tiers: [
      { id: 'standing', name: 'Pit and floor', price: 7_900, takes: isStanding },
      {
        id: 'lower',
        name: 'Lower ring',
        price: 9_900,
        takes: (section) => isSeated(section) && section.name.startsWith('1'),
      },
      {
        id: 'upper',
        name: 'Upper ring',
        price: 5_900,
        takes: (section) => isSeated(section) && section.name.startsWith('2'),
      },
    ],
  },
  {
    key: 'demo-event-blue-hour',
    name: 'Blue Hour Quartet',
    description: 'Late jazz, close by.',
    category: 'jazz',
    inDays: 20,
    venue: club,
    limitPerBuyer: 6,
    currency: 'USD',
    fees: { fixed: 100, basisPoints: 0 },
    tiers: clubTiers,
  },
  {
    key: 'demo-event-open-stage',
    name: 'Open stage',
    description: 'Ten minutes each. Free to sit, free to stand, free to leave.',
    category: 'comedy',
    inDays: 7,
    venue: club,
    limitPerBuyer: 4,
    currency: 'USD',
    fees: { fixed: 0, basisPoints: 0 },
    tiers: clubTiers.map((tier) => ({ ...tier, price: 0 })),
  },
]
