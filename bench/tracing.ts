/**
 * What traces cost: the CPU of a server for each sale (hold, checkout, test card, and the worker
 * after it), with the doors' spans compiled out, off, and on at 1, 10 and 100 percent. Each server
 * has a database and a Redis of its own; rounds are interleaved in changing order and compared with
 * the same round of the first, which runs twice to show what is only noise.
 *
 *   npm run bench:tracing
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { Client as SqlClient } from 'pg'
import { createClient, type Token } from '../client/index.ts'
import { keepLocalKeys } from '../regions/local/local-keys.ts'
import { startPostgres } from '../regions/local/postgres.ts'
import { startRedis } from '../regions/local/redis.ts'
import { limits } from '../server/platform/limits.ts'
import { fetchToken, fetchTokens } from './onsale/identities.ts'
import { makeOrganiser, publishArena } from './onsale/publish-arena.ts'

const rounds = 8
const salesPerRound = 64
const salesToWarm = 160
const atOnce = 4
const ticketsPerFan = 8
const region = 'us-east1'
/** All spans of a round are exported by then, in the round that they belong to. */
const restMs = limits.traceDelayMs + 300

/** Stands for server/platform/tracing.ts and trace-context.ts where they are compiled out. */
const withoutDoors = `
const noSpan = { set: () => undefined, failed: () => undefined }
export const traced = (facts, attributes, fn) => fn(noSpan)
export const untraced = (fn) => fn()
export const useTracer = () => undefined
export const isTracerUsed = () => false
export const openRequest = () => ({ span: noSpan, enter: (fn) => fn(), end: () => undefined })
export const whereabouts = () => ({})
export const sampledSpan = () => null
export const traceparentNow = () => ''
export const spanContextOf = () => null
export const isSampled = () => false`

const redirect = `
export const resolve = (name, context, next) => /\\/(tracing|trace-context)\\.ts$/.test(name)
  ? { url: ${JSON.stringify(moduleOf(withoutDoors))}, format: 'module', shortCircuit: true }
  : next(name, context)`
const compiledOut = [
  '--import',
  moduleOf(
    `import { register } from 'node:module'; register(${JSON.stringify(moduleOf(redirect))})`,
  ),
]

function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`
}

type Variant = {
  readonly name: string
  readonly flags?: readonly string[]
  /** Part of the traces that is exported; null: off. */
  readonly ratio: number | null
}

const variants: readonly Variant[] = [
  { name: 'compiled out', flags: compiledOut, ratio: null },
  { name: 'compiled out, again', flags: compiledOut, ratio: null },
  { name: 'off', ratio: null },
  { name: 'on, 1%', ratio: 0.01 },
  { name: 'on, 10%', ratio: 0.1 },
  { name: 'on, 100%', ratio: 1 },
]

type Server = {
  readonly variant: Variant
  readonly sell: (sales: number) => Promise<void>
  /** Seconds of CPU since it began. */
  readonly cpu: () => Promise<number>
}

const folder = mkdtempSync(join(tmpdir(), 'frontrow-bench-'))
const project = fileURLToPath(new URL('../', import.meta.url))
const children: ChildProcess[] = []
const postgres = await startPostgres({ dataFolder: join(folder, 'postgres'), durable: false })
const redis = await startRedis({ dataFolder: join(folder, 'redis'), durable: false })
const collector = await startCollector()
try {
  if (redis === null) print('no Redis on this machine: holds are kept in SQL')
  const keys = keepLocalKeys(mkdtempSync(join(folder, 'keys-')), region)
  const stripe = await start(['stripe-simulator/main.ts', '--exit-with-parent'], {})
  const servers: Server[] = []
  for (const [number, variant] of variants.entries()) {
    servers.push(
      await openServer({ variant, number, keys, stripeUrl: String(stripe['listening']) }),
    )
  }
  for (const server of servers) await server.sell(salesToWarm)
  await measure(servers)
} finally {
  for (const child of children) child.kill('SIGKILL')
  await collector.close()
  await postgres[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(servers: readonly Server[]): Promise<void> {
  const spent = new Map(servers.map((server) => [server, [] as number[]]))
  for (let round = 0; round < rounds; round += 1) {
    const order = servers.map((_, at) => servers[(at + round) % servers.length])
    for (const server of order) {
      if (server === undefined) continue
      const before = await server.cpu()
      await server.sell(salesPerRound)
      await wait(restMs)
      spent.get(server)?.push((await server.cpu()) - before)
    }
  }
  const [base = []] = spent.values()
  print('                       CPU ms a sale   of the first   half of the rounds between')
  for (const [{ variant }, seconds] of spent) {
    const ratios = seconds.map((each, round) => each / (base[round] ?? Number.NaN))
    const perSale = (1_000 * at(seconds, 0.5)) / salesPerRound
    const cells = [perSale.toFixed(3).padStart(13), percent(at(ratios, 0.5)).padStart(14)]
    const spread = `${percent(at(ratios, 0.25))} and ${percent(at(ratios, 0.75))}`
    print(`${variant.name.padEnd(22)} ${cells.join(' ')}   ${spread}`)
  }
  print(`${collector.exports()} exports of ${collector.bytes()} bytes in all`)
}

/** @param share 0.5 is the median */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share + 0.5)] ?? Number.NaN
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)}%`
}

