/**
 * Does what the outbox says is owed: settles orders whose reservation ran out, captures the money
 * of paid ones, and tells the hold book. Every duty reads what is true now and may run twice.
 */
import pLimit from 'p-limit'
import { saleOf } from '../application/sale-view.ts'
import type { Services } from '../application/services.ts'
import { settleOrder } from '../application/settle-order.ts'
import { unitsOf } from '../domain/order.ts'
import { present, unreachable } from '../platform/assert.ts'
import { backoffMs } from '../platform/backoff.ts'
import { limits } from '../platform/limits.ts'
import { traced } from '../platform/tracing.ts'
import { findOrder, type OrderRecord } from '../stores/sale/orders.ts'
import { claimDuties, type Duty, markDone, postpone } from '../stores/sale/outbox.ts'
import { markCaptured } from '../stores/sale/payments.ts'
import { DueScan } from './due-scan.ts'
import type { PassStatus } from './reconciler.ts'

/**
 * One bounded pass over the duties of every home region that this server sells for.
 * @param scans of each home region, what earlier passes have seen claimed
 */
export async function finishOrdersOfAll(
  services: Services,
  scans: Map<string, DueScan>,
): Promise<PassStatus> {
  let [handled, more] = [0, false]
  for (const { home } of services.authorities.held()) {
    const scan = scans.get(home) ?? new DueScan()
    scans.set(home, scan)
    const status = await finishOrders(services, home, scan)
    handled += status.handled
    more ||= status.more
  }
  return { handled, more }
}

/**
 * One bounded pass over the duties of one region.
 * @param scan what earlier passes have seen claimed; whoever makes one pass needs none
 */
export async function finishOrders(
  services: Services,
  region: string,
  scan = new DueScan(),
): Promise<PassStatus> {
  const { ids, oldestDueMs } = await scan.next(services.db, region)
  services.metrics.oldestDue(oldestDueMs / 1000)
  if (ids.length === 0) return { handled: 0, more: false }
  const claimedAtMs = services.clock.monotonicMs()
  const duties = await claimDuties(services.db, { region, ids })
  scan.claimed()
  // A duty that has waited here for too long may be another worker's before it is done: it is left.
  const mayBegin = () => services.clock.monotonicMs() - claimedAtMs < limits.dutyBeginWithinMs
  const atOnce = pLimit(limits.workerParallelMax)
  const outcomes = await Promise.all(
    duties.map((duty) =>
      atOnce(() => (mayBegin() ? tryDuty(services, region, duty) : ('again' as const))),
    ),
  )
  const done = duties.filter((_, index) => outcomes[index] === 'done').map((duty) => duty.id)
  if (done.length > 0) await markDone(services.db, { region, ids: done })
  return { handled: duties.length, more: ids.length === limits.workerBatchMax && done.length > 0 }
}

/**
 * The duty goes on in the trace of the call that left it: one trace shows a sale to its end. What
 * is done much later, a reminder or a repeated try, gets a trace of its own that points there:
 * collectors have closed the old one by then, and it would look as if the sale had taken so long.
 */
function tryDuty(services: Services, region: string, duty: Duty): Promise<'done' | 'again'> {
  const isLate = duty.ageMs > limits.traceJoinMs
  const origin = isLate ? { link: duty.trace } : { parent: duty.trace }
  const facts = { 'frontrow.duty.kind': duty.kind, 'frontrow.duty.tries': duty.tries }
  return traced({ name: `duty ${duty.kind}`, kind: 'consumer', ...origin }, facts, async (span) => {
    const outcome = await attempt(services, region, duty)
    if (outcome === 'again') span.failed('again')
    return outcome
  })
}

async function attempt(services: Services, region: string, duty: Duty): Promise<'done' | 'again'> {
  try {
    const record = present(
      await findOrder(services.db, { region, id: duty.order }),
      'the order of an outbox row',
    )
    const finished = await fulfil(services, duty, record)
    services.metrics.duty(duty.kind, finished ? 'done' : 'again')
    if (finished) return 'done'
  } catch (cause) {
    services.metrics.duty(duty.kind, 'again')
    services.log.warn({ err: cause, duty: duty.kind, order: duty.order }, 'to be tried again')
  }
  const bounds = { baseMs: limits.dutyBackoffBaseMs, maxMs: limits.dutyBackoffMaxMs }
  const delayMs = bounds.baseMs + backoffMs(duty.tries, bounds, services.random)
  await postpone(services.db, { region, id: duty.id, delayMs }).catch(() => undefined)
  return 'again'
}

/** True when nothing is left to do for this duty. */
async function fulfil(services: Services, duty: Duty, record: OrderRecord): Promise<boolean> {
  switch (duty.kind) {
    case 'order.started':
      return (await settleOrder(services, record)).order.state !== 'pending'
    case 'order.paid':
      return both(capture(services, record), tellSold(services, record))
    case 'order.voided':
      return both(letGo(services, record), tellFree(services, record))
    default:
      return unreachable(duty.kind)
  }
}

/** Money and hold book do not wait for one another: either may be out of reach. */
async function both(money: Promise<boolean>, told: Promise<void>): Promise<boolean> {
  const [settled, heard] = await Promise.allSettled([money, told])
  if (settled.status === 'rejected') throw settled.reason
  if (heard.status === 'rejected') throw heard.reason
  return settled.value
}

/** The order has ended: whatever is authorized is given back, and no more can come. */
async function letGo(services: Services, { order, payment }: OrderRecord): Promise<boolean> {
  if (payment === null) return true
  const intent = await services.payments.cancel(payment.intentId)
  if (intent.status === 'canceled') return true
  const { status } = intent
  const reason = 'money not let go'
  services.metrics.count('frontrow.orders.stuck', { reason })
  services.log.error(
    { order: order.id, reason, status },
    'the money of an ended order is not let go',
  )
  return false
}

/** Takes the authorized money; the fan owns the tickets already. */
async function capture(services: Services, { order, payment }: OrderRecord): Promise<boolean> {
  if (payment === null || payment.state === 'captured') return true
  const intent = await services.payments.capture(payment.intentId)
  if (intent.status !== 'captured') {
    const reason = 'sold without money'
    services.metrics.count('frontrow.orders.stuck', { reason })
    services.log.error(
      { order: order.id, reason, status: intent.status },
      'a sold order has no money',
    )
    return false
  }
  const region = present(services.regions.homeOf('ord', order.id), 'the region of an order')
  await markCaptured(services.db, { region, order: order.id })
  return true
}

async function tellSold(services: Services, { order }: OrderRecord): Promise<void> {
  const { scope } = await saleOf(services, order.event)
  const { id, buyer } = order
  await services.holdBook.convert(scope, { id, buyer, units: unitsOf(order) })
}

async function tellFree(services: Services, { order }: OrderRecord): Promise<void> {
  const { scope } = await saleOf(services, order.event)
  const { id, buyer } = order
  await services.holdBook.free(scope, { id, buyer, units: unitsOf(order) })
}
