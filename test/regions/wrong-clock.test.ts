/**
 * A server whose wall clock is minutes off, in earnest: two regions with processes of their own. It
 * steps aside, the other region sells its events, and it is back as soon as its clock is right.
 * Where all servers are off by the same, it is the database's host that is wrong, and nobody does.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { preloadOfClocks } from '../../chaos/clock/clock-file.ts'
import { clockShifted } from '../../chaos/faults/clock-faults.ts'
import type { FaultMaker } from '../../chaos/faults/fault-maker.ts'
import { type LocalGround, openLocalGround } from '../../chaos/ground/local.ts'
import { createClient, type FrontrowError } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

const [us, eu] = ['us-east1', 'europe-west1'] as const
const fiveMinutesMs = 5 * 60_000
const slow = { timeout: 90_000 }
/** A look, what a region waits before it offers its events, a lease, and its stand-in's patience. */
const movedWithinMs = 20_000

describeUnless(redisMissing(), 'a server whose clock is minutes off', () => {
  let ground: LocalGround
  beforeAll(async () => {
    ground = await openLocalGround({
      environment: process.env,
      regions: 2,
      latency: false,
      seed: 11,
      versions: false,
      preloadIn: preloadOfClocks,
      makeFaults: () => ({}) as FaultMaker,
    })
  }, 120_000)
  afterAll(() => ground?.[Symbol.asyncDispose](), 60_000)

  const urlOf = (name: string) => ground.system.regions[name]?.url ?? ''
  const shifted = (name: string, byMs: number) => clockShifted(ground.system, name, { byMs })
  const readiness = async (name: string) => {
    const answer = await fetch(`${urlOf(name)}/readyz`)
    const body = (await answer.json()) as { readonly missing: readonly string[] }
    return { ...body, status: answer.status }
  }
  const isReady = async (name: string) => (await readiness(name)).status === 200
  const holderOf = async (home: string) => {
    const [row] = await ground.sql<{ holder: string }>(
      'select server_region as holder from authority where region = $1',
      [home],
    )
    return row?.holder
  }
  const linesOf = (name: string) =>
    readFileSync(ground.logs[name] ?? '', 'utf8')
      .split('\n')
      .filter((line) => /"msg":"the (clock of|database's clock)/.test(line))
  const offsetOf = async (name: string) => {
    const said = await ground.metrics(name)
    return Number(/^frontrow_clock_offset_seconds\S* (\S+)$/m.exec(said ?? '')?.[1])
  }
  const fan = async (name: string, endpoints: readonly string[]) =>
    createClient({
      endpoints,
      token: await ground.token({ name }),
      deadlineMs: movedWithinMs,
    })
  const eventOf = (home: string) => ground.events.find((one) => one.home === home)?.id ?? ''
  const place = async (name: string, endpoints: readonly string[], unit: number) => {
    const client = await fan(name, endpoints)
    const event = eventOf(us)
    const seats = { kind: 'units' as const, units: [unit] }
    const { id } = await client.holds.place.mutate({ event, key: client.newKey(), seats })
    return { event, hold: id }
  }
  const buy = async (name: string, endpoints: readonly string[], unit: number) => {
    const client = await fan(name, endpoints)
    const event = eventOf(us)
    const seats = { kind: 'units' as const, units: [unit] }
    const hold = await client.holds.place.mutate({ event, key: client.newKey(), seats })
    await client.checkout.start.mutate({ holdToken: hold.token })
    return client.checkout.confirm.mutate({ order: hold.id, paymentMethod: 'pm_card_visa' })
  }

  it('steps aside, its events are sold elsewhere, and it comes back', slow, async () => {
    await buy('ann', [urlOf(us)], 1)
    // From before: its own issuer gives none while it is off.
    const own = { endpoints: [urlOf(us)], token: await ground.token({ name: 'bea' }) }
    // Of the last moment: its copy may not have left when the clock jumps.
    const hold = await place('gus', [urlOf(us)], 5)
    const fault = shifted(us, fiveMinutesMs)
    await fault.inject()
    try {
      const unready = await readiness(us)
      expect(unready).toMatchObject({ status: 503, missing: ['clock'] })
      expect(unready).toHaveProperty('clockOffsetMs', expect.closeTo(fiveMinutesMs, -3))
      expect(await isReady(eu)).toBe(true)

      const alone = createClient({ ...own, attemptsMax: 1 })
      const refused = await alone.orders.list.query({}).catch((cause: FrontrowError) => cause)
      expect(refused).toMatchObject({ code: 'UNAVAILABLE', transient: true })
      const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const statusOf = async (path: string, body: object | null = null) => {
        const wish = body === null ? {} : { ...post, body: JSON.stringify(body) }
        return (await fetch(`${urlOf(us)}${path}`, wish)).status
      }
      expect(await statusOf('/development/token', { name: 'cat' })).toBe(503)
      expect(await statusOf('/webhooks/stripe', {})).toBe(503)
      expect(await statusOf('/livez')).toBe(200)
      expect(await statusOf('/.well-known/jwks.json')).toBe(200)
      expect(await offsetOf(us)).toBeCloseTo(300, 0)

      // Asked first of the one that is off, then of the other, which waits for the takeover.
      await buy('dan', [urlOf(us), urlOf(eu)], 2)
      expect(await holderOf(us)).toBe(eu)
      const kept = await (await fan('gus', [urlOf(eu)])).holds.get.query(hold)
      expect(kept.id).toBe(hold.hold)
      expect(await ground.metrics(eu)).not.toMatch(/frontrow_forwarded_total\{.*"distrusted"/)
    } finally {
      await fault.heal()
    }
    await eventually(() => isReady(us), { what: 'it is ready again', timeoutMs: 2_000 })
    await buy('eve', [urlOf(us)], 3)
    const said = linesOf(us).map((line) => (JSON.parse(line) as { readonly msg: string }).msg)
    expect(said).toEqual([
      'the clock of this server is off: it steps aside until it is right',
      'the clock of this server and that of the database agree again',
    ])
  })

  it('does not step aside where other regions agree with it', slow, async () => {
    const faults = [us, eu].map((name) => shifted(name, -fiveMinutesMs))
    try {
      for (const fault of faults) await fault.inject()
      await eventually(async () => (await isReady(us)) && isReady(eu), { what: 'both are ready' })
      expect(await offsetOf(eu)).toBeCloseTo(-300, 0)
      await buy('fay', [urlOf(us)], 4)
      expect(linesOf(eu).at(-1)).toContain('other regions agree with us')
    } finally {
      for (const fault of faults) await fault.heal()
    }
    await eventually(async () => (await isReady(us)) && isReady(eu), { what: 'both are ready' })
  })
})
