/**
 * The pools, and nothing that decides: SERIALIZABLE on both engines, integers as numbers, and one
 * hook that sees every statement. Rows are written through statement.ts and transaction.ts only;
 * what may be old is read through stale-reading.ts, from a pool that cannot write.
 */
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import { assert } from '../platform/assert.ts'
import type { Clock } from '../platform/clock.ts'
import { KeyedGate } from '../platform/keyed-gate.ts'
import { limits } from '../platform/limits.ts'
import type { Random } from '../platform/random.ts'
import type { DatabaseOperation } from '../platform/telemetry.ts'
import { ContentionError, failureKind } from './outcome.ts'
import type { DB as Schema } from './schema-types.ts'

export type DatabaseMetrics = {
  /** One attempt at a statement or transaction: name and how it ended. */
  readonly attempt: (name: string, outcome: AttemptOutcome) => void
  /** One statement, transaction or read, retries included: how it ended and how long it took. */
  readonly operation?: (facts: DatabaseOperation) => void
  /** A read that could do with an old copy: for what, and what answered it. */
  readonly staleRead?: (facts: { readonly use: string; readonly answer: 'stale' | 'fresh' }) => void
}
export type AttemptOutcome = 'ok' | 'retry' | 'guard' | 'duplicate' | 'unknown' | 'unavailable'

export type DatabaseEngine = 'postgresql' | 'cockroachdb'

/** Where reads go that may be some seconds old: only stale-reading.ts uses it. */
export type StaleCopy = {
  readonly pool: pg.Pool
  readonly kysely: Kysely<Schema>
  /** Until then, by the monotonic clock, it is left alone: it did not answer. */
  restsUntilMs: number
}

export type Database = AsyncDisposable & {
  readonly pool: pg.Pool
  readonly kysely: Kysely<Schema>
  readonly engine: DatabaseEngine
  readonly clock: Clock
  readonly random: Random
  readonly metrics: DatabaseMetrics
  /** Sales of one event that this server writes at once: rivals would only make each other retry. */
  readonly saleGate: KeyedGate
  readonly staleCopy: StaleCopy
  /**
   * Reads that are done again because the copy was too old. At most half of the connections: when
   * another region's rows cannot be had, those who wait for them must not keep sales waiting.
   */
  readonly againGate: KeyedGate
}

export type DatabaseOptions = {
  readonly url: string
  /** Whose connections these are, as the database shows them; nobody's unless told. */
  readonly region?: string
  readonly poolMax: number
  readonly clock: Clock
  readonly random: Random
  readonly metrics?: DatabaseMetrics
  /** What answers at the address, for traces and metrics; PostgreSQL unless told. */
  readonly engine?: DatabaseEngine
  /**
   * 1 (unless told) suits PostgreSQL, where sales at once conflict by pages of an index. On
   * CockroachDB disjoint units do not conflict, and a commit may wait for other regions.
   */
  readonly saleWritesAtOnce?: number
  /** Every statement ends by then; limits.statementTimeoutMs unless told. */
  readonly statementTimeoutMs?: number
  /** Sees each statement once it is handed to the driver: name (of a prepared one) and text. */
  readonly onStatement?: (name: string | null, text: string) => void
  /** An idle connection broke: worth a log line, never a crash. */
  readonly onIdleError?: (cause: Error) => void
  /** A copy that is read instead where old is good enough: a read replica. `url` unless told. */
  readonly staleUrl?: string
  /** Connections for such reads, beside `poolMax`. */
  readonly stalePoolMax?: number
}

const silent: DatabaseMetrics = { attempt: () => undefined }

/** Opens nothing until the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const engine = options.engine ?? 'postgresql'
  const pool = openPool(options, {
    connectionString: options.url,
    max: options.poolMax,
    application_name: shownAs('frontrow', options),
    options: '-c default_transaction_isolation=serializable -c TimeZone=UTC',
    ...timeouts(options.statementTimeoutMs ?? limits.statementTimeoutMs),
  })
  const stalePool = openPool(options, {
    connectionString: options.staleUrl ?? options.url,
    max: options.stalePoolMax ?? limits.stalePoolMin,
    application_name: shownAs('frontrow-stale', options),
    options: staleSettings[engine],
    ...timeouts(limits.staleStatementTimeoutMs),
  })
  const kysely = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: droppingBroken(pool) }),
  })
  const stale = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: droppingBroken(stalePool) }),
  })
  return {
    pool,
    kysely,
    engine,
    clock: options.clock,
    random: options.random,
    metrics: options.metrics ?? silent,
    saleGate: new KeyedGate({
      width: options.saleWritesAtOnce ?? 1,
      waitingMax: limits.saleWritesWaitingMax,
      full: () => new ContentionError('too many sales of one event wait to be written'),
    }),
    staleCopy: { pool: stalePool, kysely: stale, restsUntilMs: Number.NEGATIVE_INFINITY },
    againGate: new KeyedGate({
      width: Math.max(1, Math.floor(options.poolMax / 2)),
      waitingMax: limits.readsAgainWaitingMax,
      full: () => new ContentionError('too many reads wait to be done again'),
    }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([kysely.destroy(), stale.destroy()])
      // Kysely leaves alone what it never used, and its connections would keep a program alive.
      for (const one of [pool, stalePool]) if (!one.ending) await one.end()
    },
  }
}

/** Whoever looks for what blocks a sale must see at once which region to go to. */
function shownAs(pool: string, { region }: DatabaseOptions): string {
  return region === undefined ? pool : `${pool}/${region}`
}

