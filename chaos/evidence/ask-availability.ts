/** What every region shows of every event when all is quiet, asked as any page asks. */
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import { type Client, createClient, FrontrowError } from '../../client/index.ts'
import type { Ground } from '../ground/ground.ts'
import type { EventFacts, ShownAvailability } from './evidence.ts'

/** A region that follows another one is behind by its links and its poll; this is long for both. */
const freshWithinMs = 10_000
const askAgainMs = 500
const deadlineMs = 5_000
/** A soak has dozens of events; each has some sections, which are asked at once. */
const eventsAtOnce = 8

export type Asking = Pick<Ground, 'regions' | 'endpointsAt'> & {
  /** Later ones are published during the run. */
  readonly events: readonly Pick<EventFacts, 'id'>[]
  /** What a region says must be of then or later, as long as it can be had. */
  readonly since: number
  /** 10 s unless told: each region gets so long for all its events together. */
  readonly freshWithinMs?: number
  /** Hears of each region that did not answer. */
  readonly onSilent: (region: string, cause: FrontrowError) => void
}

export async function* askAvailability(
  asking: Asking,
): AsyncGenerator<readonly ShownAvailability[]> {
  yield* await Promise.all(asking.regions.map((region) => shownIn(region, asking)))
}

/**
 * In rounds: those that are older than the quiet are asked again together, so that many of them take
 * no longer than one. Then they are taken as they are, and judged by their age.
 */
async function shownIn(region: string, asking: Asking): Promise<readonly ShownAvailability[]> {
  const { endpointsAt, events, since, onSilent } = asking
  const [own = ''] = endpointsAt(region)
  // The own region alone: another one's answer would say nothing of this one.
  const client = createClient({ endpoints: [own], nearest: false, deadlineMs })
  const shown = new Map<string, ShownAvailability>()
  const gate = pLimit(eventsAtOnce)
  const endMs = performance.now() + (asking.freshWithinMs ?? freshWithinMs)
  let refused: FrontrowError | null = null
  const look = async (event: string) => {
    // One that refuses all is not asked for each event until it has.
    if (refused !== null && performance.now() >= endMs) return
    try {
      shown.set(event, await shownBy(client, region, event))
    } catch (cause) {
      if (!(cause instanceof FrontrowError)) throw cause
      refused = cause
    }
  }
  let open = events.map(({ id }) => id)
  for (;;) {
    await Promise.all(open.map((event) => gate(look, event)))
    open = open.filter((event) => (shown.get(event)?.asOf ?? 0) < since)
    if (open.length === 0 || performance.now() >= endMs) break
    await wait(askAgainMs)
  }
  if (refused !== null && shown.size < events.length) onSilent(region, refused)
  return events.flatMap(({ id }) => shown.get(id) ?? [])
}

async function shownBy(client: Client, region: string, event: string): Promise<ShownAvailability> {
  const outline = await client.events.availability.query({ event })
  const shown = await Promise.all(
    outline.sections.map(({ name }) => client.events.availability.query({ event, section: name })),
  )
  const sections = shown
    .flatMap((one) => one.sections)
    .map(({ firstUnit, units, free, states }) => ({ firstUnit, units, free, states }))
  const asOf = Math.min(...shown.map((one) => Date.parse(one.asOf)))
  return { at: performance.timeOrigin + performance.now(), asOf, region, event, sections }
}
