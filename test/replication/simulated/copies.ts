/** A region's copies in memory: what the scripts of the Redis copies do, one atomic step each. */
import type {
  ApplyOutcome,
  CopiedBook,
  CopiedHold,
  CopyPage,
  FollowLease,
  FollowPosition,
  HoldChange,
  HoldCopies,
  StreamPosition,
  Tenure,
} from '../../../server/domain/hold-replication.ts'
import type { EventId, OrderId } from '../../../server/platform/ids.ts'
import { tenureKey } from './stream.ts'

type Kept = { readonly hold: CopiedHold; readonly untilMs: number }

export type Copy = {
  readonly epoch: number
  readonly holds: Map<OrderId, Kept>
  readonly owners: Map<number, { readonly id: OrderId; readonly isSold: boolean }>
}

export class Copies {
  readonly leases = new Map<string, { readonly token: string; readonly untilMs: number }>()
  readonly positions = new Map<string, FollowPosition>()
  /** By event, the newest last. */
  readonly books = new Map<EventId, Copy[]>()

  wipe(): void {
    for (const part of [this.leases, this.positions, this.books]) part.clear()
  }

  lead(lease: FollowLease, forMs: number, nowMs: number): boolean {
    const known = this.leases.get(tenureKey(lease))
    const isFree = known === undefined || known.untilMs <= nowMs || known.token === lease.token
    if (isFree) this.leases.set(tenureKey(lease), { token: lease.token, untilMs: nowMs + forMs })
    return isFree
  }

  install(lease: FollowLease, book: CopiedBook, nowMs: number): boolean {
    if (!this.#isLeading(lease, nowMs)) return false
    const copy: Copy = { epoch: lease.epoch, holds: new Map(), owners: new Map() }
    for (const hold of book.holds) give(copy, hold, nowMs)
    for (const { id, units } of book.sold) {
      for (const unit of units) copy.owners.set(unit, { id, isSold: true })
    }
    const newer = (this.books.get(book.event) ?? []).filter(({ epoch }) => epoch > copy.epoch)
    this.books.set(book.event, [copy, ...newer])
    return true
  }

  apply(
    lease: FollowLease,
    from: StreamPosition | null,
    step: { to: FollowPosition; changes: readonly HoldChange[]; nowMs: number },
  ): ApplyOutcome {
    if (!this.#isLeading(lease, step.nowMs)) return { kind: 'lost' }
    const known = this.positions.get(tenureKey(lease))
    const isThere = known?.incarnation === from?.incarnation && known?.last === from?.last
    if (from !== null && !isThere) return { kind: 'lost' }
    const events = new Set(step.changes.flatMap((one) => ('event' in one ? [one.event] : [])))
    const missing = [...events].filter((event) => this.#copyOf(event, lease.epoch) === null)
    if (missing.length > 0) return { kind: 'missing', events: missing }
    for (const change of step.changes) {
      const copy = 'event' in change ? this.#copyOf(change.event, lease.epoch) : null
      if (copy !== null) change_(copy, change, step.nowMs)
    }
    this.positions.set(tenureKey(lease), step.to)
    return { kind: 'applied' }
  }

  page({ epoch }: Tenure, event: EventId, nowMs: number): CopyPage | null {
    const copy = (this.books.get(event) ?? []).filter((one) => one.epoch <= epoch).at(-1)
    if (copy === undefined) return null
    const holds = [...copy.holds.values()].map(({ hold, untilMs }) => {
      const leftMs = Math.round(untilMs - nowMs)
      return { ...hold, lifeMs: leftMs, capMs: leftMs + 60_000 }
    })
    const living = holds.filter(({ lifeMs }) => lifeMs > 0)
    return { epoch: copy.epoch, last: 0, holds: living, nextCursor: null }
  }

  #isLeading(lease: FollowLease, nowMs: number): boolean {
    const known = this.leases.get(tenureKey(lease))
    return known?.token === lease.token && known.untilMs > nowMs
  }

  #copyOf(event: EventId, epoch: number): Copy | null {
    return (this.books.get(event) ?? []).find((one) => one.epoch === epoch) ?? null
  }
}

function change_(copy: Copy, change: HoldChange, nowMs: number): void {
  if (change.kind === 'book' || change.kind === 'sealed') return
  const id = change.kind === 'living' ? change.hold.id : change.id
  free(copy, id, copy.holds.get(id)?.hold.units ?? [])
  copy.holds.delete(id)
  if (change.kind === 'living') give(copy, change.hold, nowMs)
  else if (change.kind === 'gone') free(copy, id, change.units)
  else for (const unit of change.units) copy.owners.set(unit, { id, isSold: true })
}

function give(copy: Copy, hold: CopiedHold, nowMs: number): void {
  copy.holds.set(hold.id, { hold, untilMs: nowMs + hold.lifeMs })
  for (const unit of hold.units) copy.owners.set(unit, { id: hold.id, isSold: false })
}

function free(copy: Copy, id: OrderId, units: readonly number[]): void {
  for (const unit of units) if (copy.owners.get(unit)?.id === id) copy.owners.delete(unit)
}

/** The port over it: `reach` lets time pass before and after, and may fail. */
export function copiesPort(
  copies: Copies,
  reach: <Answer>(what: (nowMs: number) => Answer) => Promise<Answer>,
): HoldCopies {
  return {
    lead: (lease, forMs) => reach((nowMs) => copies.lead(lease, forMs, nowMs)),
    leave: () => reach(() => undefined),
    position: (tenure) => reach(() => copies.positions.get(tenureKey(tenure)) ?? null),
    install: (lease, book) => reach((nowMs) => copies.install(lease, book, nowMs)),
    apply: (lease, from, step) => reach((nowMs) => copies.apply(lease, from, { ...step, nowMs })),
    bitmap: () => reach(() => null),
    holds: (tenure, event) => reach((nowMs) => copies.page(tenure, event, nowMs)),
  }
}