/**
 * What keeps a pool from writing, and lets it read what is old. A follower read is some 5 s old and
 * is answered by the nearest replica; a build of CockroachDB without the feature takes the option
 * with a notice. PostgreSQL would refuse a connection for it; there, serializable reads would get in
 * the way of sales by their predicate locks, and a hot standby does not have them at all.
 */
const staleSettings: Readonly<Record<DatabaseEngine, string>> = {
  cockroachdb:
    '-c default_transaction_use_follower_reads=on -c default_transaction_read_only=on -c TimeZone=UTC',
  postgresql:
    '-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on -c TimeZone=UTC',
}

/** The server's own timeout does not help when the server is gone without a word. */
function timeouts(statementMs: number): pg.PoolConfig {
  return { statement_timeout: statementMs, query_timeout: statementMs + limits.statementGraceMs }
}

function openPool(options: DatabaseOptions, own: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...own,
    keepAlive: true,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    // Connections age out so that load spreads again after a node came back; the jitter keeps
    // the whole pool from ageing at one moment (CockroachDB's advice: 5 to 30 minutes).
    maxLifetimeSeconds: Math.round(limits.connectionLifeMs / 1000 + options.random.fraction() * 60),
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
    ...(options.onStatement ? { Client: clientThatTells(options.onStatement) } : {}),
  })
  pool.on('error', (cause) => options.onIdleError?.(cause))
  // The pool listens only to idle connections. One that breaks between being handed out and its
  // next statement would end the process; that statement, or the release, finds it broken.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * For explicit transactions: a connection on which a statement got no answer, or none that says
 * what became of it, is not used again, and its rollback is not waited for. Back in the pool it
 * could still be inside of that transaction, and swallow the writes of whoever gets it next.
 */
function droppingBroken(pool: pg.Pool): PostgresPool {
  return {
    connect: async () => {
      const client = await pool.connect()
      let broken: { readonly cause: unknown } | null = null
      const query = async (text: string, values: readonly unknown[]) => {
        if (broken !== null) throw broken.cause
        try {
          return await client.query(text, [...values])
        } catch (cause) {
          if (failureKind(cause) === 'unknown') broken = { cause }
          throw cause
        }
      }
      const release = () => client.release(broken !== null)
      // Cursors, the other form of a query, are not used here.
      return { query, release } as unknown as Awaited<ReturnType<PostgresPool['connect']>>
    },
    end: () => pool.end(),
  }
}

const int8 = 20
const numeric = 1700
const int8Array = 1016

/** On CockroachDB plain integers are int8 too, so that both kinds must arrive as numbers. */
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === int8 || oid === numeric) return safeNumber
  if (oid === int8Array) return safeNumbers
  return format === undefined
    ? pg.types.getTypeParser(oid)
    : pg.types.getTypeParser(oid, format as 'text')
}

function safeNumber(text: string): number {
  const value = Number(text)
  assert(Math.abs(value) <= Number.MAX_SAFE_INTEGER, 'an integer from the database fits a number')
  return value
}

function safeNumbers(text: string): (number | null)[] {
  const parse = pg.types.getTypeParser(int8Array as number) as (value: string) => (string | null)[]
  return parse(text).map((value) => (value === null ? null : safeNumber(value)))
}

/** A client that reports each text before it is sent: the grammar check reads what it collects. */
function clientThatTells(tell: (name: string | null, text: string) => void): typeof pg.Client {
  class TellingClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const send = this.query.bind(this) as (...parts: unknown[]) => unknown
      const query = (...parts: unknown[]): unknown => {
        const first = parts[0] as string | { text?: string; name?: string }
        if (typeof first === 'string') tell(null, first)
        else if (first?.text !== undefined) tell(first.name ?? null, first.text)
        return send(...parts)
      }
      this.query = query as typeof this.query
    }
  }
  return TellingClient
}
