/**
 * What was sold, as buyers were told: read from the history while it grows. Of each order the
 * moment counts at which somebody first asked to pay; what only is read again is no sale.
 */
import type { Entry, Ordered } from '../history/entry.ts'
import type { History } from '../history/history.ts'

/** Orders that are being paid, and those that were; the oldest are forgotten. */
const ordersMax = 20_000
/** Of each home. */
const momentsMax = 200_000

export type Sale = {
  readonly home: string
  readonly order: string
  /** When it was first asked to be paid, and when that was first acknowledged. */
  readonly askedAt: number
  readonly paidAt: number
}

export class Sales {
  readonly #homes = new Map<string, string>()
  /** By order: when it was first asked to be paid; null: it was acknowledged. */
  readonly #asked = new Map<string, number | null>()
  readonly #sales = new Map<string, Sale[]>()
  readonly #counts = new Map<string, number>()
  readonly #listeners = new Set<(sale: Sale) => void>()
  readonly #unsubscribe: () => void

  constructor(history: History) {
    this.#unsubscribe = history.onEntry((entry) => this.#hear(entry))
  }

  /** By home region. */
  get paid(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  knows(event: { readonly id: string; readonly home: string }): void {
    this.#homes.set(event.id, event.home)
  }

  /** Those that were first asked for at that moment or later. */
  since(at: number, home: string): readonly Sale[] {
    return (this.#sales.get(home) ?? []).filter(({ askedAt }) => askedAt >= at)
  }

  /** @returns a function that ends it */
  onSale(listener: (sale: Sale) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  end(): void {
    this.#unsubscribe()
  }

  #hear(entry: Entry): void {
    if (entry.type === 'invoke' && entry.op === 'checkout.confirm') {
      const { order } = entry.args
      if (!this.#asked.has(order)) this.#remember(order, entry.at)
    }
    if (entry.type !== 'ok') return
    if (entry.op === 'checkout.confirm') this.#told(entry.result, entry.at)
    if (entry.op === 'checkout.status') this.#told(entry.result, entry.at)
    if (entry.op === 'order.by-key') this.#told(entry.result, entry.at)
  }

  #told({ order, event, state }: Ordered, paidAt: number): void {
    const askedAt = this.#asked.get(order)
    const home = this.#homes.get(event)
    if (state !== 'paid' || typeof askedAt !== 'number' || home === undefined) return
    this.#asked.set(order, null)
    const sale = { home, order, askedAt, paidAt }
    const sales = this.#sales.get(home) ?? []
    sales.push(sale)
    if (sales.length > momentsMax) sales.splice(0, momentsMax / 2)
    this.#sales.set(home, sales)
    this.#counts.set(home, (this.#counts.get(home) ?? 0) + 1)
    for (const listener of this.#listeners) listener(sale)
  }

  #remember(order: string, at: number): void {
    this.#asked.set(order, at)
    if (this.#asked.size <= ordersMax) return
    const [oldest] = this.#asked.keys()
    if (oldest !== undefined) this.#asked.delete(oldest)
  }
}
