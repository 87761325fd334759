/** Calls that travel together are answered as if each had come alone. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { regionCallHeader } from '../../server/gateways/region-calls/region-call.ts'
import { regionCallSigner } from '../../server/gateways/region-calls/region-call-signer.ts'
import { signingKeys } from '../../server/keys.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { seats } from '../sale/buying.ts'
import { type Front, startFront } from './front.ts'
import { eu, openRegions, type Regions, rawCall, us } from './open-regions.ts'

let regions: Regions
let front: Front
let event: string
beforeAll(async () => {
  regions = await openRegions({
    internalUrls: async (region, url) => {
      if (region !== us) return [url]
      front = await startFront(url)
      return [front.url]
    },
  })
  event = await regions.newEvent()
})
afterAll(async () => {
  await regions[Symbol.asyncDispose]()
  await front[Symbol.asyncDispose]()
})
afterEach(() => front.plan())

const place = async (name: string, unit: number) =>
  rawCall(`${regions.at(eu).url}/trpc/holds.place`, {
    token: await regions.tokenOf(name),
    body: { event, key: `key-of-group-${unit}`, seats: seats(unit) },
  })

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at)

const holders = async (units: readonly number[]) => {
  const rows = await regions.sql<{ buyer: string; unit: number }>(
    'select buyer, unit_numbers[1] as unit from holds where event_id = $1 and unit_numbers[1] = any($2::int4[]) order by 2',
    [event, units],
  )
  return rows.map(({ buyer, unit }) => `${buyer} ${unit}`)
}

describe('calls that come at the same moment', () => {
  it("go in fewer requests, each is its own caller's, and a refusal is one call's", async () => {
    const units = range(0, 40)
    await Promise.all(units.map((unit) => regions.tokenOf(`fan-${unit}`)))
    const before = front.requests()
    const answers = await Promise.all([
      ...units.map((unit) => place(`fan-${unit}`, unit)),
      place('fan-0', 99_999),
    ])
    expect(front.requests() - before).toBeLessThan(units.length + 1)
    expect(answers.map(({ status }) => status)).toEqual([...units.map(() => 200), 422])
    expect(await holders(units)).toEqual(units.map((unit) => `demo:fan-${unit} ${unit}`))
  })

  it('are sent again when their answers are lost, and each is done once', async () => {
    const units = range(40, 12)
    await Promise.all(units.map((unit) => regions.tokenOf(`fan-${unit}`)))
    front.plan('answer lost', 'answer lost', 'lost')
    const answers = await Promise.all(units.map((unit) => place(`fan-${unit}`, unit)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await holders(units)).toEqual(units.map((unit) => `demo:fan-${unit} ${unit}`))
  })
})

describe('a request for several calls', () => {
  const ann = { kind: 'person' as const, id: 'demo:ann', session: null }
  const one = (wish: object) => ({
    method: 'POST',
    url: '/trpc/holds.place',
    body: JSON.stringify({ event, key: 'key-of-a-forged-group', seats: seats(60) }),
    headers: { 'content-type': 'application/json' },
    for: { caller: ann, address: '192.0.2.7', reason: null, leftMs: 9_000 },
    ...wish,
  })
  const send = async (body: string, signedBody = body) => {
    const set = regions.at(eu).config.REGION_CALL_KEYS
    if (set === undefined) throw new Error('no key')
    const key = (await signingKeys('REGION_CALL_KEYS', set)).active
    const signer = regionCallSigner({ key, region: eu, clock: systemClock, random: systemRandom })
    const url = '/passed-on'
    const headers = await signer.headersFor({ target: us, method: 'POST', url, body: signedBody })
    const answer = await rawCall(`${regions.at(us).url}${url}`, { body, headers })
    const again = await rawCall(`${regions.at(us).url}${url}`, { body, headers })
    return { answer, again }
  }

  it('is taken once, and only as it was signed', async () => {
    const body = JSON.stringify([one({})])
    const { answer, again } = await send(body)
    expect(JSON.parse(answer.body)).toMatchObject({ at: 0, status: 200 })
    expect(again.status).toBe(401)
    const other = JSON.stringify([
      one({ for: { ...one({}).for, caller: { ...ann, id: 'demo:bob' } } }),
    ])
    expect((await send(other, body)).answer.status).toBe(401)
    expect(await holders([60])).toEqual(['demo:ann 60'])
  })

  it('is for calls of the sale, one or more and not too many', async () => {
    const input = encodeURIComponent('{}')
    const list = one({ method: 'GET', url: `/trpc/orders.list?input=${input}`, body: '' })
    const { answer } = await send(JSON.stringify([list]))
    expect(JSON.parse(answer.body)).toMatchObject({ at: 0, status: 403 })
    const wrong = [[], [{}], [one({ url: '/livez' })], Array.from({ length: 33 }, () => one({}))]
    for (const calls of wrong) expect((await send(JSON.stringify(calls))).answer.status).toBe(400)
    expect((await send('[')).answer.status).toBe(400)
    const deep = one({ body: `${'['.repeat(40)}${']'.repeat(40)}` })
    const faulty = await send(JSON.stringify([deep]))
    expect(JSON.parse(faulty.answer.body)).toMatchObject({ at: 0, status: 400 })
  })

  it('is none of a person, nor of nobody', async () => {
    const body = JSON.stringify([one({})])
    const url = `${regions.at(us).url}/passed-on`
    expect((await rawCall(url, { body, token: await regions.tokenOf('ann') })).status).toBe(403)
    expect((await rawCall(url, { body })).status).toBe(401)
    const headers = { [regionCallHeader]: 'a.b.c' }
    expect((await rawCall(url, { body, headers })).status).toBe(401)
  })
})
