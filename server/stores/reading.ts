/**
 * The door for plain reads outside a transaction: a broken connection is tried again, since
 * reading twice harms nobody. What is read may be old by the time it is used; writes check again.
 */
import type { Kysely, Transaction } from 'kysely'
import { RefusedError } from '../domain/refusal.ts'
import { AssertionError } from '../platform/assert.ts'
import { backoffMs } from '../platform/backoff.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from './database.ts'
import { observed } from './observed.ts'
import { DatabaseUnavailableError, failureKind } from './outcome.ts'
import type { DB as Schema } from './schema-types.ts'

/** What a plain query runs on: the pool, or the transaction in which it stands. */
export type Reader = Kysely<Schema> | Transaction<Schema>

/** @throws DatabaseUnavailableError when no attempt got an answer */
export function reading<T>(
  db: Database,
  name: string,
  fn: (reader: Reader) => Promise<T>,
): Promise<T> {
  return observed(db, name, () => attempts(db, name, fn))
}

async function attempts<T>(
  db: Database,
  name: string,
  fn: (reader: Reader) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fn(db.kysely)
    } catch (cause) {
      // What the closure says of the rows it read is an answer, not a broken connection.
      if (cause instanceof RefusedError || cause instanceof AssertionError) throw cause
      const kind = failureKind(cause)
      if (kind !== 'retry' && kind !== 'unknown' && kind !== 'unavailable') throw cause
      if (attempt >= limits.readAttemptsMax) {
        throw new DatabaseUnavailableError(`${name} could not be read`, { cause })
      }
    }
    const bounds = {
      baseMs: limits.transactionBackoffBaseMs,
      maxMs: limits.transactionBackoffMaxMs,
    }
    await db.clock.wait(backoffMs(attempt, bounds, db.random))
  }
}
