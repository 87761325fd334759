/** The rows of the event among themselves, and against what the public API says. */
import type { DatabaseFinding, FanFinding } from './findings.ts'
import { sameMembers } from './same-members.ts'

export function rowFaults(database: DatabaseFinding, fans: readonly FanFinding[]): string[] {
  const paid = database.orders.filter((order) => order.state === 'paid')
  const valid = database.tickets.filter((ticket) => ticket.isValid)
  const promised = paid.flatMap(({ id, units }) => units.map((unit) => placeOf(id, unit)))
  const issued = valid.map(({ order, unit }) => placeOf(order, unit))
  const claimed = database.soldClaims.map(({ order, unit }) => placeOf(order, unit))
  const told = fans.flatMap((fan) => fan.orders.filter((order) => order.state === 'paid'))
  return [
    ...linesFaults(database),
    ...difference(promised, issued, (place) => `${place} is paid and has no valid ticket`),
    ...difference(issued, promised, (place) => `${place} has a ticket that no paid order has`),
    ...difference(promised, claimed, (place) => `${place} is paid and its claim is not sold`),
    ...difference(claimed, promised, (place) => `${place} is a sold claim of no paid order`),
    ...(sameMembers(
      told.map((order) => order.id),
      paid.map((order) => order.id),
    )
      ? []
      : [`the API shows ${told.length} paid orders, the database has ${paid.length}, or others`]),
  ]
}

function linesFaults({ orders }: DatabaseFinding): string[] {
  return orders
    .filter((order) => order.linesTotal !== order.total)
    .map((order) => `row ${order.id} is ${order.total}; its lines are ${order.linesTotal}`)
}

function placeOf(order: string | null, unit: number): string {
  return `unit ${unit} of ${order ?? 'no order'}`
}

/** Counts, too: what one side has twice and the other once is a difference. */
function difference(
  one: readonly string[],
  other: readonly string[],
  say: (member: string) => string,
): string[] {
  const left = new Map<string, number>()
  for (const member of other) left.set(member, (left.get(member) ?? 0) + 1)
  return one.flatMap((member) => {
    const count = left.get(member) ?? 0
    left.set(member, count - 1)
    return count > 0 ? [] : [say(member)]
  })
}
