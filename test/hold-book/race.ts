/** The race itself: clients, their moves by seed, and the model that judges what they are told. */
import type { Hold, SeatRequest } from '../../server/domain/hold.ts'
import type { HoldScope, SettledOrder } from '../../server/domain/hold-book.ts'
import { RefusedError } from '../../server/domain/refusal.ts'
import { ContentionError } from '../../server/stores/outcome.ts'
import type { BookUnderTest } from './contract.ts'
import { seatMapOf } from './seat-maps.ts'
import { wishOf } from './wishes.ts'

const clients = 64
const ordersPaidMax = 25
const shortTtlMs = 40
/** Longer than any race: such holds only end when their fan ends them. */
const longTtlMs = 60 * 60_000

const floor = seatMapOf([
  { kind: 'seated', rows: 10, seats: 15 },
  { kind: 'standing', units: 50 },
])

export type RaceResult = {
  readonly scope: HoldScope
  /** What went wrong, in words. */
  readonly faults: readonly string[]
  /** Unit and order of every paid order. */
  readonly sold: ReadonlyMap<number, string>
  /** Long holds that nobody gave back. */
  readonly living: readonly Hold[]
  readonly outcomes: Readonly<Record<string, number>>
}

export async function race(
  tested: BookUnderTest,
  options: { readonly attempts: number; readonly seed: number },
): Promise<RaceResult> {
  const scope = await tested.backing.newEvent(floor, 8)
  const model = new Model()
  let left = options.attempts
  await Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      const client = new Client({ tested, scope, model, number, seed: options.seed })
      while (left > 0) {
        left -= 1
        await client.move()
      }
    }),
  )
  const { faults, sold, outcomes } = model
  return { scope, faults, sold, living: [...model.living.values()], outcomes }
}

/** Knows only what clients were told and when. */
class Model {
  readonly faults: string[] = []
  readonly sold = new Map<number, string>()
  readonly living = new Map<string, Hold>()
  readonly outcomes: Record<string, number> = {}
  paid = 0
  readonly #owners = new Map<number, { readonly id: string; readonly sureUntilMs: number }>()

  /** A hold was granted; it is surely alive until `sureUntilMs` unless it is given back before. */
  granted(hold: Hold, sureUntilMs: number): void {
    const nowMs = performance.now()
    // The answer came so late that the hold may be over, and its units somebody else's.
    if (sureUntilMs <= nowMs) return
    for (const unit of hold.units) {
      const owner = this.#owners.get(unit)
      if (owner !== undefined && owner.sureUntilMs > nowMs) {
        const leftMs = owner.sureUntilMs - nowMs
        this.faults.push(`unit ${unit} of ${owner.id} (${leftMs} ms left) went to ${hold.id}`)
      }
      this.#owners.set(unit, { id: hold.id, sureUntilMs })
    }
  }

  /** Called before the units are given back: from then on they may be anybody's. */
  givingBack(hold: Hold): void {
    this.living.delete(hold.id)
    for (const unit of hold.units) {
      if (this.#owners.get(unit)?.id === hold.id) this.#owners.delete(unit)
    }
  }

  bought(hold: Hold): void {
    this.living.delete(hold.id)
    for (const unit of hold.units) {
      const owner = this.#owners.get(unit)
      if (owner?.id !== hold.id)
        this.faults.push(`unit ${unit} was sold to ${hold.id}, not its own`)
      this.#owners.set(unit, { id: hold.id, sureUntilMs: Number.POSITIVE_INFINITY })
      if (this.sold.has(unit)) this.faults.push(`unit ${unit} was sold twice`)
      this.sold.set(unit, hold.id)
    }
  }

  count(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1
  }
}

type Seat = {
  readonly tested: BookUnderTest
  readonly scope: HoldScope
  readonly model: Model
  readonly number: number
  readonly seed: number
}

class Client {
  readonly #seat: Seat
  readonly #random: () => number
  #holds: Hold[] = []
  #wishes = 0

