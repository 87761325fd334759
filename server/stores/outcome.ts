/**
 * What a failed statement means, from its SQLSTATE. The one distinction that sales depend on:
 * surely not done (run again), or unknown (look the order up by its id and only then answer).
 * Codes: cockroachdb/cockroach pkg/sql/pgwire/pgcode, and appendix A of PostgreSQL's manual.
 */

/** The statement may or may not have taken effect. Settle it by reading what its key made. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError'
}
/** The database did not take the statement: surely nothing was done. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}
/** Serialization failures outlasted the bounded retries: surely nothing was done. */
export class ContentionError extends Error {
  override readonly name = 'ContentionError'
}
/** The statement's guard divided by zero: not all rows were as expected, nothing was done. */
export class GuardFailedError extends Error {
  override readonly name = 'GuardFailedError'
}
/** A row with this key is there already: the write was done before. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError'
}

export type FailureKind = 'retry' | 'guard' | 'duplicate' | 'unknown' | 'unavailable' | 'other'

const retry = new Set(['40001', '40P01', 'CR000'])
/**
 * 40003 and XXUUU are CockroachDB's ambiguous results; 57014 is a timeout, which CockroachDB may
 * report for a write that went through; the others say that a node went away.
 */
const unknown = new Set(['40003', 'XXUUU', '57014', '57P01', '57P02', '57P03', '58C00', '58C01'])

/** The database refused to write at all: it became a read-only follower, or has no room. */
const unavailable = /^(25006|53\w{3})$/

/** Of an error raised while a statement was in flight. No SQLSTATE: the connection broke. */
export function failureKind(cause: unknown): FailureKind {
  const state = sqlStateOf(cause)
  if (state === null) return isProgramError(cause) ? 'other' : 'unknown'
  if (retry.has(state)) return 'retry'
  if (state === '22012') return 'guard'
  if (state === '23505') return 'duplicate'
  if (unknown.has(state) || state.startsWith('08')) return 'unknown'
  return unavailable.test(state) ? 'unavailable' : 'other'
}

/**
 * The SQLSTATE, or null for what the database did not say. The system's own codes look alike
 * (EPIPE); no class of SQLSTATE begins with E.
 */
export function sqlStateOf(cause: unknown): string | null {
  const code = (cause as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : null
}

/**
 * Reads what a failed write may have made. When even that fails, an outcome that was unknown stays
 * unknown: it must not turn into "nothing was done".
 */
export async function readAfter<T>(cause: unknown, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (failed) {
    throw cause instanceof UnknownOutcomeError ? cause : failed
  }
}

/** Mistakes of our own (a wrong parameter) never reached the database. */
function isProgramError(cause: unknown): boolean {
  return cause instanceof TypeError || cause instanceof RangeError
}
