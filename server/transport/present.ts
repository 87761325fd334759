/** From what use-cases answer to what goes over the wire. */
import type { z } from 'zod'
import type { HeldSeats } from '../application/held-seats.ts'
import { linesOf, type Order, type OrderLine, totalOf, unitsOf } from '../domain/order.ts'
import { placeLabel, placeOfUnit, type SeatMap } from '../domain/seat-map.ts'
import type { Clock } from '../platform/clock.ts'
import { ticketIdFor } from '../platform/ids.ts'
import type { OrderRecord } from '../stores/sale/orders.ts'
import type { Ticket } from '../stores/sale/tickets.ts'
import type * as shapes from './shapes.ts'

/** An event that is gone from the catalogue cannot be labelled; its orders still can be read. */
type Labels = SeatMap | null

export function presentHold(held: HeldSeats, clock: Clock): z.input<typeof shapes.hold> {
  const { hold, token, sale } = held
  const lines = linesOf(hold, sale.scope.seatMap)
  const expiresInMs = Math.max(0, Math.floor(hold.expiresInMs))
  return {
    id: hold.id,
    event: hold.event,
    lines: presentLines(lines, sale.scope.seatMap),
    currency: hold.terms.currency,
    total: totalOf(lines),
    expiresAt: new Date(clock.nowMs() + expiresInMs).toISOString(),
    expiresInMs,
    token,
  }
}

export function presentOrder(order: Order, labels: Labels): z.input<typeof shapes.order> {
  return {
    id: order.id,
    event: order.event,
    state: order.state,
    voidReason: order.voidReason,
    lines: presentLines(order.lines, labels),
    currency: order.currency,
    total: order.total,
    createdAt: order.createdAt.toISOString(),
    expiresAt: order.expiresAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
    tickets:
      order.state === 'paid' ? unitsOf(order).map((unit) => ticketIdFor(order.id, unit)) : [],
    version: order.version,
  }
}

export function presentCheckout(
  record: OrderRecord,
  labels: Labels,
  open: { readonly clientSecret?: string | null; readonly actionUrl?: string | null },
): z.input<typeof shapes.checkout> {
  const payment = record.payment && {
    state: record.payment.state,
    clientSecret: open.clientSecret ?? null,
    actionUrl: open.actionUrl ?? null,
  }
  return { order: presentOrder(record.order, labels), payment }
}

export function presentTicket(ticket: Ticket, labels: Labels): z.input<typeof shapes.ticket> {
  return {
    id: ticketIdFor(ticket.order, ticket.unit),
    order: ticket.order,
    event: ticket.event,
    unit: ticket.unit,
    label: labelOf(labels, ticket.unit),
    state: ticket.state,
    codeEpoch: ticket.codeEpoch,
    issuedAt: ticket.issuedAt.toISOString(),
  }
}

function presentLines(lines: readonly OrderLine[], labels: Labels) {
  return lines.map((line) => ({ ...line, label: labelOf(labels, line.unit) }))
}

function labelOf(labels: Labels, unit: number): string {
  return labels === null ? `Place ${unit}` : placeLabel(placeOfUnit(labels, unit))
}
