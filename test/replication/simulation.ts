/**
 * Followers of several regions in one virtual time: the real FollowHolds, followHolds, copyBook,
 * BookContents, mergeBook and what serves followers, over books and copies in memory. Questions and
 * answers are slow, lost, cut short or come twice; servers stop; books and copies are wiped; the
 * authority moves. All chance comes from one seed. Once the faults are over the copies are as the
 * book is, and a takeover then keeps every hold.
 */
import { Authorities } from '../../server/application/authorities.ts'
import { BookContents } from '../../server/application/book-content.ts'
import type { FollowNeeds } from '../../server/application/follow-step.ts'
import { FollowTable } from '../../server/application/follow-table.ts'
import { bookFor, booksFor, changesFor, copyFor } from '../../server/application/serve-followers.ts'
import type { Services } from '../../server/application/services.ts'
import { HoldBookUnavailableError, type HoldScope } from '../../server/domain/hold-book.ts'
import type {
  FollowPosition,
  HoldReplication,
  Tenure,
} from '../../server/domain/hold-replication.ts'
import type { InventorySnapshot, UnitOwner } from '../../server/domain/inventory.ts'
import { type RegionCall, RegionCallError } from '../../server/domain/region-caller.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { type EventId, IdMaker, type OrderId, orderIdFor } from '../../server/platform/ids.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { FollowHolds } from '../../server/workers/follow-holds.ts'
import { seatMapOf } from '../hold-book/seat-maps.ts'
import { goldenRegions } from '../support/golden.ts'
import { Copies, copiesPort } from './simulated/copies.ts'
import { type Book, Stream, tenureKey } from './simulated/stream.ts'
import { VirtualTime } from './simulated/time.ts'

const home = 'us-east1'
const names = [home, 'europe-west1', 'asia-southeast1'] as const
const hall = seatMapOf([{ kind: 'standing', units: 12 }])
/** The same in each run. */
const ids = new IdMaker({
  clock: { ...systemClock, nowMs: () => 1_790_000_000_000 },
  random: { fraction: () => 0, bytes: (count) => new Uint8Array(count) },
})
const events: readonly EventId[] = [ids.regional('evt', 'use1'), ids.regional('evt', 'use1')]
const limitPerBuyer = 5
const faultyMs = 25_000
/** A dead follower's lease, a question's whole time, the longest pause after failures, and slack. */
const healedWithinMs = 45_000

type Server = {
  readonly region: Region
  readonly needs: FollowNeeds
  readonly contents: BookContents
  readonly offsetMs: number
  readonly rate: number
  stoppedUntilMs: number
}

type Region = {
  readonly name: string
  readonly streams: Map<string, Stream>
  readonly copies: Copies
  readonly servers: Server[]
}

type Order = UnitOwner & { readonly event: EventId; state: 'pending' | 'sold'; untilMs: number }

export type SimulationResult = {
  readonly broken: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly trace: string
}

export function simulate(seed: number): Promise<SimulationResult> {
  return new Simulation(seed).run()
}

class Simulation {
  readonly #time: VirtualTime
  readonly #regions: Region[]
  readonly #orders = new Map<OrderId, Order>()
  readonly #granted = new Map<OrderId, string>()
  /** Holds that were checked out, whatever became of their orders: no fan does more with them. */
  readonly #ordered = new Set<OrderId>()
  readonly #counts: Record<string, number> = {}
  readonly #broken: string[] = []
  readonly #trace: string[] = []
  readonly #faults: Readonly<
    Record<'loss' | 'slow' | 'cut' | 'again' | 'store' | 'stop' | 'wipe' | 'move', number>
  >
  readonly #loading = new Set<string>()
  #authority: Region
  #epoch = 1
  #ids = 0
  #isQuiet = false

