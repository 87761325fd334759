/** What is known after a sale, from everybody who knows something. The verdict compares them. */

/** Minor units of the event's currency everywhere. */
export type OrderFinding = {
  readonly id: string
  readonly state: string
  readonly total: number
  readonly units: readonly number[]
  /** What the lines sum up to, fees included. */
  readonly linesTotal: number
}

export type TicketFinding = {
  readonly order: string
  readonly unit: number
  readonly isValid: boolean
}

/** What one fan was told while buying, and what the API says of them afterwards. */
export type FanFinding = {
  readonly fan: number
  /** told-paid: an answer said paid. unknown: a call to pay had no answer that settles it. */
  readonly told: 'told-paid' | 'told-no' | 'unknown'
  /** The order as the fan last saw it paid. */
  readonly acknowledged: (OrderFinding & { readonly tickets: readonly string[] }) | null
  readonly orders: readonly (OrderFinding & { readonly tickets: readonly string[] })[]
  readonly tickets: readonly (TicketFinding & { readonly id: string })[]
}

/** The rows of one event. */
export type DatabaseFinding = {
  readonly orders: readonly OrderFinding[]
  readonly tickets: readonly TicketFinding[]
  readonly soldClaims: readonly { readonly order: string | null; readonly unit: number }[]
  readonly payments: readonly {
    readonly order: string
    readonly state: string
    readonly amount: number
  }[]
  /** Orders of other sales that the payment provider names: nobody's money without an order. */
  readonly otherOrders: ReadonlySet<string>
}

/** One PaymentIntent. */
export type LedgerLine = {
  readonly intent: string
  readonly status: string
  /** From the intent's metadata. */
  readonly order: string | null
  readonly captured: number
  readonly refunded: number
}

export type Findings = {
  readonly fans: readonly FanFinding[]
  /** Null: nobody gave its address, and what it could tell is not checked. */
  readonly database: DatabaseFinding | null
  readonly ledger: readonly LedgerLine[] | null
  /** Work that the system still owed when waiting for it ended; 0 is settled. */
  readonly unsettled: number
  /** What fans noticed while they bought: two answers to one key, a card that should not pay. */
  readonly noticed: readonly string[]
}
