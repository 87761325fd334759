/** What became of each order, by all that fans were told: the newest version counts. */
import type { Ok, Ordered, Unknown } from '../history/entry.ts'
import type { Report } from './report.ts'

type Known = Pick<Ordered, 'state' | 'version'>

export class OrderFates {
  readonly #orders = new Map<string, Known>()
  /** A payment may have been taken, and nobody said so. */
  readonly #doubtful = new Set<string>()
  readonly #sold = new Set<string>()

  /** @returns whether it tells a buyer, for the first time, that an order is paid */
  answered(entry: Ok): boolean {
    const orders = orderedIn(entry)
    for (const order of orders) this.#learn(order)
    const [order] = orders
    if (order?.state !== 'paid' || !entry.op.startsWith('checkout.')) return false
    if (this.#sold.has(order.order)) return false
    this.#sold.add(order.order)
    return true
  }

  /** @param order whose confirmation stayed without an answer */
  unanswered(entry: Unknown, order: string): void {
    if (entry.op === 'checkout.confirm') this.#doubtful.add(order)
  }

  counts(): Report['orders'] {
    const counts = { paid: 0, void: 0, unknown: 0 }
    for (const { state } of this.#orders.values()) if (state !== 'pending') counts[state] += 1
    for (const order of this.#doubtful) {
      if ((this.#orders.get(order)?.state ?? 'pending') === 'pending') counts.unknown += 1
    }
    return counts
  }

  #learn({ order, state, version }: Ordered): void {
    const known = this.#orders.get(order)
    if (known === undefined || known.version <= version) this.#orders.set(order, { state, version })
  }
}

function orderedIn(entry: Ok): readonly Ordered[] {
  switch (entry.op) {
    case 'checkout.start':
    case 'checkout.confirm':
    case 'checkout.status':
    case 'order.get':
    case 'order.by-key':
      return [entry.result]
    case 'order.list':
      return entry.result.orders
    default:
      return []
  }
}
