/**
 * What one request knows of what its client has seen before, and adds to it. Calls of a batch share
 * it. It holds no identity: whose orders are shown is decided by who calls.
 */
import type { Person } from '../domain/access.ts'
import type { Order } from '../domain/order.ts'
import {
  readSeen,
  type SeenOrder,
  type SeenOrders,
  seenToken,
  withListed,
  withSeen,
} from '../domain/seen-orders.ts'

/** A fan who looks at what is theirs. */
export type Viewer = { readonly caller: Person; readonly session: Session }

export class Session {
  #seen: SeenOrders
  #hasShown = false
  #isOlder = false

  /** @param header as the client sent it, if it did */
  constructor(header?: string) {
    this.#seen = readSeen(header)
  }

  get seen(): SeenOrders {
    return this.#seen
  }

  /** It remembers what it has seen, so that it can be given what is old without missing its own. */
  get remembers(): boolean {
    return this.#seen.length > 0
  }

  /** An answer is older than what the client has seen, and newer could not be had. */
  get isOlder(): boolean {
    return this.#isOlder
  }

  shows(order: Order): void {
    this.#seen = withSeen(this.#seen, [seenOrder(order)])
    this.#hasShown = true
  }

  /** @param orders the newest first */
  lists(orders: readonly Order[]): void {
    this.#seen = withListed(this.#seen, orders.map(seenOrder))
    this.#hasShown ||= orders.length > 0
  }

  showsOlder(): void {
    this.#isOlder = true
  }

  /** For the client to keep in place of those it sent; null: it keeps what it has. */
  get token(): string | null {
    return this.#hasShown ? seenToken(this.#seen) : null
  }
}

function seenOrder({ id, version, createdAt }: Order): SeenOrder {
  return { id, version, createdAtMs: createdAt.getTime() }
}
