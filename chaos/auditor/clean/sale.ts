/**
 * A sale as it should be: a hold book, claims, orders, payments and duties of one region and epoch
 * at a time. Written from what fans are told, not from the server's code: it is only there so that
 * the auditor has something clean to look at.
 */
import type { EventFacts, LedgerLine, Row } from '../../evidence/evidence.ts'
import type { Held, Ordered, Wish } from '../../history/entry.ts'
import { integer, orderOfDuty, text, timeOrNull } from '../facts/columns.ts'
import { Rows, type Writing } from './rows.ts'

export const holdMs = 600_000
const reservedMs = 600_000
/** Whoever finds nothing near where the last one found something is told that there is nothing. */
const searchedMax = 200
export const currency = 'EUR'

export type Hold = {
  readonly id: string
  readonly event: EventFacts
  readonly buyer: string
  readonly key: string
  readonly wish: string
  readonly units: readonly number[]
  until: number
  state: 'held' | 'released' | 'ordered'
}

export class Sale {
  readonly rows = new Rows()
  readonly ledger = new Map<string, LedgerLine>()
  /** By buyer, event and key. */
  readonly #holds = new Map<string, Hold>()
  readonly #byId = new Map<string, Hold>()
  /** By event, at the place of the unit. */
  readonly #owners = new Map<string, (Hold | undefined)[]>()
  readonly #next = new Map<string, number>()
  readonly #bought = new Map<string, number>()

  publish(event: EventFacts, at: number): void {
    const { id, home } = event
    const writing = this.rows.begin(at, home)
    this.rows.put('event_sales', id, { region: home, event_id: id, state: 'published' })
    this.rows.put('events', id, { id, home_region: home, hold_minutes: 10 })
    for (let unit = 0; unit < event.units; unit += 1) {
      const nobody = { order_id: null, expires_at: null, version: 0 }
      const row = { region: home, event_id: id, unit, state: 'free', ...nobody }
      this.rows.write(writing, ['claims', `${id} ${unit}`], row)
    }
    this.#owners.set(id, [])
    this.#next.set(id, 0)
  }

  authority(home: string, holder: string, at: number): void {
    const known = this.rows.find('authority', home)
    const epoch = known === undefined ? 1 : integer(known, 'epoch') + 1
    const columns = { region: home, server_region: holder, epoch }
    this.rows.write(this.rows.begin(at, holder), ['authority', home], columns)
  }

  /** @returns the hold, or the code it is refused with */
  place(
    asked: Omit<Hold, 'id' | 'wish' | 'units' | 'until' | 'state'> & { wish: Wish },
    at: number,
  ) {
    const { event, buyer, key, wish } = asked
    const name = `${buyer} ${event.id} ${key}`
    const known = this.#holds.get(name)
    if (known !== undefined) {
      if (known.wish !== JSON.stringify(wish)) return 'KEY_REUSED'
      return known.state === 'held' && known.until > at ? known : 'HOLD_EXPIRED'
    }
    const units = this.#chosen(event, wish, at)
    if (units === null) return wish.kind === 'units' ? 'SEATS_TAKEN' : 'SOLD_OUT'
    const has = this.#bought.get(`${buyer} ${event.id}`) ?? 0
    if (has + units.length > event.limitPerBuyer) return 'LIMIT_REACHED'
    this.#bought.set(`${buyer} ${event.id}`, has + units.length)
    const id = `ord_${event.id.split('_')[1]}_${String(this.#byId.size).padStart(8, '0')}`
    const until = at + holdMs
    const hold: Hold = { ...asked, id, units, until, state: 'held', wish: JSON.stringify(wish) }
    this.#holds.set(name, hold)
    this.#byId.set(id, hold)
    for (const unit of units) this.#ownersOf(event)[unit] = hold
    return hold
  }

