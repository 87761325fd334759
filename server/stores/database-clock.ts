/**
 * Guesses the database's time between two looks at it, so that a wrong clock of this machine does
 * not open a sale early. A sample is `now()` against the monotonic clock, refreshed lazily. It only
 * spares round trips: the sale's statement decides by now() itself.
 */
import type { SeenTime } from '../domain/clock-offset.ts'
import type { Database } from './database.ts'
import { runRead, runReadWithin, type Statement } from './statement.ts'

const nowStatement: Statement = { name: 'clock.now', text: 'select now() as now' }

/** Monotonic clocks drift apart by far less than a millisecond in this time. */
const sampleLifeMs = 5_000

type Sample = { readonly databaseMs: number; readonly monotonicMs: number }

export class DatabaseClock {
  readonly #db: Database
  #sample: Sample | undefined
  #sampling: Promise<Sample> | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** Milliseconds since 1970 as the database counts them, late by at most one round trip. */
  async nowMs(): Promise<number> {
    const sample = this.#fresh() ?? (await this.#refreshed())
    return sample.databaseMs + (this.#db.clock.monotonicMs() - sample.monotonicMs)
  }

  #fresh(): Sample | undefined {
    const age = this.#db.clock.monotonicMs() - (this.#sample?.monotonicMs ?? 0)
    return age < sampleLifeMs ? this.#sample : undefined
  }

  /** One look for all who wait for one. */
  #refreshed(): Promise<Sample> {
    this.#sampling ??= this.#look().finally(() => {
      this.#sampling = undefined
    })
    return this.#sampling
  }

  /** now() was somewhere between asking and hearing: counted from hearing, it is never ahead. */
  async #look(): Promise<Sample> {
    const rows = await runRead<{ now: Date }>(this.#db, nowStatement, [])
    const now = rows[0]?.now
    if (now === undefined) throw new TypeError('the database told no time')
    this.#sample = { databaseMs: now.getTime(), monotonicMs: this.#db.clock.monotonicMs() }
    return this.#sample
  }
}

/**
 * The database's time with how wrong it may be, for who judges a clock by it: one attempt. `now()`
 * is the moment at which the statement began, somewhere between asking and hearing.
 * @returns null when it did not answer in time
 */
export async function lookAtDatabaseTime(db: Database, withinMs: number): Promise<SeenTime | null> {
  const fromMs = db.clock.monotonicMs()
  const asked = { statement: nowStatement, withinMs }
  const rows = await runReadWithin<{ now: Date }>(db, asked, []).catch(() => [])
  const tookMs = db.clock.monotonicMs() - fromMs
  const now = rows[0]?.now
  if (now === undefined || tookMs > withinMs) return null
  const halfMs = tookMs / 2
  return { saidMs: now.getTime(), atMonotonicMs: fromMs + halfMs, eitherWayMs: halfMs }
}
