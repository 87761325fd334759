/**
 * The organiser's part, through the admin API like any organiser's: a venue, its seat map, an event,
 * prices by section, and the opening.
 */
import type { Answer, Client } from '../../client/index.ts'

export type SeatMap = Answer<Client['admin']['seatMaps']['get']['query']>
export type Section = SeatMap['sections'][number]

export type ShowTier = {
  readonly id: string
  readonly name: string
  readonly takes: (section: Section) => boolean
  /** Minor units; each but the last for the first so many places of the tier. */
  readonly rules: readonly { readonly price: number; readonly whileTakenBelow?: number }[]
}

export type Show = {
  readonly name: string
  readonly description: string
  readonly venue: Parameters<Client['admin']['venues']['create']['mutate']>[0]
  /** As a JSON file has it. */
  readonly seatMap: Buffer
  readonly tiers: readonly ShowTier[]
  readonly terms: {
    readonly currency: string
    readonly limitPerBuyer: number
    readonly holdMinutes: number
    readonly fees: { readonly fixed: number; readonly basisPoints: number }
  }
}

export type PublishedShow = {
  readonly id: string
  readonly homeRegion: string
  readonly seatMap: SeatMap
}

const salesDays = 1
const dayMs = 86_400_000
const hourMs = 3_600_000
/** A large file on a busy machine. */
const importDeadlineMs = 120_000

/** The venue of the same key is the same one; the event is always another. @param client of a manager */
export async function publishShow({ admin }: Client, show: Show): Promise<PublishedShow> {
  const { organisation } = show.venue
  const { id: venue } = await admin.venues.create.mutate(show.venue)
  const content = show.seatMap.toString('base64')
  const { hash } = await admin.seatMaps.import.mutate(
    { organisation, venue, format: 'json', content },
    { context: { deadlineMs: importDeadlineMs } },
  )
  const seatMap = await admin.seatMaps.get.query({ organisation, venue, hash })
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  const { id, version, homeRegion } = await admin.events.create.mutate({
    organisation,
    venue,
    seatMapHash: hash,
    name: show.name,
    description: show.description,
    category: 'concert',
    // A clock that is an hour ahead of the database's still opens the sale.
    opensAt: at(-hourMs),
    closesAt: at(salesDays * dayMs),
    startsAt: at(salesDays * dayMs),
    ...show.terms,
  })
  const tiers = show.tiers.map(({ takes, rules, ...tier }) => ({
    ...tier,
    rules: [...rules],
    sections: namesOf(seatMap, takes),
  }))
  await admin.events.setPrices.mutate({ organisation, event: id, version, tiers })
  await admin.events.publish.mutate({ organisation, event: id })
  return { id, homeRegion, seatMap }
}

export function namesOf({ sections }: SeatMap, takes: (section: Section) => boolean): string[] {
  return sections.filter(takes).map(({ name }) => name)
}
