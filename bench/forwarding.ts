/**
 * What forwarding costs: CPU of both servers for each hold of one place, asked of the authority's
 * server and of another region's, in interleaved rounds. Two warm servers in processes of their
 * own, one PostgreSQL, Redis where there is one. A ratio is of one round's two halves, so that a
 * busy machine bends both. Then the parts of it that can be timed alone.
 *
 *   npm run bench:forwarding
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import pLimit from 'p-limit'
import { createClient } from '../client/index.ts'
import { findFreePort } from '../regions/local/free-port.ts'
import { keepLocalKeys } from '../regions/local/local-keys.ts'
import { startPostgres } from '../regions/local/postgres.ts'
import { startRedis } from '../regions/local/redis.ts'
import { regionCallHeader } from '../server/gateways/region-calls/region-call.ts'
import { regionCallSigner } from '../server/gateways/region-calls/region-call-signer.ts'
import { systemClock } from '../server/platform/clock.ts'
import { systemRandom } from '../server/platform/random.ts'
import { regionCalls } from '../server/transport/region-calls.ts'
import { fetchToken, fetchTokens } from './onsale/identities.ts'
import { makeOrganiser, publishArena } from './onsale/publish-arena.ts'

const rounds = 10
const callsATurn = 250
const turnsToWarm = 4
/** Fans who wait for an answer at the same time: few, and an on-sale. */
const loads = [1, 32] as const
const placesPerFan = 8
const wishedShare = 0.15
const regions = [
  { name: 'us-east1', code: 'use1' },
  { name: 'europe-west1', code: 'euw1' },
] as const
const settings = {
  LOG_LEVEL: 'warn',
  ACCESS_ISSUER: 'bench',
  STRIPE_API_URL: 'http://127.0.0.1:9',
  STRIPE_SECRET_KEY: 'sk_test_of_the_bench',
  STRIPE_WEBHOOK_SECRET: 'whsec_of_the_bench',
  RATE_LIMIT_PER_CALLER: '1000000',
  RATE_LIMIT_PER_ADDRESS: '10000000',
  RATE_LIMIT_PER_ORGANISATION: '1000000',
}

type Server = { readonly url: string; readonly metricsUrl: string }

const project = new URL('../', import.meta.url)

const children: ChildProcess[] = []
await compare()

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))
  const postgres = await startPostgres({ dataFolder: join(folder, 'postgres'), durable: false })
  const redis = await startRedis({ dataFolder: join(folder, 'redis'), durable: false })
  try {
    if (redis === null) print('no Redis on this machine: holds are kept in SQL')
    const database = { DATABASE_URL: postgres.url }
    const stores = redis === null ? database : { ...database, REDIS_URL: redis.url }
    await measure(await openServers(folder, stores))
    await measureSignatures()
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await postgres[Symbol.asyncDispose]()
    await redis?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(servers: readonly Server[]): Promise<void> {
  const [home, other] = servers
  if (home === undefined || other === undefined) throw new Error('two servers')
  const hold = await openSale(home.url)
  const turn = async (url: string, atOnce: number) => {
    const before = await cpuMs(servers)
    await hold(url, atOnce)
    return ((await cpuMs(servers)) - before) / callsATurn
  }
  print(`server CPU for a hold, ms; ${rounds} rounds of ${callsATurn} calls each way`)
  for (const atOnce of loads) {
    for (let warm = 0; warm < turnsToWarm; warm += 1) {
      await turn(home.url, atOnce)
      await turn(other.url, atOnce)
    }
    const direct: number[] = []
    const passed: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      // Whoever is first in a round is second in the next one.
      const order = round % 2 === 0 ? [direct, passed] : [passed, direct]
      for (const costs of order) {
        costs.push(await turn(costs === direct ? home.url : other.url, atOnce))
      }
    }
    print(`${atOnce} at once`)
    tell(direct, passed)
  }
}

function tell(direct: readonly number[], passed: readonly number[]): void {
  const extra = passed.map((cost, round) => cost / (direct[round] ?? Number.NaN) - 1)
  print(`  at the authority       ${median(direct).toFixed(3)}`)
  print(`  through another region ${median(passed).toFixed(3)}`)
  const [low, high] = [at(extra, 0.25), at(extra, 0.75)].map(percent)
  const verdict = median(extra) < wishedShare ? 'reached' : 'missed'
  print(`  more                   ${percent(median(extra))} (half of the rounds ${low} to ${high})`)
  print(`  under ${percent(wishedShare)}: ${verdict}`)
}

