/** A fan who asks the server of another region buys as one who asks the right one. */
import { randomUUID } from 'node:crypto'
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppRouter } from '../../server/transport/routers/index.ts'
import { procedures } from '../access/procedures.ts'
import { buy, confirm, hold, orderRow, seats, start } from '../sale/buying.ts'
import { refusalOf } from '../support/sale-system.ts'
import {
  eu,
  forwardedBy,
  openRegions,
  type RawAnswer,
  type Regions,
  rawCall,
  us,
} from './open-regions.ts'

let regions: Regions
beforeAll(async () => {
  regions = await openRegions()
})
afterAll(() => regions[Symbol.asyncDispose]())

const forwarded = (region: string) => forwardedBy(regions.at(region))

describe('a fan at the server of another region', () => {
  it('holds, looks, extends, gives back, checks out and pays', async () => {
    const event = await regions.newEvent()
    const fan = await regions.fan(eu, 'far-fan')
    const paid = await buy(fan, event, [0, 1])
    expect(await orderRow(regions, paid.id)).toMatchObject({ state: 'paid', sold: 2, tickets: 2 })
    const held = await hold(fan, event, [2])
    expect(await fan.holds.get.query({ event, hold: held.id })).toMatchObject({ id: held.id })
    expect(await fan.holds.extend.mutate({ event, hold: held.id })).toMatchObject({ id: held.id })
    expect(await fan.holds.release.mutate({ event, hold: held.id })).toEqual({ released: true })
    const { order } = await start(fan, event, [3])
    expect((await fan.checkout.status.query({ order: order.id })).order.state).toBe('pending')
    expect((await confirm(fan, order.id)).order.state).toBe('paid')
    expect(await forwarded(eu)).toEqual({ [`${us} answered`]: 11 })
    expect(await forwarded(us)).toEqual({})
  })

  it('is the same person there: what others hold looks as if it were not there', async () => {
    const event = await regions.newEvent()
    const ann = await regions.fan(us, 'ann')
    const bob = await regions.fan(eu, 'bob')
    const { id, token } = await hold(ann, event, [4])
    expect((await refusalOf(bob.holds.get.query({ event, hold: id }))).code).toBe('NOT_FOUND')
    expect(await bob.holds.release.mutate({ event, hold: id })).toEqual({ released: false })
    const stolen = bob.checkout.start.mutate({ holdToken: token })
    expect((await refusalOf(stolen)).code).toBe('HOLD_TOKEN_INVALID')
    const away = await regions.fan(eu, 'ann')
    expect(await away.holds.get.query({ event, hold: id })).toMatchObject({ id })
  })

  it('gets the one hold of a key, whichever servers were asked', async () => {
    const event = await regions.newEvent()
    const wish = { event, key: randomUUID(), seats: seats(7) }
    const [near, far] = await Promise.all(
      [us, eu].map(async (region) => (await regions.fan(region, 'ann')).holds.place.mutate(wish)),
    )
    expect(far?.id).toBe(near?.id)
  })
})

describe('an answer from afar', () => {
  const path = '/trpc/holds.place'
  const asked = { 'x-request-id': 'the-same-request' }
  const sameFrom = async (url: string, call: Parameters<typeof rawCall>[1]) => {
    const answers: RawAnswer[] = []
    for (const region of [us, eu]) {
      answers.push(await rawCall(regions.at(region).url + url, { headers: asked, ...call }))
    }
    const [near, far] = answers
    if (near === undefined || far === undefined) throw new Error('two answers')
    expect(far.body).toBe(near.body)
    expect(far.status).toBe(near.status)
    const named = (answer: RawAnswer) =>
      [...answer.headers].filter(([name]) => !/^(date|ratelimit.*)$/.test(name))
    expect(named(far)).toEqual(named(near))
    return near
  }

  it('is equal to the byte: refusals, faults of input, and what nobody may do', async () => {
    const event = await regions.newEvent()
    await hold(await regions.fan(us, 'first'), event, [10])
    const token = await regions.tokenOf('second')
    const wish = (units: readonly number[]) => ({
      event,
      key: 'key-of-the-test',
      seats: seats(...units),
    })
    const taken = await sameFrom(path, { token, body: wish([10]) })
    expect(taken).toMatchObject({ status: 409 })
    expect(taken.body).toContain('SEATS_TAKEN')
    const unknown = await sameFrom(path, { token, body: wish([99_999]) })
    expect(unknown.body).toContain('SEATS_UNKNOWN')
    const faulty = await sameFrom(path, { token, body: { ...wish([1]), extra: true } })
    expect(faulty).toMatchObject({ status: 400 })
    expect((await sameFrom(path, { body: wish([1]) })).status).toBe(401)
    const other = event.replace(/.{4}$/, '0000')
    const missing = await sameFrom(path, { token, body: { ...wish([1]), event: other } })
    expect(missing.status).toBe(404)
  })

  it('is that of this server where the input names no region, or one that is not ours', async () => {
    const token = await regions.tokenOf('ann')
    const elsewhere = `evt_mars_${'0'.repeat(26)}`
    const before = await forwarded(eu)
    const inputs = [
      '{',
      '[]',
      'null',
      '"evt_use1"',
      '{"event":{"event":1}}',
      JSON.stringify({ event: elsewhere, key: 'key-of-the-test', seats: seats(1) }),
      JSON.stringify({
        event: `evt_use1_${'!'.repeat(26)}`,
        key: 'key-of-the-test',
        seats: seats(1),
      }),
      JSON.stringify({ event: 'x'.repeat(200_000), key: 'key-of-the-test', seats: seats(1) }),
    ]
    for (const body of inputs) {
      const answer = await sameFrom(path, { token, body })
      expect([400, 404]).toContain(answer.status)
    }
    for (const holdToken of ['', 'a', '..', 'a.b.c', `x.${'A'.repeat(16_000)}.x`]) {
      await sameFrom('/trpc/checkout.start', { token, body: { holdToken } })
    }
    expect(await forwarded(eu)).toEqual(before)
  })

  it('comes for a name in disguise, too', async () => {
    const event = await regions.newEvent()
    const token = await regions.tokenOf('ann')
    const body = { event, key: 'in-disguise', seats: seats(20) }
    const before = await forwarded(eu)
    const disguised = `${regions.at(eu).url}/trpc/x/../holds%2Eplace/?y=1`
    expect((await rawCall(disguised, { token, body })).status).toBe(200)
    expect(await forwarded(eu)).not.toEqual(before)
  })

  it('comes for an address that is nearly too long to be signed', async () => {
    const event = await regions.newEvent()
    const { id } = await hold(await regions.fan(us, 'ann'), event, [21])
    const input = encodeURIComponent(JSON.stringify({ event, hold: id }))
    const url = `${regions.at(eu).url}/trpc/holds.get?input=${input}&x=${'x'.repeat(7_500)}`
    const answer = await rawCall(url, { token: await regions.tokenOf('ann') })
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(id) })
  })
})

