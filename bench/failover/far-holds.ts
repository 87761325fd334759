/** What a hold costs whose authority is far away: the link's round trip, and how much beside it. */
import { createClient } from '../../client/index.ts'
import { roundTripMs } from '../../regions/local/local-regions.ts'
import { percentilesOf } from '../onsale/percentiles.ts'
import type { Drill } from './drill.ts'

const holdsEach = 40
/** The first ones open connections and books. */
const warmUp = 5
const placesPerFan = 5

export type FarHold = {
  readonly from: string
  readonly home: string
  readonly roundTripMs: number
  readonly p50Ms: number
  readonly addedMs: number
}

/** Of each place for each home region, one after another, asked of the place's own server. */
export async function farHolds(drill: Drill): Promise<FarHold[]> {
  const { names } = drill
  const figures: FarHold[] = []
  for (const from of names) {
    for (const home of names) figures.push(await holdsOf(drill, from, home))
  }
  return figures
}

async function holdsOf(drill: Drill, from: string, home: string): Promise<FarHold> {
  const { events, names, region, token } = drill
  const { id: event = '', units = 0 } = events[home] ?? {}
  const tookMs: number[] = []
  const first = Math.floor(units / 2) + names.indexOf(from) * 2 * holdsEach
  let client = null
  for (let index = 0; index < warmUp + holdsEach; index += 1) {
    if (client === null || index % placesPerFan === 0) {
      const own = await token({ name: `far-${from}-${home}-${index}` })
      client = createClient({ endpoints: [region(from).url], token: own })
    }
    const seats = { kind: 'units' as const, units: [first + index] }
    const startedMs = performance.now()
    await client.holds.place.mutate({ event, key: client.newKey(), seats })
    if (index >= warmUp) tookMs.push(performance.now() - startedMs)
  }
  const linkMs = from === home ? 0 : roundTripMs(from, home) || roundTripMs(home, from)
  const p50Ms = percentilesOf(tookMs)?.p50 ?? Number.NaN
  return { from, home, roundTripMs: linkMs, p50Ms, addedMs: p50Ms - linkMs }
}
