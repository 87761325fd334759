/**
 * The door of every statement, transaction and read: a span and a duration, retries included. Its
 * name stands for its text; values never leave.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
import { RefusedError } from '../domain/refusal.ts'
import { type OpenSpan, traced } from '../platform/tracing.ts'
import type { Database } from './database.ts'
import {
  ContentionError,
  DatabaseUnavailableError,
  DuplicateKeyError,
  GuardFailedError,
  UnknownOutcomeError,
} from './outcome.ts'

export type OperationOutcome =
  | 'ok'
  | 'refused'
  | 'guard'
  | 'duplicate'
  | 'contention'
  | 'unknown'
  | 'unavailable'
  | 'error'

/** Answers that the code waits for: the database did what it was asked to. */
const answers: ReadonlySet<OperationOutcome> = new Set(['refused', 'guard', 'duplicate'])

/** Runs `fn`, which is one operation of this name; what it throws is thrown. */
export async function observed<T>(
  db: Pick<Database, 'engine' | 'clock' | 'metrics'>,
  name: string,
  fn: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  const startedMs = db.clock.monotonicMs()
  const facts = { 'db.system.name': db.engine, 'db.operation.name': name }
  const ended = await traced({ name, kind: 'client' }, facts, async (span) => {
    const result = await settled(() => fn(span))
    const outcome = 'value' in result ? 'ok' : outcomeOf(result.cause)
    const seconds = (db.clock.monotonicMs() - startedMs) / 1000
    db.metrics.operation?.({ system: db.engine, name, outcome, seconds })
    if (answers.has(outcome)) span.set({ 'frontrow.outcome': outcome })
    else if (outcome !== 'ok') span.failed(outcome)
    return result
  })
  if ('value' in ended) return ended.value
  throw ended.cause
}

async function settled<T>(
  fn: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly cause: unknown }> {
  try {
    return { value: await fn() }
  } catch (cause) {
    return { cause }
  }
}

function outcomeOf(cause: unknown): OperationOutcome {
  if (cause instanceof RefusedError) return 'refused'
  if (cause instanceof GuardFailedError) return 'guard'
  if (cause instanceof DuplicateKeyError) return 'duplicate'
  if (cause instanceof ContentionError) return 'contention'
  if (cause instanceof UnknownOutcomeError) return 'unknown'
  return cause instanceof DatabaseUnavailableError ? 'unavailable' : 'error'
}
