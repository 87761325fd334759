/**
 * A system whose server is a process that tests may kill: database, Redis or the SQL hold book and
 * the Stripe simulator outlive it, and it comes back with the same settings at the same address.
 */
import { type Client, createClient } from '../../client/index.ts'
import { type StripeSimulator, startStripeSimulator } from '../../stripe-simulator/simulator.ts'
import { type Acknowledged, disagreements, readEndState } from '../support/agreement.ts'
import { Closers } from '../support/closers.ts'
import { createTestDatabase } from '../support/database.ts'
import { createTestRedis, type TestRedis } from '../support/redis.ts'
import {
  control,
  freshSettings,
  newEvent,
  openHall,
  type Sql,
  tokenFor,
} from '../support/sale-system.ts'
import { openBystander, settleAll } from './bystander.ts'
import { type Links, openLinks, type WatchLink } from './links.ts'
import { ServerLives } from './server-lives.ts'

export type Book = 'sql' | 'redis'

export type ProcessSystemOptions = {
  readonly book: Book
  /** Sees what passes between the server and its neighbours; without it they talk directly. */
  readonly watch?: WatchLink
  /** Another database than one of the run's, already migrated. */
  readonly databaseUrl?: string
  /** False: the reconciler is alone. True unless told. */
  readonly webhooks?: boolean
  readonly settings?: Readonly<Record<string, string>>
}

export type Fan = { readonly buyer: string; readonly token: string; readonly client: Client }

export type ProcessSystem = AsyncDisposable & {
  /** Where fans reach the server, through all of its lives. */
  readonly url: string
  readonly databaseUrl: string
  readonly simulator: StripeSimulator
  readonly redis: TestRedis | null
  /** Past the server: what tests prepare and look up. */
  readonly sql: Sql
  readonly lives: ServerLives
  /** One who never repeats a call, or one whose client repeats it as clients do. */
  readonly fan: (name: string, manner?: 'hasty' | 'patient') => Promise<Fan>
  /** On sale, 100 units: 40 seats and a standing area. */
  readonly newEvent: (wish?: Parameters<typeof newEvent>[1]) => Promise<string>
  /** Lets all reservations run out and all duties be due, and waits until nothing is owed. */
  readonly settle: () => Promise<void>
  /** What is wrong now that nothing is under way. */
  readonly faults: (acknowledged: readonly Acknowledged[]) => Promise<string[]>
}

export function openProcessSystem(options: ProcessSystemOptions): Promise<ProcessSystem> {
  const closers = new Closers()
  return closers.opening(() => open(options, closers))
}

async function open(options: ProcessSystemOptions, closers: Closers): Promise<ProcessSystem> {
  const ground = await openGround(options, closers)
  const { links, settings, databaseUrl, simulator, redis } = ground
  const lives = await ServerLives.begin(settings)
  closers.defer(() => lives.kill())
  const { url: serverUrl } = lives.server
  const url = links.fanUrl ?? serverUrl
  if (options.webhooks !== false) {
    const secret = settings['STRIPE_WEBHOOK_SECRET']
    const webhook = { url: `${serverUrl}/webhooks/stripe`, secret, events: ['*'] }
    await control(simulator, 'webhook-endpoints', webhook)
  }
  const { sql } = closers.use(openBystander(databaseUrl))
  const hall = await openHall(serverUrl)
  return {
    url,
    databaseUrl,
    simulator,
    redis,
    sql,
    lives,
    fan: async (name, manner = 'hasty') => {
      const token = await tokenFor(serverUrl, { name })
      const once = { attemptsMax: 1, deadlineMs: 60_000 }
      const manners = manner === 'hasty' ? once : {}
      const client = createClient({ endpoints: [url], token, ...manners })
      return { buyer: `demo:${name}`, token, client }
    },
    newEvent: (wish = {}) => newEvent(hall, wish),
    settle: () => settleAll(sql),
    faults: async (acknowledged) =>
      disagreements(await readEndState({ databaseUrl, simulatorUrl: simulator.url }), acknowledged),
    [Symbol.asyncDispose]: () => closers.close(),
  }
}

type Ground = {
  readonly databaseUrl: string
  readonly simulator: StripeSimulator
  readonly redis: TestRedis | null
  readonly links: Links
  readonly settings: Readonly<Record<string, string>>
}

/** Everything that outlives the server. */
async function openGround(options: ProcessSystemOptions, closers: Closers): Promise<Ground> {
  const databaseUrl = options.databaseUrl ?? closers.use(await createTestDatabase()).url
  const simulator = closers.use(await startStripeSimulator())
  const redis = options.book === 'redis' ? closers.use(await createTestRedis()) : null
  const own = { ...(await freshSettings()), ...options.settings }
  const addresses = {
    database: databaseUrl,
    stripe: simulator.url,
    redis: redis?.url ?? null,
    server: `http://127.0.0.1:${own.PORT}`,
  }
  const links = closers.use(await openLinks(addresses, options.watch ?? null))
  const settings = {
    ...own,
    DATABASE_URL: links.database,
    STRIPE_API_URL: links.stripe,
    ...(links.redis === null ? {} : { REDIS_URL: links.redis }),
  }
  return { databaseUrl, simulator, redis, links, settings }
}