describe('a batch', () => {
  const batching = async (region: string, name: string) => {
    const authorization = `Bearer ${await regions.tokenOf(name)}`
    const url = `${regions.at(region).url}/trpc`
    const link = httpBatchLink({ url, headers: { authorization } })
    return createTRPCClient<AppRouter>({ links: [link] })
  }

  it('about several regions is answered in its order, by those whose part it is', async () => {
    const far = await regions.newEvent()
    const near = await regions.newEventAt(eu)
    const fan = await batching(eu, 'ann')
    const place = (event: string, unit: number) =>
      fan.holds.place.mutate({ event, key: `in-a-batch-${unit}`, seats: seats(unit) })
    const placed = await Promise.allSettled([
      place(far, 30),
      place(near, 31),
      place(`evt_mars_${'0'.repeat(26)}`, 32),
      place(far, 30),
      place(near, 33),
    ])
    expect(placed.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    const events = placed.map((one) => (one.status === 'fulfilled' ? one.value.event : null))
    expect(events).toEqual([far, near, null, far, near])
    const [first, second] = placed.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const looked = await Promise.all([
      fan.holds.get.query({ event: near, hold: second?.id ?? '' }),
      fan.events.get.query({ event: far }),
      fan.holds.get.query({ event: far, hold: first?.id ?? '' }),
    ])
    expect(looked.map(({ id }) => id)).toEqual([second?.id, far, first?.id])
  })

  it('has status 207 where its answers differ, and theirs where they do not', async () => {
    const far = await regions.newEvent()
    const near = await regions.newEventAt(eu)
    const token = await regions.tokenOf('ann')
    const wish = (event: string, key: string, unit: number) => ({
      event,
      key: `key-${key}-000`,
      seats: seats(unit),
    })
    const ask = (first: object, second: object) =>
      rawCall(`${regions.at(eu).url}/trpc/holds.place,holds.place?batch=1`, {
        token,
        body: { 0: first, 1: second },
      })
    const good = [wish(far, 'first', 1), wish(near, 'second', 1)] as const
    expect((await ask(...good)).status).toBe(200)
    const mixed = await ask(wish(far, 'c', 99_999), wish(near, 'd', 2))
    expect(mixed.status).toBe(207)
    const [refused, done] = JSON.parse(mixed.body)
    expect(refused.error.data.refusal.code).toBe('SEATS_UNKNOWN')
    expect(done.result.data.event).toBe(near)
    const bad = await ask(wish(far, 'e', 99_999), wish(near, 'f', 99_999))
    expect(bad.status).toBe(JSON.parse(bad.body)[0].error.data.httpStatus)
  })

  it('of queries and mutations is refused as a whole, wherever it belongs', async () => {
    const far = await regions.newEvent()
    const near = await regions.newEventAt(eu)
    const answer = await rawCall(`${regions.at(eu).url}/trpc/holds.place,holds.get?batch=1`, {
      token: await regions.tokenOf('ann'),
      body: {
        0: { event: far, key: 'mixed-types', seats: seats(5) },
        1: { event: near, hold: 'x' },
      },
    })
    expect(answer.status).toBe(400)
    const [row] = await regions.sql<{ held: number }>(
      "select count(*)::int4 as held from claims where event_id = $1 and state = 'held'",
      [far],
    )
    expect(row?.held).toBe(0)
  })
})

it('what a server passes on is what its router marks, and all of it needs a person', () => {
  const marked = procedures.filter(({ isAtAuthority }) => isAtAuthority)
  expect(marked.map(({ path }) => path).sort()).toEqual([
    'checkout.confirm',
    'checkout.start',
    'checkout.status',
    'holds.extend',
    'holds.get',
    'holds.place',
    'holds.reclaim',
    'holds.release',
  ])
  expect(marked.every(({ rule }) => rule.kind === 'signed-in' || rule.kind === 'owner')).toBe(true)
})
