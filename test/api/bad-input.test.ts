/** What callers get wrong: a clear refusal that names the field, never a stack, never a changed row. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSaleSystem, type SaleSystem, tokenFor } from '../support/sale-system.ts'

type Answer = {
  readonly status: number
  readonly text: string
  readonly code: string | undefined
  readonly fields: readonly string[]
}

let system: SaleSystem
let token: string
let event: string
beforeAll(async () => {
  system = await openSaleSystem()
  token = await tokenFor(system.url, { name: 'ann' })
  event = await system.newEvent()
})
afterAll(() => system[Symbol.asyncDispose]())

async function send(path: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(`${system.url}${path}`, request)
  const text = await response.text()
  const error = errorIn(text)
  return {
    status: response.status,
    text,
    code: error?.data?.refusal?.code,
    fields: (error?.data?.issues ?? []).map((issue) => issue.path),
  }
}

type WireError = {
  readonly data?: {
    readonly refusal?: { readonly code?: string }
    readonly issues?: readonly { readonly path: string }[]
  }
}

function errorIn(text: string): WireError | undefined {
  try {
    const body = JSON.parse(text) as { error?: WireError } | { error?: WireError }[]
    return Array.isArray(body) ? body[0]?.error : body.error
  } catch {
    return undefined
  }
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const all = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers }
  return send(path, { method: 'POST', headers: all, body })
}

const tables = ['claims', 'holds', 'orders', 'payments', 'tickets', 'outbox', 'events', 'venues']

/** Every row of every table that a call could change, as one text. */
async function everything(): Promise<string> {
  const parts = tables.map(async (table) => {
    const rows = await system.sql<{ digest: string }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as digest from ${table} as t`,
    )
    return `${table} ${rows[0]?.digest}`
  })
  return (await Promise.all(parts)).join('\n')
}

const seats = { kind: 'units', units: [1, 2] }
const key = '0123456789abcdef'
const huge = Array.from({ length: 20_000 }, (_, unit) => unit)

/** [what, the seats and key of a hold, the field that is to be named] */
const holds: readonly [string, object, string][] = [
  ['no seats', { key }, 'seats'],
  ['seats null', { key, seats: null }, 'seats'],
  ['an unknown kind', { key, seats: { kind: 'all' } }, 'seats.kind'],
  ['a seat twice', { key, seats: { kind: 'units', units: [1, 1] } }, 'seats.units'],
  ['no unit', { key, seats: { kind: 'units', units: [] } }, 'seats.units'],
  ['20,000 units', { key, seats: { kind: 'units', units: huge } }, 'seats.units'],
  ['a negative unit', { key, seats: { kind: 'units', units: [-1] } }, 'seats.units.0'],
  ['half a unit', { key, seats: { kind: 'units', units: [1.5] } }, 'seats.units.0'],
  ['a unit as text', { key, seats: { kind: 'units', units: ['1'] } }, 'seats.units.0'],
  ['2^53 + 1', { key, seats: { kind: 'units', units: [2 ** 53 + 1] } }, 'seats.units.0'],
  ['a price', { key, seats, price: 1 }, ''],
  ['a price inside', { key, seats: { ...seats, price: 1 } }, 'seats'],
  ['a buyer', { key, seats, buyer: 'demo:bob' }, ''],
  ['an object as units', { key, seats: { kind: 'units', units: { length: 2 } } }, 'seats.units'],
  ['count zero', { key, seats: { kind: 'best', count: 0 } }, 'seats.count'],
  ['count 51', { key, seats: { kind: 'best', count: 51 } }, 'seats.count'],
  [
    'a section twice',
    { key, seats: { kind: 'best', count: 1, sections: ['A', 'A'] } },
    'seats.sections',
  ],
  ['no key', { seats }, 'key'],
  ['an empty key', { key: '', seats }, 'key'],
  ['a key of 256', { key: 'k'.repeat(256), seats }, 'key'],
  ['a key with NUL', { key: 'abcdefgh\0', seats }, 'key'],
  ['a key of spaces', { key: '          ', seats }, 'key'],
  ['a lone surrogate as key', { key: 'abcdefgh\ud800', seats }, 'key'],
  ['right-to-left in the key', { key: 'abcdefgh\u202e', seats }, 'key'],
]

describe('a hold that nobody can mean', () => {
  it.each(holds)('%s: names the field and changes nothing', async (_, wish, field) => {
    const before = await everything()
    const answer = await post('/trpc/holds.place', JSON.stringify({ event, ...wish }))
    expect(answer).toMatchObject({ status: 400, code: 'BAD_INPUT' })
    expect(answer.fields).toContain(field)
    expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+/)
    expect(await everything()).toBe(before)
  })

  it.each([
    ['an event of another type', 'ord_use1_01j8zzzzzzzzzzzzzzzzzzzzzz', 'BAD_INPUT'],
    ['a path', '../../etc/passwd', 'BAD_INPUT'],
    ['SQL', "evt_use1_' or 1=1 --", 'BAD_INPUT'],
    ['a region that nobody has', 'evt_zzz9_01j8zzzzzzzzzzzzzzzzzzzzzz', 'NOT_FOUND'],
    ['an id that nobody has', 'evt_use1_01j8zzzzzzzzzzzzzzzzzzzzzz', 'NOT_FOUND'],
  ])('for %s', async (_, other, code) => {
    const body = JSON.stringify({ event: other, key: randomUUID(), seats })
    expect((await post('/trpc/holds.place', body)).code).toBe(code)
  })

  it.each([
    ['units beyond the event', { kind: 'units', units: [99_999] }],
    ['a section of nobody', { kind: 'best', count: 1, sections: ['Z'] }],
    ['a standing area as seats', { kind: 'best', count: 1, sections: ['Floor'] }],
    ['seats as a standing area', { kind: 'standing', count: 1, sections: ['A'] }],
  ])('with %s', async (_, wish) => {
    const body = JSON.stringify({ event, key: randomUUID(), seats: wish })
    expect((await post('/trpc/holds.place', body)).code).toBe('SEATS_UNKNOWN')
  })
})

describe('a body that is no call', () => {
  const place = '/trpc/holds.place'
  const tooLong = JSON.stringify({ event, key, seats, padding: 'x'.repeat(300_000) })
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  it.each([
    ['broken JSON', place, '{"event":', 400],
    ['half an object', place, '{"event":"e', 400],
    ['no body', place, '', 400],
    ['a number that is none', place, '{"event":NaN}', 400],
    ['a body beyond the bound', place, tooLong, 413],
    ['20,000 levels', place, deep, 400],
    ['an unknown procedure', '/trpc/holds.steal', '{}', 404],
    ['a prototype as procedure', '/trpc/__proto__', '{}', 404],
    ['a constructor as router', '/trpc/constructor.name', '{}', 404],
    ['a query sent as a write', '/trpc/events.list', '{}', 405],
    ['no such address', '/admin', '{}', 404],
  ])('%s', async (...[, path, body, status]) => {
    const before = await everything()
    const answer = await post(path, body)
    expect(answer.status).toBe(status)
    expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+/)
    expect(await everything()).toBe(before)
  })

  it('with a prototype inside pollutes nothing', async () => {
    const wish = `{"event":"${event}","key":"${key}","seats":{"kind":"best","count":1,"__proto__":{"count":9}},"__proto__":{"admin":true}}`
    const answer = await post(place, wish)
    expect([200, 400]).toContain(answer.status)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'as %s is not read',
    async (type) => {
      const answer = await post(place, JSON.stringify({ event, key, seats }), {
        'content-type': type,
      })
      expect(answer).toMatchObject({ status: 415, code: 'BAD_INPUT' })
    },
  )

  it('cannot write by GET', async () => {
    const before = await everything()
    const input = encodeURIComponent(JSON.stringify({ event, key, seats }))
    const headers = { authorization: `Bearer ${token}` }
    const answer = await send(`/trpc/holds.place?input=${input}`, { headers })
    expect(answer.status).toBe(405)
    expect(await everything()).toBe(before)
  })

  it('counts the calls of a batch, not the request', async () => {
    const paths = Array.from({ length: 21 }, () => 'events.list').join(',')
    const answer = await send(`/trpc/${paths}?batch=1&input={}`, {})
    expect(answer).toMatchObject({ status: 400, code: 'BAD_INPUT' })
  })
})

describe('an order and a page that nobody has', () => {
  const id = 'ord_use1_01j8zzzzzzzzzzzzzzzzzzzzzz'
  it.each([
    ['orders.get', { order: id }],
    ['checkout.status', { order: id }],
    ['tickets.get', { ticket: 'tkt_use1_01j8zzzzzzzzzzzzzzzzzzzzzz_1' }],
    ['orders.getByKey', { key }],
  ])('%s', async (path, input) => {
    const query = encodeURIComponent(
      JSON.stringify(path.endsWith('Key') ? { event, ...input } : input),
    )
    const headers = { authorization: `Bearer ${token}` }
    expect((await send(`/trpc/${path}?input=${query}`, { headers })).code).toBe('NOT_FOUND')
  })

  it.each(['', 'x', 'eyJ9', Buffer.from('[1,2,3]').toString('base64url'), 'A'.repeat(500)])(
    'a cursor "%s"',
    async (cursor) => {
      const headers = { authorization: `Bearer ${token}` }
      for (const path of ['orders.list', 'tickets.list', 'events.list']) {
        const input = encodeURIComponent(JSON.stringify({ cursor }))
        const answer = await send(`/trpc/${path}?input=${input}`, { headers })
        expect(answer).toMatchObject({ status: 400, code: 'BAD_INPUT' })
      }
    },
  )
})