  constructor(seed: number) {
    this.#time = new VirtualTime(seed)
    const { random } = this.#time
    const on = (chance: number) => (random() < 0.7 ? chance * random() : 0)
    this.#faults = {
      ...{ loss: on(0.3), slow: on(0.4), cut: on(0.2), again: on(0.2) },
      ...{ store: on(0.1), stop: on(0.1), wipe: on(0.08), move: on(0.08) },
    }
    this.#regions = names.map((name) => ({
      name,
      streams: new Map(),
      copies: new Copies(),
      servers: [],
    }))
    this.#authority = this.#regions[0] as Region
    for (const region of this.#regions) {
      const count = random() < 0.4 ? 2 : 1
      for (let at = 0; at < count; at += 1) region.servers.push(this.#server(region, at))
    }
  }

  async run(): Promise<SimulationResult> {
    const time = this.#time
    this.#tellAuthority()
    for (const server of this.#regions.flatMap(({ servers }) => servers)) this.#follow(server)
    this.#each(400, () => void this.#work())
    this.#each(1_000, () => this.#harm())
    await time.run(faultyMs)
    await time.run(faultyMs + 2_000)
    this.#isQuiet = true
    let differs = 'nothing was compared'
    let lookAtMs = 0
    await time.run(faultyMs + healedWithinMs, () => {
      if (time.nowMs < lookAtMs) return false
      lookAtMs = time.nowMs + 250
      differs = this.#differences()
      return differs === ''
    })
    if (differs !== '') this.#broken.push(`not healed: ${differs}`)
    else await this.#takeOverWhole()
    this.#note(`${this.#epoch} epochs, ${JSON.stringify(this.#counts)}`)
    return { broken: this.#broken, counts: this.#counts, trace: this.#trace.join('\n') }
  }

  get #isFaulty(): boolean {
    return this.#time.nowMs < faultyMs
  }

  #strikes(fault: keyof Simulation['faults']): boolean {
    const isStruck = this.#isFaulty && this.#time.random() < this.#faults[fault]
    if (isStruck) this.#count(fault)
    return isStruck
  }

  get faults() {
    return this.#faults
  }

  #server(region: Region, at: number): Server {
    const { random } = this.#time
    const offsetMs = random() * 1_000_000
    const rate = 1 + (random() - 0.5) * 0.002
    const clockMs = () => offsetMs + this.#time.nowMs * rate
    const wait = (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
        this.#time.soon(ms / rate, () => this.#whenAwake(server, resolve))
      })
    const clock = { nowMs: clockMs, monotonicMs: clockMs, wait }
    const authorities = new Authorities({ region: region.name, clock })
    const reach = this.#reachFor(() => server)
    const copies = copiesPort(region.copies, reach)
    const apply = copies.apply
    const watched = {
      ...copies,
      apply: async (...[lease, from, step]: Parameters<typeof apply>) => {
        const outcome = await apply(lease, from, step)
        if (outcome.kind === 'applied') this.#checkFreshness(server, lease, step.to)
        return outcome
      },
    }
    const caller = { call: (asked: RegionCall) => this.#call(server, asked) }
    const snapshot = async (scope: HoldScope) => this.#snapshot(scope)
    const others = names.filter((name) => name !== region.name)
    const count = (what: string, labels: Readonly<Record<string, string>>) =>
      this.#count([what, ...Object.values(labels)].join(' '))
    const following = { caller, homes: [home], table: new FollowTable(clock) }
    const server: Server = {
      ...{ region, offsetMs, rate, stoppedUntilMs: 0 },
      contents: new BookContents({ snapshot, copies: watched, caller, others, clock, count }),
      needs: {
        authorities,
        replication: { source: this.#sourceOf(region, reach), copies: watched },
        following: following as unknown as NonNullable<FollowNeeds['following']>,
        clock,
        regions: new RegionTable(goldenRegions),
        metrics: { count } as FollowNeeds['metrics'],
      },
    }
    this.#note(`${region.name} has server ${at}`)
    return server
  }

  #follow(server: Server): void {
    const fraction = this.#time.random
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => this.#time.below(256))
    const log = { info: () => undefined, warn: () => undefined } as unknown as Services['log']
    this.#time.soon(this.#time.random() * 500, () => {
      void new FollowHolds({ ...server.needs, random: { fraction, bytes }, log })
    })
  }

  /** A command to the region's Redis: there and back, and sometimes without an answer. */
  #reachFor(server: () => Server) {
    const lost = () => new HoldBookUnavailableError('lost')
    return <Answer>(what: (nowMs: number) => Answer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const time = this.#time
        const fail = () => this.#whenAwake(server(), () => reject(lost()))
        time.soon(time.random() * 2, () => {
          if (this.#strikes('store')) return time.soon(500, fail)
          const answer = what(time.nowMs)
          if (this.#strikes('store')) return time.soon(500, fail)
          time.soon(time.random() * 2, () => this.#whenAwake(server(), () => resolve(answer)))
        })
      })
  }

  #sourceOf(region: Region, reach: ReturnType<Simulation['reachFor']>): HoldReplication {
    const streamOf = (tenure: Tenure) => region.streams.get(tenureKey(tenure)) ?? null
    const never = () => Promise.reject(new Error('nobody hands over here'))
    return {
      changes: async (query) => {
        const askedMs = this.#time.nowMs
        const stream = await reach(() => streamOf(query))
        const isCurrent = stream?.incarnation === query.incarnation
        if (stream !== null && isCurrent && stream.last === query.after) {
          await this.#changeOf(stream, query.waitMs)
        }
        const waitedMs = Math.floor(this.#time.nowMs - askedMs)
        return reach((nowMs) => streamOf(query)?.answer(query, { nowMs, waitedMs }) ?? null)
      },
      open: (tenure) => reach(() => this.#opened(region, tenure)),
      books: (tenure) =>
        reach(() => {
          const stream = streamOf(tenure)
          if (stream === null) return null
          const { incarnation, last, books } = stream
          return { incarnation, last, events: [...books.keys()], nextCursor: null }
        }),
      book: (tenure, event, cursor) =>
        reach((nowMs) => streamOf(tenure)?.page(event, cursor, nowMs) ?? null),
      lastId: (tenure) => reach(() => streamOf(tenure)?.last ?? null),
      seal: never,
      unseal: never,
    }
  }

  get reachFor() {
    return this.#reachFor
  }

  #opened(region: Region, tenure: Tenure): Stream {
    const known = region.streams.get(tenureKey(tenure))
    if (known !== undefined) return known
    const begun = new Stream(`stream ${(this.#ids += 1)}`)
    region.streams.set(tenureKey(tenure), begun)
    return begun
  }

  #changeOf(stream: Stream, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        stream.waiting.delete(wake)
        resolve()
      }
      stream.waiting.add(wake)
      this.#time.soon(waitMs, wake)
    })
  }

  /** A question to another region, answered by one of its servers. */
  #call(from: Server, asked: RegionCall): Promise<unknown> {
    return new Promise((tell, reject) => {
      const time = this.#time
      const cutOff = () => reject(new RegionCallError('cut off'))
      const end = () => asked.signal?.removeEventListener('abort', cutOff)
      asked.signal?.addEventListener('abort', cutOff)
      const resolve = (answer: unknown) => (end(), tell(answer))
      const refuse = (why: string) => (end(), reject(new RegionCallError(why)))
      const fail = (why: string) => this.#whenAwake(from, () => refuse(why))
      time.soon(asked.timeoutMs / from.rate, () => fail('too late'))
      if (this.#strikes('loss')) return
      time.soon(this.#delayMs(), () => {
        const servers = this.#regions.find(({ name }) => name === asked.region)?.servers ?? []
        const target = servers[time.below(servers.length)]
        if (target === undefined) return fail('nobody is there')
        this.#whenAwake(target, () => {
          answerOf(target, from.region.name, asked).then(
            (answer) => this.#comesBack(from, { asked, answer, resolve, fail }),
            () => time.soon(this.#delayMs(), () => fail('refused')),
          )
        })
      })
    })
  }

  readonly #before = new Map<string, unknown>()

  #comesBack(from: Server, back: Back): void {
    const { asked, answer, resolve, fail } = back
    if (this.#strikes('loss')) return
    if (this.#strikes('cut')) {
      // Cut in its bytes it cannot be read; cut in its list, one change is not there.
      const shorter = withoutOne(answer, this.#time.random())
      if (shorter === null) return this.#time.soon(this.#delayMs(), () => fail('cut off'))
      return this.#time.soon(this.#delayMs(), () => this.#whenAwake(from, () => resolve(shorter)))
    }
    const key = `${from.region.name} ${asked.procedure}`
    const before = this.#before.get(key)
    const isList = hasChanges(answer)
    if (isList) this.#before.set(key, answer)
    // That of another question: one that fits would be believed, and no connection gives it.
    const isOther = isList && before !== undefined && firstOf(before) !== firstOf(answer)
    const isOld = isOther && this.#strikes('again')
    this.#time.soon(this.#delayMs(), () =>
      this.#whenAwake(from, () => resolve(isOld ? before : answer)),
    )
  }

  #delayMs(): number {
    return this.#time.random() * (this.#strikes('slow') ? 6_000 : 120)
  }

  /** A stopped server goes on where it stood, much later. */
  #whenAwake(server: Server, act: () => void): void {
    if (server.stoppedUntilMs <= this.#time.nowMs) act()
    else {
      const leftMs = server.stoppedUntilMs - this.#time.nowMs
      this.#time.soon(leftMs, () => this.#whenAwake(server, act))
    }
  }

  /** What fans do, at the authority. */
  async #work(): Promise<void> {
    const event = events[this.#time.below(events.length)] as EventId
    const stream = await this.#bookOf(event)
    if (stream === null) return
    const { nowMs } = this.#time
    stream.purge(event, nowMs)
    if (this.#isQuiet) return
    const book = stream.books.get(event) as Book
    const holds = [...book.holds.values()].filter(({ id, terms }) => {
      return terms !== null && !this.#ordered.has(id)
    })
    const hold = holds[this.#time.below(holds.length)]
    const draw = this.#time.random()
    if (hold === undefined || draw < 0.5) return this.#place(stream, event, nowMs)
    if (draw < 0.65) return stream.end(event, hold.id, nowMs)
    if (draw < 0.75) return stream.give(event, { ...hold, untilMs: hold.untilMs + 5_000 }, nowMs)
    if (!this.#mayOrder(hold, event)) return
    const untilMs = nowMs + 8_000
    stream.give(event, { ...hold, reserved: true, untilMs: untilMs + 1_000 }, nowMs)
    const { id, buyer, units } = hold
    this.#ordered.add(id)
    this.#orders.set(id, { id, buyer, units, event, state: 'pending', untilMs })
    this.#time.soon(this.#time.random() * 6_000, () => void this.#settle(id, draw < 0.9))
  }

  #place(stream: Stream, event: EventId, nowMs: number): void {
    const { owners } = stream.books.get(event) as Book
    const free = Array.from({ length: hall.units }, (_, unit) => unit).filter((u) => !owners.has(u))
    const units = free.filter(() => this.#time.random() < 0.3).slice(0, 3)
    if (units.length === 0) return
    const buyer = `buyer ${(this.#ids += 1)}`
    const id = orderIdFor({ event, buyer, key: 'the key' })
    const untilMs = nowMs + 2_000 + this.#time.random() * 200_000
    const kept = { digest: 'd', terms: '{}', reserved: false, untilMs }
    this.#granted.set(id, `${buyer} ${units.join()}`)
    stream.give(event, { id, buyer, units, ...kept }, nowMs)
  }

  /** SQL's own guard: no other order has one of the units. */
  #mayOrder({ units }: Pick<UnitOwner, 'units'>, event: EventId): boolean {
    const wished = new Set(units)
    return ![...this.#orders.values()].some((order) => {
      const isLiving = order.event === event && order.untilMs > this.#time.nowMs
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
    const stream = await this.#bookOf(order.event)
    if (stream === null) this.#time.soon(300, () => void this.#tellBook(order, isPaid))
    else if (isPaid) stream.sell(order.event, order, this.#time.nowMs)
    else stream.end(order.event, order.id, this.#time.nowMs)
  }

  /** The event's book where it is kept now; built there if it is not. */
  async #bookOf(event: EventId): Promise<Stream | null> {
    const [region, epoch] = [this.#authority, this.#epoch]
    const tenure = { home, epoch }
    const known = region.streams.get(tenureKey(tenure))
    if (known?.books.has(event)) return known
    const key = `${epoch} ${event}`
    const server = region.servers[0]
    if (server === undefined || this.#loading.has(key)) return null
    this.#loading.add(key)
    const book = await this.#built(server, { event, ...tenure })
    this.#loading.delete(key)
    if (this.#epoch !== epoch) return null
    const stream = this.#opened(region, tenure)
    if (!stream.books.has(event)) stream.install(event, book, this.#time.nowMs)
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
    const { nowMs } = this.#time
    const take = ({ id, units }: UnitOwner, isSold: boolean) => {
      for (const unit of units) {
        if (book.owners.has(unit)) this.#broken.push(`${unit} of ${event} was given twice`)
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
      if (!isKnown) this.#broken.push(`${hold.id} was never granted so`)
      book.holds.set(hold.id, { ...hold, untilMs: nowMs + lifeMs })
    }
    return book
  }

  #snapshot({ event }: HoldScope): InventorySnapshot {
    const { nowMs } = this.#time
    const own = [...this.#orders.values()].filter((order) => order.event === event)
    const pending = own.filter(({ state, untilMs }) => state === 'pending' && untilMs > nowMs)
    return {
      sold: own.filter(({ state }) => state === 'sold'),
      pending: pending.map((one) => ({ ...one, expiresInMs: Math.ceil(one.untilMs - nowMs) })),
      blocked: [],
    }
  }

  #harm(): void {
    const pick = <One>(all: readonly One[]) => all[this.#time.below(all.length)] as One
    if (this.#strikes('stop')) {
      const untilMs = this.#time.nowMs + this.#time.random() * 20_000
      pick(pick(this.#regions).servers).stoppedUntilMs = Math.min(untilMs, faultyMs)
    }
    if (this.#strikes('wipe')) {
      const region = pick(this.#regions)
      this.#note(`${region.name} loses its Redis`)
      region.streams.clear()
      region.copies.wipe()
    }
    if (this.#strikes('move')) this.#move(pick(this.#regions))
  }

  #move(region: Region): void {
    this.#authority = region
    this.#epoch += 1
    this.#note(`${region.name} has the authority: ${this.#epoch}`)
    this.#tellAuthority()
  }

  /** Each server hears of it at its own time. */
  #tellAuthority(): void {
    const [{ name }, epoch] = [this.#authority, this.#epoch]
    for (const { region, needs } of this.#regions.flatMap(({ servers }) => servers)) {
      this.#time.soon(this.#time.random() * 3_000, () => {
        const { authorities } = needs
        const untilMs = Number.POSITIVE_INFINITY
        if (region.name === name) authorities.granted(home, { epoch, untilMs })
        else authorities.heard(home, { serverRegion: name, epoch })
      })
    }
  }

  /** What a position says of its age is true: all that was written before is in it. */
  #checkFreshness(server: Server, tenure: Tenure, to: FollowPosition): void {
    const trueMs = (to.asOfMs - server.offsetMs) / server.rate
    for (const { streams } of this.#regions) {
      const stream = streams.get(tenureKey(tenure))
      if (stream?.incarnation !== to.incarnation) continue
      const lacks = stream.entries.find(({ n, atMs }) => n > to.last && atMs < trueMs - 50)
      if (lacks !== undefined) {
        const lateMs = Math.round(trueMs - lacks.atMs)
        this.#broken.push(
          `${server.region.name} lacks ${lacks.n}, and says it is ${lateMs} ms newer`,
        )
      }
    }
  }

  /** How the copies differ from the books; '' when they do not. */
  #differences(): string {
    const tenure = { home, epoch: this.#epoch }
    const stream = this.#authority.streams.get(tenureKey(tenure))
    if (stream === undefined) return 'there is no stream'
    for (const { name, copies } of this.#regions) {
      if (name === this.#authority.name) continue
      const position = copies.positions.get(tenureKey(tenure))
      const isThere = position?.incarnation === stream.incarnation && position.last === stream.last
      if (!isThere) return `${name} is at ${position?.last} of ${stream.last}`
      for (const [event, book] of stream.books) {
        const copy = copies.books.get(event)?.find(({ epoch }) => epoch === this.#epoch)
        const [is, should] = [said(copy), said(book)]
        if (is !== should) return `${name} has of ${event}\n${is}\nand not\n${should}`
      }
    }
    return ''
  }

  /** Whoever takes over now keeps all holds. */
  async #takeOverWhole(): Promise<void> {
    const before = this.#authority.streams.get(tenureKey({ home, epoch: this.#epoch }))
    const leftMs = 15_000
    const old = [...(before?.books ?? [])].map(([event, { holds }]) => {
      const lasting = [...holds.values()].filter(({ id, terms, untilMs }) => {
        return terms !== null && !this.#ordered.has(id) && untilMs > this.#time.nowMs + leftMs
      })
      return { event, ids: lasting.map(({ id }) => id) }
    })
    const region = this.#regions.find((one) => one !== this.#authority) as Region
    this.#move(region)
    for (const { event } of old) void this.#bookOf(event)
    await this.#time.run(this.#time.nowMs + 12_000)
    for (const { event, ids } of old) {
      const now = region.streams.get(tenureKey({ home, epoch: this.#epoch }))?.books.get(event)
      const lost = ids.filter((id) => now?.holds.has(id) !== true)
      if (lost.length > 0) this.#broken.push(`the takeover lost ${lost.join()} of ${event}`)
      this.#counts['holds kept'] = (this.#counts['holds kept'] ?? 0) + ids.length
    }
  }

  #each(ms: number, act: () => void): void {
    this.#time.soon(ms, () => {
      act()
      this.#each(ms, act)
    })
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1
  }

  #note(line: string): void {
    this.#trace.push(`${this.#time.nowMs.toFixed(3)} ${line}`)
  }
}

type Back = {
  readonly asked: RegionCall
  readonly answer: unknown
  readonly resolve: (answer: unknown) => void
  readonly fail: (why: string) => void
}

/** As a server of that region would answer, through JSON. */
async function answerOf(target: Server, from: string, asked: RegionCall): Promise<unknown> {
  const input = JSON.parse(JSON.stringify(asked.input)) as never
  const { needs } = target
  const { cursor } = input as { cursor: string | null }
  const procedures: Record<string, () => Promise<unknown>> = {
    'internal.changes': () => changesFor(needs, from, input),
    'internal.books': () => booksFor(needs, input, cursor),
    'internal.book': () => bookFor(needs, input),
    'internal.copy': () => copyFor(needs, input),
  }
  return JSON.parse(JSON.stringify(await procedures[asked.procedure]?.()))
}

function hasChanges(answer: unknown): boolean {
  const { changes } = (answer ?? {}) as { changes?: unknown[] }
  return Array.isArray(changes) && changes.length > 0
}

function firstOf(answer: unknown): number | undefined {
  return (answer as { changes: { n: number }[] }).changes[0]?.n
}

/** A list of changes without one that is not its last; null where there is no such. */
function withoutOne(answer: unknown, draw: number): unknown {
  const { changes } = (answer ?? {}) as { changes?: unknown[] }
  if (!Array.isArray(changes) || changes.length < 2) return null
  const at = Math.floor(draw * (changes.length - 1))
  return { ...(answer as object), changes: changes.filter((_, index) => index !== at) }
}

type Sayable = {
  readonly holds: ReadonlyMap<OrderId, unknown>
  readonly owners: ReadonlyMap<number, { readonly id: OrderId; readonly isSold: boolean }>
}

function said(book: Sayable | undefined): string {
  if (book === undefined) return 'no book'
  const owners = [...book.owners].toSorted(([a], [b]) => a - b)
  const units = owners.map(([unit, { id, isSold }]) => `${unit}:${id}${isSold ? ' sold' : ''}`)
  return `${units.join(' ')} | ${[...book.holds.keys()].toSorted().join(' ')}`
}
