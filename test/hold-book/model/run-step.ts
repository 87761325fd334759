/** One fan's step at a real book, told to the model as the atomic things that it is made of. */
import type { Hold, SeatRequest } from '../../../server/domain/hold.ts'
import type {
  HoldBook,
  HoldScope,
  HoldWish,
  PlaceOutcome,
  SettledOrder,
} from '../../../server/domain/hold-book.ts'
import { RefusedError } from '../../../server/domain/refusal.ts'
import {
  ContentionError,
  DuplicateKeyError,
  GuardFailedError,
} from '../../../server/stores/outcome.ts'
import type { Call } from '../../support/linearize.ts'
import type { BookUnderTest } from '../contract.ts'
import { wishOf } from '../wishes.ts'
import { capMs, keepMs } from './book-state.ts'
import type { Answer, Operation } from './operations.ts'

export type Fan = { readonly buyer: string; readonly key: string }

/** `server`: which of the two is asked. */
export type Step = Fan & { readonly server: 0 | 1 } & (
    | { readonly kind: 'place'; readonly request: SeatRequest; readonly ttlMs: number }
    | { readonly kind: 'extend'; readonly ttlMs: number }
    | { readonly kind: 'place again' | 'release' | 'check-out' | 'pay' | 'cancel' | 'tell again' }
    | { readonly kind: 'find'; readonly asBuyer: string | null }
  )

/** What the fans of one event know: the holds that they were given, and what became of orders. */
export type Event = {
  readonly scope: HoldScope
  readonly wishes: Map<string, HoldWish>
  readonly holds: Map<string, Hold>
  readonly settled: Map<string, Settled>
}

/** An order that has ended. A hold of the same id may have other units by now: its own count. */
type Settled = { readonly order: SettledOrder; readonly as: 'paid' | 'cancelled' }

type Calls = Call<Operation, Answer>[]

/** Counts beginnings and ends of calls, all together. */
export class Tally {
  readonly calls: Calls = []
  #count = 0

  async tell(operation: Operation, call: () => Promise<Answer>): Promise<Answer> {
    const began = (this.#count += 1)
    const answer = await call().catch((cause: unknown): Answer => {
      const isCrowded = cause instanceof ContentionError || cause instanceof RefusedError
      if (isCrowded) return { kind: 'crowded' }
      throw cause
    })
    this.calls.push({ operation, answer, began, ended: (this.#count += 1) })
    return answer
  }
}

type Asking = { readonly step: Step; readonly tally: Tally }

export async function runStep(tested: BookUnderTest, event: Event, { step, tally }: Asking) {
  const book = step.server === 0 ? tested.book : tested.other
  const { scope } = event
  const { id } = wishOf(scope, { kind: 'units', units: [0] }, step)
  switch (step.kind) {
    case 'place':
      return place(event, wishOf(scope, step.request, { ...step, capMs }), { book, tally })
    case 'place again': {
      const wish = event.wishes.get(id)
      return wish === undefined ? undefined : place(event, wish, { book, tally })
    }
    case 'extend':
      return tally.tell({ what: 'extend', id, ttlMs: step.ttlMs }, async () => {
        const outcome = await book.extend(scope, id, step.ttlMs)
        if (outcome.kind === 'gone') return { kind: 'gone' }
        return { kind: outcome.kind, leftMs: outcome.hold.expiresInMs }
      })
    case 'release':
      return tally.tell({ what: 'release', id }, async () => ({
        kind: (await book.release(scope, id)) ? 'released' : 'gone',
      }))
    case 'find':
      return tally.tell({ what: 'find', id, buyer: step.asBuyer }, async () => {
        const found = await book.find(scope, id, step.asBuyer ?? undefined)
        if (found === null) return { kind: 'gone' }
        return { kind: 'found', units: found.units, leftMs: found.expiresInMs }
      })
    case 'check-out':
      return checkOut(tested, event, { book, hold: event.holds.get(id), tally })
    case 'pay':
    case 'cancel':
      return settle(tested, event, { book, hold: event.holds.get(id), tally, as: step.kind })
    case 'tell again':
      return tell(scope, event.settled.get(id), { book, tally })
  }
}

type At = { readonly book: HoldBook; readonly tally: Tally }

async function place({ scope, wishes, holds }: Event, wish: HoldWish, { book, tally }: At) {
  if (!wishes.has(wish.id)) wishes.set(wish.id, wish)
  return tally.tell({ what: 'place', wish }, async () => {
    const outcome = await book.place(scope, wish)
    if (outcome.kind === 'held') holds.set(wish.id, { ...outcome.hold, capInMs: capMs })
    return answerOf(outcome)
  })
}

function answerOf(outcome: PlaceOutcome): Answer {
  if (outcome.kind !== 'held') return outcome
  const { units, expiresInMs: leftMs } = outcome.hold
  return { kind: 'held', units, repeated: outcome.repeated, leftMs }
}

type OfOrder = At & { readonly hold: Hold | undefined }

/** As a checkout does: the units are kept in the book, then the order begins in SQL. */
async function checkOut(tested: BookUnderTest, { scope }: Event, { book, hold, tally }: OfOrder) {
  if (hold === undefined) return
  const { id, buyer, units, digest } = hold
  const ofHold = { id, buyer, units, digest }
  const kept = await tally.tell({ what: 'reserve', ...ofHold }, () =>
    book.reserve(scope, hold, keepMs),
  )
  if (kept.kind !== 'reserved') return
  await tally.tell({ what: 'start', ...ofHold }, () =>
    outcomeOf(tested.backing.start(scope, { id, buyer, units }), 'started'),
  )
}

type Settling = OfOrder & { readonly as: 'pay' | 'cancel' }

/** As settling does: the order ends in SQL, then the book is told. */
async function settle(tested: BookUnderTest, { scope, settled }: Event, asked: Settling) {
  const { book, hold, tally, as } = asked
  if (hold === undefined) return
  const order = { id: hold.id, buyer: hold.buyer, units: await orderedUnits(tested, hold) }
  if (order.units.length === 0) return
  const end = as === 'pay' ? 'paid' : 'cancelled'
  const answer = await tally.tell({ what: as, id: hold.id }, () =>
    outcomeOf(tested.backing[as](scope, order), end),
  )
  if (answer.kind === end) settled.set(hold.id, { order, as: end })
  await tell(scope, settled.get(hold.id), { book, tally })
}

async function outcomeOf(done: Promise<void>, well: 'started' | 'paid' | 'cancelled') {
  try {
    await done
    return { kind: well }
  } catch (cause) {
    if (cause instanceof DuplicateKeyError) return { kind: 'repeated' } as const
    if (cause instanceof GuardFailedError) return { kind: 'refused' } as const
    throw cause
  }
}

/** The book may hear of an end more than once, and from several servers. */
async function tell(scope: HoldScope, ended: Settled | undefined, { book, tally }: At) {
  if (ended === undefined) return
  const { order, as } = ended
  const what = as === 'paid' ? 'convert' : 'free'
  await tally.tell({ what, id: order.id }, async () => {
    await book[what](scope, order)
    return { kind: 'told' }
  })
}

/** What the order itself says. */
async function orderedUnits({ backing }: BookUnderTest, { id }: Hold): Promise<number[]> {
  const { rows } = await backing.fixtures.query<{ units: number[] }>(
    `select array(select (line ->> 'unit')::int4 from jsonb_array_elements(lines::jsonb) as line
       order by 1) as units from orders where id = $1`,
    [id],
  )
  return rows[0]?.units ?? []
}
