/** What became of a call that was sent on and not answered: once done, or refused, or said so. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hold, seats } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { type Front, startFront } from './front.ts'
import { eu, forwardedBy, openRegions, type Regions, rawCall, us } from './open-regions.ts'

let regions: Regions
let front: Front
let event: string
let token: string
beforeAll(async () => {
  regions = await openRegions({
    internalUrls: async (region, url) => {
      if (region !== us) return [url]
      front = await startFront(url)
      // Nothing listens at the first one.
      return ['http://127.0.0.1:9', front.url]
    },
  })
  event = await regions.newEvent()
  token = await regions.tokenOf('ann')
})
afterAll(async () => {
  await regions[Symbol.asyncDispose]()
  await front[Symbol.asyncDispose]()
})
afterEach(() => front.plan())

const place = (unit: number, deadlineMs = 20_000) =>
  rawCall(`${regions.at(eu).url}/trpc/holds.place`, {
    token,
    body: { event, key: `key-for-unit-${unit}`, seats: seats(unit) },
    headers: { 'x-frontrow-deadline-ms': String(deadlineMs) },
  })

const heldBy = async (unit: number) => {
  const rows = await regions.sql<{ id: string }>(
    'select id from holds where event_id = $1 and $2::int4 = any(unit_numbers)',
    [event, unit],
  )
  return rows.map(({ id }) => id)
}

const refusalIn = (body: string) => JSON.parse(body).error.data.refusal.code

describe('a call whose answer is lost', () => {
  it('is sent again with the same key, and done once', async () => {
    front.plan('answer lost', 'answer lost')
    const before = front.requests()
    const answer = await place(1)
    expect(answer.status).toBe(200)
    expect(front.requests() - before).toBe(3)
    expect(await heldBy(1)).toEqual([JSON.parse(answer.body).result.data.id])
  })

  it('that the server never saw is sent again as well', async () => {
    front.plan('lost')
    expect((await place(2)).status).toBe(200)
    expect(await heldBy(2)).toHaveLength(1)
  })

  it('until its deadline: then it may have been done, and it is found by its key', async () => {
    front.plan(...Array.from({ length: 1_000 }, () => 'answer lost' as const))
    const answer = await place(3, 1_500)
    expect(answer.status).toBe(503)
    expect(refusalIn(answer.body)).toBe('OUTCOME_UNKNOWN')
    front.plan()
    const again = await place(3)
    expect(await heldBy(3)).toEqual([JSON.parse(again.body).result.data.id])
  })

  it('and that changes nothing is no unknown outcome', async () => {
    const { id } = await hold(await regions.fan(us, 'ann'), event, [4])
    front.plan(...Array.from({ length: 1_000 }, () => 'lost' as const))
    const input = encodeURIComponent(JSON.stringify({ event, hold: id }))
    const answer = await rawCall(`${regions.at(eu).url}/trpc/holds.get?input=${input}`, {
      token,
      headers: { 'x-frontrow-deadline-ms': '700' },
    })
    expect(refusalIn(answer.body)).toBe('NO_AUTHORITY')
  })

  it('by a gateway in between is unanswered, too', async () => {
    front.plan({ status: 502, body: 'no' }, { status: 504, body: 'no' })
    expect((await place(5)).status).toBe(200)
    expect(await heldBy(5)).toHaveLength(1)
  })
})

describe('a call that hangs at a region that was cut off', () => {
  it('is not left hanging once another region has its events', async () => {
    front.plan(...Array.from({ length: 1_000 }, () => 'hangs' as const))
    const before = front.requests()
    const asked = place(10, 20_000)
    await eventually(() => front.requests() > before, { what: 'it hangs' })
    const epoch = await regions.moveRow(us, eu)
    regions.at(eu).authorities.granted(us, { epoch, untilMs: Number.MAX_SAFE_INTEGER })
    const answer = await asked
    expect(answer.status).toBe(200)
    expect(front.hanging(), 'answered before the call that hangs had run out of time').toBe(1)
    expect(await heldBy(10)).toEqual([JSON.parse(answer.body).result.data.id])
    const back = await regions.moveRow(us, us)
    regions.at(eu).authorities.heard(us, { serverRegion: us, epoch: back })
    regions.at(us).authorities.granted(us, { epoch: back, untilMs: Number.MAX_SAFE_INTEGER })
  })
})

describe('a sale that moves while it is asked for', () => {
  const refused = (code: string) => ({
    status: 503,
    body: JSON.stringify({ error: { message: '', code: -32_603, data: { refusal: { code } } } }),
  })

  const news = () => {
    const { authorities } = regions.at(eu)
    authorities.heard(us, { serverRegion: us, epoch: (authorities.epochOf(us) ?? 1) + 1 })
  }

  it('is asked for again once the news have come, and the caller sees nothing of it', async () => {
    front.plan(refused('OLD_EPOCH'))
    const before = front.requests()
    const asked = place(6)
    await eventually(() => front.requests() > before, { what: 'it was refused for its epoch' })
    news()
    expect((await asked).status).toBe(200)
    expect(front.requests() - before).toBe(2)
  })

  it('is refused as it was where no news come in time, or none that help', async () => {
    front.plan(refused('OLD_EPOCH'))
    expect(refusalIn((await place(7, 600)).body)).toBe('OLD_EPOCH')
    front.plan(refused('OLD_EPOCH'), refused('OLD_EPOCH'))
    const before = front.requests()
    const asked = place(8)
    await eventually(() => front.requests() > before, { what: 'it was refused for its epoch' })
    news()
    expect(refusalIn((await asked).body)).toBe('OLD_EPOCH')
    expect(front.requests() - before).toBe(2)
  })
})

describe('a region whose first address is dead', () => {
  it('is found at the next one, and nothing counts as unsent', async () => {
    expect((await place(9)).status).toBe(200)
    expect(Object.keys(await forwardedBy(regions.at(eu)))).not.toContain(`${us} unsent`)
  })
})

describe('a server that is asked for lines of JSON', () => {
  it('refuses a batch about several regions, and does none of it', async () => {
    const near = await regions.newEventAt(eu)
    const url = `${regions.at(eu).url}/trpc/holds.place,holds.place?batch=1`
    const wish = (about: string, key: string) => ({ event: about, key, seats: seats(12) })
    const answer = await rawCall(url, {
      token,
      body: { 0: wish(event, 'in-lines-far'), 1: wish(near, 'in-lines-near') },
      headers: { 'trpc-accept': 'application/jsonl' },
    })
    expect(answer.body).toContain('BAD_INPUT')
    expect(answer.body).toContain('ask without streaming')
    expect(await heldBy(12)).toEqual([])
  })
})
