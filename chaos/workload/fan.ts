/**
 * One visit of one person: each call is written down, and what is lost on the way is resumed until
 * its outcome is known. Told refusals are thrown as they are.
 */
import type { Operation, Operations, Wish } from '../history/entry.ts'
import type { RecordedCall, Recorder } from '../history/recorder.ts'
import { toldOf } from '../history/told.ts'
import type { Person } from './persons.ts'
import { type Lost, resumed } from './resume.ts'
import {
  availabilityOf,
  type CheckoutAnswer,
  checkoutFrom,
  type HoldAnswer,
  heldOf,
  type OrderAnswer,
  orderedOf,
  type SeeingApi,
  seatsOf,
} from './shapes.ts'

const ordersShown = 100

export type Placing = { readonly event: string; readonly key: string; readonly wish: Wish }
export type Holding = Placing & { readonly hold: HoldAnswer }
export type OfHold = { readonly event: string; readonly hold: string }
export type Confirming = { readonly order: string; readonly key: string; readonly card: string }

export type FanOptions = {
  /** Everything ends, whatever the fan is at. */
  readonly signal: AbortSignal
  /** Asks what became of a lost order before sending it again. */
  readonly asksFirst: boolean
  readonly onResume: (outcome: 'known' | 'unknown') => void
}

export class Fan {
  readonly person: Person
  readonly #options: FanOptions
  readonly #recorder: Recorder
  readonly #api: SeeingApi

  constructor(
    person: Person,
    options: FanOptions,
    calls: { readonly recorder: Recorder; readonly api: SeeingApi } = person,
  ) {
    this.person = person
    this.#options = options
    this.#recorder = calls.recorder
    this.#api = calls.api
  }

