/** A call finds its authority wherever it went, within its deadline, once, and never in circles. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hold, seats } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { asia, eu, forwardedBy, openRegions, type Regions, rawCall, us } from './open-regions.ts'

let regions: Regions
let event: string
let token: string
beforeEach(async () => {
  regions = await openRegions({ names: [us, eu, asia] })
  event = await regions.newEvent()
  token = await regions.tokenOf('ann')
})
afterEach(() => regions[Symbol.asyncDispose]())

let keys = 0
type Wish = { readonly deadlineMs?: number; readonly unit?: number; readonly event?: string }
const place = (region: string, wish: Wish = {}) => {
  keys += 1
  const body = {
    event: wish.event ?? event,
    key: `key-number-${keys}`,
    seats: seats(wish.unit ?? 0),
  }
  const headers = { 'x-frontrow-deadline-ms': String(wish.deadlineMs ?? 20_000) }
  return rawCall(`${regions.at(region).url}/trpc/holds.place`, { token, body, headers })
}
const table = (region: string) => regions.at(region).authorities
const endless = Number.POSITIVE_INFINITY

/** The database says so, and the servers named hear of it. */
async function moveTo(next: string, told: readonly string[]): Promise<number> {
  const epoch = await regions.moveRow(us, next)
  table(next).granted(us, { epoch, untilMs: endless })
  for (const region of told) table(region).heard(us, { serverRegion: next, epoch })
  return epoch
}

describe('a server that knows nothing of a home region', () => {
  it('asks there first, and its stand-ins when they alone answer for it', async () => {
    const far = await regions.newEventAt(asia)
    expect(table(eu).epochOf(asia)).toBeNull()
    expect((await place(eu, { event: far })).status).toBe(200)
    expect(await forwardedBy(regions.at(eu))).toEqual({ [`${asia} answered`]: 1 })
    table(asia).ceased(asia, 1)
    const epoch = await regions.moveRow(asia, us)
    table(us).granted(asia, { epoch, untilMs: endless })
    const fresh = await place(eu, { event: far, unit: 1 })
    expect(fresh).toMatchObject({ status: 200 })
    expect(await forwardedBy(regions.at(eu))).toEqual({
      [`${asia} answered`]: 1,
      [`${asia} moved`]: 1,
      [`${us} answered`]: 1,
    })
  })
})

describe('a server with old news', () => {
  it('is told where to go, goes there once, and remembers', async () => {
    table(eu).heard(us, { serverRegion: us, epoch: 1 })
    const epoch = await moveTo(asia, [us])
    expect((await place(eu)).status).toBe(200)
    expect(table(eu).standing(us)).toEqual({ kind: 'theirs', serverRegion: asia, epoch })
    expect((await place(eu, { unit: 1 })).status).toBe(200)
    expect(await forwardedBy(regions.at(eu))).toEqual({
      [`${us} moved`]: 1,
      [`${asia} answered`]: 2,
    })
  })

  it('does not go to a region that is not there, nor back in time', async () => {
    table(eu).heard(us, { serverRegion: us, epoch: 5 })
    table(us).heard(us, { serverRegion: 'mars-north1', epoch: 9 })
    expect((await place(eu, { deadlineMs: 600 })).body).toContain('NO_AUTHORITY')
    expect(table(eu).epochOf(us)).toBe(5)
    table(eu).heard(us, { serverRegion: asia, epoch: 6 })
    table(asia).heard(us, { serverRegion: us, epoch: 4 })
    expect((await place(eu, { deadlineMs: 600 })).body).toContain('NO_AUTHORITY')
    expect(table(eu).standing(us)).toEqual({ kind: 'theirs', serverRegion: asia, epoch: 6 })
  })
})