type ServerPlan = {
  readonly variant: Variant
  readonly number: number
  readonly keys: Readonly<Record<string, string>>
  readonly stripeUrl: string
}

async function openServer({ variant, number, keys, stripeUrl }: ServerPlan): Promise<Server> {
  const announced = await start([...(variant.flags ?? []), 'server/main.ts'], {
    ...keys,
    REGION: region,
    REGIONS: `${region}=use1`,
    PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'warn',
    ACCESS_ISSUER: 'bench',
    DATABASE_URL: await newDatabase(`bench_${number}`),
    ...(redis === null ? {} : { REDIS_URL: `${redis.url}/${number}` }),
    STRIPE_API_URL: stripeUrl,
    STRIPE_SECRET_KEY: 'sk_test_of_the_bench',
    STRIPE_WEBHOOK_SECRET: 'whsec_of_the_bench',
    ...tracingOf(variant),
  })
  const url = String(announced['listening'])
  const sell = await openSale(url)
  return { variant, sell, cpu: () => cpuSeconds(String(announced['metrics'])) }
}

function tracingOf({ ratio }: Variant): Record<string, string> {
  if (ratio === null) return {}
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(ratio),
  }
}

async function openSale(url: string): Promise<Server['sell']> {
  const clientOf = (token: Token) => createClient({ endpoints: [url], token, deadlineMs: 120_000 })
  const admin = await fetchToken(url, { name: 'root', admin: true })
  const organisation = await makeOrganiser(clientOf(admin))
  const roles = { [organisation]: 'manager' }
  const organiser = clientOf(await fetchToken(url, { name: 'olga', roles }))
  const { id: event } = await publishArena(organiser, organisation)
  const fans = Math.ceil((salesToWarm + rounds * salesPerRound) / ticketsPerFan)
  const names = Array.from({ length: fans }, (_, fan) => ({ name: `fan-${fan}` }))
  const tokens = await fetchTokens(url, names, () => undefined)
  const clients = tokens.map((token, fan) => clientOf(renewing(url, `fan-${fan}`, token)))
  let sold = 0
  return async (sales) => {
    const turns = pLimit(atOnce)
    const buy = async (unit: number) => {
      const client = clients[Math.floor(unit / ticketsPerFan)]
      if (client === undefined) throw new Error('more sales than fans')
      const seats = { kind: 'units' as const, units: [unit] }
      await client.buy({ key: client.newKey(), event, seats, paymentMethod: 'pm_card_visa' })
    }
    const first = sold
    sold += sales
    await turns.map(
      Array.from({ length: sales }, (_, sale) => first + sale),
      buy,
    )
  }
}

/** Tokens live for minutes, and the whole may take longer. */
function renewing(url: string, name: string, first: string): () => Promise<string> {
  let next: string | null = first
  return async () => {
    const token = next ?? (await fetchToken(url, { name }))
    next = null
    return token
  }
}

async function cpuSeconds(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const found = [...text.matchAll(/^process_cpu_time_seconds_total\{.*\} (\S+)$/gm)]
  return found.reduce((sum, match) => sum + Number(match[1]), 0)
}

async function newDatabase(name: string): Promise<string> {
  const client = new SqlClient({ connectionString: postgres.url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href
}

/** A program of ours as a child; @returns what it announces when it is ready. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: project,
    env: { PATH, HOME, ...env, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"listening"')) {
      child.stdout.resume()
      return JSON.parse(line) as Record<string, unknown>
    }
    print(line)
  }
  throw new Error(`${args.at(-1)} ended before it was ready`)
}

/** Takes whatever is exported. */
async function startCollector() {
  let exports = 0
  let bytes = 0
  const server = createServer((request, response) => {
    exports += 1
    request.on('data', (part: Buffer) => {
      bytes += part.length
    })
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    exports: () => exports,
    bytes: () => bytes,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
