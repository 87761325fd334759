/** Calls are counted, each of a batch, by person, address and organisation, with and without Redis. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LimitsRedis } from '../../server/gateways/limits/limits-redis.ts'
import { SharedRateLimits } from '../../server/gateways/limits/shared-rate-limits.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'
import { createTestRedis, redisMissing, type TestRedis } from '../support/redis.ts'
import { openSaleSystem, type SaleSystem, tokenFor } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'

const settings = {
  RATE_LIMIT_PER_CALLER: '40',
  RATE_LIMIT_PER_ADDRESS: '60',
  RATE_LIMIT_PER_ORGANISATION: '30',
  TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8',
}

let system: SaleSystem
beforeAll(async () => {
  system = await openSaleSystem({ settings })
})
afterAll(() => system[Symbol.asyncDispose]())

let clients = 0
/** From an address of its own, which the trusted proxy tells. */
const newAddress = () => `198.51.100.${(clients += 1)}`

function call(path: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${system.url}/trpc/${path}`, { headers })
}

const looking = 'events.list?input=%7B%22limit%22%3A1%7D'
const batchOf = (count: number) =>
  `${Array.from({ length: count }, () => 'events.list').join(',')}?batch=1&input=%7B%7D`

async function statuses(count: number, one: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let at = 0; at < count; at += 1) all.push((await one()).status)
  return all
}

describe('calls', () => {
  it('of nobody are counted by address block, each of a batch, and refused with an honest wait', async () => {
    const headers = { 'x-forwarded-for': newAddress() }
    for (let at = 0; at < 3; at += 1)
      expect((await call(batchOf(20), headers)).status).not.toBe(429)
    const refused = await call(batchOf(2), headers)
    expect(refused.status).toBe(429)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(limits.rateWindowMs / 1000)
    const body = (await refused.json()) as {
      error: { data: { refusal: { retryAfterMs: number } } }
    }
    const { retryAfterMs } = body.error.data.refusal
    expect(Math.ceil(retryAfterMs / 1000)).toBe(seconds)
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/)
    expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=60;w=60')
    expect((await call(looking, { 'x-forwarded-for': newAddress() })).status).not.toBe(429)
  })

  it('of a person are counted wherever they come from, and not against nobody at that address', async () => {
    const token = await tokenFor(system.url, { name: 'busy' })
    const headers = () => ({ authorization: `Bearer ${token}`, 'x-forwarded-for': newAddress() })
    const all = await statuses(41, () => call(looking, headers()))
    expect(all.slice(0, 40)).not.toContain(429)
    expect(all[40]).toBe(429)
  })

  it('that buy are not used up by those that look', async () => {
    const token = await tokenFor(system.url, { name: 'curious' })
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': newAddress() }
    expect(await statuses(41, () => call(looking, headers))).toContain(429)
    expect((await call('orders.list?input=%7B%7D', headers)).status).not.toBe(429)
  })

  it('of a person go on when the neighbours behind the same address have used it up', async () => {
    const shared = { 'x-forwarded-for': newAddress() }
    expect(await statuses(4, () => call(batchOf(20), shared))).toContain(429)
    const token = await tokenFor(system.url, { name: 'patient' })
    const answer = await call(looking, { ...shared, authorization: `Bearer ${token}` })
    expect(answer.status).not.toBe(429)
    expect(answer.headers.get('ratelimit')).toContain('"caller"')
  })

  it('cannot hide behind a forged X-Forwarded-For', async () => {
    const real = newAddress()
    const forged = () => ({ 'x-forwarded-for': `203.0.113.${(clients += 1)}, ${real}` })
    expect(await statuses(4, () => call(batchOf(20), forged()))).toContain(429)
  })

  it('for an organisation are counted together', async () => {
    const roles = { [system.organisation]: 'manager' }
    const people = await Promise.all(
      ['anna', 'bert'].map((name) => tokenFor(system.url, { name, roles })),
    )
    const input = encodeURIComponent(JSON.stringify({ organisation: system.organisation }))
    const all: number[] = []
    for (const token of people) {
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': newAddress() }
      all.push(...(await statuses(20, () => call(`admin.venues.list?input=${input}`, headers))))
    }
    expect(all[0]).toBe(200)
    expect(all.at(-1)).toBe(429)
  })

  it('that ask for health are never counted', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.200' }
    const all = await statuses(650, () => fetch(`${system.url}/livez`, { headers }))
    expect(new Set(all)).toEqual(new Set([200]))
  })

  it('by forged webhooks are counted', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.201', 'content-type': 'application/json' }
    const forged = {
      method: 'POST',
      body: '{}',
      headers: { ...headers, 'stripe-signature': 't=1,v1=0' },
    }
    const all = await statuses(601, () => fetch(`${system.url}/webhooks/stripe`, forged))
    expect(all[0]).toBe(400)
    expect(all[600]).toBe(429)
  })
})

describeUnless(redisMissing(), 'calls over several servers', () => {
  let server: TestRedis
  let redis: LimitsRedis[]
  const perWindow = { caller: 100, address: 100, organisation: 100 }
  const asked = { by: 'caller', subject: 'x', purpose: 'browse', calls: 1 } as const
  beforeAll(async () => {
    server = await createTestRedis()
    const options = { url: server.url, clock: systemClock, onError: () => undefined }
    redis = [new LimitsRedis(options), new LimitsRedis(options)]
    const ready = () => redis.every(({ isUsable }) => isUsable)
    await eventually(ready, { what: 'Redis is ready', timeoutMs: 5_000 })
  })
  afterAll(async () => {
    for (const each of redis) each.close()
    await server[Symbol.asyncDispose]()
  })
  const two = () =>
    redis.map((each) => new SharedRateLimits({ redis: each, clock: systemClock, perWindow }))

  it('are counted together, and those of the modest cost Redis nothing', async () => {
    const servers = two()
    const client = redis[0]?.client
    for (const each of servers) await each.take({ ...asked, subject: 'modest', calls: 10 })
    expect(await client?.keys('frontrow:rate:*')).toEqual([])
    let allowed = 0
    for (let at = 0; at < 200; at += 1) {
      const allowance = await servers[at % 2]?.take({ ...asked, subject: 'greedy' })
      if (allowance?.isOver === false) allowed += 1
    }
    expect(allowed).toBeGreaterThanOrEqual(100)
    expect(allowed).toBeLessThanOrEqual(100 + 100 * limits.rateQuietPart)
    const keys = (await client?.keys('frontrow:rate:*')) ?? []
    expect(keys).toHaveLength(1)
    expect(keys.join()).not.toContain('greedy')
  })

  it('are counted by each server alone when Redis is gone, without an error', async () => {
    const [one] = two()
    if (one === undefined) throw new Error('no server')
    const subject = 'later'
    for (let at = 0; at < 50; at += 1) await one.take({ ...asked, subject })
    await server.kill()
    const rest = await Promise.all(
      Array.from({ length: 51 }, () => one.take({ ...asked, subject })),
    )
    expect(rest.filter(({ isOver }) => isOver)).toHaveLength(1)
  })
})
