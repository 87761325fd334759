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

export type FailureKind = 'retry' | 'guard' | 'duplicate' | 'unknown' | 'other'

const retry = new Set(['40001', '40P01', 'CR000'])
/**
 * 40003 and XXUUU are CockroachDB's ambiguous results; 57014 is a timeout, which CockroachDB may
 * report for a write that went through; the others say that a node went away.
 */
const unknown = new Set(['40003', 'XXUUU', '57014', '57P01', '57P02', '57P03', '58C00', '58C01'])

/** Of an error raised while a statement was in flight. No SQLSTATE: the connection broke. */
export function failureKind(cause: unknown): FailureKind {
  const code = (cause as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) {
    return isProgramError(cause) ? 'other' : 'unknown'
  }
  if (retry.has(code)) return 'retry'
  if (code === '22012') return 'guard'
  if (code === '23505') return 'duplicate'
  if (unknown.has(code) || code.startsWith('08')) return 'unknown'
  return 'other'
}

/** Mistakes of our own (a wrong parameter) never reached the database. */
function isProgramError(cause: unknown): boolean {
  return cause instanceof TypeError || cause instanceof RangeError
}
