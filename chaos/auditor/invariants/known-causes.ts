/** I4: nothing is there that nobody asked for, and nothing that was refused. */
import { type Call, mayBeDone } from '../facts/calls.ts'
import type { Facts } from '../facts/facts.ts'
import type { OrderRow } from '../facts/orders.ts'
import type { Invariant } from './invariant.ts'

export const knownCauses: Invariant = {
  id: 'I4',
  title: 'Each order was asked for by its buyer, and none comes from a call that was refused',
  check: (facts, judge) => {
    const starts = startsByHold(facts.calls)
    const places = openPlaces(facts.calls)
    for (const order of facts.orders.values()) {
      judge.checks()
      const fault = faultOf(facts, order, { starts: starts.get(order.id) ?? [], places })
      if (fault === null) continue
      const { id, event, buyer } = order
      judge.breaks(`${id} of ${buyer} ${fault}`, {
        orders: [id],
        event,
        actor: buyer,
        rows: [order],
      })
    }
  },
}

type Causes = {
  readonly starts: readonly Call<'checkout.start'>[]
  /** Actors with their events, of whom a place may have been done. */
  readonly places: ReadonlySet<string>
}

function faultOf(facts: Facts, order: OrderRow, { starts, places }: Causes): string | null {
  const hold = facts.holds.get(order.id)
  if (hold !== undefined && (hold.actor !== order.buyer || hold.event !== order.event)) {
    return `comes of a hold of ${hold.actor} for ${hold.event}`
  }
  // Of a place whose answer was lost the id is not known: somebody of that name must have asked.
  if (hold === undefined && !places.has(placeKey(order.buyer, order.event))) {
    return 'comes of no hold that anybody asked for'
  }
  const own = starts.filter(({ invoke }) => invoke.actor === order.buyer)
  if (own.length === 0) {
    return starts.length === 0 ? 'was never started by anybody' : 'was started by somebody else'
  }
  if (own.some(mayBeDone)) return null
  return `is there, and each start of it was refused: ${own.map(({ fail }) => fail?.code).join()}`
}

function startsByHold(calls: readonly Call[]): Map<string, Call<'checkout.start'>[]> {
  const starts = new Map<string, Call<'checkout.start'>[]>()
  for (const call of calls) {
    if (call.op !== 'checkout.start') continue
    const { hold } = call.invoke.args
    const some = starts.get(hold)
    if (some === undefined) starts.set(hold, [call])
    else some.push(call)
  }
  return starts
}

function openPlaces(calls: readonly Call[]): Set<string> {
  const places = new Set<string>()
  for (const call of calls) {
    if (call.op !== 'hold.place' || !mayBeDone(call)) continue
    places.add(placeKey(call.invoke.actor, call.invoke.args.event))
  }
  return places
}

function placeKey(actor: string, event: string): string {
  return `${actor} ${event}`
}
