/**
 * The only opener of explicit transactions, for writes that one statement cannot say (admin's).
 * The closure may run several times: nothing but SQL belongs inside.
 */
import type { Transaction } from 'kysely'
import { backoffMs } from '../platform/backoff.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from './database.ts'
import { observed } from './observed.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  failureKind,
  sqlStateOf,
  UnknownOutcomeError,
} from './outcome.ts'
import type { DB as Schema } from './schema-types.ts'

export type Tx = Transaction<Schema>

/**
 * Runs `fn` in one SERIALIZABLE transaction; retries serialization failures, bounded and jittered.
 * @throws UnknownOutcomeError when the connection broke once COMMIT may have been sent
 * @throws ContentionError | DatabaseUnavailableError nothing was done
 */
export function inTransaction<T>(
  db: Database,
  name: string,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  return observed(db, name, () => attempts(db, name, fn))
}

async function attempts<T>(db: Database, name: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const progress = { started: false, bodyDone: false }
    try {
      const result = await db.kysely
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (tx) => {
          progress.started = true
          const value = await fn(tx)
          progress.bodyDone = true
          return value
        })
      db.metrics.attempt(name, 'ok')
      return result
    } catch (cause) {
      await settle(db, { name, attempt, cause, ...progress })
    }
  }
}

type Failure = {
  name: string
  attempt: number
  cause: unknown
  started: boolean
  bodyDone: boolean
}

/** Returns when the transaction may be run again; otherwise throws what its failure means. */
async function settle(db: Database, failure: Failure): Promise<void> {
  const { name, attempt, cause, started, bodyDone } = failure
  if (!started && isConnectionFailure(cause)) {
    throw new DatabaseUnavailableError('no connection to the database', { cause })
  }
  const kind = failureKind(cause)
  if (kind === 'unavailable') {
    throw new DatabaseUnavailableError(`${name} could not be written`, { cause })
  }
  if (kind === 'unknown' && bodyDone) {
    db.metrics.attempt(name, 'unknown')
    throw new UnknownOutcomeError(`${name} got no answer to its commit`, { cause })
  }
  // Before COMMIT was sent no answer, and none that is ambiguous, means that nothing was done.
  if (kind === 'unknown' && isLate(cause)) {
    throw new DatabaseUnavailableError(`${name} was not answered in time`, { cause })
  }
  const isLost = kind === 'unknown' && (sqlStateOf(cause) !== null || isConnectionFailure(cause))
  if (kind !== 'retry' && !isLost) throw cause
  db.metrics.attempt(name, 'retry')
  if (attempt >= limits.transactionAttemptsMax) {
    throw new ContentionError(`${name} failed ${attempt} times`, { cause })
  }
  const bounds = { baseMs: limits.transactionBackoffBaseMs, maxMs: limits.transactionBackoffMaxMs }
  await db.clock.wait(backoffMs(attempt, bounds, db.random))
}

/** node-postgres's own words; its connection errors carry no code. */
const brokenConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when)/

/** It took all the time that a statement may take, so that another attempt would take it again. */
function isLate(cause: unknown): boolean {
  const message = (cause as { message?: unknown } | null)?.message
  return sqlStateOf(cause) === '57014' || message === 'Query read timeout'
}

/** What the driver raises itself: no SQLSTATE, or one of the connection classes. */
function isConnectionFailure(cause: unknown): boolean {
  const state = sqlStateOf(cause)
  if (state !== null) return /^(08|57P)/.test(state)
  const code = (cause as { code?: unknown } | null)?.code
  const message = (cause as { message?: unknown } | null)?.message
  const errno = typeof code === 'string' && /^E[A-Z]+$/.test(code)
  return errno || (typeof message === 'string' && brokenConnection.test(message))
}