describe('two servers that each believe that the other has it', () => {
  it('send a call between them not once more than its first server asks', async () => {
    table(us).heard(us, { serverRegion: eu, epoch: 7 })
    table(eu).heard(us, { serverRegion: us, epoch: 7 })
    for (const [asked, other] of [
      [eu, us],
      [us, eu],
    ] as const) {
      const answer = await place(asked, { deadlineMs: 1_000 })
      expect(answer.status).toBe(503)
      expect(answer.body).toContain('NO_AUTHORITY')
      const counts = await forwardedBy(regions.at(asked))
      expect(Object.keys(counts)).toEqual([`${other} moved`])
      expect(counts[`${other} moved`]).toBeLessThan(40)
    }
    expect(await forwardedBy(regions.at(asia))).toEqual({})
  })
})

describe('while nobody has the authority', () => {
  it('a call waits, and is done by who takes over', async () => {
    table(us).ceased(us, 1)
    const [here, there] = [place(us), place(eu, { unit: 1 })]
    await eventually(async () => ((await forwardedBy(regions.at(eu)))[`${us} moved`] ?? 0) > 1, {
      what: 'the far server has looked in vain',
    })
    await moveTo(asia, [us, eu])
    expect((await here).status).toBe(200)
    expect((await there).status).toBe(200)
    const [row] = await regions.sql<{ held: number }>(
      "select count(*)::int4 as held from claims where event_id = $1 and state = 'held'",
      [event],
    )
    expect(row?.held).toBe(2)
  })

  it('a call is told so before its deadline, and when to come back', async () => {
    table(us).ceased(us, 1)
    const startedMs = performance.now()
    const answer = await place(us, { deadlineMs: 900 })
    expect(performance.now() - startedMs).toBeGreaterThan(400)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(JSON.parse(answer.body).error.data.refusal).toMatchObject({
      code: 'NO_AUTHORITY',
      transient: true,
      retryAfterMs: 500,
    })
  })

  it('a call whose fan hangs up waits no longer, and is not done for nobody', async () => {
    table(us).ceased(us, 1)
    const hangUp = new AbortController()
    const body = { event, key: 'of-who-hung-up', seats: seats(5) }
    const left = fetch(`${regions.at(eu).url}/trpc/holds.place`, {
      method: 'POST',
      signal: hangUp.signal,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    }).catch(() => null)
    const looked = async () => (await forwardedBy(regions.at(eu)))[`${us} moved`] ?? 0
    await eventually(async () => (await looked()) > 0, { what: 'it looked in vain' })
    hangUp.abort()
    await left
    const isGone = async () => {
      const text = await (await fetch(regions.at(eu).metricsUrl)).text()
      return /frontrow_refusals_total\{code="NO_AUTHORITY"/.test(text)
    }
    await eventually(isGone, { what: 'nobody waits for it', timeoutMs: 4_000 })
    await moveTo(asia, [us, eu])
    expect((await place(eu, { unit: 6 })).status).toBe(200)
    const rows = await regions.sql('select id from holds where event_id = $1', [event])
    expect(rows).toHaveLength(1)
  })

  it('a server that drains sends its waiting callers away', async () => {
    table(us).ceased(us, 1)
    const asked = place(eu)
    const looked = async () => (await forwardedBy(regions.at(eu)))[`${us} moved`] ?? 0
    await eventually(async () => (await looked()) > 0, { what: 'it looked in vain' })
    const startedMs = performance.now()
    const stopped = regions.stop(eu)
    expect((await asked).body).toContain('NO_AUTHORITY')
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    await stopped
  })

  it('a call by nobody is told who is missing, not to wait', async () => {
    const url = `${regions.at(eu).url}/trpc/holds.place`
    const body = { event, key: 'key-of-nobody', seats: seats(0) }
    expect((await rawCall(url, { body })).body).toContain('NOT_SIGNED_IN')
  })

  it('what another region does not sell goes on', async () => {
    table(us).ceased(us, 1)
    const own = await regions.newEventAt(eu)
    const fan = await regions.fan(eu, 'ann')
    expect((await hold(fan, own, [0])).event).toBe(own)
  })
})