  /** The other hand of the same person, on the same page. */
  twin(): Fan {
    const { twin: recorder, api } = this.person
    recorder.moveTo(this.#recorder.region)
    return new Fan(this.person, this.#options, { recorder, api })
  }

  /** Goes on in another place with what was seen so far, and brings home what was seen there. */
  async travel(place: string, there: (fan: Fan) => Promise<void>): Promise<void> {
    const api = this.person.apiAt(place)
    api.session.seen = this.#api.session.seen
    this.#recorder.moveTo(place)
    try {
      await there(new Fan(this.person, this.#options, { recorder: this.#recorder, api }))
    } finally {
      this.#api.session.seen = api.session.seen
      this.#recorder.moveTo(this.person.place)
    }
  }

  async place({ event, key, wish }: Placing): Promise<Holding> {
    const input = { event, key, seats: seatsOf(wish) }
    const args = { event, key, wish }
    const hold = await this.#write('hold.place', args, {
      send: () => this.#api.holds.place.mutate(input, this.#said),
      read: heldOf,
    })
    return { ...args, hold }
  }

  look(of: OfHold): Promise<HoldAnswer> {
    const send = () => this.#api.holds.get.query({ ...of }, this.#said)
    return this.#recorder.record('hold.get', of, { send, read: heldOf })
  }

  extend(of: OfHold): Promise<HoldAnswer> {
    const send = () => this.#api.holds.extend.mutate({ ...of }, this.#said)
    return this.#write('hold.extend', of, { send, read: heldOf })
  }

  async release(of: OfHold): Promise<boolean> {
    const send = () => this.#api.holds.release.mutate({ ...of }, this.#said)
    const read = ({ released }: { readonly released: boolean }) => ({ released })
    return (await this.#write('hold.release', of, { send, read })).released
  }

  reclaim({ event, hold }: Holding): Promise<HoldAnswer> {
    const send = () => this.#api.holds.reclaim.mutate({ holdToken: hold.token }, this.#said)
    return this.#write('hold.reclaim', { event, hold: hold.id }, { send, read: heldOf })
  }

  start({ event, key, hold }: Holding): Promise<CheckoutAnswer> {
    const send = () => this.#api.checkout.start.mutate({ holdToken: hold.token }, this.#said)
    const call = { send, read: checkoutFrom }
    return this.#write('checkout.start', { event, hold: hold.id }, call, async () => {
      // Whether it is there; what is needed to pay, only the same call says.
      await this.orderByKey({ event, key })
      return null
    })
  }

  confirm(card: Confirming): Promise<CheckoutAnswer> {
    return this.#write('checkout.confirm', card, this.#confirming(card, this.#said), async () => {
      const now = await this.status(card.order)
      return now.order.state === 'pending' ? null : now
    })
  }

  /** Whoever closes the page never asks what became of it. */
  async confirmAndLeave(card: Confirming, leave: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([leave, this.#options.signal])
    await this.#recorder.record('checkout.confirm', card, this.#confirming(card, { signal }))
  }

  status(order: string): Promise<CheckoutAnswer> {
    const send = () => this.#api.checkout.status.query({ order }, this.#said)
    return this.#recorder.record('checkout.status', { order }, { send, read: checkoutFrom })
  }

  order(order: string): Promise<OrderAnswer> {
    const input = { order }
    const send = () => this.#api.orders.get.query(input, this.#said)
    return this.#read('order.get', input, { send, read: orderedOf, input })
  }

  orderByKey(input: { readonly event: string; readonly key: string }): Promise<OrderAnswer> {
    const send = () => this.#api.orders.getByKey.query(input, this.#said)
    return this.#read('order.by-key', input, { send, read: orderedOf, input })
  }

  async orders(): Promise<readonly OrderAnswer[]> {
    const input = { limit: ordersShown }
    const send = () => this.#api.orders.list.query(input, this.#said)
    type Page = { readonly items: readonly OrderAnswer[] }
    const read = ({ items }: Page) => ({ orders: items.map(orderedOf) })
    return (await this.#read('order.list', {}, { send, read, input })).items
  }

  async tickets(order: string): Promise<number> {
    const input = { order, limit: ordersShown }
    const send = () => this.#api.tickets.list.query(input, this.#said)
    type Page = { readonly items: readonly { readonly unit: number; readonly state: string }[] }
    const read = ({ items }: Page) => ({
      tickets: items.map(({ unit, state }) => ({ unit, state })),
    })
    return (await this.#read('ticket.list', { order }, { send, read, input })).items.length
  }

  async availability(input: { readonly event: string; readonly section?: string }) {
    const send = () => this.#api.events.availability.query(input, this.#said)
    const call = { send, read: availabilityOf, input }
    return (await this.#read('event.availability', input, call)).sections
  }

  get #said(): { readonly signal: AbortSignal } {
    return { signal: this.#options.signal }
  }

  #confirming({ order, key, card }: Confirming, said: { readonly signal: AbortSignal }) {
    const input = { order, key, paymentMethod: card }
    const send = () => this.#api.checkout.confirm.mutate(input, said)
    return { send, read: checkoutFrom }
  }

  #read<Name extends Operation, Answer>(
    op: Name,
    args: Operations[Name]['args'],
    { input, ...call }: RecordedCall<Name, Answer> & { readonly input: object },
  ): Promise<Answer> {
    const isOlder = () => this.person.older.delete(input)
    return this.#recorder.record(op, args, { ...call, isOlder })
  }

  async #write<Name extends Operation, Answer>(
    ...[op, args, call, look = null]: [
      Name,
      Operations[Name]['args'],
      RecordedCall<Name, Answer>,
      Lost<Answer>['look']?,
    ]
  ): Promise<Answer> {
    const { signal, asksFirst, onResume } = this.#options
    const again = () => this.#recorder.record(op, args, call)
    try {
      return await again()
    } catch (cause) {
      if (toldOf(cause)?.outcome !== 'unknown' || signal.aborted) throw cause
      try {
        const answer = await resumed({ again, look: asksFirst ? look : null, cause, signal })
        onResume('known')
        return answer
      } catch (end) {
        onResume(toldOf(end)?.outcome === 'refused' ? 'known' : 'unknown')
        throw end
      }
    }
  }
}
