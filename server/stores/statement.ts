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
      const result = await attemptOnce<Row>(client, statement, values)
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
      const result = await attemptOnce<Row>(client, statement, values)
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
  values: readonly unknown[],
): Promise<Attempt<Row>> {
  let broken = true
  try {
    const query = { name: statement.name, text: statement.text, values: [...values] }
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
