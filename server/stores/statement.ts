/**
 * Runs one statement as one implicit transaction: the form of every hot write. Retries what
 * surely did not happen, bounded and jittered; never retries what may have happened.
 */
import type { PoolClient, QueryResult, QueryResultRow } from 'pg'
import { backoffMs } from '../platform/backoff.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from './database.ts'
import { observed } from './observed.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  DuplicateKeyError,
  failureKind,
  GuardFailedError,
  UnknownOutcomeError,
} from './outcome.ts'

export type Statement = {
  /** Names the prepared statement, the metric and the golden file. One text a name. */
  readonly name: string
  readonly text: string
}

/**
 * Runs a write.
 * @throws GuardFailedError | DuplicateKeyError nothing was done, and why can be read
 * @throws UnknownOutcomeError it may have been done: read by key
 * @throws ContentionError | DatabaseUnavailableError nothing was done: the caller may come back
 */
export async function runWrite<Row extends QueryResultRow>(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  return observed(db, statement.name, async (span) => {
    for (let attempt = 1; ; attempt += 1) {
      const client = await connect(db)
      const result = await attemptOnce<Row>(client, statement, { values })
      if ('rows' in result) {
        db.metrics.attempt(statement.name, 'ok')
        return result.rows
      }
      span.set({ 'frontrow.db.attempts': attempt })
      await settleFailure(db, { statement, attempt, cause: result.failed })
    }
  })
}

/** Runs a read. A broken connection is tried again: reading twice harms nobody. */
export async function runRead<Row extends QueryResultRow>(
  db: Database,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  return observed(db, statement.name, async (span) => {
    for (let attempt = 1; ; attempt += 1) {
      const client = await connect(db)
      const result = await attemptOnce<Row>(client, statement, { values })
      if ('rows' in result) return result.rows
      span.set({ 'frontrow.db.attempts': attempt })
      const kind = failureKind(result.failed)
      if (kind !== 'retry' && kind !== 'unknown' && kind !== 'unavailable') throw result.failed
      if (attempt >= limits.readAttemptsMax) {
        throw new DatabaseUnavailableError(`${statement.name} could not be read`, {
          cause: result.failed,
        })
      }
      await pause(db, attempt)
    }
  })
}

/**
 * One attempt at a read whose caller has something else to show: over after `withinMs`.
 * @throws DatabaseUnavailableError
 */
export async function runReadWithin<Row extends QueryResultRow>(
  db: Database,
  { statement, withinMs }: { readonly statement: Statement; readonly withinMs: number },
  values: readonly unknown[],
): Promise<Row[]> {
  return observed(db, statement.name, async () => {
    const over = new AbortController()
    const late = db.clock.wait(withinMs, over.signal).then(() => {
      throw new DatabaseUnavailableError(`${statement.name} could not be read in time`)
    })
    const read = async (): Promise<Row[]> => {
      const client = await connect(db)
      if (over.signal.aborted) {
        // Nobody waits for it any more: the connection is for those who do.
        client.release()
        return []
      }
      const result = await attemptOnce<Row>(client, statement, { values, withinMs })
      if ('rows' in result) return result.rows
      throw new DatabaseUnavailableError(`${statement.name} could not be read`, {
        cause: result.failed,
      })
    }
    try {
      return await Promise.race([read(), late])
    } finally {
      over.abort()
    }
  })
}

async function connect(db: Database): Promise<PoolClient> {
  try {
    return await db.pool.connect()
  } catch (cause) {
    throw new DatabaseUnavailableError('no connection to the database', { cause })
  }
}

type Attempt<Row> = { readonly rows: Row[] } | { readonly failed: unknown }

async function attemptOnce<Row extends QueryResultRow>(
  client: PoolClient,
  statement: Statement,
  asked: { readonly values: readonly unknown[]; readonly withinMs?: number },
): Promise<Attempt<Row>> {
  let broken = true
  try {
    const query = {
      name: statement.name,
      text: statement.text,
      values: [...asked.values],
      ...(asked.withinMs === undefined ? {} : { query_timeout: asked.withinMs }),
    }
    const result: QueryResult<Row> = await client.query<Row>(query)
    broken = false
    return { rows: result.rows }
  } catch (failed) {
    broken = failureKind(failed) === 'unknown'
    return { failed }
  } finally {
    // A connection that broke in mid-statement must not serve another one.
    client.release(broken)
  }
}

type Failure = { statement: Statement; attempt: number; cause: unknown }

/** Returns when the write may be run again; otherwise throws what its failure means. */
async function settleFailure(db: Database, failure: Failure): Promise<void> {
  const { statement, attempt, cause } = failure
  const { name } = statement
  switch (failureKind(cause)) {
    case 'retry':
      db.metrics.attempt(name, 'retry')
      if (attempt < limits.transactionAttemptsMax) return pause(db, attempt)
      throw new ContentionError(`${name} lost ${attempt} races`, { cause })
    case 'guard':
      db.metrics.attempt(name, 'guard')
      throw new GuardFailedError(`${name} found rows that were not as expected`, { cause })
    case 'duplicate':
      db.metrics.attempt(name, 'duplicate')
      throw new DuplicateKeyError(`${name} was done before`, { cause })
    case 'unknown':
      db.metrics.attempt(name, 'unknown')
      throw new UnknownOutcomeError(`${name} got no answer`, { cause })
    case 'unavailable':
      db.metrics.attempt(name, 'unavailable')
      throw new DatabaseUnavailableError(`${name} could not be written`, { cause })
    case 'other':
      throw cause
  }
}

function pause(db: Database, attempt: number): Promise<void> {
  const bounds = {
    baseMs: limits.transactionBackoffBaseMs,
    maxMs: limits.transactionBackoffMaxMs,
  }
  return db.clock.wait(backoffMs(attempt, bounds, db.random))
}
