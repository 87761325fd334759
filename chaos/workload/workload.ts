/**
 * The load of a drill: fans in all places who want events of all homes, at a rate that does not
 * depend on how the system is, together with those who run the sale. Everything is drawn from the
 * seed but keys and the order in which answers come. It survives whatever the system does; what is
 * a defect of this program or of the client makes its end throw.
 */
import type { Percentiles } from '../../bench/onsale/percentiles.ts'
import { seededChance } from '../../bench/onsale/seeded-chance.ts'
import { createClient } from '../../client/index.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import type { Ground } from '../ground/ground.ts'
import type { History } from '../history/history.ts'
import { Admins } from './admins.ts'
import { Arrivals } from './arrivals.ts'
import { usualWeights, type Weights } from './behaviours/index.ts'
import { Halls } from './halls.ts'
import { Persons } from './persons.ts'
import { Sales } from './sales.ts'
import { storm } from './storm.ts'
import { Storms } from './storms.ts'
import { Tally, type VisitTally } from './tally.ts'
import { Visits } from './visits.ts'

/** What three regions on two cores take beside everything else. */
const usualRatePerSecond = 12
/** Fans inside at once, over all places and homes: five times as many as when all goes well. */
const insideMax = 90
/** What fans are at takes as long as a call, and is then given up. */
const finishWithinMs = 25_000
/** Apart from the streams of visits, which count from 1. */
const arrivalsStream = 0

export type WorkloadGround = Pick<
  Ground,
  'regions' | 'organisation' | 'stripeUrl' | 'token' | 'endpointsAt' | 'publishEvent'
>

export type WorkloadOptions = {
  readonly ground: WorkloadGround
  readonly history: History
  readonly seed: number
  /** Visits; 12 unless told. */
  readonly ratePerSecond?: number
  /** Instead of the usual ones, where given; 0: nobody does that. */
  readonly weights?: Partial<Weights>
  readonly events: readonly EventFacts[]
  /** Distinguishes the persons of several workloads on one ground or in one history. */
  readonly name?: string
}

/** Fans come from now on, until `end`. */
export function startWorkload(options: WorkloadOptions): Workload {
  return new Workload(options)
}

export class Workload {
  /** As buyers were told; what waits for progress asks it. */
  readonly sales: Sales
  readonly #ground: WorkloadGround
  readonly #tally = new Tally()
  readonly #stop = new AbortController()
  readonly #halls: Halls
  readonly #visits: Visits
  readonly #admins: Admins
  readonly #arrivals: Arrivals
  readonly #storms: Storms
  #events: readonly EventFacts[]
  #ending: Promise<void> | null = null

  constructor(options: WorkloadOptions) {
    const { ground, history, seed, ratePerSecond = usualRatePerSecond, name = 'fan' } = options
    const tally = this.#tally
    this.#ground = ground
    this.#events = options.events
    this.sales = new Sales(history)
    this.#halls = new Halls(createClient({ endpoints: ground.endpointsAt(firstOf(ground)) }))
    this.switchEvents(options.events)
    const common = { ground, seed, tally, events: () => this.#events }
    this.#visits = new Visits({
      ...common,
      weights: { ...usualWeights, ...options.weights },
      insideMax,
      persons: new Persons({ ground, history, name }),
      halls: this.#halls,
    })
    this.#admins = new Admins({
      ground,
      history,
      name: `${name}-admin`,
      signal: this.#stop.signal,
      onLook: (how) => tally.count(`admin-looks-${how}`),
    })
    this.#storms = new Storms((signal, round) =>
      storm({ ...common, history, name: `${name}-storm-${round}`, signal }),
    )
    this.#arrivals = new Arrivals({
      chance: seededChance(seed, arrivalsStream),
      ratePerSecond,
      onArrival: (dueMs) => this.#visits.come(dueMs),
    })
  }

  /** So many times as many fans come as usual, from now on. */
  step(factor: number): void {
    this.#arrivals.step(factor)
  }

  /** Programs that repeat at once, in all places, until it is off. */
  storm(isOn: boolean): void {
    if (this.#ending === null) this.#storms.set(isOn)
  }

  /** Fans come for these from now on. */
  switchEvents(events: readonly EventFacts[]): void {
    this.#events = events
    this.#halls.keepOnly(events)
    for (const event of events) this.sales.knows(event)
  }

  /** One more event, for which fans come too. */
  async publish(home: string): Promise<EventFacts> {
    const event = await this.#ground.publishEvent(home)
    this.switchEvents([...this.#events, event])
    return event
  }

  /** What fans come for now. */
  get onSale(): readonly EventFacts[] {
    return this.#events
  }

  /**
   * Fans do not come for it any more; those who are at it go on.
   * @returns whether it was done in time, as the next two. @throws a refusal that is final
   */
  async cancel(event: string): Promise<boolean> {
    const isDone = await this.#admins.cancel(event)
    if (isDone) this.switchEvents(this.#events.filter(({ id }) => id !== event))
    return isDone
  }

  drain(region: string): Promise<boolean> {
    return this.#admins.drain({ region })
  }

  restore(region: string): Promise<boolean> {
    return this.#admins.restore({ region })
  }

  /** Acknowledged orders whose payment was first asked for at that moment or later. */
  salesSince(at: number, home: string): number {
    return this.sales.since(at, home).length
  }

  /** Acknowledged orders, by home region. */
  get paid(): Readonly<Record<string, number>> {
    return this.sales.paid
  }

  /** Visits by behaviour, and how they ended. */
  get visits(): Readonly<Record<string, VisitTally>> {
    return this.#tally.visits
  }

  /** Fans inside now. */
  get inside(): number {
    return this.#visits.inside
  }

  /** Those not let in, outcomes that were lost and then known, and the like. */
  get counts(): Readonly<Record<string, number>> {
    return this.#tally.counts
  }

  /** Milliseconds of purchases from when fans meant to begin, their pauses for thought included. */
  get purchaseMs(): Percentiles | null {
    return this.#tally.tookMs
  }

  /** Time during which nobody came because this program itself was held up. */
  get skippedMs(): number {
    return this.#arrivals.skippedMs
  }

  /** What must not be, and was: sentences that fail a run. */
  get noticed(): readonly string[] {
    return this.#visits.noticed
  }

  /** Of this program or of the client, so far. */
  get defects(): readonly unknown[] {
    return [...this.#visits.defects, ...this.#storms.defects]
  }

  /** Fans finish what they are at, bounded. @throws AggregateError of all defects */
  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    await this.#arrivals.end()
    await Promise.all([this.#visits.end(finishWithinMs), this.#storms.end()])
    this.#stop.abort()
    const [looked] = await Promise.allSettled([this.#admins.end()])
    this.sales.end()
    const late = looked.status === 'rejected' ? [looked.reason] : []
    const defects = [...this.defects, ...late]
    if (defects.length > 0) throw new AggregateError(defects, 'the workload has defects')
  }
}

function firstOf({ regions }: Pick<Ground, 'regions'>): string {
  const [first] = regions
  if (first === undefined) throw new RangeError('there is no region where fans could be')
  return first
}
