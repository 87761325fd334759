/** What a fan was told, against what the public API says of them afterwards. */
import type { FanFinding } from './findings.ts'
import { sameMembers } from './same-members.ts'

type ApiOrder = FanFinding['orders'][number]

export function fanFaults(finding: FanFinding): string[] {
  const paid = finding.orders.filter((order) => order.state === 'paid')
  const known = new Set(paid.map((order) => order.id))
  return [
    ...acknowledgedFaults(finding, paid),
    ...paid.flatMap((order) => orderFaults(finding, order)),
    ...finding.tickets
      .filter((ticket) => ticket.isValid && !known.has(ticket.order))
      .map((ticket) => `ticket ${ticket.id} belongs to no paid order of fan ${finding.fan}`),
  ]
}

function acknowledgedFaults(
  { fan, told, acknowledged }: FanFinding,
  paid: readonly ApiOrder[],
): string[] {
  if (told === 'told-no') {
    return paid.map((order) => `order ${order.id} is paid, but fan ${fan} was told otherwise`)
  }
  if (acknowledged === null) return []
  const { id, total, units, tickets } = acknowledged
  const order = paid.find((candidate) => candidate.id === id)
  if (order === undefined) return [`order ${id} was acknowledged to fan ${fan} and is not there`]
  const others = paid.filter((other) => other.id !== id)
  return [
    ...others.map((other) => `fan ${fan} paid for ${other.id} beside the order they made`),
    ...(order.total === total ? [] : [`order ${id} was ${total} and now is ${order.total}`]),
    ...(sameMembers(order.units, units) ? [] : [`order ${id} has other units than it had`]),
    ...(sameMembers(order.tickets, tickets) ? [] : [`order ${id} has other tickets than it had`]),
  ]
}

function orderFaults({ fan, tickets }: FanFinding, order: ApiOrder): string[] {
  const own = tickets.filter((ticket) => ticket.order === order.id && ticket.isValid)
  const sameUnits = sameMembers(
    own.map((ticket) => ticket.unit),
    order.units,
  )
  const sameIds = sameMembers(
    own.map((ticket) => ticket.id),
    order.tickets,
  )
  return [
    ...(order.linesTotal === order.total
      ? []
      : [`order ${order.id} is ${order.total}, but its lines sum up to ${order.linesTotal}`]),
    ...(sameUnits && sameIds
      ? []
      : [`fan ${fan} has tickets other than those of the paid order ${order.id}`]),
  ]
}
