/**
 * Three regions on one machine, as a drill has them: one story over one data folder, in order,
 * because every start costs seconds. What the regions tell each other is judged elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { identityOf, isRunning, type ProcessIdentity } from '../regions/local/process-identity.ts'
import { findRedisServer } from '../regions/local/redis.ts'
import { type LocalSystem, startLocal } from '../regions/local/start-local.ts'
import { createTestDatabase } from './support/database.ts'
import { eventually } from './support/eventually.ts'

const startTimeoutMs = 120_000
const names = ['us-east1', 'europe-west1', 'asia-southeast1'] as const
const [us, eu, asia] = names

let data = ''
let system: LocalSystem
const started: LocalSystem[] = []
const said: string[] = []

async function start(): Promise<LocalSystem> {
  const log = (line: string) => void said.push(line)
  // No latency: how late a link is, is judged with the links; here it would only take time.
  const options = { dataFolder: data, regions: 3, latency: false, demo: true, log }
  const { PATH, HOME } = process.env
  const one = await startLocal({ ...options, environment: { PATH, HOME } })
  started.push(one)
  return one
}

function region(name: string) {
  const found = system.regions[name]
  if (found === undefined) throw new Error(`no region ${name}`)
  return found
}

async function readiness(url: string): Promise<unknown> {
  return await (await fetch(`${url}/readyz`)).json()
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.ok,
    () => false,
  )

/** The processes below this one that lead groups of their own, which services do. */
function services(): ProcessIdentity[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number))
  const found = [process.pid]
  for (const parent of found) {
    for (const [pid = 0, ppid] of pairs) if (ppid === parent) found.push(pid)
  }
  return found.slice(1).flatMap((pid) => identityOf(pid) ?? [])
}

function pidsOf(one: LocalSystem): number[] {
  const regional = Object.values(one.regions).flatMap(({ pids }) => Object.values(pids))
  return [...Object.values(one.pids), ...regional].filter((pid) => pid !== null)
}

