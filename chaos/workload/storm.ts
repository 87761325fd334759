/**
 * A retry storm: programs that want one seat, send the same call again as soon as they are told to
 * wait, and several times at once, always with the same key. They buy what they get. The floor
 * under their pauses keeps this program from asking a dead port for nothing.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Chance, seededChance } from '../../bench/onsale/seeded-chance.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import type { Ground } from '../ground/ground.ts'
import type { History } from '../history/history.ts'
import { Recorder } from '../history/recorder.ts'
import { toldOf } from '../history/told.ts'
import { actorOf } from './persons.ts'
import { rawApi } from './raw-calls.ts'
import { checkoutFrom, heldOf, type SeeingApi, seatsOf } from './shapes.ts'
import type { Tally } from './tally.ts'
import { tokenOrNull } from './tokens.ts'

/** Sends of one call in flight. */
const lanesAtOnce = 4
const pauseMsMin = 40
const betweenWishesMs = 400
/** Then somebody else comes, because of the limits on buying and calling. */
const wishesPerPerson = 6
const tokenPauseMs = 1_000
const card = 'pm_card_visa'

export type StormOptions = {
  readonly ground: Pick<Ground, 'token' | 'endpointsAt' | 'regions'>
  readonly history: History
  readonly seed: number
  /** Distinguishes these persons from those of other crowds. */
  readonly name: string
  readonly events: () => readonly EventFacts[]
  readonly tally: Tally
  readonly signal: AbortSignal
}

/** One program in each place, until the signal. */
export async function storm(options: StormOptions): Promise<void> {
  await Promise.all(options.ground.regions.map((place, index) => beset(options, place, index)))
}

async function beset(options: StormOptions, place: string, index: number): Promise<void> {
  const { signal, seed, name } = options
  const chance = seededChance(seed, 2 ** 28 + index)
  for (let person = 0; !signal.aborted; person += 1) {
    const who = `${name}-${index}-${person}`
    const token = await tokenOrNull(options.ground, { name: who })
    if (token === null) {
      await pause(tokenPauseMs, signal)
      continue
    }
    const endpoints = options.ground.endpointsAt(place)
    const raw = { endpoints, token: () => Promise.resolve(token), older: new WeakSet<object>() }
    const lanes = new Lanes(options, { name: who, place, api: rawApi(raw) })
    for (let wish = 0; wish < wishesPerPerson && !signal.aborted; wish += 1) {
      await lanes.buy(chance)
      await pause(betweenWishesMs, signal)
    }
  }
}

type Program = { readonly name: string; readonly place: string; readonly api: SeeingApi }

class Lanes {
  readonly #options: StormOptions
  readonly #api: SeeingApi
  readonly #recorders: readonly Recorder[]

  constructor(options: StormOptions, { name, place, api }: Program) {
    this.#options = options
    this.#api = api
    this.#recorders = Array.from({ length: lanesAtOnce }, (_, lane) => {
      const caller = { name: `${name}-lane-${lane}`, actor: actorOf(name), region: place }
      return new Recorder(options.history, caller)
    })
  }

  async buy(chance: Chance): Promise<void> {
    const events = this.#options.events()
    const event = events[chance.below(events.length)]?.id
    if (event === undefined) return
    const { holds, checkout } = this.#api
    const [holdKey, cardKey] = [crypto.randomUUID(), crypto.randomUUID()]
    const wish = { kind: 'best', count: 1 } as const
    const hold = await this.#besiege((recorder) => {
      const send = () => holds.place.mutate({ event, key: holdKey, seats: seatsOf(wish) })
      return recorder.record('hold.place', { event, key: holdKey, wish }, { send, read: heldOf })
    })
    if (hold === null) return
    const opened = await this.#besiege((recorder) => {
      const send = () => checkout.start.mutate({ holdToken: hold.token })
      return recorder.record(
        'checkout.start',
        { event, hold: hold.id },
        { send, read: checkoutFrom },
      )
    })
    if (opened === null) return
    const order = opened.order.id
    await this.#besiege((recorder) => {
      const send = () => checkout.confirm.mutate({ order, key: cardKey, paymentMethod: card })
      const args = { order, key: cardKey, card }
      return recorder.record('checkout.confirm', args, { send, read: checkoutFrom })
    })
  }

  /** All lanes send it until one of them has its answer. @returns null: refused, or the end came */
  async #besiege<Answer>(call: (recorder: Recorder) => Promise<Answer>): Promise<Answer | null> {
    const { signal, tally } = this.#options
    let isSettled = false
    let found: Answer | null = null
    const lane = async (recorder: Recorder) => {
      while (!isSettled && !signal.aborted) {
        tally.count('storm-sends')
        try {
          found = await call(recorder)
          isSettled = true
        } catch (cause) {
          const told = toldOf(cause)
          if (told === null) throw cause
          if (told.outcome === 'refused' && !told.transient) isSettled = true
          else await pause(pauseMsMin, signal)
        }
      }
    }
    const ends = await Promise.allSettled(this.#recorders.map(lane))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    if (isSettled) tally.count('storm-calls-settled')
    return found
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal }).catch(() => undefined)
}
