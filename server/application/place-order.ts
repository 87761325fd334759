/** Writes the pending order; whatever goes wrong ends as the order, a refusal, or "ask by key". */
import type { Hold } from '../domain/hold.ts'
import { type OrderLine, totalOf } from '../domain/order.ts'
import type { Intent } from '../domain/payment.ts'
import { type Refusal, RefusedError, refusal, refusals, refuse } from '../domain/refusal.ts'
import { traceparentNow } from '../platform/trace-context.ts'
import {
  DuplicateKeyError,
  GuardFailedError,
  readAfter,
  UnknownOutcomeError,
} from '../stores/outcome.ts'
import { findOrder, type OrderRecord } from '../stores/sale/orders.ts'
import { type StartedAt, startOrders } from '../stores/sale/start-orders.ts'
import { readSaleFacts, type SaleFacts } from '../stores/sale/why-refused.ts'
import type { SaleView } from './sale-view.ts'
import type { Services } from './services.ts'

export type OrderToPlace = {
  readonly sale: SaleView
  readonly hold: Hold
  readonly lines: readonly OrderLine[]
  readonly intent: Intent | null
}

type Needs = Pick<Services, 'db' | 'holdBook' | 'log' | 'events'>

export async function placeOrder(services: Needs, wish: OrderToPlace): Promise<OrderRecord> {
  const { sale, hold } = wish
  const { region } = sale.scope
  try {
    return recordOf(wish, await startOrders(services.db, groupOf(wish)))
  } catch (cause) {
    const expected =
      cause instanceof GuardFailedError ||
      cause instanceof DuplicateKeyError ||
      cause instanceof UnknownOutcomeError
    if (!expected) throw cause
    const existing = await readAfter(cause, () => findOrder(services.db, { region, id: hold.id }))
    if (existing !== null) return sameWish(existing, hold)
    if (cause instanceof UnknownOutcomeError) throw cause
    return explain(services, wish)
  }
}

function groupOf({ sale, hold, lines, intent }: OrderToPlace) {
  return {
    region: sale.scope.region,
    epoch: sale.scope.epoch,
    event: hold.event,
    currency: hold.terms.currency,
    orders: [
      {
        id: hold.id,
        buyer: hold.buyer,
        lines,
        total: totalOf(lines),
        digest: hold.digest,
        intentId: intent?.id ?? null,
        trace: traceparentNow(),
      },
    ],
  }
}

/** The order as it was just written; reading it back would touch rows that are still settling. */
function recordOf(wish: OrderToPlace, times: StartedAt): OrderRecord {
  const { hold, lines, intent } = wish
  return {
    order: {
      id: hold.id,
      event: hold.event,
      buyer: hold.buyer,
      state: 'pending',
      lines,
      currency: hold.terms.currency,
      total: totalOf(lines),
      digest: hold.digest,
      voidReason: null,
      createdAt: times.createdAt,
      expiresAt: times.expiresAt,
      paidAt: null,
      version: 1,
    },
    payment: intent === null ? null : { intentId: intent.id, state: 'pending' },
    expired: false,
  }
}

function sameWish(existing: OrderRecord, hold: Hold): OrderRecord {
  if (existing.order.digest === hold.digest) return existing
  return refuse('KEY_REUSED', 'This key stands for another order. Make a new key per wish.')
}

async function explain(services: Needs, wish: OrderToPlace): Promise<never> {
  const { sale, hold } = wish
  const { region } = sale.scope
  const facts = await readSaleFacts(services.db, {
    region,
    event: hold.event,
    buyer: hold.buyer,
    units: hold.units,
  })
  if (facts.epoch !== sale.scope.epoch) services.events.invalidate(hold.event)
  // What this hold itself has of them is not in its way.
  const taken = facts.taken.filter(({ order }) => order !== hold.id)
  if (taken.length > 0) await correctBook(services, wish, taken)
  const refused = refusalBy({ ...facts, taken }, { epoch: sale.scope.epoch, hold })
  if (!refusals[refused.code].transient) await giveBack(services, wish)
  throw new RefusedError(refused)
}

/** The hold had been kept for a payment that will not come: its units are for others again. */
async function giveBack({ holdBook, log }: Needs, { sale, hold }: OrderToPlace): Promise<void> {
  const { id, buyer, units } = hold
  await holdBook.free(sale.scope, { id, buyer, units }).catch((cause: unknown) => {
    log.warn({ err: cause }, 'a hold that cannot be paid is left to run out')
  })
}

/** The book promised units that SQL says are gone: tell it whose they are, so that it stops. */
async function correctBook(
  services: Needs,
  wish: OrderToPlace,
  taken: SaleFacts['taken'],
): Promise<void> {
  const owners = new Set(taken.flatMap((unit) => (unit.order === null ? [] : [unit.order])))
  for (const owner of owners) {
    const record = await findOrder(services.db, {
      region: wish.sale.scope.region,
      id: owner as Hold['id'],
    })
    if (record?.order.state !== 'paid') continue
    const { id, buyer, lines } = record.order
    await services.holdBook
      .convert(wish.sale.scope, { id, buyer, units: lines.map((line) => line.unit) })
      .catch((cause: unknown) => services.log.warn({ err: cause }, 'the hold book was not told'))
  }
}

function refusalBy(facts: SaleFacts, asked: { epoch: number; hold: Hold }): Refusal {
  const { sale } = facts
  if (facts.epoch !== asked.epoch) {
    return refusal('OLD_EPOCH', 'Sales of this event moved to another server. Try again.')
  }
  if (sale === null || sale.cancelled) return refusal('EVENT_CANCELLED', 'The event is cancelled.')
  if (!sale.opened) return refusal('SALE_NOT_OPEN', 'The sale has not opened yet.')
  if (sale.closed) return refusal('SALE_CLOSED', 'The sale has closed.')
  if (facts.taken.length > 0) {
    return refusal('SEATS_TAKEN', 'Some of these seats were just taken. Choose others.', {
      units: facts.taken.map((taken) => taken.unit),
    })
  }
  if (facts.bought + asked.hold.units.length > sale.limitPerBuyer) {
    return refusal('LIMIT_REACHED', 'That would be more places than one person may have.', {
      limit: sale.limitPerBuyer,
      already: facts.bought,
    })
  }
  return refusal('CONTENTION', 'Others were faster just now. Try again.')
}
