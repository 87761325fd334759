/** A fan's own tickets and their codes. */
import type { Person } from '../domain/access.ts'
import type { Order } from '../domain/order.ts'
import { RefusedError, refuse } from '../domain/refusal.ts'
import { present } from '../platform/assert.ts'
import { type OrderId, type TicketId, ticketIdFor, ticketParts } from '../platform/ids.ts'
import { findOwnOrder } from '../stores/sale/orders.ts'
import { listTickets, type Ticket } from '../stores/sale/tickets.ts'
import { asSeen } from './as-seen.ts'
import { ownOrders, shownOrder } from './orders.ts'
import type { Services } from './services.ts'
import type { Viewer } from './session.ts'

type Needs = Pick<Services, 'db' | 'regions' | 'region'>

export type ShownTickets = {
  readonly items: readonly Ticket[]
  /** Those whose tickets these are. */
  readonly orders: readonly Order[]
  readonly nextCursor: string | null
}

/** The tickets of one order of the caller. */
export async function ticketsOfOrder(
  services: Needs,
  viewer: Viewer,
  id: OrderId,
): Promise<ShownTickets> {
  const { order } = await shownOrder(services, viewer, id)
  const items = await ticketsOf(services, viewer, [order])
  return { items, orders: [order], nextCursor: null }
}

/** The caller's tickets, a page of orders at a time, newest order first. */
export async function ownTickets(
  services: Needs,
  viewer: Viewer,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<ShownTickets> {
  const { items: orders, nextCursor } = await ownOrders(services, viewer, page)
  const tickets: Ticket[] = []
  for (const region of new Set(orders.map(({ id }) => homeOf(services, id)))) {
    const ofRegion = orders.filter(({ id }) => homeOf(services, id) === region)
    tickets.push(...(await ticketsOf(services, viewer, ofRegion)))
  }
  return { items: tickets, orders, nextCursor }
}

/** Of orders of one region. A paid order has a ticket for each place: a copy that lacks one is old. */
async function ticketsOf(
  services: Needs,
  { session }: Viewer,
  orders: readonly Order[],
): Promise<Ticket[]> {
  const paid = orders.filter(({ state }) => state === 'paid')
  const [first] = paid
  if (first === undefined) return []
  const region = homeOf(services, first.id)
  const places = paid.reduce((sum, { lines }) => sum + lines.length, 0)
  return asSeen(
    services,
    { session },
    {
      region,
      isList: true,
      read: (as) => listTickets(services.db, { region, orders: paid.map(({ id }) => id) }, as),
      isOld: (tickets) => tickets.length < places,
    },
  )
}

/** @throws RefusedError NOT_FOUND */
export async function ownTicket(services: Needs, viewer: Viewer, id: TicketId): Promise<Ticket> {
  const parts = ticketParts(id)
  if (parts === null || services.regions.homeOf('ord', parts.order) === null) return noSuchTicket()
  const { order } = await shownOrder(services, viewer, parts.order).catch(noOrderNoTicket)
  const tickets = await ticketsOf(services, viewer, [order])
  return tickets.find((ticket) => ticket.unit === parts.unit) ?? noSuchTicket()
}

/** A code for the door, of the ticket as it is now. Signed now: the sale itself signs nothing. */
export async function ticketCode(
  services: Needs & Pick<Services, 'ticketCodes'>,
  caller: Person,
  id: TicketId,
): Promise<{ readonly ticket: Ticket; readonly code: string }> {
  const ticket = await ticketNow(services, caller, id)
  if (ticket.state !== 'valid') return refuse('WRONG_STATE', 'This ticket is no longer valid.')
  const code = await services.ticketCodes.sign({
    ticket: ticketIdFor(ticket.order, ticket.unit),
    event: ticket.event,
    unit: ticket.unit,
    epoch: ticket.codeEpoch,
  })
  return { ticket, code }
}

async function ticketNow(services: Needs, caller: Person, id: TicketId): Promise<Ticket> {
  const parts = ticketParts(id)
  const region = parts === null ? null : services.regions.homeOf('ord', parts.order)
  if (parts === null || region === null) return noSuchTicket()
  const order = await findOwnOrder(services.db, { region, id: parts.order, buyer: caller.id })
  if (order === null) return noSuchTicket()
  const tickets = await listTickets(services.db, { region, orders: [parts.order] })
  return tickets.find((ticket) => ticket.unit === parts.unit) ?? noSuchTicket()
}

function noOrderNoTicket(cause: unknown): never {
  if (cause instanceof RefusedError && cause.refusal.code === 'NOT_FOUND') return noSuchTicket()
  throw cause
}

function noSuchTicket(): never {
  return refuse('NOT_FOUND', 'There is no such ticket.')
}

function homeOf(services: Pick<Services, 'regions'>, id: OrderId): string {
  return present(services.regions.homeOf('ord', id), `the region of ${id}`)
}
