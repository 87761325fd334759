/**
 * A whole system for tests of the sale: a regional server in this process on free ports, a fresh
 * database, Redis or the SQL hold book, and the Stripe simulator with its webhooks. Fans and
 * organisers come in over HTTP; time is made to pass by ageing rows.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { Pool } from 'pg'
import { findFreePort } from '../../regions/local/free-port.ts'
import { type Config, readConfig } from '../../server/config.ts'
import { limits } from '../../server/platform/limits.ts'
import { startServer } from '../../server/start-server.ts'
import type { AppRouter } from '../../server/transport/routers/index.ts'
import type { RefusalData } from '../../server/transport/trpc.ts'
import { type StripeSimulator, startStripeSimulator } from '../../stripe-simulator/simulator.ts'
import { createTestDatabase } from './database.ts'
import { eventually } from './eventually.ts'
import { goldenRegions } from './golden.ts'
import { createTestRedis, type TestRedis } from './redis.ts'

export const region = 'us-east1'
export const webhookSecret = 'whsec_of_the_tests'

export type Api = ReturnType<typeof apiAt>

export type SaleSystemOptions = {
  /** The SQL book unless told. */
  readonly book?: 'sql' | 'redis'
  /** False: the reconciler is alone. True unless told. */
  readonly webhooks?: boolean
  /** Another address for the server's database, given its real one: a proxy. */
  readonly databaseVia?: (url: string) => Promise<string>
  readonly settings?: Readonly<Record<string, string>>
  /** Of connections, so that tests of time need not wait. */
  readonly bounds?: Parameters<typeof startServer>[1]
}

export type NewEvent = {
  /** Minor units; 5,000 unless told, 0 for a free event. No fees. */
  readonly price?: number
  readonly limitPerBuyer?: number
}

export type SaleSystem = AsyncDisposable & {
  readonly url: string
  readonly metricsUrl: string
  readonly databaseUrl: string
  readonly config: Config
  readonly simulator: StripeSimulator
  /** null with the SQL book. */
  readonly redis: TestRedis | null
  readonly organiser: Api
  readonly organisation: string
  /** A fan of this name. */
  readonly fan: (name: string) => Promise<Api>
  /** On sale: section A has units 0 to 39 in rows of ten, the floor has 40 to 99. */
  readonly newEvent: (wish?: NewEvent) => Promise<string>
  /** Past the product's pool: what tests prepare and look up is no statement of the product. */
  readonly sql: Sql
}

export type Sql = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>

export async function openSaleSystem(options: SaleSystemOptions = {}): Promise<SaleSystem> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  const use = <Part extends AsyncDisposable>(part: Part): Part => {
    closers.push(() => part[Symbol.asyncDispose]())
    return part
  }
  try {
    const database = use(await createTestDatabase())
    const simulator = use(await startStripeSimulator())
    const redis = options.book === 'redis' ? use(await createTestRedis()) : null
    const config = readConfig({
      ...(await freshSettings()),
      DATABASE_URL: (await options.databaseVia?.(database.url)) ?? database.url,
      STRIPE_API_URL: simulator.url,
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
      ...options.settings,
    })
    const server = await startServer(config, options.bounds)
    closers.push(server.stop)
    if (options.webhooks !== false) {
      const url = `${server.url}/webhooks/stripe`
      await control(simulator, 'webhook-endpoints', { url, secret: webhookSecret, events: ['*'] })
    }
    const pool = openFixtures(database.url)
    closers.push(() => pool.end())
    const hall = await openHall(server.url)
    return {
      url: server.url,
      metricsUrl: server.metricsUrl,
      databaseUrl: database.url,
      config,
      simulator,
      redis,
      organiser: hall.organiser,
      organisation: hall.organisation,
      fan: async (name) => apiAt(server.url, await tokenFor(server.url, { name })),
      newEvent: (wish) => newEvent(hall, wish ?? {}),
      sql: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(text, [...values])).rows,
      [Symbol.asyncDispose]: close,
    }
  } catch (cause) {
    await close()
    throw cause
  }
}

