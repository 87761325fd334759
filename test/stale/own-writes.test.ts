/**
 * Fans see at least what they have seen before, from a copy that is really old; and are told when
 * that cannot be had.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type PostgresProxy,
  startPostgresProxy,
} from '../../chaos/faults/database-proxy/postgres-proxy.ts'
import { seenToken, withSeen } from '../../server/domain/seen-orders.ts'
import type { OrderId } from '../../server/platform/ids.ts'
import { limits } from '../../server/platform/limits.ts'
import { seenHeader } from '../../server/transport/session-headers.ts'
import { buy, runOut, start } from '../sale/buying.ts'
import { type FrozenCopy, openFrozenCopy } from '../support/frozen-copy.ts'
import { openSaleSystem, persist, type SaleSystem, tokenFor } from '../support/sale-system.ts'
import { askerOf, type Listed } from './asking.ts'

let copy: FrozenCopy
let proxy: PostgresProxy
let system: SaleSystem
let event: string

beforeAll(async () => {
  copy = await openFrozenCopy()
  system = await openSaleSystem({
    settings: { DATABASE_STALE_URL: copy.url },
    databaseVia: async (url) => {
      proxy = await startPostgresProxy(url)
      return proxy.url
    },
  })
  event = await system.newEvent()
  await copy.freeze(system.databaseUrl)
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

const idsOf = ({ items }: Listed) => items.map(({ id }) => id)

describe('a fan who has bought', () => {
  it('finds the order and its tickets in lists, by the token of the answer that showed it', async () => {
    const [fan, ask] = [await system.fan('ann'), await askerOf(system.url, 'ann')]
    const order = await buy(fan, event, [0, 1])
    const shown = await ask<{ id: string }>('orders.get', { order: order.id })
    expect(shown.seen).not.toBeNull()
    const list = await ask<Listed>('orders.list', {}, shown.seen)
    expect(idsOf(list.output)).toEqual([order.id])
    expect(list.isOlder).toBe(false)
    const tickets = await ask<{ items: unknown[] }>('tickets.list', {}, shown.seen)
    expect(tickets.output.items).toHaveLength(2)
    const ofOrder = await ask<{ items: unknown[] }>('tickets.list', { order: order.id }, shown.seen)
    expect(ofOrder.output.items).toHaveLength(2)
  })

  it('finds it without any token, too, in the region where it was bought', async () => {
    const [fan, ask] = [await system.fan('ben'), await askerOf(system.url, 'ben')]
    const order = await buy(fan, event, [2])
    expect(idsOf((await ask<Listed>('orders.list', {})).output)).toEqual([order.id])
  })

  it('sees a newer version than the copy has', async () => {
    const [fan, ask] = [await system.fan('cem'), await askerOf(system.url, 'cem')]
    const { order: pending } = await start(fan, event, [3])
    await copy.freeze(system.databaseUrl)
    const before = await ask<{ version: number }>('orders.get', { order: pending.id })
    expect(before.output.version).toBe(1)
    // Whoever has seen no more than the copy has is answered by it.
    await system.sql("update orders set state = 'void', version = 2 where id = $1", [pending.id])
    const old = await ask<Listed>('orders.list', {}, before.seen)
    expect(old.output.items).toMatchObject([{ id: pending.id, state: 'pending', version: 1 }])
    expect(old.isOlder).toBe(false)
    const now = await ask<{ version: number }>('orders.get', { order: pending.id })
    expect(now.output.version).toBe(2)
    const both = await ask<Listed>('orders.list', {}, `${old.seen},${now.seen}`)
    expect(both.output.items).toMatchObject([{ id: pending.id, state: 'void', version: 2 }])
  })

  it('is answered the version that the order has, also when it ends just then', async () => {
    const [fan, ask] = [await system.fan('kim'), await askerOf(system.url, 'kim')]
    const { order } = await start(fan, event, [11])
    await runOut(system, order.id)
    const { order: ended } = await persist(() => fan.checkout.status.query({ order: order.id }))
    expect(ended.state).toBe('void')
    const read = await ask<{ version: number }>('orders.get', { order: order.id })
    expect(ended.version).toBe(read.output.version)
  })

  it('does not wait for a database that does not answer, and is told', async () => {
    const [fan, ask] = [await system.fan('jan'), await askerOf(system.url, 'jan')]
    const order = await buy(fan, event, [10])
    const { seen } = await ask('orders.get', { order: order.id })
    proxy.strike('orders.list-by-buyer', { kind: 'stall' })
    const startedMs = performance.now()
    try {
      const older = await ask<Listed>('orders.list', {}, seen)
      expect(older).toMatchObject({ output: { items: [] }, isOlder: true })
      expect(proxy.felt()).toBe(1)
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(limits.readAgainWithinMs - 10)
    } finally {
      proxy.calm()
    }
    expect(idsOf((await ask<Listed>('orders.list', {}, seen)).output)).toEqual([order.id])
  })

  it('is shown the older answer, marked, while newer cannot be had', async () => {
    const [fan, ask] = [await system.fan('dan'), await askerOf(system.url, 'dan')]
    const first = await buy(fan, event, [4])
    await copy.freeze(system.databaseUrl)
    const second = await buy(fan, event, [5])
    const { seen } = await ask('orders.get', { order: second.id })
    const whole = await ask<Listed>('orders.list', {}, seen)
    expect(idsOf(whole.output)).toEqual([second.id, first.id])
    proxy.open(false)
    try {
      const older = await ask<Listed>('orders.list', {}, whole.seen)
      expect(idsOf(older.output)).toEqual([first.id])
      expect(older.isOlder).toBe(true)
      const tickets = await ask<{ items: { order: string }[] }>('tickets.list', {}, whole.seen)
      expect(tickets.output.items.map(({ order }) => order)).toEqual([first.id])
      expect(tickets.isOlder).toBe(true)
    } finally {
      proxy.open(true)
    }
    // What it has not seen is still asked for afterwards.
    const later = await ask<Listed>('orders.list', {}, whole.seen)
    expect(idsOf(later.output)).toEqual([second.id, first.id])
    expect(later.isOlder).toBe(false)
  })
})

describe('a token', () => {
  it('that holds orders of others shows none of them, and is no sign of whether they are there', async () => {
    const [eve, fay] = [await system.fan('eve'), await system.fan('fay')]
    const order = await buy(eve, event, [6])
    const ask = await askerOf(system.url, 'fay')
    const own = await buy(fay, event, [7])
    const createdAtMs = Date.parse(order.createdAt)
    const forged = (id: string) => {
      const seen = { id: id as OrderId, version: 2, createdAtMs }
      return seenToken(withSeen([], [seen]))
    }
    const missing = `${order.id.slice(0, -4)}zzzz`
    const [theirs, nobodys] = [
      await ask<Listed>('orders.list', {}, forged(order.id)),
      await ask<Listed>('orders.list', {}, forged(missing)),
    ]
    for (const answer of [theirs, nobodys]) {
      expect(idsOf(answer.output)).toEqual([own.id])
      expect(answer.isOlder).toBe(false)
    }
    const swapped = Buffer.from(theirs.seen ?? '', 'base64url').toString()
    const other = Buffer.from(nobodys.seen ?? '', 'base64url').toString()
    expect(swapped.replace(order.id.slice(4), missing.slice(4))).toBe(other)
  })

  it('that is garbage is ignored', async () => {
    const ask = await askerOf(system.url, 'gus')
    for (const garbage of ['x', '====', ',,,,', 'A'.repeat(5_000), '%00', 'null', "' or 1=1 --"]) {
      const answer = await ask<Listed>('orders.list', {}, garbage)
      expect(answer.output.items).toEqual([])
      expect(answer.seen).toBeNull()
    }
  })

  it('of a batch is merged over all of its calls', async () => {
    const fan = await system.fan('hal')
    const orders = [await buy(fan, event, [8]), await buy(fan, event, [9])]
    const inputs = Object.fromEntries(orders.map(({ id }, at) => [at, { order: id }]))
    const { url } = system
    const query = `batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`
    const authorization = `Bearer ${await tokenFor(url, { name: 'hal' })}`
    const response = await fetch(`${url}/trpc/orders.get,orders.get?${query}`, {
      headers: { authorization },
    })
    const seen = Buffer.from(response.headers.get(seenHeader) ?? '', 'base64url').toString()
    for (const { id } of orders) expect(seen).toContain(id.slice(4))
  })
})

describe('what others look at', () => {
  it('may be old: a list of events lacks a new one, which is found by its id at once', async () => {
    const ask = await askerOf(system.url, 'ida')
    const fresh = await system.newEvent()
    const list = await ask<Listed>('events.list', {})
    expect(idsOf(list.output)).toContain(event)
    expect(idsOf(list.output)).not.toContain(fresh)
    expect((await ask<{ id: string }>('events.get', { event: fresh })).output.id).toBe(fresh)
    await ask('events.seatMap', { event: fresh })
  })
})
