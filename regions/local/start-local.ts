/**
 * One whole Frontrow on this machine: PostgreSQL, Redis where there is one, the Stripe simulator,
 * the mail sink and one regional server, all on 127.0.0.1 and all over one data folder. What the environment
 * offers instead is used instead. Nothing is left running when a start fails.
 */
import { openDataFolder } from './data-folder.ts'
import { type Demo, makeDemo } from './demo-data.ts'
import { findFreePort, isPortFree, PortTakenError } from './free-port.ts'
import { type Environment, readOutsideSettings } from './outside-settings.ts'
import { type PartName, RunningParts } from './running-parts.ts'
import type { CockroachWish } from './start-cockroach-part.ts'
import { startMail } from './start-mail-part.ts'
import { type Ground, startDatabase, startHolds, startPayments } from './start-parts.ts'
import { type ServerPart, startServerPart } from './start-server-part.ts'
import { followWarnings } from './warnings.ts'

const portMax = 65_535

export type LocalOptions = {
  readonly dataFolder: string
  /** A free one unless given. */
  readonly port?: number
  /** Empties the data folder first; only one that is marked as ours. */
  readonly fresh?: boolean
  /** Hears one line for each fact worth telling. */
  readonly log?: (line: string) => void
  /** The database's name of the region that the server stands in. */
  readonly region?: string
  /** Makes demo data through the admin API, once. */
  readonly demo?: boolean
  /** CockroachDB in the place of PostgreSQL, with a node in each of these regions. */
  readonly cockroach?: CockroachWish
  /** Settings of the server, and DATABASE_URL, REDIS_URL, STRIPE_…, SMTP_URL to use instead of own parts. */
  readonly environment?: Environment
  /** Ends a start that is under way: it rejects with the signal's reason, and leaves nothing. */
  readonly signal?: AbortSignal
}

export type LocalSystem = AsyncDisposable & {
  readonly url: string
  readonly metricsUrl: string
  /** Holds a password: never log it. */
  readonly databaseUrl: string
  /** Holds a password: never log it. Null: holds are kept in SQL. */
  readonly redisUrl: string | null
  /** The simulator; null when STRIPE_SECRET_KEY was given. */
  readonly stripeUrl: string | null
  /** The page of the mail sink; null when SMTP_URL was given. */
  readonly mailUrl: string | null
  /** Null: the part is down, or is not ours. A part that was started again has another pid. */
  readonly pids: Readonly<Record<PartName, number | null>>
  readonly facts: LocalFacts
  /** Null unless asked for, or when it could not be made. */
  readonly demo: Demo | null
  /** Settles with one sentence when a part keeps ending, and never otherwise. Then stop. */
  readonly gaveUp: Promise<string>
  /** Within seconds; calls in flight are finished first. */
  readonly stop: () => Promise<void>
  /** Cuts calls in flight off; also while a stop is under way. */
  readonly hurry: () => Promise<void>
}

export type LocalFacts = {
  readonly dataFolder: string
  readonly logFile: string
  readonly region: string
  /** One line each, for a person. */
  readonly database: string
  readonly holds: string
  readonly payments: string
  readonly mail: string
}

/** @throws StartError with one sentence for a person, or the reason of the aborted signal. */
export async function startLocal(options: LocalOptions): Promise<LocalSystem> {
  const { environment = {}, log = () => undefined, fresh = false } = options
  const signal = options.signal ?? new AbortController().signal
  const outside = readOutsideSettings(environment)
  const data = await openDataFolder(options.dataFolder, { fresh, log })
  const parts = new RunningParts()
  try {
    const ports = await choosePorts(options.port)
    const cockroach = options.cockroach ?? null
    const ground = { data, environment, outside, ports, log, signal, parts, cockroach }
    return await startAll(ground, options)
  } catch (error) {
    await parts.stop()
    data.release()
    signal.throwIfAborted()
    throw error
  }
}

async function startAll(
  ground: Ground,
  { region, demo = false }: LocalOptions,
): Promise<LocalSystem> {
  const { signal } = ground
  const starts = [
    startDatabase(ground),
    startHolds(ground),
    startPayments(ground),
    startMail(ground),
  ] as const
  // All settle before a fault is thrown, so that whatever started is known and stopped.
  await Promise.allSettled(starts)
  const [database, holds, payments, mail] = await Promise.all(starts)
  signal.throwIfAborted()
  const server = await startServerPart(ground, {
    databaseUrl: database.url,
    redisUrl: holds.url,
    stripeSettings: payments.settings,
    mailSettings: mail.settings,
    region,
  })
  signal.throwIfAborted()
  const made = demo ? await makeDemo(server.url, ground.log) : null
  signal.throwIfAborted()
  const urls = {
    databaseUrl: database.url,
    redisUrl: holds.url,
    stripeUrl: payments.url,
    mailUrl: mail.url,
  }
  const said = {
    database: database.said,
    holds: holds.said,
    payments: payments.said,
    mail: mail.said,
  }
  return handle(ground, { ...server, ...urls, said, demo: made })
}

type Started = ServerPart &
  Pick<LocalSystem, 'databaseUrl' | 'redisUrl' | 'stripeUrl' | 'mailUrl' | 'demo'> & {
    readonly said: Pick<LocalFacts, 'database' | 'holds' | 'payments' | 'mail'>
  }

function handle({ parts, data, log }: Ground, started: Started): LocalSystem {
  const { url, metricsUrl, databaseUrl, redisUrl, stripeUrl, mailUrl, demo } = started
  const { logFile, region } = started
  const unfollow = followWarnings(logFile, (line) => log(`server: ${line}`))
  const close = async (stopping: Promise<void>) => {
    await stopping
    unfollow()
    data.release()
  }
  const stop = () => close(parts.stop())
  return {
    url,
    metricsUrl,
    databaseUrl,
    redisUrl,
    stripeUrl,
    mailUrl,
    demo,
    facts: { dataFolder: data.path, logFile, region, ...started.said },
    get pids() {
      return parts.pids
    },
    gaveUp: parts.gaveUp,
    stop,
    hurry: () => close(parts.hurry()),
    [Symbol.asyncDispose]: stop,
  }
}

/** Judged before anything is started. Metrics stand beside the API where that port is free. */
async function choosePorts(wish: number | undefined): Promise<Ground['ports']> {
  if (wish !== undefined && !(await isPortFree(wish))) throw new PortTakenError('Frontrow', wish)
  const http = wish ?? (await findFreePort())
  const beside = http + 1
  const isBesideFree = beside <= portMax && (await isPortFree(beside))
  return { http, metrics: isBesideFree ? beside : await otherThan(http) }
}

async function otherThan(port: number): Promise<number> {
  for (;;) {
    const found = await findFreePort()
    if (found !== port) return found
  }
}
