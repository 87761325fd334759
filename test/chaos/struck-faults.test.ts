/**
 * The faults of database and Stripe, set and healed as a drill does: a real PostgreSQL with its
 * keeper, real links and a real simulator; what the servers would do, a pool does in their place.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Fault } from '../../chaos/faults/fault.ts'
import { NotHereError } from '../../chaos/faults/fault-maker.ts'
import { struckFaults } from '../../chaos/faults/struck-faults.ts'
import { type ControlServer, startControlServer } from '../../regions/local/control-http.ts'
import { KeptService } from '../../regions/local/kept-service.ts'
import { linkCommands } from '../../regions/local/links/link-commands.ts'
import { LinkControl } from '../../regions/local/links/link-control.ts'
import { LinkSet } from '../../regions/local/links/link-set.ts'
import { type NodeProgram, startNodeProgram } from '../../regions/local/node-program.ts'
import { type LocalPostgres, startPostgres } from '../../regions/local/postgres.ts'
import { eventually } from '../support/eventually.ts'

const regions = { 'us-east1': {}, 'europe-west1': {} }
const answersWithinMs = 1_000

let postgres: LocalPostgres
let kept: KeptService<LocalPostgres>
let stripe: NodeProgram
let set: LinkSet
let control: ControlServer
let links: LinkControl
let faults: ReturnType<typeof struckFaults>
const pools: Record<string, Pool> = {}
const system = () => ({
  databaseUrl: postgres.url,
  stripeUrl: String(stripe.announced['listening']),
  regions,
  links,
  get pids() {
    const [server, redis, mailSink] = [null, null, null]
    return { server, redis, mailSink, postgres: kept.pid, stripeSimulator: stripe.pid }
  },
})

beforeAll(async () => {
  const folder = join(inject('services').folder, `struck-${process.pid}`)
  mkdirSync(join(folder, 'stripe'), { recursive: true })
  const options = { dataFolder: join(folder, 'postgres') }
  const log = () => undefined
  postgres = await startPostgres(options)
  kept = new KeptService(postgres, {
    name: 'PostgreSQL',
    restart: () => startPostgres({ ...options, port: postgres.port }),
    log,
  })
  stripe = await startNodeProgram({
    name: 'The Stripe simulator',
    script: 'stripe-simulator/main.ts',
    args: ['--port=0'],
    env: { PATH: process.env['PATH'] ?? '' },
    folder: join(folder, 'stripe'),
    logName: 'stripe.log',
    stop: { signal: 'SIGTERM', withinMs: 5_000 },
    log,
    signal: new AbortController().signal,
  })
  const target = { host: '127.0.0.1', port: postgres.port }
  set = await LinkSet.open(
    Object.keys(regions).map((from) => ({ from, to: 'database', port: 0, target, roundTripMs: 0 })),
  )
  control = await startControlServer(0, linkCommands(set))
  links = new LinkControl(control.url)
  for (const { from, port } of set.list()) {
    const url = new URL(postgres.url)
    url.port = String(port)
    const timeouts = { connectionTimeoutMillis: 20_000, query_timeout: 20_000 }
    const own = { connectionString: url.href, application_name: 'frontrow', ...timeouts }
    pools[from] = new Pool({ ...own, max: 2 })
    pools[from].on('error', () => undefined)
    pools[from].on('connect', (client) => client.on('error', () => undefined))
  }
  faults = struckFaults(system(), 11)
  await ask('us-east1', 'create table told (word text)')
})
afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()))
  await control[Symbol.asyncDispose]()
  await set[Symbol.asyncDispose]()
  await stripe.stop()
  await kept.stop()
})

type Region = keyof typeof regions

function ask(region: Region, text: string, name?: string) {
  const pool = pools[region]
  if (pool === undefined) throw new Error(`no pool of ${region}`)
  return pool.query(name === undefined ? { text } : { text, name })
}

const wasToldTo = (region: Region) =>
  ask(region, 'select 1 as one', 'probe').then(
    () => 'served',
    (cause: { code?: string }) => cause.code ?? 'cut',
  )

async function during(fault: Fault, work: () => Promise<void>): Promise<void> {
  expect(await fault.isHealed()).toBe(true)
  await fault.inject()
  await fault.inject()
  await work()
  await fault.heal()
  await fault.heal()
  expect(await fault.isHealed()).toBe(true)
}

async function payments(): Promise<number | string> {
  const { stripeUrl } = system()
  const response = await fetch(`${stripeUrl}/v1/payment_intents`, {
    headers: { authorization: 'Bearer sk_test_x' },
    signal: AbortSignal.timeout(answersWithinMs),
  }).catch((cause: Error) => (cause.name === 'TimeoutError' ? 'silent' : 'refused'))
  return typeof response === 'string' ? response : response.status
}

describe('statements', () => {
  const rule = {
    strike: { kind: 'error', code: '40003', done: true },
    statements: /^probe$/,
    share: 1,
  } as const

  it('of one region are struck, of the other not, and of none once it is healed', async () => {
    await ask('us-east1', 'select 1')
    const fault = faults.databaseStruck(rule, 'us-east1')
    await during(fault, async () => {
      expect(await fault.isHealed()).toBe(false)
      expect(await fault.felt()).toBe(0)
      // The cut reached the connections that stood; they are made anew, through the proxy.
      await eventually(async () => (await wasToldTo('us-east1')) === '40003', { what: 'a strike' })
      expect(await wasToldTo('europe-west1')).toBe('served')
      expect(await fault.felt()).toBeGreaterThan(0)
      await ask('us-east1', 'select 1')
    })
    const before = await links.list('us-east1/database')
    // Taken out without another cut: who came through the proxy goes on.
    expect(before[0]?.connections).toBeGreaterThan(0)
    expect(before[0]?.target.port).toBe(postgres.port)
    expect(await wasToldTo('us-east1')).toBe('served')
    expect(await fault.felt()).toBeGreaterThan(0)
  })

  it('meet two rules at once, each healed by itself, and the link keeps its own fault', async () => {
    await links.setFault('us-east1/database', { kind: 'late', byMs: 1 })
    const every = faults.databaseStruck(rule)
    const waiting = faults.databaseStruck(
      { strike: { kind: 'wait', ms: 50 }, statements: /^slow$/, share: 1 },
      'us-east1',
    )
    await every.inject()
    await waiting.inject()
    for (const region of Object.keys(regions) as Region[]) {
      await eventually(async () => (await wasToldTo(region)) === '40003', { what: region })
    }
    await every.heal()
    expect([await every.isHealed(), await waiting.isHealed()]).toEqual([true, false])
    expect(await wasToldTo('us-east1')).toBe('served')
    await ask('us-east1', 'select 2', 'slow')
    expect(await waiting.felt()).toBe(1)
    await waiting.heal()
    // What it struck last is under way for as long as it waits.
    await eventually(() => waiting.isHealed(), { what: 'the last of them has come' })
    expect((await links.list('us-east1/database'))[0]?.fault).toEqual({ kind: 'late', byMs: 1 })
    await links.heal()
  })

  it('of an unknown region cannot be struck, and that is said before anything happens', () => {
    expect(() => faults.databaseStruck(rule, 'mars-north1')).toThrow(NotHereError)
    const outside = { ...system(), pids: { ...system().pids, postgres: null }, stripeUrl: null }
    const others = struckFaults(outside, 1)
    for (const make of [others.databaseKilled, others.databaseStalled, others.stripeDown]) {
      expect(() => make()).toThrow(NotHereError)
    }
  })
})

describe('the database', () => {
  it('that sleeps does what it was asked when it wakes, for those who wait and those who left', async () => {
    await ask('us-east1', 'select 1')
    const fault = faults.databaseStalled()
    const asked: Promise<unknown>[] = []
    await during(fault, async () => {
      expect(await fault.isHealed()).toBe(false)
      asked.push(ask('us-east1', "insert into told values ('standing')"))
      // A new connection has to wait, too.
      asked.push(ask('europe-west1', "insert into told values ('new')"))
      await eventually(async () => (await fault.felt()) >= 2, { what: 'two who wait' })
    })
    await Promise.all(asked)
    expect((await ask('us-east1', 'select count(*)::int4 as n from told')).rows).toEqual([{ n: 2 }])
    expect(await fault.felt()).toBeGreaterThanOrEqual(2)
  })

  it('that is killed comes back with what was written', async () => {
    const before = kept.pid
    const fault = faults.databaseKilled()
    await during(fault, async () => {
      await eventually(() => kept.pid !== before, { what: 'the end of it' })
    })
    expect(kept.pid).not.toBe(before)
    expect(await fault.felt()).toBeGreaterThanOrEqual(2)
    await eventually(async () => (await wasToldTo('us-east1')) === 'served', { what: 'service' })
    expect((await ask('us-east1', 'select count(*)::int4 as n from told')).rows).toEqual([{ n: 2 }])
  })
})

describe('Stripe', () => {
  it('that is down refuses every call, whatever else is set', async () => {
    const slow = faults.stripeRule({ kind: 'slow', delayMs: 1 })
    await slow.inject()
    const down = faults.stripeDown()
    await during(down, async () => {
      expect(await payments()).toBe('refused')
      expect(await down.felt()).toBe(1)
      expect(await slow.felt()).toBe(0)
    })
    expect(await payments()).toBe(200)
    expect([await down.felt(), await slow.felt()]).toEqual([1, 1])
    await slow.heal()
    expect(await slow.isHealed()).toBe(true)
  })

  it('that hangs is silent, and answers when it goes on', async () => {
    const fault = faults.stripeDown('hangs')
    await during(fault, async () => {
      expect(await fault.isHealed()).toBe(false)
      expect(await payments()).toBe('silent')
      expect(await fault.felt()).toBeGreaterThan(0)
    })
    expect(await payments()).toBe(200)
    expect(await fault.felt()).toBeGreaterThan(0)
  })

  it('can be told to fail sometimes, and to stop that', async () => {
    const rule = {
      kind: 'rate_limit',
      times: 2,
      method: 'GET',
      path: '/v1/payment_intents',
    } as const
    const fault = faults.stripeRule(rule)
    await during(fault, async () => {
      expect(await payments()).toBe(429)
      expect(await fault.felt()).toBe(1)
    })
    expect(await payments()).toBe(200)
    expect(await fault.felt()).toBe(1)
    expect(fault.said).toBe('Stripe: rate limit, 2 times of GET /v1/payment_intents')
  })
})