  #ownersOf({ id }: EventFacts): (Hold | undefined)[] {
    return this.#owners.get(id) ?? []
  }

  isFree(event: EventFacts, unit: number, at: number): boolean {
    const owner = this.#ownersOf(event)[unit]
    if (owner === undefined || owner.state === 'released') return true
    return owner.state === 'held' && owner.until < at
  }

  #chosen(event: EventFacts, wish: Wish, at: number): number[] | null {
    if (wish.kind === 'units') {
      return wish.units.every((unit) => this.isFree(event, unit, at)) ? [...wish.units] : null
    }
    const units: number[] = []
    const begin = this.#next.get(event.id) ?? 0
    for (let step = 0; step < searchedMax && units.length < wish.count; step += 1) {
      const unit = (begin + step) % event.units
      if (this.isFree(event, unit, at) && !units.includes(unit)) units.push(unit)
    }
    if (units.length < wish.count) return null
    this.#next.set(event.id, ((units.at(-1) ?? 0) + 1) % event.units)
    return units.sort((one, other) => one - other)
  }

  held(hold: Hold, at: number): Held {
    const { id, units, until, event } = hold
    return {
      hold: id,
      units,
      total: totalOf(event, units),
      currency,
      expiresInMs: Math.floor(until - at),
    }
  }

  release(hold: Hold): void {
    hold.state = 'released'
    const name = `${hold.buyer} ${hold.event.id}`
    this.#bought.set(name, (this.#bought.get(name) ?? 0) - hold.units.length)
  }

  start(hold: Hold, at: number): void {
    if (this.rows.find('orders', hold.id) !== undefined) return
    const { id, event, buyer, units } = hold
    const writing = this.rows.begin(at, this.#holder(event.home))
    const region = event.home
    const expires = at + reservedMs
    const total = totalOf(event, units)
    const lines = units.map((unit) => ({
      unit,
      tier: 'a',
      price: amountOf(event, unit) - 50,
      fee: 50,
    }))
    hold.state = 'ordered'
    this.rows.write(writing, ['orders', id], {
      region,
      id,
      event_id: event.id,
      buyer,
      state: 'pending',
      units: units.length,
      lines,
      currency,
      total,
      digest: hold.wish,
      void_reason: null,
      created_at: at,
      expires_at: expires,
      paid_at: null,
      version: 1,
    })
    for (const unit of units)
      this.#claim(writing, hold, { unit, state: 'reserved', until: expires })
    const payment = { region, order_id: id, intent_id: `pi_${id}`, state: 'pending' }
    const amount = { amount: total, currency, version: 1, updated_at: at }
    this.rows.write(writing, ['payments', id], { ...payment, ...amount })
    const none = { authorized: 0, captured: 0, voided: 0, refunded: 0 }
    const status = 'requires_payment_method'
    this.ledger.set(id, {
      intent: `pi_${id}`,
      order: id,
      status,
      currency: 'eur',
      amount: total,
      ...none,
    })
    this.#duty(writing, { kind: 'order.started', order: id, dueAt: expires + 5_000 })
  }

  #holder(home: string): string {
    return text(this.rows.get('authority', home), 'server_region')
  }

  #claim(
    writing: Writing,
    { id, event }: Hold,
    to: { readonly unit: number; readonly state: string; readonly until: number | null },
  ): void {
    const key = `${event.id} ${to.unit}`
    const version = integer(this.rows.get('claims', key), 'version') + 1
    const order = to.state === 'free' ? null : id
    const columns = { state: to.state, order_id: order, expires_at: to.until, version }
    this.rows.write(writing, ['claims', key], columns)
  }

  #duty(
    writing: Writing,
    {
      kind,
      order,
      dueAt,
    }: { readonly kind: string; readonly order: string; readonly dueAt: number },
  ): void {
    const { region } = this.rows.get('orders', order)
    const rest = { tries: 0, due_at: dueAt, created_at: writing.at, done_at: null }
    const id = `${kind}:${order}`
    this.rows.write(writing, ['outbox', id], {
      region,
      id,
      kind,
      payload: { order, trace: '' },
      ...rest,
    })
  }

  /** The money is there: units, tickets and the duty to take it. */
  pay(order: string, at: number): void {
    const row = this.rows.get('orders', order)
    const hold = this.#byId.get(order)
    if (row['state'] !== 'pending' || hold === undefined) return
    const { event } = hold
    const writing = this.rows.begin(at, this.#holder(event.home))
    this.rows.write(writing, ['orders', order], { state: 'paid', paid_at: at, version: 2 })
    for (const unit of hold.units) {
      this.#claim(writing, hold, { unit, state: 'sold', until: null })
      const ticket = {
        region: event.home,
        order_id: order,
        unit,
        event_id: event.id,
        state: 'valid',
      }
      const columns = { ...ticket, code_epoch: 0, issued_at: at }
      this.rows.write(writing, ['tickets', `${order} ${unit}`], columns)
    }
    this.rows.write(writing, ['payments', order], {
      state: 'authorized',
      version: 2,
      updated_at: at,
    })
    this.#duty(writing, { kind: 'order.paid', order, dueAt: at })
    this.#book(order, { authorized: integer(row, 'total'), status: 'requires_capture' })
  }

  #book(order: string, change: Partial<LedgerLine>): void {
    const line = this.ledger.get(order)
    if (line !== undefined) this.ledger.set(order, { ...line, ...change })
  }

  void(order: string, at: number): void {
    const row = this.rows.get('orders', order)
    const hold = this.#byId.get(order)
    if (row['state'] !== 'pending' || hold === undefined) return
    const writing = this.rows.begin(at, this.#holder(hold.event.home))
    const ended = { state: 'void', void_reason: 'expired', version: 2 }
    this.rows.write(writing, ['orders', order], ended)
    for (const unit of hold.units) this.#claim(writing, hold, { unit, state: 'free', until: null })
    this.rows.write(writing, ['payments', order], { state: 'voided', version: 2, updated_at: at })
    this.#duty(writing, { kind: 'order.voided', order, dueAt: at })
    this.release(hold)
  }

  /** The drill's hand: what is open has run out. */
  expire(order: string, at: number): void {
    const row = this.rows.get('orders', order)
    const writing = this.rows.begin(at, 'drill')
    this.rows.write(writing, ['orders', order], { expires_at: at - 1_000 })
    for (const line of row['lines'] as Row[]) {
      const key = `${text(row, 'event_id')} ${integer(line, 'unit')}`
      this.rows.write(writing, ['claims', key], { expires_at: at - 1_000 })
    }
    this.rows.write(writing, ['outbox', `order.started:${order}`], { due_at: at })
  }

  /** A worker takes the duty and does it; by whom does not matter to it. */
  work(id: string, at: number): void {
    const duty = this.rows.get('outbox', id)
    if (timeOrNull(duty, 'done_at') !== null) return
    const order = orderOfDuty(duty)
    const writer = this.#holder(text(duty, 'region'))
    this.rows.write(this.rows.begin(at, writer), ['outbox', id], { tries: 1, due_at: at + 30_000 })
    if (duty['kind'] === 'order.started') this.void(order, at)
    if (duty['kind'] === 'order.paid') {
      const { amount } = this.ledger.get(order) ?? { amount: 0 }
      this.#book(order, { captured: amount, status: 'succeeded' })
      const captured = { state: 'captured', version: 3, updated_at: at }
      this.rows.write(this.rows.begin(at, writer), ['payments', order], captured)
    }
    if (duty['kind'] === 'order.voided') this.#book(order, { status: 'canceled' })
    this.rows.write(this.rows.begin(at, writer), ['outbox', id], { done_at: at })
  }

  ordered(order: string): Ordered | null {
    const row = this.rows.find('orders', order)
    if (row === undefined) return null
    const state = text(row, 'state') as Ordered['state']
    const units = (row['lines'] as Row[]).map((line) => integer(line, 'unit'))
    return {
      order,
      event: text(row, 'event_id'),
      state,
      voidReason: row['void_reason'] as string | null,
      units,
      total: integer(row, 'total'),
      currency,
      version: integer(row, 'version'),
      tickets: state === 'paid' ? units.length : 0,
    }
  }
}

function amountOf({ prices }: EventFacts, unit: number): number {
  const found = prices.find(({ firstUnit, units }) => unit >= firstUnit && unit < firstUnit + units)
  return found?.amounts[0] ?? 0
}

function totalOf(event: EventFacts, units: readonly number[]): number {
  return units.reduce((all, unit) => all + amountOf(event, unit), 0)
}