/**
 * Past the product's pool: what tests prepare and look up is no statement of the product. Not
 * serializable, so that it neither fails nor makes a statement of the product fail.
 */
export function openFixtures(url: string): Pool {
  const options = '-c default_transaction_isolation=read\\ committed'
  const pool = new Pool({ connectionString: url, max: 4, options })
  // Its database may be dropped under it at the end of a test.
  pool.on('error', () => undefined)
  return pool
}

export async function freshSettings(): Promise<Record<string, string>> {
  const recordings = process.env['STATEMENT_LOG']
  const keys = JSON.stringify({ keys: [newKey('one')] })
  return {
    REGION: region,
    REGIONS: goldenRegions.map(({ name, code }) => `${name}=${code}`).join(','),
    PORT: String(await findFreePort()),
    METRICS_PORT: String(await findFreePort()),
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    DATABASE_POOL_MAX: '16',
    STRIPE_SECRET_KEY: 'sk_test_of_the_tests',
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    TICKET_KEYS: keys,
    ACCESS_SIGNING_KEYS: keys,
    ACCESS_ISSUER: 'tests',
    DEVELOPMENT_ISSUER_KEYS: keys,
    REGION_CALL_KEYS: keys,
    REGION_CALL_PUBLIC_KEYS: JSON.stringify(publishedBy(goldenRegions, keys)),
    HOLD_TOKEN_SECRET: randomBytes(32).toString('hex'),
    ACCOUNTS_SECRET: randomBytes(32).toString('hex'),
    ACCOUNTS_DIRECTORY_SECRET: randomBytes(32).toString('hex'),
    MIGRATE: '0',
    // All callers of a test are at one address; tests of limits set their own.
    RATE_LIMIT_PER_CALLER: '1000000',
    RATE_LIMIT_PER_ADDRESS: '10000000',
    RATE_LIMIT_PER_ORGANISATION: '1000000',
    ...(recordings === undefined ? {} : { STATEMENT_LOG: recordings }),
  }
}

/** In tests all regions share one key, so that a test may call as any of them. */
function publishedBy(regions: readonly { readonly name: string }[], keys: string) {
  const set = JSON.parse(keys) as { keys: { d?: string }[] }
  const shown = { keys: set.keys.map((key) => ({ ...key, d: undefined })) }
  return Object.fromEntries(regions.map(({ name }) => [name, shown]))
}

function newKey(kid: string) {
  return { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid }
}

export function apiAt(url: string, token: string | (() => Promise<string>)) {
  const shown = typeof token === 'string' ? async () => token : token
  const headers = async () => ({ authorization: `Bearer ${await shown()}` })
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] })
}

/** For whoever outlives an access token: a new one each time that half of its life is over. */
export function tokensFor(url: string, who: object): () => Promise<string> {
  let kept = { token: Promise.resolve(''), untilMs: 0 }
  return async () => {
    const nowMs = Date.now()
    if (nowMs >= kept.untilMs) {
      kept = { token: tokenFor(url, who), untilMs: nowMs + limits.accessTokenMs / 2 }
    }
    return kept.token
  }
}

export async function tokenFor(url: string, who: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', headers, body: JSON.stringify(who) }
  const answer = (await (await fetch(`${url}/development/token`, request)).json()) as {
    token: string
  }
  return answer.token
}

export type Hall = { organiser: Api; organisation: string; venue: string; seatMapHash: string }

