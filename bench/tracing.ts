/**
 * What traces cost: the CPU of a server for each sale (hold, checkout, test card, and the worker
 * after it), with the doors' spans as if compiled out, off, and on at 1, 10 and 100 percent. One
 * warm server is switched between them (bench/tracing-switch.ts) in rounds of changing order; each
 * is compared with the mean of "compiled out" of its round, which runs twice: what they differ is noise.
 *
 *   npm run bench:tracing
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { createClient, type Token } from '../client/index.ts'
import { keepLocalKeys } from '../regions/local/local-keys.ts'
import { startPostgres } from '../regions/local/postgres.ts'
import { startRedis } from '../regions/local/redis.ts'
import { fetchToken, fetchTokens } from './onsale/identities.ts'
import { makeOrganiser, publishArena } from './onsale/publish-arena.ts'
import type { Answer, Wish } from './tracing-switch.ts'

const rounds = 50
const salesPerTurn = 24
const salesToWarm = 1_000
const atOnce = 4
const ticketsPerFan = 8
const region = 'us-east1'
/** The worker is done with the sales of a turn by then. */
const restMs = 150

type Variant = { readonly name: string; readonly mode: Wish['mode'] }

const variants: readonly Variant[] = [
  { name: 'compiled out', mode: 'compiled out' },
  { name: 'compiled out, again', mode: 'compiled out' },
  { name: 'off', mode: 'off' },
  { name: 'on, 1%', mode: 0.01 },
  { name: 'on, 10%', mode: 0.1 },
  { name: 'on, 100%', mode: 1 },
]

type Server = {
  readonly sell: (sales: number) => Promise<void>
  /** Switches its doors. */
  readonly become: (mode: Wish['mode']) => Promise<Answer>
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
  const { announced } = await start(['stripe-simulator/main.ts', '--exit-with-parent'], {})
  await measure(await openServer(keys, String(announced['listening'])))
} finally {
  for (const child of children) child.kill('SIGKILL')
  await collector.close()
  await postgres[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(server: Server): Promise<void> {
  const spent = new Map(variants.map((variant) => [variant, [] as number[]]))
  for (const { mode } of variants) {
    await server.become(mode)
    await server.sell(Math.ceil(salesToWarm / variants.length))
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of shuffled(variants)) {
      const { begun } = await server.become(variant.mode)
      await server.sell(salesPerTurn)
      await wait(restMs)
      const { ended } = await server.become('off')
      spent.get(variant)?.push((ended - begun) / 1e6)
    }
  }
  const [one = [], other = []] = spent.values()
  const meanOfFirst = (round: number) => ((one[round] ?? 0) + (other[round] ?? 0)) / 2
  print('                       CPU ms a sale   of the first two half of the rounds between')
  for (const [{ name }, seconds] of spent) {
    const ratios = seconds.map((each, round) => each / meanOfFirst(round))
    const perSale = (1_000 * at(seconds, 0.5)) / salesPerTurn
    const cells = [perSale.toFixed(3).padStart(13), percent(at(ratios, 0.5)).padStart(14)]
    const spread = `${percent(at(ratios, 0.25))} and ${percent(at(ratios, 0.75))}`
    print(`${name.padEnd(22)} ${cells.join(' ')}   ${spread}`)
  }
  print(`${collector.exports()} exports of ${collector.bytes()} bytes in all`)
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ value }) => value)
}

/** @param share 0.5 is the median */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)}%`
}

async function openServer(
  keys: Readonly<Record<string, string>>,
  stripeUrl: string,
): Promise<Server> {
  const { child, announced } = await start(
    ['--import', './bench/tracing-switch.ts', 'server/main.ts'],
    {
      ...keys,
      REGION: region,
      REGIONS: `${region}=use1`,
      PORT: '0',
      METRICS_PORT: '0',
      LOG_LEVEL: 'warn',
      ACCESS_ISSUER: 'bench',
      DATABASE_URL: postgres.url,
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
      STRIPE_API_URL: stripeUrl,
      STRIPE_SECRET_KEY: 'sk_test_of_the_bench',
      STRIPE_WEBHOOK_SECRET: 'whsec_of_the_bench',
    },
  )
  return {
    sell: await openSale(String(announced['listening'])),
    become: async (mode) => {
      child.send({ mode, collector: collector.url } satisfies Wish)
      const [answer] = (await once(child, 'message')) as [Answer]
      return answer
    },
  }
}

async function openSale(url: string): Promise<Server['sell']> {
  const clientOf = (token: Token) => createClient({ endpoints: [url], token, deadlineMs: 120_000 })
  const admin = await fetchToken(url, { name: 'root', admin: true })
  const organisation = await makeOrganiser(clientOf(admin))
  const roles = { [organisation]: 'manager' }
  const organiser = clientOf(await fetchToken(url, { name: 'olga', roles }))
  const { id: event } = await publishArena(organiser, organisation)
  const fans = Math.ceil(
    (2 * salesToWarm + rounds * variants.length * salesPerTurn) / ticketsPerFan,
  )
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

type Program = {
  readonly child: ChildProcess
  /** What it says of itself when it is ready. */
  readonly announced: Readonly<Record<string, unknown>>
}

/** A program of ours as a child. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: project,
    env: { ...env, EXIT_WITH_PARENT: '1' },
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  })
  children.push(child)
  const { stdout } = child
  if (stdout === null) throw new Error('its output is a pipe')
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{"listening"')) {
      stdout.resume()
      return { child, announced: JSON.parse(line) as Record<string, unknown> }
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