/** @returns a function that makes one turn's calls at this server, each for a place of its own */
async function openSale(url: string): Promise<(at: string, atOnce: number) => Promise<void>> {
  const clientOf = (token: string) => createClient({ endpoints: [url], token, deadlineMs: 120_000 })
  const admin = await fetchToken(url, { name: 'root', admin: true })
  const organisation = await makeOrganiser(clientOf(admin))
  const roles = { [organisation]: 'manager' }
  const organiser = clientOf(await fetchToken(url, { name: 'olga', roles }))
  const { id: event } = await publishArena(organiser, organisation)
  const calls = 2 * loads.length * (rounds + turnsToWarm) * callsATurn
  const fans = Math.ceil(calls / placesPerFan)
  const names = Array.from({ length: fans }, (_, fan) => ({ name: `fan-${fan}` }))
  const tokens = await fetchTokens(url, names, () => undefined)
  let held = 0
  return async (atUrl, atOnce) => {
    const units = Array.from({ length: callsATurn }, (_, call) => held + call)
    held += callsATurn
    await pLimit(atOnce).map(units, async (unit) => {
      const answer = await fetch(`${atUrl}/trpc/holds.place`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[Math.floor(unit / placesPerFan)]}`,
        },
        body: JSON.stringify({ event, key: randomUUID(), seats: { kind: 'units', units: [unit] } }),
      })
      const text = await answer.text()
      if (answer.status !== 200) throw new Error(`a hold was refused: ${text}`)
    })
  }
}

async function openServers(
  folder: string,
  stores: Readonly<Record<string, string>>,
): Promise<Server[]> {
  const [first] = regions
  const shared = keepLocalKeys(mkdtempSync(join(folder, 'keys-')), first.name)
  const key = { ...newKey(), kid: 'bench' }
  const { d: _, ...shown } = key
  const published = Object.fromEntries(regions.map(({ name }) => [name, { keys: [shown] }]))
  const places = await Promise.all(
    regions.map(async (region) => ({ ...region, port: await findFreePort() })),
  )
  const topology = {
    regions: places.map(({ name, code, port }) => ({
      name,
      code,
      public: `http://127.0.0.1:${port}`,
      internal: [`http://127.0.0.1:${port}`],
      at: { latitude: 0, longitude: 0 },
      standIns: [],
    })),
  }
  const topologyFile = join(folder, 'topology.json')
  writeFileSync(topologyFile, JSON.stringify(topology))
  const servers: Server[] = []
  for (const { name, port } of places) {
    const own = {
      ...shared,
      ...settings,
      ...stores,
      REGION: name,
      PORT: String(port),
      METRICS_PORT: '0',
      REGION_CALL_KEYS: JSON.stringify({ keys: [key] }),
      REGION_CALL_PUBLIC_KEYS: JSON.stringify(published),
      TOPOLOGY: topologyFile,
    }
    servers.push(await startProcess(own))
  }
  return servers
}

async function startProcess(env: Readonly<Record<string, string>>): Promise<Server> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    cwd: fileURLToPath(project),
    env: { ...env, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"listening"')) continue
    child.stdout.resume()
    const { listening, metrics } = JSON.parse(line) as { listening: string; metrics: string }
    return { url: listening, metricsUrl: metrics }
  }
  throw new Error('a server ended before it was ready')
}

/** What signing and checking one call costs, of the whole. */
async function measureSignatures(): Promise<void> {
  const jwk = newKey() as JWK
  const { d: _, ...shown } = jwk
  const [from, to] = ['europe-west1', 'us-east1']
  const ports = { clock: systemClock, random: systemRandom }
  const key = { kid: 'bench', key: (await importJWK(jwk, 'EdDSA')) as CryptoKey }
  const signer = regionCallSigner({ ...ports, key, region: from })
  const keys = new Map([[from, [{ ...shown, kid: 'bench' }]]])
  const checker = regionCalls({ ...ports, keys, region: to })
  const call = { method: 'POST', url: '/trpc/holds.place', body: '{"event":"evt"}' }
  const caller = { kind: 'person' as const, id: 'usr_use1_1', session: null }
  const passedOn = { caller, address: '192.0.2.7', reason: null, leftMs: 9_000 }
  const times = 2_000
  const headers: string[] = []
  const signing = await cpuOf(times, async () => {
    const signed = await signer.headersFor({ ...call, target: to, for: passedOn })
    headers.push(signed[regionCallHeader] ?? '')
  })
  const checking = await cpuOf(times, async (n) => {
    const taken = await checker.verify({ ...call, header: headers[n] ?? '' })
    if (taken === null) throw new Error('a good call was refused')
  })
  print(`alone, CPU ms: to sign a call ${signing.toFixed(3)}, to check it ${checking.toFixed(3)}`)
}

async function cpuOf(times: number, fn: (n: number) => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  for (let n = 0; n < times; n += 1) await fn(n)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / times
}

function newKey() {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
}

/** What the servers themselves say that they used since their start. */
async function cpuMs(servers: readonly Server[]): Promise<number> {
  let sum = 0
  for (const { metricsUrl } of servers) {
    const text = await (await fetch(metricsUrl)).text()
    const samples = text.matchAll(/^process_cpu_time_seconds_total\{.*\} ([\d.e+-]+)/gm)
    for (const [, seconds] of samples) sum += Number(seconds) * 1_000
  }
  return sum
}

function median(values: readonly number[]): number {
  return at(values, 0.5)
}

/** @param share 0.5 is the median */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
