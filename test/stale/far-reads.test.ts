/**
 * A server of another region looks at a fan's orders: from the copy where that does, else by one
 * round trip to the orders' home. Here both are databases whose reads are counted.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ownOrders, shownOrder } from '../../server/application/orders.ts'
import { Session } from '../../server/application/session.ts'
import { ownTicket, ownTickets, ticketsOfOrder } from '../../server/application/tickets.ts'
import type { Person } from '../../server/domain/access.ts'
import { seenToken, withSeen } from '../../server/domain/seen-orders.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { type OrderId, ticketIdFor } from '../../server/platform/ids.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { type Database, openDatabase } from '../../server/stores/database.ts'
import { buy, start } from '../sale/buying.ts'
import { type FrozenCopy, openFrozenCopy } from '../support/frozen-copy.ts'
import { goldenRegions } from '../support/golden.ts'
import { openSaleSystem, type SaleSystem } from '../support/sale-system.ts'

let copy: FrozenCopy
let system: SaleSystem
let event: string
let db: Database
const asked: string[] = []

beforeAll(async () => {
  copy = await openFrozenCopy()
  system = await openSaleSystem()
  event = await system.newEvent()
  await copy.freeze(system.databaseUrl)
  const metrics = {
    attempt: () => undefined,
    staleRead: ({ use, answer }: { use: string; answer: string }) => asked.push(`${use} ${answer}`),
    operation: ({ name, outcome }: { name: string; outcome: string }) =>
      asked.push(`${name} ${outcome}`),
  }
  const ports = { clock: systemClock, random: systemRandom, metrics }
  db = openDatabase({ url: system.databaseUrl, staleUrl: copy.url, poolMax: 4, ...ports })
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  await system[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})
beforeEach(() => {
  asked.length = 0
})

/** The orders' home is us-east1. */
const far = () => ({ db, regions: new RegionTable(goldenRegions), region: 'europe-west1' })

const personOf = async (name: string): Promise<Person> => {
  const [row] = await system.sql<{ buyer: string }>(
    'select buyer from orders where buyer like $1 limit 1',
    [`%${name}`],
  )
  return { kind: 'person', id: row?.buyer ?? name } as Person
}

const tokenOf = (id: string, version: number, createdAt: string) =>
  seenToken(withSeen([], [{ id: id as OrderId, version, createdAtMs: Date.parse(createdAt) }]))

describe('an order far away', () => {
  it('that the copy has is read from it alone, unless its fan has seen newer', async () => {
    const fan = await system.fan('ann')
    const { order } = await start(fan, event, [0])
    await copy.freeze(system.databaseUrl)
    await system.sql("update orders set state = 'void', version = 2 where id = $1", [order.id])
    const caller = await personOf('ann')
    const id = order.id as OrderId
    const old = await shownOrder(far(), { caller, session: new Session() }, id)
    expect(old.order).toMatchObject({ state: 'pending', version: 1 })
    expect(asked).toEqual(['orders.find-own ok', 'history stale'])
    const session = new Session(tokenOf(order.id, 2, order.createdAt))
    const now = await shownOrder(far(), { caller, session }, id)
    expect(now.order).toMatchObject({ state: 'void', version: 2 })
    expect(session.isOlder).toBe(false)
    expect(asked.slice(2)).toEqual(['orders.find-own ok', 'history stale', 'orders.find-own ok'])
  })

  it('that the copy does not have yet is asked for, and so is what nobody has', async () => {
    const fan = await system.fan('ben')
    const order = await buy(fan, event, [1])
    const caller = await personOf('ben')
    const viewer = { caller, session: new Session() }
    const found = await shownOrder(far(), viewer, order.id as OrderId)
    expect(found.order.id).toBe(order.id)
    asked.length = 0
    const stranger = { caller: { ...caller, id: 'somebody' }, session: new Session() }
    const missing = `${order.id.slice(0, -4)}zzzz` as OrderId
    const codes = [
      await refusedWith(shownOrder(far(), stranger, order.id as OrderId)),
      await refusedWith(shownOrder(far(), viewer, missing)),
    ]
    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND'])
    // Somebody else's takes as many round trips as one that is not there.
    expect(asked.slice(0, 3)).toEqual(asked.slice(3))
  })

  it('shows tickets of a paid order that the copy has without them', async () => {
    const fan = await system.fan('cem')
    const order = await buy(fan, event, [2, 3])
    await copy.freeze(system.databaseUrl)
    await thinOut(order.id)
    const caller = await personOf('cem')
    const viewer = { caller, session: new Session() }
    const id = order.id as OrderId
    expect((await ticketsOfOrder(far(), viewer, id)).items).toHaveLength(2)
    expect((await ownTickets(far(), viewer, { cursor: null, limit: 10 })).items).toHaveLength(2)
    expect((await ownTicket(far(), viewer, ticketIdFor(id, 3))).unit).toBe(3)
    expect(viewer.session.isOlder).toBe(false)
  })

  it('is listed as its fan has seen it, over several pages', async () => {
    const fan = await system.fan('dan')
    const orders = []
    for (const unit of [10, 11, 12, 13, 14]) {
      orders.push(await buy(fan, event, [unit]))
      if (unit === 13) await copy.freeze(system.databaseUrl)
    }
    const caller = await personOf('dan')
    const newest = orders.map(({ id }) => id).toReversed()
    const all = async (session: Session) => {
      const ids: string[] = []
      let cursor: string | null = null
      do {
        const page = await ownOrders(far(), { caller, session }, { cursor, limit: 2 })
        ids.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor
      } while (cursor !== null)
      return ids
    }
    expect(await all(new Session())).toEqual(newest.slice(1))
    const [last] = orders.slice(-1)
    const token = tokenOf(last?.id ?? '', 2, last?.createdAt ?? '')
    expect(await all(new Session(token))).toEqual(newest)
  })
})

async function refusedWith(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (cause) {
    return (cause as { refusal: { code: string } }).refusal.code
  }
  return 'not refused'
}

/** The copy has the order as paid, and none of its tickets: as a replica behind a balancer may. */
async function thinOut(order: string): Promise<void> {
  const own = openDatabase({
    url: copy.url,
    poolMax: 1,
    clock: systemClock,
    random: systemRandom,
  })
  try {
    await own.pool.query('delete from tickets where order_id = $1', [order])
  } finally {
    await own[Symbol.asyncDispose]()
  }
}
