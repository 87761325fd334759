/** Puts halls on sale, one after the other: the same on every target. */
import { publishShow } from '../../bench/onsale/publish-show.ts'
import { createClient } from '../../client/index.ts'
import type { Ground } from './ground.ts'
import { drawHall, factsOf, hallTerms } from './hall.ts'

const venue = {
  key: 'drill-venue',
  name: 'Drill Hall',
  timeZone: 'Europe/London',
  address: '2 Foundry Lane',
  city: 'London',
  country: 'GB',
  latitude: 51.5136,
  longitude: -0.0756,
}

export type PublisherOptions = Pick<Ground, 'token' | 'organisation'> & {
  /** Of a region's server. */
  readonly urlOf: (region: string) => string
  readonly seed: number
}

/** At home is an event where it is made. */
export function eventPublisher(options: PublisherOptions): Ground['publishEvent'] {
  const { urlOf, token, seed, organisation } = options
  let made = 0
  return async (home) => {
    const hall = drawHall(seed, made)
    made += 1
    const roles = { [organisation]: 'manager' }
    const own = await token({ name: 'drill-organiser', roles })
    const client = createClient({ endpoints: [urlOf(home)], token: own })
    const show = {
      name: `Drill ${seed}.${made}`,
      description: 'On sale for the crowd of a drill.',
      venue: { organisation, ...venue },
      seatMap: hall.seatMap,
      tiers: hall.tiers,
      terms: hallTerms,
    }
    return factsOf(hall, await publishShow(client, show))
  }
}
