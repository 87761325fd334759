/** The sale itself: tokens for all, the opening, and every fan's visit. Measured from outside. */
import { type Client, createClient, type Fetch } from '../../client/index.ts'
import type { SaleEvent, Story } from './fan.ts'
import { fetchToken, fetchTokens } from './identities.ts'
import { letIn, type Opening } from './let-in.ts'
import { type Load, watchLoad } from './load-watch.ts'
import { type Figures, Measurements } from './measurements.ts'
import { decisionsOf, type FanPlan } from './plan-fans.ts'
import type { Progress } from './progress.ts'
import { authenticate } from './simulator-calls.ts'
import { TimedCalls } from './timed-calls.ts'
import { visitSale } from './visit-sale.ts'

export type SaleToRun = {
  readonly url: string
  readonly simulatorUrl: string | null
  readonly event: SaleEvent
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
  /** What fans noticed that must not happen. */
  readonly noticed: readonly string[]
  readonly opening: Opening
  readonly load: Load
  readonly clientOf: (fan: number) => Client
}

/** @throws NotDrivableError, or the signal's reason */
export async function runSale(sale: SaleToRun): Promise<SaleThatRan> {
  const { plans, progress, signal, atOnce } = sale
  const measurements = new Measurements()
  const clientOf = await prepareClients(sale, measurements)
  const stories: Story[] = []
  const stage = progress.stage('on sale', plans.length)
  const visit = async (plan: FanPlan, dueMs: number) => {
    const story = await visitAs(plan, dueMs, { sale, measurements, client: clientOf(plan.index) })
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
    return { stories, figures, noticed, opening, load: endWatch(), clientOf }
  } finally {
    stage.end()
  }
}

type Visit = {
  readonly sale: SaleToRun
  readonly measurements: Measurements
  readonly client: Client
}

function visitAs(plan: FanPlan, dueMs: number, { sale, measurements, client }: Visit) {
  const { event, seed, simulatorUrl } = sale
  return visitSale({
    plan,
    client,
    event,
    chance: decisionsOf(seed, plan.index),
    calls: new TimedCalls(measurements, dueMs),
    authenticate: async (intent) => {
      if (simulatorUrl !== null) await authenticate(simulatorUrl, intent)
    },
    notice: (sentence) => measurements.notice(sentence),
  })
}

/** One client a fan, as if each sat at a device of their own, with a token from before the sale. */
async function prepareClients(
  { url, event, plans, progress }: SaleToRun,
  measurements: Measurements,
): Promise<(fan: number) => Client> {
  const stage = progress.stage('fans sign in', plans.length)
  // The event's own id in the name: fans of another run are other people.
  const identities = plans.map(({ index }) => ({ name: `fan-${event.id.slice(-20)}-${index}` }))
  const tokens = await fetchTokens(url, identities, stage.advance).finally(stage.end)
  const fetch: Fetch = (address, init) => {
    measurements.sent(callsIn(address))
    return globalThis.fetch(address, init)
  }
  return (fan) => {
    let spare = tokens[fan]
    // The one from before the sale first; when that has run out, a new one.
    const token = () => {
      const given = spare ?? fetchToken(url, { name: identities[fan]?.name ?? '' })
      spare = undefined
      return given
    }
    return createClient({ endpoints: [url], token, fetch })
  }
}

/** A batch has its procedures in the path, with commas between. */
function callsIn(address: string): number {
  return new URL(address).pathname.split(',').length
}
