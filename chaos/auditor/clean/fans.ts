/**
 * Fans of a made-up run. Each is a walk that stops after every step, so that any number of them can
 * be walked in turns: they ask, it is done, they hear of it, or never do.
 */
import type { EventFacts } from '../../evidence/evidence.ts'
import type { Entry, Operation, Operations, Ordered, Wish } from '../../history/entry.ts'
import type { Chance } from './chance.ts'
import type { Hold, Sale } from './sale.ts'

export type World = {
  readonly sale: Sale
  readonly chance: Chance
  readonly history: Entry[]
  readonly events: readonly EventFacts[]
  readonly now: () => number
  /** What a worker will find. */
  readonly duties: string[]
}

type Answer<Name extends Operation> = Operations[Name]['result'] | { readonly code: string }
type Heard<Name extends Operation> = Operations[Name]['result'] | null

export class Fan {
  readonly #world: World
  readonly #region: string
  readonly #actor: string
  #life = 1
  #wasLost = false

  constructor(world: World, number: number) {
    this.#world = world
    this.#actor = `fan-${number}`
    this.#region = world.events[number % world.events.length]?.home ?? ''
  }

  /** All that this fan will do. */
  *walk(): Generator<void, void, void> {
    const { chance, events } = this.#world
    const event = events[chance.below(events.length)]
    if (event === undefined) return
    yield* this.#look(event)
    const hold = yield* this.#hold(event)
    if (hold === null) return
    const mood = chance.fraction()
    if (mood < 0.05) return
    if (mood < 0.12) {
      yield* this.#call('hold.release', { event: event.id, hold: hold.id }, () => {
        this.#world.sale.release(hold)
        return { released: true }
      })
      return
    }
    if (mood < 0.3) yield* this.#keep(hold)
    yield* this.#buy(hold, { leaves: mood > 0.95 })
  }

  *#look(event: EventFacts): Generator<void, void, void> {
    const { now } = this.#world
    yield* this.#call('event.availability', { event: event.id }, () => {
      const section = { name: 'A', firstUnit: 0, units: event.units, free: 1, states: null }
      return { asOf: now(), sections: [section] }
    })
  }

  *#hold(event: EventFacts): Generator<void, Hold | null, void> {
    const { chance, sale, now } = this.#world
    const key = `key-${this.#actor}`
    const count = 1 + chance.below(4)
    const first = chance.below(Math.max(1, event.units - count))
    const units = Array.from({ length: count }, (_, place) => first + place)
    const best: Wish = { kind: 'best', count }
    const wishes: Wish[] = chance.fraction() < 0.2 ? [{ kind: 'units', units }, best] : [best]
    for (const [attempt, wish] of wishes.entries()) {
      const named = `${key}-${attempt}`
      let hold: Hold | string = 'SOLD_OUT'
      const place = () => {
        hold = sale.place({ event, buyer: this.#actor, key: named, wish }, now())
        return typeof hold === 'string' ? { code: hold } : sale.held(hold, now())
      }
      const args = { event: event.id, key: named, wish }
      let heard = yield* this.#call('hold.place', args, place)
      // Lost, or just for the sake of it: the same key again, and now and then with another wish.
      if (heard === null && this.#wasLost) heard = yield* this.#call('hold.place', args, place)
      if (chance.fraction() < 0.03) yield* this.#call('hold.place', args, place)
      if (heard !== null && chance.fraction() < 0.02) {
        const other: Wish = { kind: 'standing', count }
        yield* this.#call('hold.place', { ...args, wish: other }, () => ({ code: 'KEY_REUSED' }))
      }
      if (heard !== null && typeof hold !== 'string') return hold
    }
    return null
  }

  *#keep(hold: Hold): Generator<void, void, void> {
    const { sale, now } = this.#world
    const of = { event: hold.event.id, hold: hold.id }
    yield* this.#call('hold.extend', of, () => {
      hold.until = Math.max(hold.until, now() + 600_000)
      return sale.held(hold, now())
    })
    yield* this.#call('hold.get', of, () => sale.held(hold, now()))
  }

  *#buy(hold: Hold, { leaves }: { readonly leaves: boolean }): Generator<void, void, void> {
    const { sale, now, chance, duties } = this.#world
    const { id, event, key } = hold
    const started = () => {
      if (hold.until < now() && hold.state === 'held') return { code: 'HOLD_EXPIRED' }
      sale.start(hold, now())
      return this.#ordered(id)
    }
    const order = yield* this.#call('checkout.start', { event: event.id, hold: id }, started)
    const byKey = { event: event.id, key }
    if (order === null && !this.#wasLost) return
    if (order === null) yield* this.#call('order.by-key', byKey, () => this.#ordered(id))
    if (leaves || sale.rows.find('orders', id) === undefined) return
    if (chance.fraction() < 0.05) {
      const declined = { order: id, key: 'card-0', card: 'pm_card_chargeDeclined' }
      yield* this.#call('checkout.confirm', declined, () => ({ code: 'CARD_DECLINED' }))
    }
    const card = { order: id, key: 'card-1', card: 'pm_card_visa' }
    const paid = yield* this.#call('checkout.confirm', card, () => {
      sale.pay(id, now())
      duties.push(`order.paid:${id}`)
      return this.#ordered(id)
    })
    if (paid === null) yield* this.#call('checkout.status', { order: id }, () => this.#ordered(id))
    yield* this.#call('order.get', { order: id }, () => this.#ordered(id))
    yield* this.#call('order.list', {}, () => ({ orders: [this.#ordered(id)] as Ordered[] }))
    yield* this.#call('ticket.list', { order: id }, () => {
      const isPaid = sale.ordered(id)?.state === 'paid'
      return { tickets: isPaid ? hold.units.map((unit) => ({ unit, state: 'valid' })) : [] }
    })
  }

  #ordered(id: string): Answer<'order.get'> {
    return this.#world.sale.ordered(id) ?? { code: 'NOT_FOUND' }
  }

  /** Asks; it is done; the answer comes, or is lost on its way, or the question was. */
  *#call<Name extends Operation>(
    op: Name,
    args: Operations[Name]['args'],
    effect: () => Answer<Name>,
  ): Generator<void, Heard<Name>, void> {
    const { chance } = this.#world
    const invoked = this.#write({ type: 'invoke', op, args })
    yield
    const luck = chance.fraction()
    const isAsked = luck > 0.004
    const answer = isAsked ? effect() : null
    yield
    this.#wasLost = luck < 0.008
    if (answer === null || this.#wasLost) {
      this.#write({ type: 'unknown', of: invoked, op, code: 'OUTCOME_UNKNOWN' })
      this.#life += 1
      yield
      return null
    }
    if ('code' in answer) {
      this.#write({ type: 'fail', of: invoked, op, code: answer.code, transient: false })
      yield
      return null
    }
    this.#write({ type: 'ok', of: invoked, op, result: answer })
    yield
    return answer
  }

  #write(said: object): number {
    const { history, now } = this.#world
    const seq = history.length + 1
    const who = {
      process: `${this.#actor}.${this.#life}`,
      actor: this.#actor,
      region: this.#region,
    }
    history.push({ seq, at: now(), ...who, ...said } as Entry)
    return seq
  }
}
