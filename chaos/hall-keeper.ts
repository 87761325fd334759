/** Opens another event of a home before its hall is sold out, so that there is always a sale to harm. */
import { setTimeout as wait } from 'node:timers/promises'
import type { EventFacts } from './evidence/evidence.ts'
import type { Workload } from './workload/workload.ts'

/** Of the newest hall's places, in orders: an order has about two places, and holds lie on others. */
const ordersPerUnit = 0.2
/** Of each home; older ones are sold out, or nearly. */
const onSaleMax = 2
const lookEveryMs = 1_000

type Sale = Pick<Workload, 'paid' | 'publish' | 'onSale' | 'switchEvents'>

export class HallKeeper {
  readonly #sale: Sale
  readonly #events: EventFacts[]
  /** Orders of a home when its newest event was opened. */
  readonly #paidThen = new Map<string, number>()

  constructor(sale: Sale, events: readonly EventFacts[]) {
    this.#sale = sale
    this.#events = [...events]
  }

  /** All that were ever on sale. */
  get events(): readonly EventFacts[] {
    return this.#events
  }

  /** @throws RangeError when nothing of this home is on sale */
  oldestOf(home: string): EventFacts {
    const event = this.#onSaleOf(home)[0]
    if (event === undefined) throw new RangeError(`no event of ${home} is on sale`)
    return event
  }

  async open(home: string): Promise<void> {
    this.#paidThen.set(home, this.#paid(home))
    this.#events.push(await this.#sale.publish(home))
    const old = this.#onSaleOf(home).slice(0, -onSaleMax)
    if (old.length > 0)
      this.#sale.switchEvents(this.#sale.onSale.filter((one) => !old.includes(one)))
  }

  /** Where it is time. */
  async openMore(): Promise<void> {
    for (const home of new Set(this.#events.map((event) => event.home))) {
      const newest = this.#events.findLast((event) => event.home === home)
      const sold = this.#paid(home) - (this.#paidThen.get(home) ?? 0)
      if (newest !== undefined && sold >= newest.units * ordersPerUnit) await this.open(home)
    }
  }

  /** Until the signal aborts; what cannot be opened under a fault is opened later. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.openMore().catch(() => undefined)
      await wait(lookEveryMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #onSaleOf(home: string): readonly EventFacts[] {
    return this.#sale.onSale.filter((event) => event.home === home)
  }

  #paid(home: string): number {
    return this.#sale.paid[home] ?? 0
  }
}
