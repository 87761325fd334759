/** The authority's side: what fans do, orders in SQL, and the books that are built where they are lost. */
import type { HoldScope } from '../../../server/domain/hold-book.ts'
import type { Tenure } from '../../../server/domain/hold-replication.ts'
import type { InventorySnapshot, UnitOwner } from '../../../server/domain/inventory.ts'
import { systemClock } from '../../../server/platform/clock.ts'
import { type EventId, IdMaker, type OrderId, orderIdFor } from '../../../server/platform/ids.ts'
import { seatMapOf } from '../../hold-book/seat-maps.ts'
import { type Book, type Stream, tenureKey } from './stream.ts'
import { home, type Server, type World } from './world.ts'

const hall = seatMapOf([{ kind: 'standing', units: 12 }])
/** The same in each run. */
const ids = new IdMaker({
  clock: { ...systemClock, nowMs: () => 1_790_000_000_000 },
  random: { fraction: () => 0, bytes: (count) => new Uint8Array(count) },
})
const events: readonly EventId[] = [ids.regional('evt', 'use1'), ids.regional('evt', 'use1')]
const limitPerBuyer = 5

type Order = UnitOwner & { readonly event: EventId; state: 'pending' | 'sold'; untilMs: number }

export class BoxOffice {
  readonly #world: World
  readonly #orders = new Map<OrderId, Order>()
  readonly #granted = new Map<OrderId, string>()
  /** Holds that were checked out, whatever became of their orders: no fan does more with them. */
  readonly #ordered = new Set<OrderId>()
  readonly #loading = new Set<string>()
  /** No fan comes any more. */
  isQuiet = false

  constructor(world: World) {
    this.#world = world
  }

  /** What fans do, at the authority. */
  async work(): Promise<void> {
    const event = events[this.#world.time.below(events.length)] as EventId
    const stream = await this.bookOf(event)
    if (stream === null) return
    const { nowMs } = this.#world.time
    stream.purge(event, nowMs)
    if (this.isQuiet) return
    const book = stream.books.get(event) as Book
    const holds = [...book.holds.values()].filter(({ id, terms }) => {
      return terms !== null && !this.#ordered.has(id)
    })
    const hold = holds[this.#world.time.below(holds.length)]
    const draw = this.#world.time.random()
    if (hold === undefined || draw < 0.5) return this.#place(stream, event, nowMs)
    if (draw < 0.65) return stream.end(event, hold.id, nowMs)
    if (draw < 0.75) return stream.give(event, { ...hold, untilMs: hold.untilMs + 5_000 }, nowMs)
    if (!this.#mayOrder(hold, event)) return
    const untilMs = nowMs + 8_000
    stream.give(event, { ...hold, reserved: true, untilMs: untilMs + 1_000 }, nowMs)
    const { id, buyer, units } = hold
    this.#ordered.add(id)
    this.#orders.set(id, { id, buyer, units, event, state: 'pending', untilMs })
    this.#world.time.soon(
      this.#world.time.random() * 6_000,
      () => void this.#settle(id, draw < 0.9),
    )
  }

  #place(stream: Stream, event: EventId, nowMs: number): void {
    const { owners } = stream.books.get(event) as Book
    const free = Array.from({ length: hall.units }, (_, unit) => unit).filter((u) => !owners.has(u))
    const units = free.filter(() => this.#world.time.random() < 0.3).slice(0, 3)
    if (units.length === 0) return
    const buyer = `buyer ${this.#world.nextId()}`
    const id = orderIdFor({ event, buyer, key: 'the key' })
    const untilMs = nowMs + 2_000 + this.#world.time.random() * 200_000
    const kept = { digest: 'd', terms: '{}', reserved: false, untilMs }
    this.#granted.set(id, `${buyer} ${units.join()}`)
    stream.give(event, { id, buyer, units, ...kept }, nowMs)
  }

  /** SQL's own guard: no other order has one of the units. */
  #mayOrder({ units }: Pick<UnitOwner, 'units'>, event: EventId): boolean {
    const wished = new Set(units)
    return ![...this.#orders.values()].some((order) => {
      const isLiving = order.event === event && order.untilMs > this.#world.time.nowMs
      return isLiving && order.units.some((unit) => wished.has(unit))
    })
  }

