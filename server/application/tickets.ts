/** A fan's own tickets and their codes. */
import type { Person } from '../domain/access.ts'
import { refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { type OrderId, type TicketId, ticketIdFor, ticketParts } from '../platform/ids.ts'
import { findOwnOrder } from '../stores/sale/orders.ts'
import { listTickets, type Ticket } from '../stores/sale/tickets.ts'
import { ownOrder, ownOrders } from './orders.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'db' | 'regions' | 'region'>

/** The tickets of one order of the caller. */
export async function ticketsOfOrder(
  services: Needs,
  caller: Person,
  order: OrderId,
): Promise<Ticket[]> {
  const record = await ownOrder(services, caller, order)
  const region = homeOf(services, record.order.id)
  return listTickets(services.db, { region, orders: [record.order.id] })
}

/** The caller's tickets, a page of orders at a time, newest order first. */
export async function ownTickets(
  services: Needs,
  caller: Person,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<{ readonly items: readonly Ticket[]; readonly nextCursor: string | null }> {
  const { items, nextCursor } = await ownOrders(services, caller, page)
  const paid = items.filter((order) => order.state === 'paid').map((order) => order.id)
  const tickets: Ticket[] = []
  for (const region of new Set(paid.map((id) => homeOf(services, id)))) {
    const orders = paid.filter((id) => homeOf(services, id) === region)
    tickets.push(...(await listTickets(services.db, { region, orders })))
  }
  return { items: tickets, nextCursor }
}

/** @throws RefusedError NOT_FOUND */
export async function ownTicket(services: Needs, caller: Person, id: TicketId): Promise<Ticket> {
  const parts = ticketParts(id)
  const region = parts === null ? null : services.regions.homeOf('ord', parts.order)
  if (parts === null || region === null) return noSuchTicket()
  const order = await findOwnOrder(services.db, { region, id: parts.order, buyer: caller.id })
  if (order === null) return noSuchTicket()
  const tickets = await listTickets(services.db, { region, orders: [parts.order] })
  return tickets.find((ticket) => ticket.unit === parts.unit) ?? noSuchTicket()
}

/** A code for the door. Signed now: the sale itself signs nothing. */
export async function ticketCode(
  services: Needs & Pick<Services, 'ticketCodes'>,
  caller: Person,
  id: TicketId,
): Promise<{ readonly ticket: Ticket; readonly code: string }> {
  const ticket = await ownTicket(services, caller, id)
  if (ticket.state !== 'valid') return refuse('WRONG_STATE', 'This ticket is no longer valid.')
  const code = await services.ticketCodes.sign({
    ticket: ticketIdFor(ticket.order, ticket.unit),
    event: ticket.event,
    unit: ticket.unit,
    epoch: ticket.codeEpoch,
  })
  return { ticket, code }
}

function noSuchTicket(): never {
  return refuse('NOT_FOUND', 'There is no such ticket.')
}

function homeOf(services: Pick<Services, 'regions'>, id: OrderId): string {
  return present(services.regions.homeOf('ord', id), `the region of ${id}`)
}
