/**
 * Orders that a webhook spoke of, settled soon. A bounded set in memory and nothing more: what is
 * lost here is found again by the reminder in the outbox.
 */
import type { Services } from '../application/services.ts'
import { settleOrder } from '../application/settle-order.ts'
import type { OrderId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import { traceparentNow } from '../platform/trace-context.ts'
import { traced } from '../platform/tracing.ts'
import { findOrder } from '../stores/sale/orders.ts'
import { postpone } from '../stores/sale/outbox.ts'
import type { PassStatus } from './reconciler.ts'

export class NudgedOrders {
  /** With the traceparent of the webhook that spoke of it; '' is none. */
  readonly #waiting = new Map<OrderId, string>()

  /** @returns false when there is no room; nothing is lost by that */
  add(order: OrderId): boolean {
    if (this.#waiting.size >= limits.nudgesMax) return false
    this.#waiting.set(order, traceparentNow())
    return true
  }

  /** One bounded pass. A failure is not repeated here. */
  async settle(services: Services): Promise<PassStatus> {
    const orders = [...this.#waiting].slice(0, limits.workerBatchMax)
    for (const [order, parent] of orders) {
      this.#waiting.delete(order)
      await traced({ name: 'settle nudged', kind: 'consumer', parent }, {}, () =>
        settleOne(services, order).catch((cause: unknown) => {
          services.log.warn({ err: cause, order }, 'a nudged order will be settled later')
        }),
      )
    }
    return { handled: orders.length, more: this.#waiting.size > 0 }
  }
}

/** Where another region sells, its worker is told by the order's reminder: it is due at once. */
async function settleOne(services: Services, id: OrderId): Promise<void> {
  const { db, regions, authorities } = services
  const region = regions.homeOf('ord', id)
  const record = region === null ? null : await findOrder(db, { region, id })
  if (region === null || record?.order.state !== 'pending') return
  if (authorities.standing(region).kind === 'ours') {
    await settleOrder(services, record)
  } else {
    await postpone(db, { region, id: `order.started:${id}`, delayMs: 0 })
  }
}
