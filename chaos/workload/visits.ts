/**
 * Visits as they come: each with all that it does drawn from the seed, and so many inside at once
 * for each place and home, so that what hangs keeps nobody else out. However a visit ends by what
 * the system says, it ends as a count; what is no outcome of a call is a defect.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Chance, seededChance } from '../../bench/onsale/seeded-chance.ts'
import { authenticate } from '../../bench/onsale/simulator-calls.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import type { Ground } from '../ground/ground.ts'
import { toldOf } from '../history/told.ts'
import { type BehaviourName, behaviours, type Weights } from './behaviours/index.ts'
import { Fan } from './fan.ts'
import type { Hall, Halls } from './halls.ts'
import { hotUnits } from './hot-units.ts'
import { KnownIds } from './known-ids.ts'
import type { Person, Persons } from './persons.ts'
import type { Tally } from './tally.ts'
import type { Visit } from './visit.ts'

/** Without our client. */
const rawShare = 0.15
const asksFirstShare = 0.5
const bankTriesMax = 3
const bankWithinMs = 3_000
const defectsMax = 20

export type VisitsOptions = {
  readonly ground: Pick<Ground, 'regions' | 'stripeUrl'>
  readonly seed: number
  readonly weights: Weights
  readonly insideMax: number
  readonly persons: Persons
  readonly halls: Halls
  readonly tally: Tally
  readonly events: () => readonly EventFacts[]
}

type Plan = {
  readonly chance: Chance
  readonly place: string
  readonly event: EventFacts
  readonly name: BehaviourName
  readonly isRaw: boolean
  readonly asksFirst: boolean
  readonly dueMs: number
}

export class Visits {
  /** Of this program or of the client: nothing that a system may do to a fan. */
  readonly defects: unknown[] = []
  /** What must not be, and was, as sentences. */
  readonly noticed: string[] = []
  readonly #options: VisitsOptions
  readonly #shares: Readonly<Record<BehaviourName, number>>
  readonly #known = new KnownIds()
  readonly #inside = new Map<Promise<void>, AbortController>()
  readonly #insideOf = new Map<string, number>()
  readonly #beganMs = performance.now()
  #count = 0

  constructor(options: VisitsOptions) {
    this.#options = options
    const sum = Object.values(options.weights).reduce((total, weight) => total + weight, 0)
    const shares = Object.entries(options.weights).map(([name, weight]) => [name, weight / sum])
    this.#shares = Object.fromEntries(shares) as Record<BehaviourName, number>
  }

  get inside(): number {
    return this.#inside.size
  }

  /** @param dueMs when this fan meant to begin */
  come(dueMs: number): void {
    const plan = this.#plan(dueMs)
    if (plan === null) return
    const { tally, ground, insideMax } = this.#options
    const way = `${plan.place} ${plan.event.home}`
    const inside = this.#insideOf.get(way) ?? 0
    if (inside >= Math.max(2, Math.floor(insideMax / ground.regions.length ** 2))) {
      tally.count('not-let-in')
      return
    }
    this.#insideOf.set(way, inside + 1)
    const end = new AbortController()
    const visit = this.#visit(plan, end.signal)
      .catch((cause: unknown) => {
        if (this.defects.length < defectsMax) this.defects.push(cause)
      })
      .finally(() => {
        this.#inside.delete(visit)
        this.#insideOf.set(way, (this.#insideOf.get(way) ?? 1) - 1)
      })
    this.#inside.set(visit, end)
  }

  /** Nobody comes any more: those inside finish what they are at, or have it taken from them. */
  async end(finishWithinMs: number): Promise<void> {
    await this.#leftWithin(finishWithinMs)
    for (const controller of this.#inside.values()) controller.abort()
    await this.#leftWithin(finishWithinMs)
    if (this.inside > 0) this.defects.push(new Error(`${this.inside} visits do not end`))
  }

  async #leftWithin(ms: number): Promise<void> {
    const late = new AbortController()
    const timeUp = wait(ms, undefined, { signal: late.signal }).catch(() => undefined)
    await Promise.race([Promise.all(this.#inside.keys()), timeUp])
    late.abort()
  }

  #plan(dueMs: number): Plan | null {
    const { ground, seed, events } = this.#options
    this.#count += 1
    const chance = seededChance(seed, this.#count)
    const place = ground.regions[chance.below(ground.regions.length)] ?? ''
    const homes = [...new Set(events().map(({ home }) => home))]
    const home = homes[chance.below(homes.length)]
    const ofHome = events().filter((event) => event.home === home)
    const event = ofHome[chance.below(ofHome.length)]
    const name = chance.choose(this.#shares)
    const isRaw = chance.fraction() < rawShare
    const asksFirst = chance.fraction() < asksFirstShare
    return event === undefined ? null : { chance, place, event, name, isRaw, asksFirst, dueMs }
  }

  async #visit(plan: Plan, signal: AbortSignal): Promise<void> {
    const { persons, halls, tally } = this.#options
    const { event, place, isRaw, name } = plan
    const hall = await halls.of(event)
    const wanted = { place, event: event.id, limit: event.limitPerBuyer, isRaw }
    const person = hall === null ? null : await persons.take(wanted)
    if (hall === null || person === null) {
      tally.count('could-not-begin')
      return
    }
    tally.came(name)
    try {
      await behaviours[name](this.#visitOf(plan, { person, hall, signal }))
      tally.ended(name, 'done')
      if (name === 'buys') tally.took(performance.now() - plan.dueMs)
      persons.giveBack(person)
    } catch (cause) {
      const told = toldOf(cause)
      if (told === null && !isGivenUp(cause, signal)) throw cause
      tally.ended(name, told?.code ?? 'GIVEN_UP')
      // Whose token is not taken comes as somebody else.
      if (told !== null && told.code !== 'NOT_SIGNED_IN') persons.giveBack(person)
    }
  }

  #visitOf(
    { chance, event, asksFirst }: Plan,
    its: { readonly person: Person; readonly hall: Hall; readonly signal: AbortSignal },
  ): Visit {
    const { ground, tally } = this.#options
    const { person, hall, signal } = its
    const onResume = (how: string) => tally.count(`lost-then-${how}`)
    return {
      fan: new Fan(person, { signal, asksFirst, onResume }),
      event,
      hall,
      chance,
      known: this.#known,
      places: ground.regions,
      hot: hotUnits(hall, performance.now() - this.#beganMs),
      think: (msMax) => wait(chance.fraction() * msMax, undefined, { signal }),
      authenticate: (intent) => saysYes(ground.stripeUrl, intent, signal),
      newKey: () => crypto.randomUUID(),
      notice: (sentence) => {
        if (this.noticed.length < defectsMax) this.noticed.push(sentence)
      },
    }
  }
}

function isGivenUp(cause: unknown, signal: AbortSignal): boolean {
  return signal.aborted && cause instanceof Error && cause.name === 'AbortError'
}

/** The provider may be down on purpose: then the bank's question stays without an answer. */
async function saysYes(stripeUrl: string, intent: string, signal: AbortSignal): Promise<boolean> {
  for (let tries = 1; tries <= bankTriesMax; tries += 1) {
    const late = new AbortController()
    const timeUp = wait(bankWithinMs, false, { signal: late.signal }).catch(() => false)
    const answered = authenticate(stripeUrl, intent).then(
      () => true,
      () => false,
    )
    const isDone = await Promise.race([answered, timeUp])
    late.abort()
    if (isDone) return true
    await wait(bankWithinMs / bankTriesMax, undefined, { signal })
  }
  return false
}
