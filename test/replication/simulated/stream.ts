/** A region's own books and their streams in memory, each answer atomic at the moment it is asked. */
import type {
  BookPage,
  ChangesAnswer,
  ChangesQuery,
  CopiedHold,
  HoldChange,
  Tenure,
} from '../../../server/domain/hold-replication.ts'
import type { EventId, OrderId } from '../../../server/platform/ids.ts'

type LivingHold = Omit<CopiedHold, 'lifeMs' | 'capMs'> & { readonly untilMs: number }
type Owner = { readonly id: OrderId; readonly isSold: boolean }

export type Book = {
  readonly holds: Map<OrderId, LivingHold>
  readonly owners: Map<number, Owner>
}

/** What HoldChange says, with deadlines instead of what is left. */
type Change = HoldChange extends infer One
  ? One extends HoldChange
    ? Omit<One, 'n'>
    : never
  : never
type StreamEntry = { readonly n: number; readonly atMs: number; readonly change: Change }

/** Few, so that slow followers are cut off. */
const entriesMax = 24
const holdsPerPage = 2

export class Stream {
  readonly incarnation: string
  last = 0
  entries: StreamEntry[] = []
  readonly books = new Map<EventId, Book>()
  readonly waiting = new Set<() => void>()

  constructor(incarnation: string) {
    this.incarnation = incarnation
  }

  append(change: Change, atMs: number): void {
    this.last += 1
    this.entries.push({ n: this.last, atMs, change })
    this.entries = this.entries.slice(-entriesMax)
    for (const wake of this.waiting) wake()
  }

  install(event: EventId, book: Book, nowMs: number): void {
    this.books.set(event, book)
    this.append({ kind: 'book', event }, nowMs)
  }

  living(event: EventId, id: OrderId, nowMs: number): void {
    const hold = this.books.get(event)?.holds.get(id)
    if (hold !== undefined) this.append({ kind: 'living', event, hold: copied(hold, nowMs) }, nowMs)
  }

  give(event: EventId, hold: LivingHold, nowMs: number): void {
    const book = this.books.get(event)
    book?.holds.set(hold.id, hold)
    for (const unit of hold.units) book?.owners.set(unit, { id: hold.id, isSold: false })
    this.living(event, hold.id, nowMs)
  }

  /** Of a hold that is not there nothing is told. */
  end(event: EventId, id: OrderId, nowMs: number): void {
    const book = this.books.get(event)
    const units = book?.holds.get(id)?.units
    if (book === undefined || units === undefined) return
    book.holds.delete(id)
    for (const unit of units) if (book.owners.get(unit)?.id === id) book.owners.delete(unit)
    this.append({ kind: 'gone', event, id, units }, nowMs)
  }

  sell(event: EventId, sold: { id: OrderId; units: readonly number[] }, nowMs: number): void {
    const { id, units } = sold
    const book = this.books.get(event)
    book?.holds.delete(id)
    for (const unit of units) {
      const rival = book?.owners.get(unit)
      if (rival !== undefined && rival.id !== id) this.end(event, rival.id, nowMs)
      book?.owners.set(unit, { id, isSold: true })
    }
    this.append({ kind: 'sold', event, id, units }, nowMs)
  }

  /** First of all, what has run out is freed. */
  purge(event: EventId, nowMs: number): void {
    for (const [id, hold] of this.books.get(event)?.holds ?? []) {
      if (hold.untilMs <= nowMs) this.end(event, id, nowMs)
    }
  }

  answer(query: ChangesQuery, asked: { nowMs: number; waitedMs: number }): ChangesAnswer {
    const { after, epoch, incarnation, limit } = query
    const { nowMs, waitedMs } = asked
    if (incarnation !== this.incarnation || after > this.last) {
      return { kind: 'reset', epoch, incarnation: this.incarnation }
    }
    const read = this.entries.filter(({ n }) => n > after).slice(0, Math.min(limit, 5))
    const isCut = read.length === 0 ? this.last > after : read[0]?.n !== after + 1
    if (isCut) return { kind: 'gap', last: this.last }
    const end = read.at(-1)
    const behindMs = end === undefined || end.n === this.last ? 0 : Math.round(nowMs - end.atMs)
    const changes = read.map(({ n, atMs, change }) => ({ ...aged(change, nowMs - atMs), n }))
    return {
      kind: 'changes',
      changes: changes as HoldChange[],
      last: this.last,
      waitedMs,
      behindMs,
    }
  }

  page(event: EventId, cursor: string | null, nowMs: number): BookPage | null {
    const book = this.books.get(event)
    if (book === undefined) return null
    // From a hold on and not from a place: what is there all the time is in one of the parts.
    const ids = [...book.holds.keys()].filter((id) => placeOf(id) > (cursor ?? '')).toSorted()
    const part = ids.slice(0, holdsPerPage).flatMap((id) => {
      const hold = book.holds.get(id)
      return hold === undefined ? [] : [copied(hold, nowMs)]
    })
    const isEnd = ids.length <= holdsPerPage
    const sold = isEnd ? [...book.owners].filter(([, { isSold }]) => isSold) : []
    return {
      last: this.last,
      holds: part.filter(({ lifeMs }) => lifeMs > 0),
      sold: sold.map(([unit, { id }]) => ({ id, units: [unit] })),
      bitmap: cursor === null ? '' : null,
      nextCursor: isEnd ? null : placeOf(ids[holdsPerPage - 1] ?? ''),
    }
  }
}

/** A cursor is short. */
function placeOf(id: string): string {
  return id.slice(-26)
}

function copied({ untilMs, ...hold }: LivingHold, nowMs: number): CopiedHold {
  const leftMs = Math.max(0, Math.round(untilMs - nowMs))
  return { ...hold, lifeMs: leftMs, capMs: leftMs + 60_000 }
}

function aged(change: Change, ms: number): Change {
  if (change.kind !== 'living') return change
  const { hold } = change
  const lifeMs = Math.max(0, Math.round(hold.lifeMs - ms))
  return { ...change, hold: { ...hold, lifeMs, capMs: Math.max(0, Math.round(hold.capMs - ms)) } }
}

export function tenureKey({ home, epoch }: Tenure): string {
  return `${home} ${epoch}`
}
