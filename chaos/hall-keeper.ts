/** Opens another event of a home before its hall is sold out, so that there is always a sale to harm. */
import type { EventFacts } from './evidence/evidence.ts'
import type { Workload } from './workload/workload.ts'

/** Of a hall's places, in orders: an order has about two places, and holds lie on others. */
const ordersPerUnit = 0.3

export class HallKeeper {
  readonly #workload: Pick<Workload, 'paid' | 'publish' | 'onSale'>
  readonly #events: EventFacts[]

  constructor(
    workload: Pick<Workload, 'paid' | 'publish' | 'onSale'>,
    events: readonly EventFacts[],
  ) {
    this.#workload = workload
    this.#events = [...events]
  }

  /** All that were ever on sale. */
  get events(): readonly EventFacts[] {
    return this.#events
  }

  /** @throws RangeError when nothing of this home is on sale */
  oldestOf(home: string): EventFacts {
    const event = this.#workload.onSale.find((one) => one.home === home)
    if (event === undefined) throw new RangeError(`no event of ${home} is on sale`)
    return event
  }

  async open(home: string): Promise<void> {
    this.#events.push(await this.#workload.publish(home))
  }

  /** Where it is time. */
  async openMore(): Promise<void> {
    for (const home of new Set(this.#events.map((event) => event.home))) {
      const places = this.#events
        .filter((event) => event.home === home)
        .reduce((sum, event) => sum + event.units, 0)
      const sold = this.#workload.paid[home] ?? 0
      if (sold >= places * ordersPerUnit) await this.open(home)
    }
  }
}
