/** What every region shows of every event when all is quiet, asked as any page asks. */
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, createClient, FrontrowError } from '../../client/index.ts'
import type { Ground } from '../ground/ground.ts'
import type { EventFacts, ShownAvailability } from './evidence.ts'

/** A region that follows another one is behind by its links and its poll; this is long for both. */
const freshWithinMs = 10_000
const askAgainMs = 200
const deadlineMs = 5_000

export type Asking = Pick<Ground, 'regions' | 'endpointsAt'> & {
  /** Later ones are published during the run. */
  readonly events: readonly EventFacts[]
  /** What a region says must be of then or later, as long as it can be had. */
  readonly since: number
  /** Hears of each region that did not answer. */
  readonly onSilent: (region: string, cause: FrontrowError) => void
}

export async function* askAvailability(
  asking: Asking,
): AsyncGenerator<readonly ShownAvailability[]> {
  const { regions, endpointsAt, events, since, onSilent } = asking
  for (const region of regions) {
    const [own = ''] = endpointsAt(region)
    // The own region alone: another one's answer would say nothing of this one.
    const client = createClient({ endpoints: [own], nearest: false, deadlineMs })
    try {
      for (const { id } of events) yield [await shownBy(client, { region, event: id, since })]
    } catch (cause) {
      if (!(cause instanceof FrontrowError)) throw cause
      onSilent(region, cause)
    }
  }
}

type Wanted = { readonly region: string; readonly event: string; readonly since: number }

async function shownBy(client: Client, wanted: Wanted): Promise<ShownAvailability> {
  const { region, event, since } = wanted
  const outline = await client.events.availability.query({ event })
  const shown = await Promise.all(
    outline.sections.map(({ name }) => shownOfSection(client, { event, section: name, since })),
  )
  const sections = shown
    .flatMap((one) => one.sections)
    .map(({ firstUnit, units, free, states }) => ({ firstUnit, units, free, states }))
  const asOf = Math.min(...shown.map((one) => Date.parse(one.asOf)))
  return { at: performance.timeOrigin + performance.now(), asOf, region, event, sections }
}

/** Asked again while it is older than the quiet; then it is taken as it is, and judged by its age. */
async function shownOfSection(
  client: Client,
  { event, section, since }: { event: string; section: string; since: number },
) {
  const endMs = performance.now() + freshWithinMs
  for (;;) {
    const answer = await client.events.availability.query({ event, section })
    if (Date.parse(answer.asOf) >= since || performance.now() >= endMs) return answer
    await wait(askAgainMs)
  }
}
