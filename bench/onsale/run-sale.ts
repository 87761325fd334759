/** The sale itself: tokens for all, the opening, and every fan's visit. Measured from outside. */
import { type Client, createClient, type Fetch } from '../../client/index.ts'
import type { SaleEvent, Story } from './fan.ts'
import { fetchToken, fetchTokens } from './identities.ts'
import { letIn, type Opening } from './let-in.ts'
import { type Load, watchLoad } from './load-watch.ts'
import { type GroupFigures, MeasuredGroups } from './measured-groups.ts'
import type { Figures } from './measurements.ts'
import { decisionsOf, type FanPlan } from './plan-fans.ts'
import type { Progress } from './progress.ts'
import { authenticate } from './simulator-calls.ts'
import type { SalePlace } from './system-under-sale.ts'
import { TimedCalls } from './timed-calls.ts'
import { visitSale } from './visit-sale.ts'
import { whereaboutsOf } from './whereabouts.ts'

/** A place of the sale with the event that lives there. */
export type Venue = SalePlace & { readonly name: string; readonly event: SaleEvent }

export type SaleToRun = {
  readonly venues: readonly Venue[]
  readonly simulatorUrl: string | null
  readonly plans: readonly FanPlan[]
  readonly seed: number
  /** Null: by the schedule of the plans. */
  readonly atOnce: number | null
  readonly progress: Progress
  readonly signal: AbortSignal
}

export type SaleThatRan = {
  readonly stories: readonly Story[]
  readonly figures: Figures
  /** Of the fans of each place, at home and far away. */
  readonly groups: readonly GroupFigures[]
  /** What fans noticed that must not happen. */
  readonly noticed: readonly string[]
  readonly opening: Opening
  readonly load: Load
  readonly clientOf: (fan: number) => Client
}

/** @throws NotDrivableError, or the signal's reason */
export async function runSale(sale: SaleToRun): Promise<SaleThatRan> {
  const { plans, progress, signal, atOnce } = sale
  const groups = new MeasuredGroups()
  const measurements = groups.all
  const clientOf = await prepareClients(sale, groups)
  const stories: Story[] = []
  const stage = progress.stage('on sale', plans.length)
  const visit = async (plan: FanPlan, dueMs: number) => {
    const story = await visitAs(plan, dueMs, { sale, groups, client: clientOf(plan.index) })
    stories.push(story)
    measurements.ended(story.outcome)
    stage.advance(`${measurements.paidSoFar} orders`)
  }
  const endWatch = watchLoad()
  try {
    const opening = await letIn({ plans, atOnce, visit, signal })
    // Now: what is asked after the sale is no part of it.
    const figures = measurements.figures(opening)
    const { noticed } = measurements
    const apart = groups.figures(opening)
    return { stories, figures, groups: apart, noticed, opening, load: endWatch(), clientOf }
  } finally {
    stage.end()
  }
}

type Visit = {
  readonly sale: SaleToRun
  readonly groups: MeasuredGroups
  readonly client: Client
}

/** Where the fan is, and the venue of the event that they come for. */
export function waysOf({ venues, seed }: Pick<SaleToRun, 'venues' | 'seed'>, fan: number) {
  const { place, event } = whereaboutsOf(seed, fan, venues.length)
  const [at, to] = [venues[place], venues[event]]
  if (at === undefined || to === undefined) throw new RangeError('a sale has a place')
  return { at, to }
}

function visitAs(plan: FanPlan, dueMs: number, { sale, groups, client }: Visit) {
  const { seed, simulatorUrl } = sale
  const { at, to } = waysOf(sale, plan.index)
  const { event } = to
  return visitSale({
    plan,
    client,
    event,
    chance: decisionsOf(seed, plan.index),
    calls: new TimedCalls(groups.recorderOf({ place: at.name, isHome: at === to }), dueMs),
    authenticate: async (intent) => {
      if (simulatorUrl !== null) await authenticate(simulatorUrl, intent)
    },
    notice: (sentence) => groups.all.notice(sentence),
  })
}

/** One client a fan, as if each sat at a device of their own, with a token from before the sale. */
async function prepareClients(
  sale: SaleToRun,
  { all: measurements }: MeasuredGroups,
): Promise<(fan: number) => Client> {
  const { plans, progress } = sale
  const stage = progress.stage('fans sign in', plans.length)
  // The event's own id in the name: fans of another run are other people.
  const identities = plans.map(({ index }) => {
    const { event } = waysOf(sale, index).to
    return { name: `fan-${event.id.slice(-20)}-${index}` }
  })
  const tokens = await fetchTokens(waysOf(sale, 0).at.urls[0], identities, stage.advance).finally(
    stage.end,
  )
  const fetch: Fetch = (address, init) => {
    measurements.sent(callsIn(address))
    return globalThis.fetch(address, init)
  }
  return (fan) => {
    const { urls } = waysOf(sale, fan).at
    let spare = tokens[fan]
    // The one from before the sale first; when that has run out, a new one.
    const token = () => {
      const given = spare ?? fetchToken(urls[0], { name: identities[fan]?.name ?? '' })
      spare = undefined
      return given
    }
    return createClient({ endpoints: urls, token, fetch })
  }
}

/** A batch has its procedures in the path, with commas between. */
function callsIn(address: string): number {
  return new URL(address).pathname.split(',').length
}
