/** What the public API says of each fan after the sale: their orders and their tickets. */
import pLimit from 'p-limit'
import type { Client } from '../../client/index.ts'
import type { Order, Story } from './fan.ts'
import type { FanFinding, OrderFinding } from './findings.ts'

/** Fans asked at once: the sale is over, nothing is measured. */
const fansAtOnce = 12
/** A fan of one sale has few orders; more pages than this are a fault of the paging. */
const pagesMax = 20
const pageSize = 100

export type Asking = {
  readonly stories: readonly Story[]
  readonly clientOf: (fan: number) => Client
  readonly onFan: () => void
}

export function askFans({ stories, clientOf, onFan }: Asking): Promise<FanFinding[]> {
  const atOnce = pLimit(fansAtOnce)
  return atOnce.map(stories, async (story) => {
    const client = clientOf(story.fan)
    // In one tick, so that both go out as one request.
    const [orders, tickets] = await Promise.all([
      allPages((page) => client.orders.list.query(page)),
      allPages((page) => client.tickets.list.query(page)),
    ])
    onFan()
    return {
      fan: story.fan,
      told: story.told,
      acknowledged: story.acknowledged && findingOf(story.acknowledged),
      orders: orders.map(findingOf),
      tickets: tickets.map(({ state, ...ticket }) => ({ ...ticket, isValid: state === 'valid' })),
    }
  })
}

function findingOf(order: Order): OrderFinding & { readonly tickets: readonly string[] } {
  const { id, state, total, tickets, lines } = order
  return {
    id,
    state,
    total,
    tickets,
    units: lines.map((line) => line.unit),
    linesTotal: lines.reduce((sum, { price, fee }) => sum + price + fee, 0),
  }
}

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null }

async function allPages<Item>(
  read: (page: { cursor: string | null; limit: number }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: Page<Item> = await read({ cursor, limit: pageSize })
    items.push(...answer.items)
    cursor = answer.nextCursor
    if (cursor === null) return items
  }
  throw new Error(`A fan's list has not ended after ${pagesMax} pages.`)
}
