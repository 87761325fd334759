/** Calls between regions that are not what they say, and those that are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type PassedOnClaims,
  regionCallHeader,
} from '../../server/gateways/region-calls/region-call.ts'
import { regionCallSigner } from '../../server/gateways/region-calls/region-call-signer.ts'
import { signingKeys } from '../../server/keys.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { hold, seats } from '../sale/buying.ts'
import { asia, eu, forwardedBy, openRegions, type Regions, rawCall, us } from './open-regions.ts'

let regions: Regions
let event: string
beforeAll(async () => {
  regions = await openRegions()
  event = await regions.newEvent()
})
afterAll(() => regions[Symbol.asyncDispose]())

const path = '/trpc/holds.place'
const ann = { kind: 'person' as const, id: 'demo:ann', session: null }
const forAnn: PassedOnClaims = { caller: ann, address: '192.0.2.7', reason: null, leftMs: 9_000 }

let keys = 0
const wish = () => {
  keys += 1
  return JSON.stringify({ event, key: `signed-key-${keys}`, seats: seats(keys) })
}

type Signing = {
  readonly body: string
  readonly url?: string
  readonly target?: string
  readonly aheadMs?: number
  readonly for?: PassedOnClaims | undefined
}

async function signedBy(region: string, signing: Signing): Promise<Record<string, string>> {
  const { body, url = path, target = us, aheadMs = 0 } = signing
  const set = regions.at(region).config.REGION_CALL_KEYS
  if (set === undefined) throw new Error('no key')
  const signer = regionCallSigner({
    key: (await signingKeys('REGION_CALL_KEYS', set)).active,
    region,
    clock: { nowMs: () => systemClock.nowMs() + aheadMs },
    random: systemRandom,
  })
  const passedOn = 'for' in signing ? signing.for : forAnn
  const method = body === '' ? 'GET' : 'POST'
  return signer.headersFor({
    target,
    method,
    url,
    body,
    ...(passedOn === undefined ? {} : { for: passedOn }),
  })
}

const send = (body: string, headers: Record<string, string>, url = path) =>
  rawCall(regions.at(us).url + url, { headers, ...(body === '' ? {} : { body }) })

const refusalIn = (body: string) => JSON.parse(body).error.data.refusal

describe('a call that a region passed on', () => {
  it('is that of the person it names, once', async () => {
    const body = wish()
    const headers = await signedBy(eu, { body })
    expect(await send(body, headers)).toMatchObject({ status: 200 })
    expect(await send(body, headers)).toMatchObject({ status: 401 })
    const [row] = await regions.sql<{ buyer: string }>('select distinct buyer from holds')
    expect(row?.buyer).toBe(ann.id)
  })

  it.each<[string, Partial<Signing> & { readonly sent?: string }]>([
    ['with another body', { sent: '{"event":"x"}' }],
    ['for another region', { target: eu }],
    ['for another address', { url: '/trpc/holds.release' }],
    ['by a clock minutes behind', { aheadMs: -3 * 60_000 }],
    ['by a clock minutes ahead', { aheadMs: 3 * 60_000 }],
  ])('is nobody: %s', async (_, { sent, ...signing }) => {
    const body = wish()
    const answer = await send(sent ?? body, await signedBy(eu, { body, ...signing }))
    expect(answer.status).toBe(401)
  })

  it('with a token of somebody beside it is nobody', async () => {
    const body = wish()
    const authorization = `Bearer ${await regions.tokenOf('bob')}`
    const headers = { ...(await signedBy(eu, { body })), authorization }
    expect((await send(body, headers)).status).toBe(401)
  })

  it('is one of the sale, and no other', async () => {
    const url = '/trpc/orders.list?input=%7B%7D'
    const headers = await signedBy(eu, { body: '', url })
    const answer = await send('', headers, url)
    expect(answer.status).toBe(403)
    expect(refusalIn(answer.body).code).toBe('NOT_ALLOWED')
    const both = `/trpc/holds.get,orders.list?batch=1&input=${encodeURIComponent(
      JSON.stringify({ 0: { event, hold: 'x' }, 1: {} }),
    )}`
    const mixed = await send('', await signedBy(eu, { body: '', url: both }), both)
    expect(mixed.status).toBe(403)
  })

  it('for a machine and for nobody is refused as theirs', async () => {
    const organisation = `org_${'0'.repeat(26)}`
    const machine = { kind: 'machine' as const, id: 'key_1', organisation, scopes: [] }
    const body = wish()
    const ofMachine = await signedBy(eu, { body, for: { ...forAnn, caller: machine } })
    expect((await send(body, ofMachine)).status).toBe(403)
    const ofNobody = await signedBy(eu, { body, for: { ...forAnn, caller: null } })
    expect((await send(body, ofNobody)).status).toBe(401)
    expect((await send(body, await signedBy(eu, { body, for: undefined }))).status).toBe(403)
  })

  it('to a server that is not the authority is told what that server knows', async () => {
    const far = await regions.newEventAt(eu)
    const body = JSON.stringify({ event: far, key: 'to-the-wrong-one', seats: seats(1) })
    const unknown = await send(body, await signedBy(eu, { body }))
    expect(unknown.status).toBe(503)
    expect(refusalIn(unknown.body)).toMatchObject({ code: 'AUTHORITY_MOVED', details: null })
    regions.at(us).authorities.heard(eu, { serverRegion: asia, epoch: 4 })
    const known = await send(body, await signedBy(eu, { body }))
    const details = { serverRegion: asia, epoch: 4 }
    expect(refusalIn(known.body)).toMatchObject({ code: 'AUTHORITY_MOVED', details })
    expect(await forwardedBy(regions.at(us))).toEqual({})
  })
})

describe('a region whose signature is not taken', () => {
  it('says that nobody sells, not that the fan is nobody, and writes it down', async () => {
    await using strangers = await openRegions({ unknown: eu })
    const there = await strangers.newEvent()
    const answer = await rawCall(`${strangers.at(eu).url}${path}`, {
      token: await strangers.tokenOf('ann'),
      body: { event: there, key: 'by-a-stranger', seats: seats(1) },
      headers: { 'x-frontrow-deadline-ms': '800' },
    })
    expect(refusalIn(answer.body).code).toBe('NO_AUTHORITY')
    expect(Object.keys(await forwardedBy(strangers.at(eu)))).toEqual([`${us} distrusted`])
  })
})

describe('the bound of calls from one address', () => {
  const perAddress = 12
  const perBlock = perAddress * 10

  it('does not count what regions pass on, and counts what only looks like it', async () => {
    const settings = { RATE_LIMIT_PER_ADDRESS: String(perAddress) }
    await using few = await openRegions({ settings })
    const there = await few.newEvent()
    const far = await few.fan(eu, 'ann')
    const near = await few.fan(us, 'ann')
    const { id } = await hold(near, there, [0])
    for (let call = 0; call < perBlock * 0.7; call += 1) {
      await far.holds.get.query({ event: there, hold: id })
    }
    for (let call = 0; call < perBlock * 0.7; call += 1) {
      await near.holds.get.query({ event: there, hold: id })
    }
    const statuses = new Set<number>()
    for (let call = 0; call < perBlock; call += 1) {
      const url = `${few.at(us).url}/trpc/holds.get?input=%7B%7D`
      const answer = await rawCall(url, { headers: { [regionCallHeader]: 'a.b.c' } })
      statuses.add(answer.status)
    }
    expect([...statuses]).toEqual([401, 429])
  })
})