  async #settle(id: OrderId, isPaid: boolean): Promise<void> {
    const order = this.#orders.get(id)
    if (order === undefined) return
    if (isPaid) Object.assign(order, { state: 'sold', untilMs: Number.POSITIVE_INFINITY })
    else this.#orders.delete(id)
    await this.#tellBook(order, isPaid)
  }

  /** As the outbox does: until the book has heard of it. */
  async #tellBook(order: Order, isPaid: boolean): Promise<void> {
    const stream = await this.bookOf(order.event)
    if (stream === null) this.#world.time.soon(300, () => void this.#tellBook(order, isPaid))
    else if (isPaid) stream.sell(order.event, order, this.#world.time.nowMs)
    else stream.end(order.event, order.id, this.#world.time.nowMs)
  }

  /** The event's book where it is kept now; built there if it is not. */
  async bookOf(event: EventId): Promise<Stream | null> {
    const [region, epoch] = [this.#world.authority, this.#world.epoch]
    const tenure = { home, epoch }
    const known = region.streams.get(tenureKey(tenure))
    if (known?.books.has(event)) return known
    const key = `${epoch} ${event}`
    const server = region.servers[0]
    if (server === undefined || this.#loading.has(key)) return null
    this.#loading.add(key)
    const book = await this.#built(server, { event, ...tenure })
    this.#loading.delete(key)
    if (this.#world.epoch !== epoch) return null
    const stream = this.#world.opened(region, tenure)
    if (!stream.books.has(event)) stream.install(event, book, this.#world.time.nowMs)
    return stream
  }

  async #built(server: Server, at: Tenure & { readonly event: EventId }): Promise<Book> {
    const { event, epoch } = at
    const content = await server.contents.of({
      event,
      region: home,
      epoch,
      seatMap: hall,
      limitPerBuyer,
    })
    const book: Book = { holds: new Map(), owners: new Map() }
    const { nowMs } = this.#world.time
    const take = ({ id, units }: UnitOwner, isSold: boolean) => {
      for (const unit of units) {
        if (book.owners.has(unit)) this.#world.broken.push(`${unit} of ${event} was given twice`)
        book.owners.set(unit, { id, isSold })
      }
    }
    for (const owner of content.sold) take(owner, true)
    for (const owner of content.pending) {
      take(owner, false)
      const kept = { digest: '', terms: null, reserved: true }
      const { id, buyer, units } = owner
      book.holds.set(id, { id, buyer, units, ...kept, untilMs: nowMs + owner.expiresInMs })
    }
    for (const { lifeMs, capMs: _cap, ...hold } of content.held ?? []) {
      take(hold, false)
      const isKnown = this.#granted.get(hold.id) === `${hold.buyer} ${hold.units.join()}`
      if (!isKnown) this.#world.broken.push(`${hold.id} was never granted so`)
      book.holds.set(hold.id, { ...hold, untilMs: nowMs + lifeMs })
    }
    return book
  }

  snapshot({ event }: HoldScope): InventorySnapshot {
    const { nowMs } = this.#world.time
    const own = [...this.#orders.values()].filter((order) => order.event === event)
    const pending = own.filter(({ state, untilMs }) => state === 'pending' && untilMs > nowMs)
    return {
      sold: own.filter(({ state }) => state === 'sold'),
      pending: pending.map((one) => ({ ...one, expiresInMs: Math.ceil(one.untilMs - nowMs) })),
      blocked: [],
    }
  }

  /** Plain holds that still live then, by event: what a takeover must keep. */
  lasting(untilMs: number): { readonly event: EventId; readonly ids: readonly OrderId[] }[] {
    const { authority, tenure } = this.#world
    const books = authority.streams.get(tenureKey(tenure))?.books ?? []
    return [...books].map(([event, { holds }]) => {
      const lasting = [...holds.values()].filter((hold) => {
        return hold.terms !== null && !this.#ordered.has(hold.id) && hold.untilMs > untilMs
      })
      return { event, ids: lasting.map(({ id }) => id) }
    })
  }
}
