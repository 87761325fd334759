/**
 * One whole Frontrow on this machine: PostgreSQL, Redis where there is one, the Stripe simulator,
 * the mail sink and one regional server, or several with their links, all on 127.0.0.1 and all over
 * one data folder. What the environment offers instead is used instead. Nothing is left running
 * when a start fails.
 */
import { openDataFolder } from './data-folder.ts'
import { type Demo, makeDemo } from './demo-data.ts'
import { findFreePort, PortTakenError } from './free-port.ts'
import type { LinkControl } from './links/link-control.ts'
import { chooseServerPorts, type ServerPorts } from './local-ports.ts'
import { type Environment, readOutsideSettings } from './outside-settings.ts'
import { type PartName, RunningParts } from './running-parts.ts'
import type { DrillRegion, Preload } from './several/open-region.ts'
import { type SeveralWish, startSeveral } from './several/start-several.ts'
import type { CockroachWish } from './start-cockroach-part.ts'
import { startMail } from './start-mail-part.ts'
import { type Ground, startDatabase, startHolds, startPayments } from './start-parts.ts'
import { type ServerPart, startServerPart } from './start-server-part.ts'
import { followWarnings } from './warnings.ts'

export type LocalOptions = {
  readonly dataFolder: string
  /** A free one unless given. */
  readonly port?: number
  /** Empties the data folder first; only one that is marked as ours. */
  readonly fresh?: boolean
  /** Hears one line for each fact worth telling. */
  readonly log?: (line: string) => void
  /** The database's name of the region that the server stands in, when it is the only one. */
  readonly region?: string
  /** 1 unless told. Several have links between them, and can be taken down one by one. */
  readonly regions?: number
  /** False: the links between several regions carry bytes at once. */
  readonly latency?: boolean
  /** The links of several regions to the database are as late as a commit that survives a region. */
  readonly commitLatency?: boolean
  /** Of several regions, what their servers load first. */
  readonly preload?: Preload
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
  /** Of the first region, as all that follows where there are several. */
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
  /** By name; none when there is only one. */
  readonly regions: Readonly<Record<string, DrillRegion>>
  /** Between several regions. */
  readonly links: LinkControl | null
  /** Takes commands for regions and links over HTTP. */
  readonly controlUrl: string | null
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

/** Times that free ports are looked for, when none was asked for. */
const startsMax = 3

/** @throws StartError with one sentence for a person, or the reason of the aborted signal. */
export async function startLocal(options: LocalOptions): Promise<LocalSystem> {
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      // A port that was free when it was chosen: by then any connection may have left through it.
      const isOurs = error instanceof PortTakenError && options.port === undefined
      if (!isOurs || start === startsMax) throw error
    }
  }
}

async function startOnce(options: LocalOptions): Promise<LocalSystem> {
  const { environment = {}, log = () => undefined, fresh = false } = options
  const signal = options.signal ?? new AbortController().signal
  const outside = readOutsideSettings(environment)
  const data = await openDataFolder(options.dataFolder, { fresh, log })
  const parts = new RunningParts()
  try {
    const ports = await chooseServerPorts(options.port, options.regions ?? 1)
    const [first, ...others] = ports
    if (first === undefined) throw new RangeError('There is at least one region.')
    const isAlone = others.length === 0
    const webhookPort = isAlone ? first.http : await findFreePort()
    const webhookUrl = `http://127.0.0.1:${webhookPort}/webhooks/stripe`
    const cockroach = options.cockroach ?? null
    const ground = { data, environment, outside, webhookUrl, log, signal, parts, cockroach }
    if (isAlone) return await startAlone(ground, first, options)
    const { latency = true, commitLatency = false, preload = () => [] } = options
    const wish = { ports, webhookPort, latency, commitLatency, preload }
    return await startTogether(ground, wish, options)
  } catch (error) {
    await parts.stop()
    data.release()
    signal.throwIfAborted()
    throw error
  }
}

async function startAlone(
  ground: Ground,
  ports: ServerPorts,
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
  const needs = {
    databaseUrl: database.url,
    redisUrl: holds.url,
    stripeSettings: payments.settings,
    mailSettings: mail.settings,
  }
  const server = await startServerPart(ground, { region, ports }, needs)
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
  const { log } = ground
  const unfollow = followWarnings(server.logFile, (line) => log(`server: ${line}`))
  const several = { regions: {}, links: null, controlUrl: null }
  const started = { ...server, ...urls, ...several, said, demo: made }
  return handle(ground, { ...started, beforeStop: async () => unfollow() })
}

async function startTogether(
  ground: Ground,
  wish: SeveralWish,
  { demo = false }: LocalOptions,
): Promise<LocalSystem> {
  const { close, regions, ...several } = await startSeveral(ground, wish)
  try {
    const [first] = regions
    if (first === undefined) throw new RangeError('There is at least one region.')
    ground.signal.throwIfAborted()
    const made = demo ? await makeDemo(first.url, ground.log) : null
    ground.signal.throwIfAborted()
    const { url, metricsUrl, logFile, redisUrl } = first
    return handle(ground, {
      ...several,
      url,
      metricsUrl,
      logFile,
      redisUrl,
      region: first.name,
      regions: Object.fromEntries(regions.map((region) => [region.name, region])),
      demo: made,
      beforeStop: close,
    })
  } catch (error) {
    await close()
    throw error
  }
}

type Started = ServerPart &
  Pick<LocalSystem, 'databaseUrl' | 'redisUrl' | 'stripeUrl' | 'mailUrl' | 'demo'> &
  Pick<LocalSystem, 'regions' | 'links' | 'controlUrl'> & {
    readonly said: Pick<LocalFacts, 'database' | 'holds' | 'payments' | 'mail'>
    /** What must end first, so that nothing is started while all is stopped. */
    readonly beforeStop: () => Promise<void>
  }

function handle({ parts, data }: Ground, started: Started): LocalSystem {
  const { logFile, region, said, beforeStop, ...shown } = started
  let ending: Promise<void> | null = null
  const close = async (stopping: () => Promise<void>) => {
    ending ??= beforeStop()
    await ending
    await stopping()
    data.release()
  }
  const stop = () => close(() => parts.stop())
  return {
    ...shown,
    facts: { dataFolder: data.path, logFile, region, ...said },
    get pids() {
      return parts.pids
    },
    gaveUp: parts.gaveUp,
    stop,
    hurry: () => close(() => parts.hurry()),
    [Symbol.asyncDispose]: stop,
  }
}
