/** A fan's own orders. Foreign and missing ids look alike. */
import type { Person } from '../domain/access.ts'
import type { Order } from '../domain/order.ts'
import { refuse } from '../domain/refusal.ts'
import { isOlderThanSeen, isPageOlderThanSeen, type ListPlace } from '../domain/seen-orders.ts'
import { type EventId, type OrderId, orderIdFor } from '../platform/ids.ts'
import {
  findOwnOrder,
  listOrders,
  type OrderPage,
  type OrderRecord,
} from '../stores/sale/orders.ts'
import { asSeen } from './as-seen.ts'
import { type Cursor, readCursor, writeCursor } from './order-cursor.ts'
import type { Services } from './services.ts'
import type { Viewer } from './session.ts'

type Needs = Pick<Services, 'db' | 'regions' | 'region'>

/**
 * As it is now, for whoever decides by it.
 * @throws RefusedError NOT_FOUND
 */
export async function ownOrder(
  services: Pick<Services, 'db' | 'regions'>,
  caller: Person,
  id: OrderId,
): Promise<OrderRecord> {
  const region = services.regions.homeOf('ord', id)
  const own = { id, buyer: caller.id }
  const record = region === null ? null : await findOwnOrder(services.db, { region, ...own })
  return record ?? refuse('NOT_FOUND', 'There is no such order.')
}

/**
 * For a look: as new as this client has seen it. An order that the copy does not have is asked for
 * again: it may be a second old.
 * @throws RefusedError NOT_FOUND
 */
export async function shownOrder(
  services: Needs,
  viewer: Viewer,
  id: OrderId,
): Promise<OrderRecord> {
  const region = services.regions.homeOf('ord', id)
  if (region === null) return refuse('NOT_FOUND', 'There is no such order.')
  const own = { region, id, buyer: viewer.caller.id }
  const record = await asSeen(services, viewer, {
    region,
    isList: false,
    read: (as) => findOwnOrder(services.db, own, as),
    isOld: (found) => found === null || isOlderThanSeen(viewer.session.seen, found.order),
    isWorthShowing: (found) => found !== null,
  })
  return record ?? refuse('NOT_FOUND', 'There is no such order.')
}

/**
 * What became of a wish whose answer was lost: the order of this event and key, always fresh.
 * @throws RefusedError NOT_FOUND nothing came of it (yet); the same call may be sent again
 */
export function orderByKey(
  services: Pick<Services, 'db' | 'regions'>,
  caller: Person,
  wish: { readonly event: EventId; readonly key: string },
): Promise<OrderRecord> {
  return ownOrder(services, caller, orderIdFor({ ...wish, buyer: caller.id }))
}

export type OrderList = { readonly items: readonly Order[]; readonly nextCursor: string | null }

/** The caller's orders, newest first within a region, this server's region first. */
export async function ownOrders(
  services: Needs,
  viewer: Viewer,
  page: { readonly cursor: string | null; readonly limit: number },
): Promise<OrderList> {
  const regions = regionsInOrder(services)
  let at: Cursor | null = page.cursor === null ? null : readCursor(page.cursor)
  if (at !== null && !regions.includes(at.region)) {
    return refuse('BAD_INPUT', 'This cursor is not one of ours. Begin without a cursor.')
  }
  const items: Order[] = []
  for (const region of regions.slice(at === null ? 0 : regions.indexOf(at.region))) {
    const before = at?.region === region ? at.before : null
    const limit = page.limit - items.length
    const found = await pageOfRegion(services, viewer, { region, before, limit })
    items.push(...found)
    const last = found.at(-1)
    if (last !== undefined && items.length >= page.limit) {
      const cursor = { region, before: { createdAt: last.createdAt, id: last.id } }
      return { items, nextCursor: writeCursor(cursor) }
    }
    at = null
  }
  return { items, nextCursor: null }
}

function pageOfRegion(
  services: Needs,
  { caller, session }: Viewer,
  page: Omit<OrderPage, 'buyer'>,
): Promise<Order[]> {
  const { region, before, limit } = page
  const covers = (id: OrderId) => services.regions.homeOf('ord', id) === region
  const after = before === null ? null : placeOf(before)
  return asSeen(
    services,
    { session },
    {
      region,
      isList: true,
      read: (as) => listOrders(services.db, { ...page, buyer: caller.id }, as),
      isOld: (orders) => {
        const end = orders.length < limit ? undefined : orders.at(-1)
        const last = end === undefined ? null : placeOf(end)
        return isPageOlderThanSeen(session.seen, orders, { covers, after, last })
      },
    },
  )
}

function placeOf({ createdAt, id }: Pick<Order, 'createdAt' | 'id'>): ListPlace {
  return { createdAtMs: createdAt.getTime(), id }
}

function regionsInOrder(services: Pick<Services, 'regions' | 'region'>): string[] {
  const names = services.regions.all.map((region) => region.name)
  return [services.region, ...names.filter((name) => name !== services.region)]
}
