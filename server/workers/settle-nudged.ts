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

async function settleOne(services: Services, id: OrderId): Promise<void> {
  const region = services.regions.homeOf('ord', id)
  const record = region === null ? null : await findOrder(services.db, { region, id })
  if (record !== null) await settleOrder(services, record)
}
