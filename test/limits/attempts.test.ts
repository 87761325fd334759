/** Growing delays, by the memory of one server and by Redis: the same rules from both. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attempt, Attempts } from '../../server/domain/attempts.ts'
import { RefusedError } from '../../server/domain/refusal.ts'
import { LimitsRedis } from '../../server/gateways/limits/limits-redis.ts'
import { SharedAttempts } from '../../server/gateways/limits/shared-attempts.ts'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { eventually } from '../support/eventually.ts'
import { createTestRedis, redisMissing, type TestRedis } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

type Bench = { readonly attempts: Attempts; readonly pass: (ms: number) => Promise<void> }

/** Milliseconds to wait, or 0 when the attempt may go on. */
async function waitOf(attempts: Attempts, attempt: Attempt): Promise<number> {
  try {
    await attempts.check(attempt)
    return 0
  } catch (cause) {
    if (cause instanceof RefusedError && cause.refusal.code === 'RATE_LIMITED') {
      return cause.refusal.retryAfterMs ?? Number.NaN
    }
    throw cause
  }
}

async function fail(attempts: Attempts, attempt: Attempt): Promise<void> {
  expect(await waitOf(attempts, attempt)).toBe(0)
  await attempts.failed(attempt)
}

const { attemptsFree: free, attemptDelayBaseMs: base, attemptDelayElsewhereMaxMs: most } = limits
/** The scripts see time in whole milliseconds, and it goes on by itself. */
const about = (ms: number) => ({ least: ms - 900, most: ms })

function behaves(bench: () => Bench): void {
  let made = 0
  const someone = (address = '192.0.2.1'): Attempt => ({
    kind: 'password',
    subject: `somebody ${(made += 1)}`,
    address,
  })
  const expectAbout = (waitMs: number, ms: number) => {
    expect(waitMs).toBeGreaterThan(about(ms).least)
    expect(waitMs).toBeLessThanOrEqual(about(ms).most)
  }

  it('lets people mistype, then doubles the wait with each failure', async () => {
    const { attempts, pass } = bench()
    const attempt = someone()
    for (let at = 0; at < free; at += 1) await fail(attempts, attempt)
    for (const delayMs of [base, 2 * base, 4 * base]) {
      expectAbout(await waitOf(attempts, attempt), delayMs)
      await pass(delayMs)
      await fail(attempts, attempt)
    }
  })

  it('counts many at one time as many', async () => {
    const { attempts } = bench()
    const attempt = someone()
    const all = await Promise.all(Array.from({ length: 50 }, () => waitOf(attempts, attempt)))
    expect(all.filter((waitMs) => waitMs === 0)).toHaveLength(free)
  })

  it('never waits longer than its bound', async () => {
    const { attempts, pass } = bench()
    const attempt = someone()
    for (let at = 0; at < 30; at += 1) {
      await pass(limits.attemptDelayMaxMs)
      await fail(attempts, attempt)
    }
    expectAbout(await waitOf(attempts, attempt), limits.attemptDelayMaxMs)
  })

  it('forgets failures once the secret is right', async () => {
    const { attempts } = bench()
    const attempt = someone()
    for (let at = 0; at < free - 1; at += 1) await fail(attempts, attempt)
    expect(await waitOf(attempts, attempt)).toBe(0)
    await attempts.succeeded(attempt)
    for (let at = 0; at < free; at += 1) await fail(attempts, attempt)
  })

  it('keeps kinds, subjects and blocks apart', async () => {
    const { attempts } = bench()
    const attempt = someone()
    for (let at = 0; at < free; at += 1) await fail(attempts, attempt)
    expect(await waitOf(attempts, attempt)).toBeGreaterThan(0)
    expect(await waitOf(attempts, { ...attempt, kind: 'code' })).toBe(0)
    expect(await waitOf(attempts, { ...attempt, address: '192.0.2.2' })).toBe(0)
    expect(await waitOf(attempts, someone())).toBe(0)
  })

  it('slows a swarm, lets the owner in at a known place at once, elsewhere after a bounded wait', async () => {
    const { attempts, pass } = bench()
    const owner = someone('198.51.100.1')
    expect(await waitOf(attempts, owner)).toBe(0)
    await attempts.succeeded(owner)
    for (let at = 0; at < 200; at += 1) {
      await waitOf(attempts, { ...owner, address: `203.0.113.${at}` })
    }
    const swarm = { ...owner, address: '203.0.113.250' }
    expect(await waitOf(attempts, swarm)).toBe(base)
    expect(await waitOf(attempts, owner)).toBe(0)
    // At a new place: from the first knock on, whatever the others do meanwhile.
    const away = { ...owner, address: '198.51.100.77' }
    expect(await waitOf(attempts, away)).toBeLessThanOrEqual(most)
    await pass(most)
    expect(await waitOf(attempts, away)).toBe(0)
  })
}

describe('attempts in memory', () => {
  let nowMs = 1
  const attempts = new SharedAttempts({ redis: null, clock: { monotonicMs: () => nowMs } })
  const pass = async (ms: number) => {
    nowMs += ms
  }
  behaves(() => ({ attempts, pass }))
})

describeUnless(redisMissing(), 'attempts in Redis', () => {
  let server: TestRedis
  let redis: LimitsRedis
  let inspector: Redis
  beforeAll(async () => {
    server = await createTestRedis()
    redis = new LimitsRedis({ url: server.url, clock: systemClock, onError: () => undefined })
    inspector = new Redis(server.url)
    inspector.on('error', () => undefined)
    await eventually(() => redis.isUsable, { what: 'Redis is ready', timeoutMs: 5_000 })
  })
  afterAll(async () => {
    redis.close()
    inspector.disconnect()
    await server[Symbol.asyncDispose]()
  })
  /** Time passes by ageing what is kept. */
  const pass = async (ms: number) => {
    for (const key of await inspector.keys('frontrow:attempts:*:*')) {
      if (Number(await inspector.hget(key, 'last')) > 0) await inspector.hincrby(key, 'last', -ms)
    }
  }
  behaves(() => ({ attempts: new SharedAttempts({ redis, clock: systemClock }), pass }))

  it('keep neither address nor subject, and nothing for ever', async () => {
    const attempts = new SharedAttempts({ redis, clock: systemClock })
    const subject = 'canary@example.org'
    await fail(attempts, { kind: 'password', subject, address: '203.0.113.99' })
    const keys = await inspector.keys('*')
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.join()).not.toMatch(/canary|203\.0\.113/)
    for (const key of keys) expect(await inspector.pttl(key)).toBeGreaterThan(0)
  })

  it('go on in memory when Redis is gone', async () => {
    const attempts = new SharedAttempts({ redis, clock: systemClock })
    const attempt = { kind: 'code', subject: 'x', address: '192.0.2.1' } as const
    await server.kill()
    for (let at = 0; at < free; at += 1) await fail(attempts, attempt)
    expect(await waitOf(attempts, attempt)).toBeGreaterThan(0)
  })
})
