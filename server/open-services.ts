/** Opens what the use-cases work with: database, hold book, Stripe, tokens. Wiring only. */
import type { Logger } from 'pino'
import { askEngine, type Engine } from '../migrations/engine.ts'
import { accountServices } from './account-services.ts'
import { ApiKeys } from './application/api-keys.ts'
import { AuditLog } from './application/audit-log.ts'
import type { ClockWatch } from './application/clock-watch.ts'
import { EventCatalogue } from './application/event-catalogue.ts'
import { HoldTokens } from './application/hold-tokens.ts'
import { Members } from './application/members.ts'
import type { Services } from './application/services.ts'
import { TicketCodes } from './application/ticket-codes.ts'
import type { Config } from './config.ts'
import type { LetterOutcome, TemplateName } from './domain/mail.ts'
import { LimitsRedis } from './gateways/limits/limits-redis.ts'
import { SharedAttempts } from './gateways/limits/shared-attempts.ts'
import { SharedRateLimits } from './gateways/limits/shared-rate-limits.ts'
import { noMailer } from './gateways/no-mailer.ts'
import { SmtpMailer } from './gateways/smtp-mailer.ts'
import { openStripe, orderOfWebhook, stripeGateway } from './gateways/stripe.ts'
import { signingKeys } from './keys.ts'
import type { OpenedAuthority } from './open-authority.ts'
import type { OpenedBook } from './open-hold-book.ts'
import { openRegions } from './open-regions.ts'
import { systemClock } from './platform/clock.ts'
import { IdMaker, type OrderId } from './platform/ids.ts'
import { limits } from './platform/limits.ts'
import { systemRandom } from './platform/random.ts'
import { RegionTable } from './platform/regions.ts'
import type { Telemetry } from './platform/telemetry.ts'
import { statementLog } from './statement-log.ts'
import { type Database, openDatabase } from './stores/database.ts'
import { DatabaseClock } from './stores/database-clock.ts'
import { isAnswering } from './stores/is-answering.ts'
import { ownIssuer } from './token-parts.ts'
import type { Readiness } from './transport/health.ts'
import { version } from './version.ts'

type Ports = {
  readonly log: Logger
  readonly telemetry: Telemetry
  /** Never, unless told. */
  readonly draining?: () => boolean
}

export type OpenedServices = AsyncDisposable & {
  readonly services: Services
  readonly authority: OpenedAuthority
  readonly readiness: Omit<Readiness, 'accepting'>
  /** Whether this server steps aside until its wall clock is right. */
  readonly isClockOff: () => boolean
  /** The time by which calls of other regions' servers are judged. */
  readonly regionsNowMs: () => number
  readonly verifyWebhook: (body: Buffer, signature: string) => OrderId | null
  readonly onNudge: (wake: () => void) => void
}

/** @throws Error when the database or a configured Redis does not answer */
export async function openServices(config: Config, ports: Ports): Promise<OpenedServices> {
  const { log, telemetry } = ports
  const engine = await askEngine(config.DATABASE_URL)
  const db = database(config, ports, engine)
  watchPools(db, { telemetry, max: poolSizes(config) })
  const regions = new RegionTable(config.REGIONS)
  const audit = auditLog(db, config.REGION, telemetry)
  const place = { db, audit, writesAtOnce: writesAtOnce[engine.kind] }
  const { authorities, book, authority, moves, close } = await openRegions(config, place, ports)
  const stripe = stripeOf(config, telemetry)
  // The same in all regions: Stripe takes a repeated key only with what it came with at first, and
  // a call that is repeated after the loss of a region comes from another one.
  const publicUrl = config.topology?.regions[0]?.publicUrl ?? config.PUBLIC_URL
  const returnUrl = publicUrl ?? `http://${config.HOST}:${config.PORT}/`
  const ticketKeys = await signingKeys('TICKET_KEYS', config.TICKET_KEYS)
  let wake: () => void = () => undefined
  const mail = mailer(config, ports)
  const counting = countingIn(config, log)
  const services: Services = {
    db,
    mail,
    holdBook: book.holdBook,
    authorities,
    regionMoves: moves,
    replication: book.replication,
    following: book.following,
    payments: stripeGateway(stripe, returnUrl),
    events: new EventCatalogue({ db, regions, databaseClock: new DatabaseClock(db), authorities }),
    holdTokens: new HoldTokens({
      secret: new TextEncoder().encode(config.HOLD_TOKEN_SECRET),
      clock: systemClock,
    }),
    members: new Members(db),
    apiKeys: new ApiKeys(db, { region: config.REGION, log }),
    audit,
    ticketCodes: new TicketCodes(ticketKeys),
    accessIssuer: await ownIssuer(config),
    accounts: accountServices(config, { db, regions }),
    rateLimits: counting.rateLimits,
    attempts: counting.attempts,
    clock: systemClock,
    random: systemRandom,
    ids: new IdMaker({ clock: systemClock, random: systemRandom }),
    regions,
    region: config.REGION,
    version,
    draining: ports.draining ?? (() => false),
    metrics: telemetry,
    log,
    nudge: () => wake(),
  }
  const secret = config.STRIPE_WEBHOOK_SECRET
  return {
    services,
    authority,
    readiness: readinessOf(config, db, { book, clockWatch: authority.clockWatch }),
    isClockOff: () => authority.clockWatch.isOff(),
    regionsNowMs: () => authority.clockWatch.regionsNowMs(),
    verifyWebhook: (body, signature) => orderOfWebhook(stripe, { body, signature, secret }),
    onNudge: (next) => {
      wake = next
    },
    [Symbol.asyncDispose]: async () => {
      if (mail instanceof SmtpMailer) await mail.stop()
      await close()
      counting.close()
      await db[Symbol.asyncDispose]()
    },
  }
}

