/**
 * One line of a history: what a client asked, and what it was told. As in Jepsen: `ok` happened,
 * `fail` did not, `unknown` may have; a process ends with its first unknown and a new one begins.
 * https://github.com/jepsen-io/jepsen/blob/main/doc/tutorial/02-client.md
 *
 * Written by the workload, read by the auditor and the report. Amounts are minor units.
 */

/** What a fan asks to have: as the API takes it. */
export type Wish =
  | { readonly kind: 'units'; readonly units: readonly number[] }
  | {
      readonly kind: 'best' | 'standing'
      readonly count: number
      readonly sections?: readonly string[]
    }

export type Held = {
  readonly hold: string
  readonly units: readonly number[]
  readonly total: number
  readonly currency: string
  /** From the answer on. */
  readonly expiresInMs: number
}

export type Ordered = {
  readonly order: string
  readonly event: string
  readonly state: 'pending' | 'paid' | 'void'
  readonly voidReason: string | null
  readonly units: readonly number[]
  readonly total: number
  readonly currency: string
  readonly version: number
  readonly tickets: number
}

export type Availability = {
  /** When the answering region knew it, in milliseconds since the Unix epoch. */
  readonly asOf: number
  /** `states`: a letter a unit, from `firstUnit` on; null where only the count was asked. */
  readonly sections: readonly {
    readonly name: string
    readonly firstUnit: number
    readonly units: number
    readonly free: number
    readonly states: string | null
  }[]
}

type OfHold = { readonly event: string; readonly hold: string }
type OfOrder = { readonly order: string }

/** What may be asked, with what arguments and what answer. */
export type Operations = {
  /** `key` makes it repeatable: the same key with another wish must be refused. */
  'hold.place': {
    args: { readonly event: string; readonly key: string; readonly wish: Wish }
    result: Held
  }
  'hold.get': { args: OfHold; result: Held }
  'hold.extend': { args: OfHold; result: Held }
  'hold.release': { args: OfHold; result: { readonly released: boolean } }
  'hold.reclaim': { args: OfHold; result: Held }
  'checkout.start': { args: OfHold; result: Ordered }
  'checkout.confirm': {
    args: OfOrder & { readonly key: string; readonly card: string }
    result: Ordered
  }
  'checkout.status': { args: OfOrder; result: Ordered }
  'order.get': { args: OfOrder; result: Ordered }
  'order.by-key': { args: { readonly event: string; readonly key: string }; result: Ordered }
  'order.list': {
    args: Readonly<Record<string, never>>
    result: { readonly orders: readonly Ordered[] }
  }
  'ticket.list': {
    args: OfOrder
    result: { readonly tickets: readonly { readonly unit: number; readonly state: string }[] }
  }
  'event.availability': {
    args: { readonly event: string; readonly section?: string }
    result: Availability
  }
  'event.cancel': { args: { readonly event: string }; result: Readonly<Record<string, never>> }
  'region.drain': { args: { readonly region: string }; result: Readonly<Record<string, never>> }
  'region.restore': { args: { readonly region: string }; result: Readonly<Record<string, never>> }
}

export type Operation = keyof Operations

type Common = {
  /** From 1, without gaps, in the order of writing. */
  readonly seq: number
  /** Milliseconds since the Unix epoch with fractions, of a clock that never steps in a run. */
  readonly at: number
  /** Who waits for one answer at a time, such as `fan-12.3`. */
  readonly process: string
  /** Who it is to the system: the buyer of the orders that come of it. */
  readonly actor: string
  /** Where the process stands. */
  readonly region: string
}

export type Invoke<Name extends Operation = Operation> = {
  [Each in Name]: Common & {
    readonly type: 'invoke'
    readonly op: Each
    readonly args: Operations[Each]['args']
  }
}[Name]

/** `of`: the `seq` of what was invoked. */
export type Ok<Name extends Operation = Operation> = {
  [Each in Name]: Common & {
    readonly type: 'ok'
    readonly of: number
    readonly op: Each
    readonly result: Operations[Each]['result']
    /** The answer said of itself that it is older than what this session has seen. */
    readonly isOlder?: true
  }
}[Name]

export type Fail = Common & {
  readonly type: 'fail'
  readonly of: number
  readonly op: Operation
  readonly code: string
  readonly transient: boolean
}

export type Unknown = Common & {
  readonly type: 'unknown'
  readonly of: number
  readonly op: Operation
  readonly code: string
}

export type Entry = Invoke | Ok | Fail | Unknown