  constructor(seat: Seat) {
    this.#seat = seat
    this.#random = seededRandom(seat.seed * 1_000 + seat.number)
  }

  /** One attempt. A refusal for crowding is an outcome like others. */
  async move(): Promise<void> {
    const draw = this.#random()
    try {
      if (this.#holds.length === 0 || draw < 0.55) await this.#place()
      else if (draw < 0.9) await this.#giveBack()
      else if (draw < 0.98) await this.#extend()
      else await this.#checkOut()
    } catch (cause) {
      if (!(cause instanceof RefusedError) && !(cause instanceof ContentionError)) throw cause
      this.#seat.model.count('crowded')
    }
  }

  get #book() {
    const { tested } = this.#seat
    return this.#random() < 0.5 ? tested.book : tested.other
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below)
  }

  #request(): SeatRequest {
    const draw = this.#random()
    const count = 1 + this.#pick(3)
    if (draw < 0.1) return { kind: 'best', sections: [0], count }
    if (draw < 0.2) return { kind: 'anywhere', sections: [1], count }
    const units = new Set(Array.from({ length: count }, () => this.#pick(floor.units)))
    return { kind: 'units', units: [...units] }
  }

  async #place(): Promise<void> {
    const { scope, model, number } = this.#seat
    this.#wishes += 1
    const isShort = this.#random() < 0.2
    const ttlMs = isShort ? shortTtlMs : longTtlMs
    const part = { key: `${this.#wishes}`, buyer: `client ${number}`, ttlMs, capMs: 2 * longTtlMs }
    const wish = wishOf(scope, this.#request(), part)
    const sentMs = performance.now()
    const outcome = await this.#book.place(scope, wish)
    model.count(outcome.kind)
    if (outcome.kind !== 'held') return
    model.granted(outcome.hold, sentMs + ttlMs)
    if (isShort) return
    model.living.set(outcome.hold.id, outcome.hold)
    this.#holds.push(outcome.hold)
  }

  #takeOne(): Hold {
    const [hold] = this.#holds.splice(this.#pick(this.#holds.length), 1)
    if (hold === undefined) throw new Error('a client without holds gives none back')
    return hold
  }

  async #giveBack(): Promise<void> {
    const { scope, model } = this.#seat
    const hold = this.#takeOne()
    model.givingBack(hold)
    const wasLiving = await this.#book.release(scope, hold.id)
    model.count('released')
    if (!wasLiving) model.faults.push(`${hold.id} was gone before it was released`)
  }

  async #extend(): Promise<void> {
    const { scope, model } = this.#seat
    const hold = this.#holds[this.#pick(this.#holds.length)]
    if (hold === undefined) return
    const outcome = await this.#book.extend(scope, hold.id, 1.5 * longTtlMs)
    model.count(`extend: ${outcome.kind}`)
    if (outcome.kind === 'gone') model.faults.push(`${hold.id} was gone before its time`)
  }

  /** To the end: paid as long as the hall is not sold, else cancelled. */
  async #checkOut(): Promise<void> {
    const { tested, scope, model } = this.#seat
    const hold = this.#takeOne()
    const order: SettledOrder = { id: hold.id, buyer: hold.buyer, units: hold.units }
    const reserved = await this.#book.reserve(scope, hold, longTtlMs)
    if (reserved.kind !== 'reserved') {
      model.faults.push(`${hold.id} could not be reserved`)
      return
    }
    const isPaid = model.paid < ordersPaidMax
    if (isPaid) model.paid += 1
    await tested.backing.start(scope, order)
    if (isPaid) {
      await tested.backing.pay(scope, order)
      model.bought(hold)
      await this.#book.convert(scope, order)
    } else {
      model.givingBack(hold)
      await tested.backing.cancel(scope, order)
      await this.#book.free(scope, order)
    }
    model.count(isPaid ? 'paid' : 'cancelled')
  }
}

/** Mulberry32: small, good enough to choose moves, and the same for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
