/**
 * The only door to the copy that may be old: follower reads on CockroachDB, a read replica where
 * one is set, else a pool of its own. Callers say what for. Whatever they then write by it, the
 * writing statement checks again. What the copy cannot answer (it is away, or does not know a
 * table of a moment ago) the database answers: fresh is always fresh enough.
 */
import type { QueryResultRow } from 'pg'
import { RefusedError } from '../domain/refusal.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from './database.ts'
import { observed } from './observed.ts'
import { DatabaseUnavailableError, failureKind, sqlStateOf } from './outcome.ts'
import { type Reader, reading } from './reading.ts'
import { runRead, runReadWithin, type Statement } from './statement.ts'

/**
 * Why old is good enough.
 * - browsing: nothing is decided by it; whoever then buys is checked by the sale.
 * - history: somebody's past. What they have seen newer themselves is read again (as-seen.ts).
 * - scan: a worker's list of what may be due; claiming it, or the writing statement, decides.
 * - elsewhere: the map of an event whose seller is not reached; SQL refuses what it should not show.
 * - unchanging: it is never changed, so that an old copy has it right or has it not yet.
 */
export type StaleUse = 'browsing' | 'history' | 'scan' | 'elsewhere' | 'unchanging'

/** How fresh a read must be; `soon`: as it is now, or not at all after limits.readAgainWithinMs. */
export type Freshness = 'fresh' | 'soon' | StaleUse

export type StaleReading = { readonly name: string; readonly staleOk: StaleUse }

/** @throws DatabaseUnavailableError when neither the copy nor the database answered */
export function readingStale<T>(
  db: Database,
  { name, staleOk }: StaleReading,
  fn: (reader: Reader) => Promise<T>,
): Promise<T> {
  return staleFirst(db, staleOk, {
    copy: () => inCopy(db, { name, staleOk }, () => fn(db.staleCopy.kysely)),
    fresh: () => reading(db, name, fn),
  })
}

/** The form for a statement. */
export function runStaleRead<Row extends QueryResultRow>(
  db: Database,
  { statement, staleOk }: { readonly statement: Statement; readonly staleOk: StaleUse },
  values: readonly unknown[],
): Promise<Row[]> {
  const { name, text } = statement
  const ask = async () =>
    (await db.staleCopy.pool.query<Row>({ name, text, values: [...values] })).rows
  return staleFirst(db, staleOk, {
    copy: () => inCopy(db, { name, staleOk }, ask),
    fresh: () => runRead<Row>(db, statement, values),
  })
}

/** For statements whose callers differ in what they need. */
export function runReadAs<Row extends QueryResultRow>(
  db: Database,
  { statement, as }: { readonly statement: Statement; readonly as: Freshness },
  values: readonly unknown[],
): Promise<Row[]> {
  if (as === 'fresh') return runRead<Row>(db, statement, values)
  if (as !== 'soon') return runStaleRead<Row>(db, { statement, staleOk: as }, values)
  return runReadWithin<Row>(db, { statement, withinMs: limits.readAgainWithinMs }, values)
}

type Ways<T> = { readonly copy: () => Promise<T>; readonly fresh: () => Promise<T> }

async function staleFirst<T>(db: Database, use: StaleUse, ways: Ways<T>): Promise<T> {
  if (db.clock.monotonicMs() >= db.staleCopy.restsUntilMs) {
    try {
      const value = await ways.copy()
      db.metrics.staleRead?.({ use, answer: 'stale' })
      return value
    } catch (cause) {
      if (isOurs(cause)) throw cause
      if (cause instanceof DatabaseUnavailableError) {
        db.staleCopy.restsUntilMs = db.clock.monotonicMs() + limits.staleRestMs
      }
    }
  }
  db.metrics.staleRead?.({ use, answer: 'fresh' })
  return ways.fresh()
}

/** One attempt: whoever fails here has another way. */
function inCopy<T>(
  db: Database,
  { name, staleOk }: StaleReading,
  fn: () => Promise<T>,
): Promise<T> {
  return observed(db, name, async (span) => {
    span.set({ 'frontrow.db.stale': staleOk })
    try {
      return await fn()
    } catch (cause) {
      const kind = failureKind(cause)
      if (isOurs(cause) || (kind !== 'unknown' && kind !== 'unavailable')) throw cause
      throw new DatabaseUnavailableError(`${name} could not be read from the copy`, { cause })
    }
  })
}

/**
 * An answer, or a mistake of ours; a write above all must not be done by the other way. Rows that do
 * not fit together are no mistake yet: several replicas behind one address are not equally old.
 */
function isOurs(cause: unknown): boolean {
  if (cause instanceof RefusedError) return true
  if (cause instanceof TypeError || cause instanceof RangeError) return true
  return sqlStateOf(cause) === readOnly
}

/** "cannot execute … in a read-only transaction" */
const readOnly = '25006'