function auditLog(db: Database, region: string, { count }: Telemetry): AuditLog {
  return new AuditLog(db, {
    region,
    count: (outcome) => count('frontrow.audit.entries', { outcome }),
  })
}

function stripeOf(config: Config, { outbound }: Telemetry) {
  const {
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_API_URL: apiUrl,
    STRIPE_TIMEOUT_MS: timeoutMs,
  } = config
  return openStripe({
    secretKey,
    outbound,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}

/** Calls and attempts; their connection is their own, since nobody waits for it. */
function countingIn(config: Config, log: Logger) {
  const onError = (err: Error) => log.warn({ err }, 'the connection to Redis for limits broke')
  const { REDIS_URL: url } = config
  const redis = url === undefined ? null : new LimitsRedis({ url, clock: systemClock, onError })
  const ports = { redis, clock: systemClock }
  const perWindow = {
    caller: config.RATE_LIMIT_PER_CALLER,
    address: config.RATE_LIMIT_PER_ADDRESS,
    organisation: config.RATE_LIMIT_PER_ORGANISATION,
  }
  return {
    rateLimits: new SharedRateLimits({ ...ports, perWindow }),
    attempts: new SharedAttempts(ports),
    close: () => redis?.close(),
  }
}

/** How many writes of one event may be in flight: see DatabaseOptions. */
const writesAtOnce = { postgresql: 1, cockroachdb: 16 } as const

function database(config: Config, { log, telemetry }: Ports, engine: Engine): Database {
  const { DATABASE_STALE_URL: staleUrl } = config
  const { fresh, stale } = poolSizes(config)
  return openDatabase({
    url: config.DATABASE_URL,
    region: config.REGION,
    poolMax: fresh,
    ...(staleUrl === undefined ? {} : { staleUrl }),
    stalePoolMax: stale,
    clock: systemClock,
    random: systemRandom,
    metrics: {
      ...telemetry,
      staleRead: (facts) => telemetry.count('frontrow.db.stale_reads', facts),
    },
    engine: engine.kind,
    saleWritesAtOnce: writesAtOnce[engine.kind],
    onIdleError: (err) => log.warn({ err }, 'an idle database connection broke'),
    ...(config.STATEMENT_LOG === undefined
      ? {}
      : { onStatement: statementLog(config.STATEMENT_LOG) }),
  })
}

type PoolSizes = { readonly fresh: number; readonly stale: number }

/** Both together are what the settings allow this server. */
function poolSizes(config: Config): PoolSizes {
  const { DATABASE_POOL_MAX: all, DATABASE_STALE_POOL_MAX: told } = config
  const { stalePoolMin, stalePoolPart } = limits
  const stale = told ?? Math.max(stalePoolMin, Math.floor(all * stalePoolPart))
  return { fresh: all - stale, stale }
}

function mailer({ SMTP_URL: url, MAIL_FROM: from }: Config, { log, telemetry }: Ports) {
  const onOutcome = (template: TemplateName, outcome: LetterOutcome) =>
    telemetry.count('frontrow.mail.letters', { template, outcome })
  if (url === undefined || from === undefined) return noMailer({ log, onOutcome })
  return new SmtpMailer({ url, from, clock: systemClock, random: systemRandom, log, onOutcome })
}

type WatchedPools = { readonly telemetry: Telemetry; readonly max: PoolSizes }

function watchPools({ pool, staleCopy }: Database, { telemetry, max }: WatchedPools): void {
  const factsOf = (name: string, one: Database['pool'], most: number) => {
    const { totalCount, idleCount, waitingCount } = one
    const used = totalCount - idleCount
    return { name, used, idle: idleCount, pending: waitingCount, max: most }
  }
  telemetry.watchPools(() => [
    factsOf('frontrow', pool, max.fresh),
    factsOf('frontrow-stale', staleCopy.pool, max.stale),
  ])
}

/**
 * Without Redis nothing can be held, but what is held can be paid: the server stays in rotation
 * and says so. Without any answer from the database for longer than a node's failover, and with a
 * clock by which no token can be judged, it does not.
 */
function readinessOf(
  config: Config,
  db: Database,
  { book, clockWatch }: { readonly book: OpenedBook; readonly clockWatch: ClockWatch },
): OpenedServices['readiness'] {
  return {
    facts: async () => ({
      region: config.REGION,
      holdBook: book.holdBook.kind,
      ...(book.alive() ? {} : { degraded: ['redis'] }),
      ...(clockWatch.isOff() ? { clockOffsetMs: Math.round(clockWatch.offsetMs() ?? 0) } : {}),
    }),
    missing: async () => {
      const hasDatabase = await isAnswering(db, limits.readinessTimeoutMs)
      return [...(hasDatabase ? [] : ['database']), ...(clockWatch.isOff() ? ['clock'] : [])]
    },
  }
}