async function command(path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${system.controlUrl}/${path}`, init)
}

beforeAll(async () => {
  data = join(inject('services').folder, 'three-regions')
  system = await start()
}, startTimeoutMs)

afterAll(async () => {
  for (const one of started) await one.stop()
})

describe('three regions on one machine, told in order', () => {
  it('each has a server that is ready in its name, with a Redis of its own', async () => {
    expect(Object.keys(system.regions)).toEqual(names)
    const holdBook = findRedisServer() === undefined ? 'sql' : 'redis'
    for (const name of names) {
      expect(await readiness(region(name).url)).toMatchObject({ region: name, holdBook })
    }
    const redisUrls = names.map((name) => region(name).redisUrl)
    expect(new Set(redisUrls).size).toBe(holdBook === 'redis' ? 3 : 1)
  })

  it('tells each server where the others are, by its own links to them', () => {
    const files = names.map(
      (name) =>
        JSON.parse(readFileSync(join(data, 'topology', `${name}.json`), 'utf8')) as {
          regions: { name: string; code: string; internal: string[]; standIns: string[] }[]
        },
    )
    const internal = files.map(({ regions }) => regions.map((one) => one.internal[0]))
    expect(internal[0]?.[0]).toBe(region(us).url)
    // Nine addresses, none of them twice: whoever calls, calls over a link of their own.
    expect(new Set(internal.flat()).size).toBe(9)
    expect(files[1]?.regions.map(({ name, code }) => [name, code])).toEqual([
      [us, 'use1'],
      [eu, 'euw1'],
      [asia, 'ase1'],
    ])
    expect(files[0]?.regions[0]?.standIns).toEqual([eu, asia])
  })

  it('one knows the keys of all for calls between regions, and signs with its own', () => {
    const keys = JSON.parse(
      readFileSync(join(data, 'keys', 'region-call-public-keys.json'), 'utf8'),
    ) as Record<string, { keys: { x: string; d?: string }[] }>
    expect(Object.keys(keys)).toEqual(names)
    const shown = Object.values(keys).flatMap((set) => set.keys)
    expect(new Set(shown.map(({ x }) => x)).size).toBe(3)
    expect(shown.filter(({ d }) => d !== undefined)).toEqual([])
  })

  it('reaches each region from each place, over the links', async () => {
    for (const from of names) {
      for (const [to, url] of Object.entries(region(from).fanUrls)) {
        expect(await readiness(url)).toMatchObject({ region: to })
      }
    }
    const used = (await system.links?.list('fans-of-us-east1/*')) ?? []
    expect(used.map(({ name }) => name)).toEqual([`fans-of-${us}/${eu}`, `fans-of-${us}/${asia}`])
    expect(used.filter(({ bytes }) => bytes.there === 0 || bytes.back === 0)).toEqual([])
    const toDatabase = (await system.links?.list('*/database')) ?? []
    expect(toDatabase).toHaveLength(3)
    expect(toDatabase.filter(({ bytes }) => bytes.back === 0)).toEqual([])
  })

  it('cuts one place off, and heals', async () => {
    const { links } = system
    const url = region(us).fanUrls[eu] ?? ''
    await links?.setFault(`*/${eu}`, { kind: 'cut' })
    expect(await links?.isHealed()).toBe(false)
    await expect(readiness(url)).rejects.toThrow()
    expect(await readiness(region(eu).url)).toMatchObject({ region: eu })
    await links?.heal()
    expect(await links?.isHealed()).toBe(true)
    expect(await readiness(url)).toMatchObject({ region: eu })
    await expect(links?.setFault('us-east1/nowhere', { kind: 'cut' })).rejects.toThrow(
      'No link is us-east1/nowhere',
    )
  })

  it('takes a region down until it is started again, with its data', async () => {
    const killed = region(asia)
    const { server, redis } = killed.pids
    await killed.kill()
    expect(killed.state).toBe('down')
    expect(killed.pids).toEqual({ server: null, redis: null })
    for (const pid of [server, redis]) if (pid !== null) expect(identityOf(pid)).toBeUndefined()
    expect(await isReady(killed.url)).toBe(false)
    const cut = (await system.links?.list())?.filter(({ fault }) => fault?.kind === 'cut')
    const ends = cut?.map(({ from, to }) => [from, to])
    expect(ends).toHaveLength(7)
    expect(ends?.filter((pair) => !pair.includes(asia))).toEqual([])
    await expect(readiness(region(us).fanUrls[asia] ?? '')).rejects.toThrow()
    expect(await isReady(region(us).url)).toBe(true)
    expect(said.filter((line) => line.includes(`The server of ${asia} ended`))).toEqual([])
    const before = killed.redisUrl
    await killed.start()
    expect(killed.state).toBe('up')
    expect(killed.redisUrl).toBe(before)
    expect(killed.pids.server).not.toBe(server)
    expect(await readiness(region(us).fanUrls[asia] ?? '')).toMatchObject({ region: asia })
    expect(await system.links?.isHealed()).toBe(true)
  })

  it('starts a server again that ended by itself', async () => {
    const { server } = region(eu).pids
    process.kill(server ?? 0, 'SIGKILL')
    await eventually(() => said.some((line) => line.startsWith(`The server of ${eu} runs again`)), {
      what: 'the server runs again',
      timeoutMs: 60_000,
    })
    expect(await readiness(region(eu).url)).toMatchObject({ region: eu })
  })

  it('sends the webhooks of Stripe to the first region that lives', async () => {
    const target = async () => (await system.links?.list('stripe/regions'))?.[0]?.target.port
    const portOf = (name: string) => Number(new URL(region(name).url).port)
    expect(await target()).toBe(portOf(us))
    await region(us).pause()
    expect(await target()).toBe(portOf(eu))
    await region(us).resume()
    expect(await target()).toBe(portOf(us))
  })

  it('lets a region sleep and wakes it, by HTTP too', async () => {
    const paused = await command(`regions/${eu}/pause`, { method: 'POST' })
    expect(await paused.json()).toMatchObject({ name: eu, state: 'paused' })
    expect(await isReady(region(eu).url)).toBe(false)
    const shown = (await (await command('regions')).json()) as { regions: { state: string }[] }
    expect(shown.regions.map(({ state }) => state)).toEqual(['up', 'paused', 'up'])
    await command(`regions/${eu}/resume`, { method: 'POST' })
    await eventually(() => isReady(region(eu).url), { what: 'the region answers again' })
  })

  it('takes commands of this machine alone, and says what it does not know', async () => {
    const answers = await Promise.all([
      command(`regions/${eu}/kill`, { method: 'POST', headers: { origin: 'http://evil.example' } }),
      command(`regions/${eu}/explode`, { method: 'POST' }),
      command('regions/atlantis/kill', { method: 'POST' }),
      command('links/*/*', { method: 'PUT', body: '{"kind":"slow"}' }),
      command('links/*/*', { method: 'PUT', body: '{"kind":' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([403, 404, 404, 400, 400])
    expect(await answers[3]?.json()).toEqual({
      error: expect.stringMatching(/^bytesPerSecond: /) as unknown,
    })
    expect(region(eu).state).toBe('up')
    expect(await system.links?.isHealed()).toBe(true)
  })

  // In less time than a server that sleeps would be waited for.
  const stopWithin = { timeout: 14_000 }
  it('leaves no process, also of regions that sleep or are down', stopWithin, async () => {
    await region(eu).pause()
    await region(asia).kill()
    const own = new Set(pidsOf(system))
    const running = services().filter(({ pid }) => own.has(pid))
    expect(running.length).toBeGreaterThan(4)
    await system.stop()
    expect(running.filter(isRunning)).toEqual([])
    const claims = ['.', 'links', 'postgres', ...names.map((name) => `regions/${name}/server`)]
    expect(claims.filter((part) => existsSync(join(data, part, 'running.json')))).toEqual([])
    await expect(region(asia).start()).rejects.toThrow('the system stops')
  })

  it('goes on with the data at the next start', { timeout: startTimeoutMs }, async () => {
    const before = system.demo?.events.map(({ id }) => id)
    system = await start()
    expect(system.demo?.events.map(({ id }) => id)).toEqual(before)
    expect(said.filter((line) => line.startsWith('making demo data'))).toHaveLength(3)
    expect(await readiness(region(asia).url)).toMatchObject({ region: asia })
  })
})

it('refuses one Redis for several regions, and leaves nothing', async () => {
  await using database = await createTestDatabase()
  const environment = { DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:9' }
  const dataFolder = join(inject('services').folder, 'one-redis')
  await expect(startLocal({ dataFolder, regions: 2, environment })).rejects.toThrow(
    'REDIS_URL names one Redis',
  )
  expect(existsSync(join(dataFolder, 'running.json'))).toBe(false)
})