export async function openHall(url: string): Promise<Hall> {
  const root = apiAt(url, await tokenFor(url, { name: 'root', admin: true }))
  const made = await root.admin.organisations.create.mutate({ key: randomUUID(), name: 'Hall Ltd' })
  const organisation = made.id
  const roles = { [organisation]: 'manager' }
  const organiser = apiAt(url, tokensFor(url, { name: 'olga', roles }))
  const venue = await organiser.admin.venues.create.mutate({
    organisation,
    key: randomUUID(),
    name: 'Hall',
    timeZone: 'Europe/Vienna',
    address: 'Street 1',
    city: 'Wien',
    country: 'AT',
    latitude: 48.2,
    longitude: 16.4,
  })
  const map = await organiser.admin.seatMaps.import.mutate({
    organisation,
    venue: venue.id,
    name: 'Hall',
    format: 'csv',
    content: Buffer.from(seatMapCsv()).toString('base64'),
  })
  return { organiser, organisation, venue: venue.id, seatMapHash: map.hash }
}

function seatMapCsv(): string {
  const seats = Array.from({ length: 40 }, (_, unit) => {
    const [row, seat] = [Math.floor(unit / 10), unit % 10]
    return `A,${row + 1},${seat + 1},${seat},${-row},,`
  })
  return ['section,row,seat,x,y,gap_after,capacity', ...seats, 'Floor,,,,,,60', ''].join('\n')
}

const hourMs = 3_600_000

export async function newEvent(hall: Hall, wish: NewEvent): Promise<string> {
  const { organiser, organisation } = hall
  const draft = await makeDraft(hall, wish)
  const ofEvent = { organisation, event: draft.id }
  const tier = (section: string) => ({
    id: section.toLowerCase(),
    name: section,
    sections: [section],
    rules: [{ price: wish.price ?? 5_000 }],
  })
  const tiers = [tier('A'), tier('Floor')]
  await organiser.admin.events.setPrices.mutate({ ...ofEvent, version: draft.version, tiers })
  await organiser.admin.events.publish.mutate(ofEvent)
  return draft.id
}

/** An event that nobody but its organisation may see. */
export async function newDraft(hall: Hall): Promise<string> {
  return (await makeDraft(hall, {})).id
}

function makeDraft({ organiser, organisation, venue, seatMapHash }: Hall, wish: NewEvent) {
  const at = (hours: number) => new Date(Date.now() + hours * hourMs).toISOString()
  return organiser.admin.events.create.mutate({
    organisation,
    key: randomUUID(),
    venue,
    seatMapHash,
    name: 'Concert',
    description: '',
    category: 'concert',
    startsAt: at(48),
    opensAt: at(-1),
    closesAt: at(24),
    limitPerBuyer: wish.limitPerBuyer ?? 8,
    currency: 'EUR',
  })
}

/** POST when there is a body, else GET. */
export async function control<Answer>(
  { url }: Pick<StripeSimulator, 'url'>,
  path: string,
  body?: object | 'delete',
): Promise<Answer> {
  const request =
    body === undefined
      ? {}
      : body === 'delete'
        ? { method: 'DELETE' }
        : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(`${url}/_simulator/${path}`, request)
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** The refusal that a call must end in. */
export async function refusalOf(call: Promise<unknown>): Promise<RefusalData> {
  try {
    await call
  } catch (cause) {
    const refused = refusalIn(cause)
    if (refused !== null) return refused
    throw cause
  }
  throw new Error('The call was not refused')
}

function refusalIn(cause: unknown): RefusalData | null {
  if (!(cause instanceof TRPCClientError)) return null
  return (cause as TRPCClientError<AppRouter>).data?.refusal ?? null
}

/** The answer of a call that is repeated, as clients do, as long as its refusal is transient. */
export async function persist<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  let done: { answer: Answer } | undefined
  await eventually(
    async () => {
      try {
        done = { answer: await call() }
        return true
      } catch (cause) {
        if (refusalIn(cause)?.transient) return false
        throw cause
      }
    },
    { what: 'an answer that is not "try again"', timeoutMs: 30_000 },
  )
  if (done === undefined) throw new Error('unreachable')
  return done.answer
}
